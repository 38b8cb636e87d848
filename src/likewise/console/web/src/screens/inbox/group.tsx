// One group: what it asks, its answer, its messages, and everything that can be done to it.
import { count, plural } from "../../core/format";
import type { Group } from "../../core/inbox";
import { CopyButton } from "../../ui/copy";
import { Icon } from "../../ui/icon";
import { ProblemNote, Skeleton } from "../../ui/states";
import { When } from "../../ui/text";
import { archive, asking, focusRow, setLocked } from "./acts";
import { Answer } from "./answer";
import { discard, text } from "./draft";
import { GroupMarks } from "./marks";
import { Messages } from "./messages";
import { Outcome } from "./outcome";
import { knownTitle, loadGroup, opened, openGroup, titleOf } from "./store";

export function closeGroup(id: string | null): void {
  openGroup(null);
  focusRow(id);
}

function Acts({ group }: { group: Group }) {
  const isOpen = group.state === "open";
  return (
    <div class="group-acts row">
      {isOpen && (
        <>
          <button type="button" class="button" disabled={group.is_locked} onClick={() => (asking.value = { kind: "merge", group })}>
            Merge
          </button>
          <button type="button" class="button" onClick={() => void setLocked(group, !group.is_locked)}>
            {group.is_locked ? "Unlock" : "Lock"}
          </button>
        </>
      )}
      <button type="button" class="button" onClick={() => (asking.value = { kind: "rename", group })}>
        Rename
      </button>
      <button type="button" class="button" onClick={() => (asking.value = { kind: "history", group })}>
        History
      </button>
      <button type="button" class="button" onClick={() => void archive(group)}>
        {isOpen ? "Archive" : "Reopen"}
      </button>
    </div>
  );
}

function About({ group }: { group: Group }) {
  const waiting = group.message_count - group.answered_count;
  return (
    <p class="group-facts">
      <span>{plural(group.message_count, "message")}</span>
      {group.answered_count > 0 && <span>{waiting > 0 ? `${count(waiting)} unanswered` : "all answered"}</span>}
      <span>
        since <When time={group.first_seen_at} />
      </span>
      {group.outlier_count > 0 && <span>{count(group.outlier_count)} {group.outlier_count === 1 ? "asks" : "ask"} something more</span>}
      <GroupMarks group={group} />
    </p>
  );
}

/** What stands for the group; the first is its title already, unless it has a name. */
function Examples({ group }: { group: Group }) {
  const others = group.name ? group.examples : group.examples.slice(1);
  if (group.message_count < 4 || others.length === 0) return null;
  return (
    <ul class="examples" aria-label="Typical messages">
      {others.map((example) => (
        <li key={example.id}>{example.text}</li>
      ))}
    </ul>
  );
}

/** Somebody else was first while the reader wrote: what was written is neither sent nor lost. */
function Unsent({ group }: { group: Group }) {
  const written = text.value.trim();
  if (group.state === "open" || !written) return null;
  return (
    <div class="problem conflict" role="alert">
      <Icon name="warn" />
      <div>
        <p class="problem-message">
          {group.state === "actioned" ? "This group was answered before your answer was sent." : "This group was put away before your answer was sent."}
        </p>
        <p class="unsent">{written}</p>
        <div class="row">
          <CopyButton text={written} what="what you wrote" label="Copy it" />
          <button type="button" class="button" onClick={discard}>
            Discard it
          </button>
        </div>
      </div>
    </div>
  );
}

export function GroupView({ id }: { id: string }) {
  const data = opened.data.value?.group.id === id ? opened.data.value : null;
  const problem = opened.problem.value;
  const group = data?.group;
  return (
    <section class="inbox-group" aria-labelledby="group-title">
      <header class="group-head">
        <div>
          <button type="button" class="button back" onClick={() => closeGroup(id)}>
            <Icon name="back" />
            All groups
          </button>
          <h2 id="group-title" tabIndex={-1}>
            {group ? titleOf(group) : (knownTitle(id) ?? "Group")}
          </h2>
          {group && !group.name && group.words.length > 0 && <p class="group-text">{group.words.join(", ")}</p>}
          {group && <About group={group} />}
        </div>
        {group && <Examples group={group} />}
        {group && <Acts group={group} />}
      </header>
      {problem && <ProblemNote problem={problem} retry={() => void loadGroup(id)} />}
      {!data && !problem && <Skeleton lines={8} />}
      {data && (
        <>
          {data.group.state === "open" && <Answer group={data.group} />}
          <Unsent group={data.group} />
          <Outcome actions={data.actions} group={data.group} />
          <Messages data={data} />
        </>
      )}
    </section>
  );
}
