import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Operation as OperationFacts, OperationResult, RowProblem } from "../../core/api";
import { asProblem, isAborted, type Problem } from "../../core/client";
import { getOperation } from "../../core/endpoints";
import { count, dateTime, plain, plural } from "../../core/format";
import type { ScreenProps } from "../../shell/screens";
import { announce } from "../../ui/announce";
import { ProgressBar } from "../../ui/bars";
import { ProblemNote, Skeleton } from "../../ui/states";
import { PageHead, Status } from "../../ui/text";
import { CancelButton } from "./cancel";
import { livePace, paceOf, problemOf, titleOf, type Sample } from "./describe";
import { isOver, watchOperation } from "./watch";

interface RowsProps {
  id: string;
  title: string;
  about: string;
  rows: readonly RowProblem[];
  total: number;
}

function Rows({ id, title, about, rows, total }: RowsProps) {
  if (rows.length === 0) return null;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <p class="quiet">
        {about} {rows.length < total && `The first ${count(rows.length)} are listed.`}
      </p>
      <div class="table-scroll rejected">
        <table>
          <thead>
            <tr>
              <th scope="col" class="number">Line</th>
              <th scope="col">Reason</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ line, reason }, index) => (
              <tr key={index}>
                <td class="number">{count(line)}</td>
                <td>{reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Problems({ result }: { result: OperationResult }) {
  const problems = result.problems ?? [];
  const refused = problems.filter((problem) => problem.refused !== false);
  const taken = problems.filter((problem) => problem.refused === false);
  const rejected = result.rejected ?? refused.length;
  const warnings = result.warnings ?? taken.length;
  return (
    <>
      <Rows id="rejected" title={`${plural(rejected, "row")} left out`} about="The rest went in." rows={refused} total={rejected} />
      <Rows id="warnings" title={`${plural(warnings, "value")} left out`} about="Their rows went in without them." rows={taken} total={warnings} />
    </>
  );
}

/** The numbers and words of a result; lists have their own place. */
function Result({ result }: { result: OperationResult }) {
  const facts = Object.entries(result).filter(([, value]) => typeof value === "number" || typeof value === "string");
  return (
    <dl class="figures small">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name.replaceAll("_", " ")}</dt>
          <dd>{plain(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

interface BodyProps {
  operation: OperationFacts;
  first: Sample | null;
  onCancelled: () => Promise<void>;
}

function Body({ operation, first, onCancelled }: BodyProps) {
  const { result } = operation;
  const over = isOver(operation);
  const failure = problemOf(operation);
  const pace = over ? paceOf(operation) : livePace(operation, first);
  return (
    <>
      <div class="row">
        <Status value={operation.status} />
        <span class="quiet numbers">
          {dateTime(operation.created_at)}
          {pace && `, ${pace}`}
          {operation.message && `, ${operation.message}`}
        </span>
      </div>
      <ProgressBar operation={operation} label="Progress" />
      {!over && <CancelButton operation={operation} onCancelled={onCancelled} />}
      {failure && <ProblemNote problem={failure} />}
      {result && <Result result={result} />}
      {result?.collection && (
        <div class="row">
          <a class="button primary" href={`/search?c=${encodeURIComponent(result.collection)}`}>
            Search in {result.collection}
          </a>
          <a class="button" href={`/collections/${encodeURIComponent(result.collection)}`}>
            See its items
          </a>
        </div>
      )}
      {result && <Problems result={result} />}
    </>
  );
}

export default function Operation({ params: [id = ""] }: ScreenProps) {
  const operation = useSignal<OperationFacts | null>(null);
  const problem = useSignal<Problem | null>(null);
  const attempt = useSignal(0);
  const first = useRef<Sample | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    const take = (next: OperationFacts) => {
      const justEnded = operation.value !== null && !isOver(operation.value) && isOver(next);
      if (next.status === "running") first.current ??= { at_ms: Date.now(), done: next.progress?.done ?? 0 };
      operation.value = next;
      problem.value = null;
      if (justEnded) announce(`${titleOf(next)}: ${next.status}`);
    };
    watchOperation(id, take, abort.signal).catch((error: unknown) => {
      if (!isAborted(error)) problem.value = asProblem(error);
    });
    return () => abort.abort();
  }, [id, attempt.value]);
  const refresh = async () => void (operation.value = await getOperation(id));
  const shown = operation.value;
  return (
    <div class="page narrow operation-page">
      <p class="crumb">
        <a href="/operations">Operations</a>
      </p>
      <PageHead title={shown ? titleOf(shown) : "Operation"} />
      {problem.value && <ProblemNote problem={problem.value} retry={() => (attempt.value += 1)} />}
      {!shown && !problem.value && <Skeleton lines={5} />}
      {shown && <Body operation={shown} first={first.current} onCancelled={refresh} />}
    </div>
  );
}
