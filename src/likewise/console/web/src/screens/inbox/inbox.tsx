import { useEffect, useRef } from "preact/hooks";
import { keyLabels, useCommands, type Command } from "../../core/commands";
import { plural } from "../../core/format";
import type { Group } from "../../core/inbox";
import { place } from "../../core/router";
import { singleKeys } from "../../core/theme";
import { announce } from "../../ui/announce";
import { Icon } from "../../ui/icon";
import { Keys, PageHead } from "../../ui/text";
import { archive, asking, focusTitle, undoLast } from "./acts";
import { sendNow } from "./answer";
import { Dialogs } from "./dialogs";
import { followDraft, turnTo } from "./draft";
import { closeGroup, GroupView } from "./group";
import { groupBeside, GroupList, walkRows } from "./list";
import { followInbox } from "./live";
import { Refusal } from "./marks";
import { moveChosen, splitChosen, tickFocused, walkMessages } from "./messages";
import { asked, failure, grownBy, loadGroup, loadGroups, openGroup, openId, opened, settle, shown } from "./store";
import { UndoBar } from "./undo";

const ANNOUNCE_PAUSE_MS = 15_000;

function walk(by: 1 | -1): void {
  const isInGroup = document.activeElement?.closest(".inbox-group");
  if (!isInGroup || !walkMessages(by)) walkRows(by);
}

const openNow = (): Group | null => (opened.data.value?.group.id === openId.value ? (opened.data.value?.group ?? null) : null);

/** What a key is about: the row it was pressed on, else the open group. */
function target(): Group | null {
  const id = document.activeElement?.closest<HTMLElement>("[data-group]")?.dataset["group"];
  return shown.data.value?.groups.find((group) => group.id === id) ?? openNow();
}

async function openNext(by: 1 | -1): Promise<void> {
  const next = await groupBeside(by);
  if (next) openGroup(next.id);
  else announce(by > 0 ? "That was the last group." : "That was the first group.");
}

function goAnswer(): void {
  const group = target();
  if (!group) return;
  if (openId.value !== group.id) openGroup(group.id);
  // The field is there once the group has come.
  wantsField = true;
  focusField();
}

let wantsField = false;

function focusField(): void {
  if (!wantsField || openId.value !== opened.data.value?.group.id) return;
  wantsField = false;
  document.getElementById("answer-text")?.focus();
}

const HINTS: readonly [keys: string[], what: string][] = [
  [["J", "K"], "next group, group before"],
  [["Enter"], "open it"],
  [["A"], "write the answer"],
  [keyLabels("mod+enter"), "send it"],
  [["U"], "undo"],
  [["N"], "open the next group"],
  [["?"], "all keys"],
];

const own = (id: string, title: string, keys: string, run: () => void): Command => ({ id: `inbox-${id}`, title, group: "Inbox", keys, run });

const COMMANDS: readonly Command[] = [
  own("down", "Next group, or message", "j", () => walk(1)),
  own("up", "Group before, or message", "k", () => walk(-1)),
  own("open", "Open the group", "o", () => {
    const group = target() ?? shown.data.value?.groups[0];
    if (group) openGroup(group.id);
  }),
  own("next", "Open the next group", "n", () => void openNext(1)),
  own("before", "Open the group before", "p", () => void openNext(-1)),
  own("answer", "Answer the group", "a", goAnswer),
  own("send", "Send the answer", "mod+enter", () => sendNow(openNow())),
  own("tick", "Tick a message: leave it out, split it off, move it", "x", tickFocused),
  own("split", "Split the ticked messages off, or the focused one", "s", () => splitChosen(openNow())),
  own("move", "Move the ticked messages, or the focused one", "v", () => moveChosen(openNow())),
  own("merge", "Merge the group into another", "m", () => {
    const group = target();
    if (group?.state === "open") asking.value = { kind: "merge", group };
  }),
  own("archive", "Archive the group, or open it again", "e", () => {
    const group = target();
    if (group) void archive(group);
  }),
  own("rename", "Name the group", "r", () => {
    const group = target();
    if (group) asking.value = { kind: "rename", group };
  }),
  own("undo", "Undo", "u", () => void undoLast()),
  own("history", "History of the inbox", "h", () => (asking.value = { kind: "history", group: null })),
  own("settle", "Show the list as it is by now", ".", settle),
  own("search", "Search the inbox", "/", () => {
    const field = document.querySelector<HTMLInputElement>("#inbox-search");
    field?.focus();
    field?.select();
  }),
];

/** Says how many messages have come, not more often than a reader can bear. */
function useGrowth(): void {
  const said = useRef({ at: 0, messages: 0 });
  const total = shown.data.value?.groups.reduce((sum, group) => sum + Math.max(0, grownBy(group)), 0) ?? 0;
  useEffect(() => {
    const more = total - said.current.messages;
    if (more <= 0) {
      said.current.messages = total;
      return;
    }
    const now = performance.now();
    if (now - said.current.at < ANNOUNCE_PAUSE_MS) return;
    said.current = { at: now, messages: total };
    announce(`${plural(more, "new message")}.`);
  }, [total]);
}

function onEscape(event: KeyboardEvent): void {
  const { target: at } = event;
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]") || !openId.value) return;
  if (!(at instanceof Element) || !at.closest(".inbox-group")) return;
  // From a field first to the group, from there to its row.
  if (at.matches("textarea, input")) focusTitle();
  else closeGroup(openId.value);
}

function Hint() {
  return (
    <>
      <Icon name="inbox" />
      <p>Open a group to read it and to answer everybody in it at once.</p>
      {singleKeys.value && (
        <dl class="hint-keys">
          {HINTS.map(([keys, what]) => (
            <div key={what}>
              <dt>
                <Keys labels={keys} />
                <span class="visually-hidden">{keys.join(", ")}</span>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}

export default function Inbox() {
  const id = openId.value;
  const last = useRef<string | null | undefined>(undefined);
  const held = shown.data.value?.next;
  const known = new Set(shown.data.value?.groups.map((group) => group.id));
  const added = held?.groups.filter((group) => !known.has(group.id)).length ?? 0;
  const { state, order, size_min, query } = asked(place.value.params);
  useCommands(() => COMMANDS, []);
  useEffect(() => followDraft(), []);
  useEffect(() => followInbox(async () => {
    if (shown.busy.value || opened.busy.value) return;
    const now = openId.value;
    await Promise.all([loadGroups(true), now ? loadGroup(now, true) : undefined]);
  }), []);
  useEffect(() => {
    document.addEventListener("keydown", onEscape);
    return () => document.removeEventListener("keydown", onEscape);
  }, []);
  useEffect(() => void loadGroups(), [state, order, size_min, query]);
  useEffect(() => {
    const from = last.current;
    last.current = id;
    if (from === id) return;
    failure.value = null;
    turnTo(id, from ?? null);
    if (!id) return;
    void loadGroup(id);
    // Opened by the reader; a page that has just been loaded keeps the focus where the browser put it.
    if (from !== undefined) focusTitle();
  }, [id]);
  useEffect(focusField, [opened.data.value]);
  useGrowth();
  return (
    <div class="page inbox" data-open={!!id}>
      <PageHead
        title="Inbox"
        aside={
          <>
            {held && (
              <button type="button" class="button held" aria-keyshortcuts="." onClick={settle}>
                {added > 0 ? plural(added, "new group") : "New order"}
                <Keys labels={["."]} />
              </button>
            )}
            <button type="button" class="button" onClick={() => (asking.value = { kind: "history", group: null })}>
              History
            </button>
          </>
        }
      />
      {failure.value && asking.value?.kind !== "history" && (
        <div class="inbox-refusal">
          <Refusal problem={failure.value} />
        </div>
      )}
      <GroupList />
      {id ? (
        <GroupView key={id} id={id} />
      ) : (
        shown.data.value?.isUsed !== false && (
          <div class="inbox-hint">{!!shown.data.value?.groups.length && <Hint />}</div>
        )
      )}
      <UndoBar />
      <Dialogs />
    </div>
  );
}
