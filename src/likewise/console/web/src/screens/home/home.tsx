import { useSignal } from "@preact/signals";
import type { HealthCheck, HealthReport } from "../../core/api";
import { bytes, compact, count, timeOfDay } from "../../core/format";
import { navigate } from "../../core/router";
import { health, refreshHealth } from "../../shell/health";
import { CommandLine } from "../../ui/copy";
import { Bar } from "../../ui/bars";
import { Icon } from "../../ui/icon";
import { Empty, ProblemNote, Skeleton } from "../../ui/states";
import { PageHead, Status } from "../../ui/text";
import { NextSteps } from "./next-steps";

function headline({ status, checks }: HealthReport): string {
  const wanting = checks.filter((check) => check.status !== "ok").length;
  if (status === "ok" || wanting === 0) return "Everything is running";
  return wanting === 1 ? "One thing needs a look" : `${wanting} things need a look`;
}

function Figures({ report }: { report: HealthReport }) {
  const { items, passages, pending, database_bytes, collections } = report.figures;
  const figures: [string, string, string][] = [
    ["Items", compact(items), count(items)],
    ["Passages", compact(passages), count(passages)],
    ["Waiting to be embedded", compact(pending), count(pending)],
    ["Collections", compact(collections), count(collections)],
    ["Database", bytes(database_bytes), `${count(database_bytes)} bytes`],
  ];
  return (
    <dl class="figures">
      {figures.map(([label, shown, exact]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd title={exact}>{shown}</dd>
        </div>
      ))}
    </dl>
  );
}

function HealthLine({ check }: { check: HealthCheck }) {
  const metered = typeof check.value === "number" && typeof check.limit === "number" && check.limit > 0;
  return (
    <li class="health-line">
      <Status value={check.status} />
      <strong>{check.name}</strong>
      <span class="health-summary">{check.summary}</span>
      {metered && <Bar share={(check.value ?? 0) / (check.limit ?? 1)} tone={check.status === "ok" ? "quiet" : "warn"} />}
      {check.fix && (
        <div class="health-fix">
          <CommandLine command={check.fix} />
        </div>
      )}
    </li>
  );
}

/** What is wrong comes first. */
const bySeverity = (a: HealthCheck, b: HealthCheck): number =>
  ["failing", "degraded", "ok"].indexOf(a.status) - ["failing", "degraded", "ok"].indexOf(b.status);

function AskBox() {
  const text = useSignal("");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    navigate(`/search?q=${encodeURIComponent(text.value)}`);
  };
  return (
    <form class="ask" role="search" onSubmit={submit}>
      <Icon name="search" />
      <input
        type="search"
        aria-label="Search by meaning"
        placeholder="Search by meaning"
        value={text.value}
        onInput={(event) => (text.value = event.currentTarget.value)}
      />
      <button type="submit" class="button primary">
        Search
      </button>
    </form>
  );
}

function FirstFile() {
  return (
    <Empty command="likewise load reviews.csv --text body" action={<a class="button primary" href="/load">Load a file</a>}>
      Give it a file of what people wrote, and search it by meaning a moment later.
    </Empty>
  );
}

export default function Home() {
  const report = health.data.value;
  const problem = health.problem.value;
  return (
    <div class="page home">
      <PageHead title={report && !problem ? headline(report) : "Home"} aside={report && <span class="quiet numbers">As of {timeOfDay(report.as_of)}</span>} />
      {problem && <ProblemNote problem={problem} retry={refreshHealth} />}
      {!report && !problem && <Skeleton lines={6} />}
      {report && (
        <>
          {report.figures.items > 0 ? <AskBox /> : <FirstFile />}
          <Figures report={report} />
          <div class="split">
            <section aria-labelledby="health">
              <h2 id="health">Health</h2>
              <ul class="plain-list">
                {[...report.checks].sort(bySeverity).map((check) => (
                  <HealthLine key={check.name} check={check} />
                ))}
              </ul>
            </section>
            <NextSteps report={report} />
          </div>
        </>
      )}
    </div>
  );
}
