// Groups by size, trend or time; rows can be walked by keys, and dragged onto each other to merge.
import { signal, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { count, plural } from "../../core/format";
import { ingestMessage, type Group, type GroupOrder, type GroupState } from "../../core/inbox";
import { patchParams, place } from "../../core/router";
import { announce } from "../../ui/announce";
import { Bar } from "../../ui/bars";
import { Icon } from "../../ui/icon";
import { Empty, ProblemNote, Skeleton } from "../../ui/states";
import { When } from "../../ui/text";
import { merge, move } from "./acts";
import { GroupMarks } from "./marks";
import { asked, attempt, hrefOfGroup, loadGroups, loadMoreGroups, openId, opened, settleIfLeft, shown, titleOf } from "./store";

const STATES: Record<GroupState, string> = { open: "Open", actioned: "Answered", archived: "Archived" };
const ORDERS: Record<GroupOrder, string> = { size: "Largest", trend: "Rising", newest: "Newest" };
const TYPING_MS = 250;
export const GROUP_DRAG = "application/x-likewise-group";
export const MESSAGES_DRAG = "application/x-likewise-messages";

const dropOn = signal<string | null>(null);

export const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(".groups [data-group] a")];

/** Where the open group stands, or stood before it left the list. */
let openAt = -1;

/** The group below (1) or above (-1) the open one, fetched where the list shows none; the first where none was open. */
export async function groupBeside(by: 1 | -1): Promise<Group | null> {
  const groups = () => shown.data.value?.groups ?? [];
  const isListed = groups().some(({ id }) => id === openId.value);
  const at = openAt < 0 || !openId.value ? 0 : by < 0 || isListed ? openAt + by : openAt;
  if (at >= groups().length && shown.data.value?.cursor) await loadMoreGroups();
  return groups()[at] ?? null;
}

/** Focuses the row below (1) or above (-1) the focused one, else the open one, else the first; past the last it fetches. */
export function walkRows(by: 1 | -1): void {
  const all = rows();
  const focused = all.findIndex((row) => row === document.activeElement);
  const open = all.findIndex((row) => row.getAttribute("aria-current") === "true");
  const at = focused >= 0 ? focused + by : open >= 0 ? open + by : openId.value && openAt >= 0 ? openAt : 0;
  if (at >= all.length && shown.data.value?.cursor) {
    void loadMoreGroups().then(() => setTimeout(() => rows()[at]?.focus()));
    return;
  }
  all[Math.max(0, Math.min(all.length - 1, at))]?.focus();
}

function onArrows(event: KeyboardEvent): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "ArrowDown") walkRows(1);
  else if (event.key === "ArrowUp") walkRows(-1);
  else if (event.key === "Home") rows()[0]?.focus();
  else if (event.key === "End") rows().at(-1)?.focus();
  else return;
  event.preventDefault();
}

function onDrop(event: DragEvent, group: Group): void {
  dropOn.value = null;
  const from = event.dataTransfer?.getData(GROUP_DRAG);
  const source = from && shown.data.value?.groups.find(({ id }) => id === from);
  const open = opened.data.value?.group;
  const messages = event.dataTransfer?.getData(MESSAGES_DRAG);
  if (source && source.id !== group.id) void merge(source, group);
  else if (messages && open && open.id !== group.id) void move(open, messages.split(","), group);
  else return;
  event.preventDefault();
}

const isOurs = (event: DragEvent): boolean =>
  event.dataTransfer?.types.some((type) => type === GROUP_DRAG || type === MESSAGES_DRAG) ?? false;

function Row({ group, most }: { group: Group; most: number }) {
  const isOpen = openId.value === group.id;
  // The row and the heading beside it say the same.
  const told = (opened.data.value?.group.id === group.id && opened.data.value?.group) || group;
  const waiting = group.message_count - group.answered_count;
  return (
    <li
      class="group"
      data-group={group.id}
      data-open={isOpen}
      data-drop={dropOn.value === group.id}
      draggable={group.state === "open"}
      onDragStart={(event) => event.dataTransfer?.setData(GROUP_DRAG, group.id)}
      onDragOver={(event) => {
        if (!isOurs(event) || group.state !== "open") return;
        event.preventDefault();
        dropOn.value = group.id;
      }}
      onDragLeave={() => dropOn.value === group.id && (dropOn.value = null)}
      onDrop={(event) => onDrop(event, group)}
    >
      <span class="group-size numbers" aria-hidden="true">
        {count(group.message_count)}
      </span>
      <div>
        <h2>
          <a href={hrefOfGroup(group.id)} draggable={false} aria-current={isOpen ? "true" : undefined}>
            <span class="visually-hidden">{plural(group.message_count, "message")}: </span>
            {titleOf(told)}
          </a>
        </h2>
        <p class="group-text">{told.examples[told.name ? 0 : 1]?.text ?? group.words.join(", ")}</p>
        <p class="group-facts">
          <When time={group.last_seen_at} />
          {group.trend >= 0.5 && <span class="numbers" title="A message counts less the older it is">{count(Math.round(group.trend))} recent</span>}
          {group.answered_count > 0 && waiting > 0 && <span>{count(waiting)} unanswered</span>}
          <GroupMarks group={group} among={asked().state} />
        </p>
        <Bar share={group.message_count / most} tone="quiet" />
      </div>
    </li>
  );
}

function Filters() {
  const { state, order, size_min, query } = asked();
  const counts = shown.data.value?.counts;
  const typed = useSignal(query);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const many: Partial<Record<GroupState, number | undefined>> = { actioned: counts?.actioned, archived: counts?.archived };
  // What is typed stays while the address, which follows it, is behind.
  useEffect(() => {
    if (query !== typed.value.trim()) typed.value = query;
  }, [query]);
  const search = (text: string): void => {
    typed.value = text;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => patchParams({ q: text.trim() || null }, true), TYPING_MS);
  };
  return (
    <form
      class="inbox-filters"
      role="search"
      aria-label="Groups"
      onSubmit={(event) => event.preventDefault()}
      onKeyDown={(event) => event.key === "ArrowDown" && event.target instanceof HTMLInputElement && (event.preventDefault(), walkRows(1))}
    >
      <div class="inbox-search">
        <Icon name="search" />
        <input id="inbox-search" aria-label="Search groups" type="search" placeholder="Search what people wrote" value={typed.value} onInput={(event) => search(event.currentTarget.value)} />
        {typed.value && (
          <button
            type="button"
            class="button icon-only"
            aria-label="Clear the search"
            onClick={() => {
              search("");
              document.getElementById("inbox-search")?.focus();
            }}
          >
            <Icon name="cross" />
          </button>
        )}
      </div>
      {!query && (
        <>
          <div class="segments" role="group" aria-label="State">
            {(Object.keys(STATES) as GroupState[]).map((one) => (
              <button key={one} type="button" aria-pressed={one === state} onClick={() => patchParams({ state: one === "open" ? null : one })}>
                {STATES[one]}
                {!!many[one] && <span class="numbers"> {count(many[one])}</span>}
              </button>
            ))}
          </div>
          <div class="inbox-order">
            <label>
              <span class="visually-hidden">Order</span>
              <select value={order} onChange={(event) => patchParams({ order: event.currentTarget.value === "size" ? null : event.currentTarget.value })}>
                {(Object.keys(ORDERS) as GroupOrder[]).map((one) => (
                  <option key={one} value={one}>
                    {ORDERS[one]}
                  </option>
                ))}
              </select>
            </label>
            <label class="switch">
              <input type="checkbox" role="switch" checked={size_min > 1} onChange={(event) => patchParams({ min: event.currentTarget.checked ? "2" : null })} />
              Two or more
            </label>
          </div>
        </>
      )}
    </form>
  );
}

const SAMPLES: readonly [string, string][] = [
  ["When will the next video come out?", "Mara Lindholm"],
  ["Hi! When is the next video out?", "Teo Park"],
];

const addSamples = () =>
  attempt(async () => {
    for (const [text, name] of SAMPLES) await ingestMessage(text, name);
    announce("Two sample messages were sent; their group appears in a moment.");
    await loadGroups();
  });

const Unused = () => (
  <Empty
    command={'likewise inbox ingest "When is the next video out?" --visitor Mara'}
    action={
      <button type="button" class="button primary" onClick={() => void addSamples()}>
        Send two sample messages
      </button>
    }
  >
    No messages yet; what asks the same thing will stand here as one group, to be answered once.
  </Empty>
);

function NothingHere() {
  const { state, query, size_min } = asked();
  const data = shown.data.value;
  if (data && !data.isUsed && !query) return <Unused />;
  if (query) return <p class="inbox-none">No group has messages like that.</p>;
  if (state === "actioned") return <p class="inbox-none">No group is answered yet.</p>;
  if (state === "archived") return <p class="inbox-none">No group is archived.</p>;
  if (size_min > 1) return <p class="inbox-none">No two messages ask the same thing now.</p>;
  return <p class="inbox-none">Every group is answered or put away; what comes in appears here.</p>;
}

/** Rows that change places while the reader is on one of them must not take the focus away; where the open one stands. */
function useKeptFocus(groups: readonly Group[]): void {
  const focused = useRef<string | null>(null);
  useEffect(() => {
    const note = (event: FocusEvent): void => {
      const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-group]") : null;
      focused.current = row?.dataset["group"] ?? null;
    };
    document.addEventListener("focusin", note);
    return () => document.removeEventListener("focusin", note);
  }, []);
  useLayoutEffect(() => {
    const at = groups.findIndex(({ id }) => id === openId.value);
    if (at >= 0 || !openId.value) openAt = at;
  }, [groups, openId.value]);
  useLayoutEffect(() => {
    if (!focused.current || document.activeElement !== document.body) return;
    document.querySelector<HTMLElement>(`[data-group="${CSS.escape(focused.current)}"] a`)?.focus();
  }, [groups]);
}

export function GroupList() {
  const data = shown.data.value;
  const problem = shown.problem.value;
  const groups = data?.groups ?? [];
  useKeptFocus(groups);
  useEffect(() => {
    document.addEventListener("scroll", settleIfLeft);
    return () => document.removeEventListener("scroll", settleIfLeft);
  }, []);
  const most = Math.max(1, ...groups.map(({ message_count }) => message_count));
  const isStale = !!data && JSON.stringify(data.asked) !== JSON.stringify(asked(place.value.params));
  return (
    <section class="inbox-list" aria-label="Groups of messages">
      <Filters />
      {problem && <ProblemNote problem={problem} retry={() => void loadGroups()} />}
      {!data && !problem && <Skeleton lines={9} />}
      {data && groups.length === 0 && <NothingHere />}
      {groups.length > 0 && (
        <ol class="groups plain-list" data-stale={isStale} onKeyDown={onArrows} onMouseLeave={settleIfLeft} onFocusOut={() => setTimeout(settleIfLeft)}>
          {groups.map((group) => (
            <Row key={group.id} group={group} most={most} />
          ))}
        </ol>
      )}
      {data?.cursor && (
        <button type="button" class="button wide" onClick={() => void loadMoreGroups()}>
          More groups
        </button>
      )}
    </section>
  );
}
