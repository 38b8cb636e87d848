// Choosing another group by typing, and naming one.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { count, plural } from "../../core/format";
import { listGroups, type Group } from "../../core/inbox";
import { resource } from "../../core/resource";
import { Dialog } from "../../ui/dialog";
import { asking, merge, move, rename } from "./acts";
import { History } from "./changes";
import { opened, titleOf } from "./store";

const CHOICES = 30;
const TYPING_MS = 200;
const LIKE_CHARACTERS = 300;
const choices = resource<Group[]>();
const close = (): void => void (asking.value = null);

/** What was typed; before that, what is most like the text in question, then the largest. */
const findChoices = (typed: string, like: string, except: string): Promise<void> =>
  choices.run(async (abort) => {
    const ask = (query: string) => listGroups({ state: "open", order: "size", size_min: 1, query }, CHOICES, null, abort);
    const pages = await Promise.all(typed ? [ask(typed)] : [ask(like), ask("")]);
    const found = new Map(pages.flatMap(({ data }) => data).map((group) => [group.id, group]));
    return [...found.values()].filter(({ id, state }) => id !== except && state === "open");
  });

interface PickerProps {
  title: string;
  /** A text like those of the group that is looked for. */
  like: string;
  except: string;
  choose: (group: Group) => void;
}

function Picker({ title, like, except, choose }: PickerProps) {
  const typed = useSignal("");
  const active = useSignal(0);
  useEffect(() => {
    const timer = setTimeout(() => void findChoices(typed.value.trim(), like.slice(0, LIKE_CHARACTERS), except), typed.value ? TYPING_MS : 0);
    return () => clearTimeout(timer);
  }, [typed.value]);
  const found = choices.data.value ?? [];
  const pick = (group: Group | undefined): void => {
    if (!group) return;
    close();
    choose(group);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown") active.value = Math.min(found.length - 1, active.value + 1);
    else if (event.key === "ArrowUp") active.value = Math.max(0, active.value - 1);
    else if (event.key === "Enter") pick(found[active.value]);
    else return;
    event.preventDefault();
    document.getElementById(`choice-${active.value}`)?.scrollIntoView({ block: "nearest" });
  };
  return (
    <Dialog title={title} onClose={close}>
      <input
        type="text"
        role="combobox"
        aria-label="Find the group"
        aria-expanded="true"
        aria-controls="choices"
        aria-activedescendant={found.length > 0 ? `choice-${active.value}` : undefined}
        placeholder="Find the group by what people wrote"
        autocomplete="off"
        autofocus
        value={typed.value}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
          active.value = 0;
        }}
        onKeyDown={onKeyDown}
      />
      <ul id="choices" class="choices plain-list" role="listbox" aria-label="Groups">
        {found.map((group, index) => (
          <li
            key={group.id}
            id={`choice-${index}`}
            role="option"
            aria-selected={index === active.value}
            onMouseMove={() => (active.value = index)}
            onClick={() => pick(group)}
          >
            <span class="numbers">{count(group.message_count)}</span>
            <span>{titleOf(group)}</span>
          </li>
        ))}
      </ul>
      {choices.data.value?.length === 0 && <p class="quiet">No other open group is like that.</p>}
    </Dialog>
  );
}

function Rename({ group }: { group: Group }) {
  const name = useSignal(group.name ?? "");
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    close();
    void rename(group, name.value.trim());
  };
  return (
    <Dialog title="Name the group" onClose={close}>
      <form class="rename" onSubmit={submit}>
        <div class="field">
          <label for="group-name">Name</label>
          <input
            id="group-name"
            type="text"
            maxLength={200}
            autofocus
            aria-describedby="group-name-about"
            value={name.value}
            onInput={(event) => (name.value = event.currentTarget.value)}
          />
          <p id="group-name-about" class="quiet">
            Without a name it shows what somebody wrote.
          </p>
        </div>
        <div class="row end">
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button primary">
            Save
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export function Dialogs() {
  const now = asking.value;
  if (!now) return null;
  if (now.kind === "history") return <History group={now.group} />;
  if (now.kind === "rename") return <Rename group={now.group} />;
  const { group } = now;
  if (now.kind === "merge") {
    return <Picker title={`Merge “${titleOf(group)}” into`} like={group.examples[0]?.text ?? group.label} except={group.id} choose={(into) => void merge(group, into)} />;
  }
  const { messages } = now;
  const first = opened.data.value?.messages.find(({ id }) => id === messages[0]);
  return <Picker title={`Move ${plural(messages.length, "message")} to`} like={first?.text ?? ""} except={group.id} choose={(into) => void move(group, messages, into)} />;
}
