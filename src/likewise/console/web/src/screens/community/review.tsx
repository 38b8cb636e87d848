// What waits for a moderator, and what was decided: with the words in question and why people found them unfit.
import { useEffect } from "preact/hooks";
import { listCases, type ReportReason, type ReviewCase } from "../../core/community";
import { count, plural } from "../../core/format";
import { resource } from "../../core/resource";
import { Empty, ProblemNote, Skeleton } from "../../ui/states";
import { When } from "../../ui/text";
import { History } from "./history";
import { Decide, REASONS } from "./moderating";
import { experienceHref, personHref, Room, titleOf } from "./shared";

interface Queue {
  rows: ReviewCase[];
  cursor: string | null;
}

const queue = resource<Queue>();

const load = (): Promise<void> =>
  queue.run(async (abort) => {
    const page = await listCases(null, abort);
    return { rows: page.data, cursor: page.next_cursor };
  });

const loadMore = (before: Queue): Promise<void> =>
  queue.run(async (abort) => {
    const page = await listCases(before.cursor, abort);
    const known = new Set(before.rows.map(({ subject }) => subject));
    return { rows: [...before.rows, ...page.data.filter((one) => !known.has(one.subject))], cursor: page.next_cursor };
  });

function Case({ one }: { one: ReviewCase }) {
  const name = titleOf(one);
  const reasons = Object.entries(one.reasons).sort((a, b) => b[1] - a[1]) as [ReportReason, number][];
  return (
    <li class="case" data-hidden={one.is_hidden}>
      <div class="case-what">
        <p class="origin">
          <span class="tag">{one.kind}</span>
          <span>
            by <a href={personHref(one.author)}>{one.author}</a>
          </span>
          {one.is_hidden && <span class="state hidden">hidden{one.hidden_reason ? `: ${one.hidden_reason}` : ""}</span>}
        </p>
        <h3>
          <a href={`${experienceHref(one.experience)}${one.is_hidden ? `?user=${encodeURIComponent(one.author)}` : ""}`}>{name}</a>
        </h3>
        {(one.title || one.text.length > name.length) && <p class="card-text">{one.text}</p>}
        <History kind={one.kind} id={one.subject} name={name} />
      </div>
      <div class="case-why">
        <p>
          <strong class="numbers">{count(one.open_reports)}</strong> open {one.open_reports === 1 ? "report" : "reports"}
          {one.last_report_at && (
            <span class="quiet">
              , last <When time={one.last_report_at} />
            </span>
          )}
        </p>
        <ul class="facts" aria-label="Reasons">
          {reasons.map(([reason, many]) => (
            <li key={reason}>
              {REASONS[reason]} <span class="numbers">{count(many)}</span>
            </li>
          ))}
        </ul>
        <div class="row">
          <Decide subject={{ id: one.subject, isHidden: one.is_hidden, name, reports: one.open_reports }} onDone={load} />
        </div>
      </div>
    </li>
  );
}

export default function Review() {
  useEffect(() => void load(), []);
  const data = queue.data.value;
  const problem = queue.problem.value;
  const open = data?.rows.filter((one) => one.open_reports > 0).length ?? 0;
  return (
    <Room
      title="Review"
      aside={
        <button type="button" class="button" onClick={() => void load()}>
          Look again
        </button>
      }
      about={data ? `${plural(open, "case")}${data.cursor ? " and more" : ""} with open reports; what was hidden stays listed.` : "What people reported, and what was decided."}
    >
      {problem && <ProblemNote problem={problem} retry={() => void load()} />}
      {!data && !problem && <Skeleton lines={8} />}
      {data?.rows.length === 0 && (
        <Empty
          command="likewise community review"
          action={
            <a class="button" href="/community">
              Back to the feed
            </a>
          }
        >
          Nothing is reported and nothing is hidden.
        </Empty>
      )}
      <h2 class="visually-hidden">Cases, most reported first</h2>
      <ol class="cases" data-stale={queue.busy.value && !!data}>
        {data?.rows.map((one) => (
          <Case key={one.subject} one={one} />
        ))}
      </ol>
      {data?.cursor && (
        <button type="button" class="button wide" onClick={() => void loadMore(data)}>
          More cases
        </button>
      )}
    </Room>
  );
}
