// What was said against something and what was decided, fetched once it is opened.
import { useSignal } from "@preact/signals";
import { asProblem, type Problem } from "../../core/client";
import { getCase, type CaseFile, type SubjectKind } from "../../core/community";
import { ProblemNote, Skeleton } from "../../ui/states";
import { When } from "../../ui/text";
import { REASONS } from "./moderating";
import { personHref } from "./shared";

const ACTIONS = { hide: "Hidden", show: "Shown again", clear: "Cleared" } as const;

function File({ file }: { file: CaseFile }) {
  return (
    <div class="case-history">
      <h4>Reports</h4>
      {file.reports.length === 0 && <p class="quiet">Nobody reported it.</p>}
      <ul>
        {file.reports.map((one) => (
          <li key={one.id}>
            <strong>{REASONS[one.reason]}</strong> by <a href={personHref(one.reporter)}>{one.reporter}</a>, <When time={one.created_at} />, {one.state}
            {one.note && <q>{one.note}</q>}
          </li>
        ))}
      </ul>
      <h4>Decisions</h4>
      {file.decisions.length === 0 && <p class="quiet">Nothing was decided yet.</p>}
      <ul>
        {file.decisions.map((one) => (
          <li key={one.id}>
            <strong>{ACTIONS[one.action]}</strong> by {one.actor === "reports" ? "the rule on reports" : one.actor}, <When time={one.created_at} />
            {one.reason && <q>{one.reason}</q>}
          </li>
        ))}
      </ul>
    </div>
  );
}

export function History({ kind, id, name }: { kind: SubjectKind; id: string; name: string }) {
  const file = useSignal<CaseFile | null>(null);
  const refused = useSignal<Problem | null>(null);
  const isOpen = useSignal(false);
  const open = async (event: Event): Promise<void> => {
    isOpen.value = (event.currentTarget as HTMLDetailsElement).open;
    if (!isOpen.value) return;
    try {
      file.value = await getCase(kind, id);
      refused.value = null;
    } catch (error) {
      refused.value = asProblem(error);
    }
  };
  return (
    <details class="case-file" onToggle={(event) => void open(event)}>
      <summary>
        Reports and decisions<span class="visually-hidden"> on {name}</span>
      </summary>
      {refused.value && <ProblemNote problem={refused.value} />}
      {isOpen.value && !refused.value && (file.value ? <File file={file.value} /> : <Skeleton lines={3} />)}
    </details>
  );
}
