// Reporting something, and what a moderator decides about it: hide, show again, or clear of its reports; each with a reason.
import { useSignal } from "@preact/signals";
import { asProblem, type Problem } from "../../core/client";
import { decide, report, type DecisionKind, type ReportReason, type SubjectKind } from "../../core/community";
import { announce } from "../../ui/announce";
import { Dialog } from "../../ui/dialog";
import { ProblemNote } from "../../ui/states";

export const REASONS: Record<ReportReason, string> = {
  spam: "Spam",
  abuse: "Abuse",
  false: "Made up",
  private: "Somebody's privacy",
  off_topic: "Off topic",
  other: "Another reason",
};

export function ReportDialog({ kind, id, reporter, onClose }: { kind: SubjectKind; id: string; reporter: string; onClose: () => void }) {
  const reason = useSignal<ReportReason>("spam");
  const note = useSignal("");
  const refused = useSignal<Problem | null>(null);
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    try {
      await report(kind, id, reporter, reason.value, note.value.trim());
      announce("Reported. A moderator will look at it.");
      onClose();
    } catch (error) {
      refused.value = asProblem(error);
    }
  };
  return (
    <Dialog title={`Report this ${kind}`} onClose={onClose}>
      <form class="decide-form" onSubmit={(event) => void send(event)}>
        {refused.value && <ProblemNote problem={refused.value} />}
        <fieldset class="choice">
          <legend>What is wrong</legend>
          {Object.entries(REASONS).map(([name, words]) => (
            <label key={name}>
              <input type="radio" name="reason" checked={reason.value === name} onChange={() => (reason.value = name as ReportReason)} />
              {words}
            </label>
          ))}
        </fieldset>
        <div class="field">
          <label for="report-note">Note for the moderator, if any</label>
          <textarea id="report-note" rows={3} value={note.value} onInput={(event) => (note.value = event.currentTarget.value)} />
        </div>
        <div class="row end">
          <button type="button" class="button" onClick={onClose}>
            Keep it
          </button>
          <button type="submit" class="button danger">
            Report
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export interface Subject {
  id: string;
  isHidden: boolean;
  name: string;
  /** Open reports, where they are known. */
  reports?: number;
}

const ASKS: Record<DecisionKind, [title: string, what: string, button: string, said: string]> = {
  hide: ["Hide it", "It leaves search, feeds, lists and counts at once, and reports on it are upheld. Its author still sees it, with the reason.", "Hide", "Hidden."],
  show: ["Show it again", "It is seen as before and reports on it are dismissed; new ones may hide it again.", "Show again", "Shown again."],
  clear: ["Clear it", "It is fit to be seen: reports on it are dismissed, and from now on only a moderator hides it.", "Clear", "Cleared."],
};

function DecideDialog({ subject, action, onDone, onClose }: { subject: Subject; action: DecisionKind; onDone: () => Promise<void>; onClose: () => void }) {
  const reason = useSignal("");
  const refused = useSignal<Problem | null>(null);
  const [title, what, button, said] = ASKS[action];
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    try {
      await decide(action, subject.id, reason.value.trim());
      announce(said);
      onClose();
      await onDone();
    } catch (error) {
      refused.value = asProblem(error);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="decide-form" onSubmit={(event) => void send(event)}>
        {refused.value && <ProblemNote problem={refused.value} />}
        <p>
          <strong>{subject.name}</strong>
        </p>
        <p class="quiet">{what}</p>
        <div class="field">
          <label for="decide-reason">Reason</label>
          <input id="decide-reason" type="text" autocomplete="off" autofocus value={reason.value} onInput={(event) => (reason.value = event.currentTarget.value)} />
        </div>
        <div class="row end">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class={action === "hide" ? "button danger" : "button primary"}>
            {button}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** What can be decided about something as it stands. */
export function Decide({ subject, isQuiet = false, onDone }: { subject: Subject; isQuiet?: boolean; onDone: () => Promise<void> }) {
  const asked = useSignal<DecisionKind | null>(null);
  const ways: DecisionKind[] = [subject.isHidden ? "show" : "hide", ...(subject.reports || (subject.isHidden && !isQuiet) ? (["clear"] as const) : [])];
  return (
    <>
      {ways.map((action) => (
        <button key={action} type="button" class={isQuiet ? "link" : action === "hide" ? "button danger-quiet" : "button"} onClick={() => (asked.value = action)}>
          {ASKS[action][2]}
          <span class="visually-hidden">: {subject.name}</span>
        </button>
      ))}
      {asked.value && <DecideDialog subject={subject} action={asked.value} onDone={onDone} onClose={() => (asked.value = null)} />}
    </>
  );
}
