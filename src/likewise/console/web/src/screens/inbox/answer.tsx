// The answer: written once with slots, seen as each person would get it, then sent to all of them.
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { plural } from "../../core/format";
import type { Group } from "../../core/inbox";
import { announce } from "../../ui/announce";
import { Prose } from "../../ui/states";
import { answer, focusTitle } from "./acts";
import { answersLate, isCurrent, look, replies, text } from "./draft";
import { ticked } from "./store";

const SLOTS: readonly [label: string, slot: string][] = [
  ["First name", "{{first_name|there}}"],
  ["Name", "{{name}}"],
  ["Message", "{{message}}"],
  ["Channel", "{{channel}}"],
  ["Date", "{{date}}"],
];

/** Sends if what would be sent is what is shown. */
export function sendNow(group: Group | null): void {
  if (group?.state !== "open" || !text.value.trim()) return;
  if (!isCurrent(group.id)) announce("Not sent: the replies are not all shown yet.");
  else if (replies.data.value?.message_count) void answer(group);
}

function Slots({ insert }: { insert: (slot: string) => void }) {
  return (
    <div class="slots" role="group" aria-label="Insert what differs from person to person">
      {SLOTS.map(([label, slot]) => (
        <button key={slot} type="button" class="slot" title={slot} onClick={() => insert(slot)}>
          {label}
        </button>
      ))}
    </div>
  );
}

export function Answer({ group }: { group: Group }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const written = text.value;
  useEffect(() => {
    // As high as what is written, where the style sheet allows it.
    const area = field.current;
    if (!area) return;
    area.style.blockSize = "auto";
    area.style.blockSize = `${area.scrollHeight + 2}px`;
  }, [written]);
  // The group may stop being open while somebody writes; the focus must not fall off the page.
  useLayoutEffect(() => () => void (document.activeElement?.closest(".answer") && focusTitle()), []);
  const insert = (slot: string): void => {
    const area = field.current;
    if (!area) return;
    area.setRangeText(slot, area.selectionStart, area.selectionEnd, "end");
    text.value = area.value;
    area.focus();
  };
  const problem = replies.problem.value;
  const seen = replies.data.value;
  const isEmpty = !written.trim();
  const isLooking = !isEmpty && !problem && !isCurrent(group.id);
  const isReady = !isEmpty && !problem && !isLooking && !!seen?.message_count;
  const left = ticked.value.size;
  return (
    <section class="answer" aria-labelledby="answer-title">
      <h3 id="answer-title">Answer</h3>
      <textarea
        id="answer-text"
        ref={field}
        rows={3}
        aria-labelledby="answer-title"
        aria-invalid={!!problem}
        aria-describedby="answer-about"
        placeholder={"Hi {{first_name|there}}, …"}
        value={written}
        onInput={(event) => (text.value = event.currentTarget.value)}
      />
      <Slots insert={insert} />
      <div class="answer-foot">
        <label class="switch">
          <input type="checkbox" role="switch" checked={answersLate.value} onChange={(event) => (answersLate.value = event.currentTarget.checked)} />
          Answer what joins later, too
        </label>
        <p id="answer-about" class={problem ? "bad" : "quiet"} role={problem ? "alert" : undefined}>
          {problem && !isEmpty ? (
            <Prose text={`${problem.message} ${problem.help ?? ""}`} />
          ) : isEmpty ? (
            "Each message below shows the reply it would get."
          ) : left > 0 ? (
            `${plural(left, "message")} left out.`
          ) : isLooking ? (
            "Writing out each reply…"
          ) : seen?.message_count === 0 ? (
            "Everybody here has an answer already."
          ) : (
            "Below, each message with its reply."
          )}
        </p>
        <button type="button" class="button primary" disabled={!isReady} aria-keyshortcuts="Control+Enter" onClick={() => sendNow(group)}>
          {isEmpty || !seen ? "Send" : `Send ${plural(seen.message_count, "reply", "replies")}`}
        </button>
      </div>
      {problem && problem.status === 0 && (
        <button type="button" class="button" onClick={() => void look()}>
          Look again
        </button>
      )}
    </section>
  );
}
