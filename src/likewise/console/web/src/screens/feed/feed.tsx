import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { asProblem, type Problem } from "../../core/client";
import { milliseconds, percent, plural } from "../../core/format";
import { getFeed, showLess, type FeedAnswer, type FeedRequest, type Recommendation } from "../../core/people";
import { resource } from "../../core/resource";
import { patchParams, place } from "../../core/router";
import { Bar } from "../../ui/bars";
import { Empty, ProblemNote, Skeleton } from "../../ui/states";
import { PageHead } from "../../ui/text";
import { chosenCollection, collections, CollectionSelect, personHref, refreshCollections } from "../people/shared";

const SHOWN = 20;
const feed = resource<FeedAnswer>();

// Looking at somebody's feed from here is not showing it to them.
const asked = (collection: string, user: string, less: string[] = []): FeedRequest => ({ collection, user, k: SHOWN, less, is_recorded: false });

function refresh(collection: string, user: string): void {
  if (collection && user) void feed.run((abort) => getFeed(asked(collection, user), abort));
}

function Entry({ one, onLess }: { one: Recommendation; onLess: () => void }) {
  const name = one.title || one.key;
  return (
    <li class="entry">
      <div class="entry-what">
        <h3>{name}</h3>
        <p class="quiet">{[one.category, one.author].filter(Boolean).join(", ")}</p>
        {one.text !== one.title && <p class="entry-text">{one.text}</p>}
      </div>
      <div class="entry-why">
        <ul class="plain-list reasons" aria-label={`Why ${name}`}>
          {one.reasons.map((reason) => (
            <li key={reason.kind}>
              <Bar share={reason.share} />
              <span class="numbers">{percent(reason.share)}</span>
              <span>{reason.text}</span>
            </li>
          ))}
        </ul>
        <button type="button" class="button" onClick={onLess}>
          Less like this<span class="visually-hidden">: {name}</span>
        </button>
      </div>
    </li>
  );
}

function Asker({ user }: { user: string }) {
  return (
    <form
      class="row"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        patchParams({ user: String(new FormData(event.currentTarget).get("user") ?? "").trim() || null });
      }}
    >
      <input class="field" name="user" aria-label="Whose feed, by your id" placeholder="A person's id" defaultValue={user} autocomplete="off" />
      <button type="submit" class="button primary">
        Show the feed
      </button>
    </form>
  );
}

export default function Feed() {
  const collection = chosenCollection();
  const user = place.value.params.get("user") ?? "";
  const trouble = useSignal<Problem | null>(null);
  useEffect(() => void refreshCollections(), []);
  useEffect(() => refresh(collection, user), [collection, user]);
  const answer = user ? feed.data.value : null;
  const problem = trouble.value ?? collections.problem.value ?? (user ? feed.problem.value : null);
  const none = collections.data.value?.length === 0;

  async function less(key: string): Promise<void> {
    try {
      feed.data.value = await showLess(asked(collection, user, [key]));
      trouble.value = null;
    } catch (error) {
      trouble.value = asProblem(error);
    }
  }

  return (
    <div class="page">
      <PageHead title="Feed" aside={!none && <><Asker user={user} /><CollectionSelect /></>}>
        <p class="quiet">
          {answer ? `${plural(answer.candidates, "candidate")} ranked with ${answer.weights} weights in ${milliseconds(answer.took_ms)}` : "What to show to somebody, and why."}
        </p>
      </PageHead>
      {problem && <ProblemNote problem={problem} retry={() => refresh(collection, user)} />}
      {none && (
        <Empty command="likewise load reviews.csv --text body" action={<a class="button primary" href="/load">Load a file</a>}>
          There is nothing to show to anybody yet.
        </Empty>
      )}
      {!none && !user && (
        <Empty
          command={`likewise recommend feed USER -c ${collection || "reviews"}`}
          action={<a class="button" href={`/people?c=${encodeURIComponent(collection)}`}>Choose a person</a>}
        >
          Say whose feed to show; a stranger gets what is trending, fresh and popular.
        </Empty>
      )}
      {user && !answer && !problem && <Skeleton lines={8} />}
      {answer && (
        <>
          <p>
            <a href={personHref(collection, user)}>Who {user} is</a>
          </p>
          {answer.data.length === 0 && <p>Everything there is was seen already.</p>}
          <h2 class="visually-hidden">What to show, best first</h2>
          <ol class="plain-list feed">
            {answer.data.map((one) => (
              <Entry key={one.id} one={one} onLess={() => void less(one.key)} />
            ))}
          </ol>
        </>
      )}
    </div>
  );
}
