import { useEffect } from "preact/hooks";
import type { Operation, Page } from "../../core/api";
import { listOperations } from "../../core/endpoints";
import { every } from "../../core/poll";
import { resource } from "../../core/resource";
import { ProgressBar } from "../../ui/bars";
import { Empty, ProblemNote, Skeleton } from "../../ui/states";
import { PageHead, Status, When } from "../../ui/text";
import { CancelButton } from "./cancel";
import { paceOf, titleOf } from "./describe";
import { isOver } from "./watch";

const REFRESH_MS = 1500;
const SHOWN_MAX = 50;

const operations = resource<Page<Operation>>();
const refresh = (): Promise<void> => operations.run((abort) => listOperations(SHOWN_MAX, null, abort));

function Row({ operation }: { operation: Operation }) {
  const over = isOver(operation);
  return (
    <li class="operation">
      <Status value={operation.status} />
      <div class="operation-what">
        <a href={`/operations/${encodeURIComponent(operation.id)}`}>{titleOf(operation)}</a>
        <p class="quiet">
          <When time={operation.created_at} />
          {over && paceOf(operation) && `, ${paceOf(operation)}`}
          {operation.message && `, ${operation.message}`}
        </p>
      </div>
      <ProgressBar operation={operation} label={`Progress of ${titleOf(operation)}`} />
      <div class="operation-act">{!over && <CancelButton operation={operation} onCancelled={refresh} />}</div>
    </li>
  );
}

export default function Operations() {
  useEffect(() => every(REFRESH_MS, refresh), []);
  const page = operations.data.value;
  const problem = operations.problem.value;
  return (
    <div class="page">
      <PageHead title="Operations">
        <p class="quiet">Long tasks somebody asked for; this list keeps itself fresh.</p>
      </PageHead>
      {problem && <ProblemNote problem={problem} retry={refresh} />}
      {!page && !problem && <Skeleton lines={6} />}
      {page?.data.length === 0 && (
        <Empty command="likewise load reviews.csv --text body" action={<a class="button primary" href="/load">Load a file</a>}>
          Nothing has run yet; loading a file is the usual first operation.
        </Empty>
      )}
      {!!page?.data.length && (
        <ul class="operations plain-list">
          {page.data.map((operation) => (
            <Row key={operation.id} operation={operation} />
          ))}
        </ul>
      )}
    </div>
  );
}
