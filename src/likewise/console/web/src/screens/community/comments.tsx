// What people say under an experience.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { asProblem, type Problem } from "../../core/client";
import { listComments, writeComment, type Comment } from "../../core/community";
import { plural } from "../../core/format";
import { resource } from "../../core/resource";
import { announce } from "../../ui/announce";
import { ProblemNote, Skeleton } from "../../ui/states";
import { When } from "../../ui/text";
import { Decide, ReportDialog } from "./moderating";
import { nameOf, personHref } from "./shared";

interface Said {
  rows: Comment[];
  cursor: string | null;
}

const said = resource<Said>();

const load = (id: string, user: string): Promise<void> =>
  said.run(async (abort) => {
    const page = await listComments(id, user || null, null, abort);
    return { rows: page.data, cursor: page.next_cursor };
  });

const loadMore = (id: string, user: string, before: Said): Promise<void> =>
  said.run(async (abort) => {
    const page = await listComments(id, user || null, before.cursor, abort);
    return { rows: [...before.rows, ...page.data], cursor: page.next_cursor };
  });

function Row({ one, user, onChange }: { one: Comment; user: string; onChange: () => void }) {
  const isReporting = useSignal(false);
  return (
    <li class="comment" data-hidden={one.is_hidden}>
      <p class="origin">
        <a href={personHref(one.author)}>{nameOf(one)}</a>
        <When time={one.created_at} />
        {one.edited_at && <span class="quiet">edited</span>}
        {one.is_hidden && <span class="state hidden">hidden{one.hidden_reason ? `: ${one.hidden_reason}` : ""}</span>}
      </p>
      <p class="comment-text">{one.text}</p>
      <div class="row comment-acts">
        <button type="button" class="link" disabled={!user} onClick={() => (isReporting.value = true)}>
          Report<span class="visually-hidden"> the comment of {nameOf(one)}</span>
        </button>
        <Decide subject={{ id: one.id, isHidden: one.is_hidden, name: `the comment of ${nameOf(one)}` }} isQuiet onDone={async () => onChange()} />
      </div>
      {isReporting.value && <ReportDialog kind="comment" id={one.id} reporter={user} onClose={() => (isReporting.value = false)} />}
    </li>
  );
}

export function Comments({ id, user, onChange }: { id: string; user: string; onChange: () => void }) {
  const text = useSignal("");
  const refused = useSignal<Problem | null>(null);
  useEffect(() => {
    void load(id, user);
    return said.clear;
  }, [id, user]);
  const changed = (): void => {
    void load(id, user);
    onChange();
  };
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const written = text.value.trim();
    if (!written || !user) return;
    try {
      await writeComment(id, user, written);
      text.value = "";
      refused.value = null;
      announce("Comment added.");
      changed();
    } catch (error) {
      refused.value = asProblem(error);
    }
  };
  const data = said.data.value;
  const problem = refused.value ?? said.problem.value;
  return (
    <section class="comments" aria-labelledby="comments-heading">
      <h2 id="comments-heading">{data ? plural(data.rows.length, "comment") + (data.cursor ? " and more" : "") : "Comments"}</h2>
      {problem && <ProblemNote problem={problem} retry={() => void load(id, user)} />}
      {!data && !problem && <Skeleton lines={3} />}
      <ul>
        {data?.rows.map((one) => (
          <Row key={one.id} one={one} user={user} onChange={changed} />
        ))}
      </ul>
      {data?.cursor && (
        <button type="button" class="button wide" onClick={() => void loadMore(id, user, data)}>
          More comments
        </button>
      )}
      <form class="comment-form" onSubmit={(event) => void send(event)}>
        <label for="comment-text">{user ? `Comment as ${user}` : "Comment"}</label>
        <textarea id="comment-text" rows={3} value={text.value} disabled={!user} onInput={(event) => (text.value = event.currentTarget.value)} />
        <button type="submit" class="button primary" disabled={!user || !text.value.trim()}>
          Comment
        </button>
      </form>
    </section>
  );
}
