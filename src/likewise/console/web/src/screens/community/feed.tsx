// For you: what to show to somebody and why, and what is trending beside it.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { asProblem, type Problem } from "../../core/client";
import { useCommands } from "../../core/commands";
import { setUpvote, wishLess } from "../../core/community";
import { getCommunityFeed, listTrending, type CommunityFeed, type FeedEntry, type TrendingEntry } from "../../core/community-reading";
import { compact, milliseconds, percent, plural } from "../../core/format";
import { resource } from "../../core/resource";
import { navigate } from "../../core/router";
import { announce } from "../../ui/announce";
import { Bar } from "../../ui/bars";
import { Icon } from "../../ui/icon";
import { Empty, ProblemNote, Skeleton } from "../../ui/states";
import { PersonPicker } from "./person-picker";
import { actAs, acting, Card, experienceHref, feedHref, personHref, Room, titleOf } from "./shared";
import { upvoted, toggleUpvote } from "./upvotes";

const SHOWN = 20;
const TRENDING = 8;
const feed = resource<CommunityFeed>();
const trending = resource<TrendingEntry[]>();

const loadFeed = (user: string): Promise<void> => feed.run((abort) => getCommunityFeed(user, SHOWN, abort));
const loadTrending = (): Promise<void> => trending.run((abort) => listTrending(TRENDING, abort));

const focusedCard = (): string | undefined => document.activeElement?.closest<HTMLElement>("[data-card]")?.dataset["card"];
const linkOf = (id: string | undefined): HTMLElement | null =>
  id === undefined ? null : document.querySelector<HTMLElement>(`.feed-list [data-card="${CSS.escape(id)}"] h3 a`);

function walk(by: 1 | -1): void {
  const ids = feed.data.value?.data.map(({ experience }) => experience.id) ?? [];
  const at = ids.indexOf(focusedCard() ?? "");
  linkOf(ids[at < 0 ? 0 : Math.min(ids.length - 1, Math.max(0, at + by))])?.focus();
}

interface EntryProps {
  entry: FeedEntry;
  isUp: boolean;
  onUp: () => void;
  onLess: () => void;
}

function Entry({ entry: { experience, reasons }, isUp, onUp, onLess }: EntryProps) {
  const name = titleOf(experience);
  return (
    <li class="feed-entry">
      <Card one={experience}>
        <div class="row card-acts">
          <button type="button" class="button" aria-pressed={isUp} onClick={onUp}>
            <Icon name="up" />
            {isUp ? "Upvoted" : "Upvote"}
            <span class="visually-hidden">: {name}</span>
          </button>
          <button type="button" class="button" onClick={onLess}>
            Less like this<span class="visually-hidden">: {name}</span>
          </button>
        </div>
      </Card>
      <ul class="why" aria-label={`Why ${name}`}>
        {reasons.map((reason) => (
          <li key={reason.kind}>
            {reason.experience ? <a href={experienceHref(reason.experience)}>{reason.text}</a> : <span>{reason.text}</span>}
            <Bar share={reason.share} />
            <span class="numbers">{percent(reason.share)}</span>
          </li>
        ))}
      </ul>
    </li>
  );
}

function Trending() {
  const rows = trending.data.value;
  return (
    <aside class="trending" aria-labelledby="trending-heading">
      <h2 id="trending-heading">Trending</h2>
      {trending.problem.value && <ProblemNote problem={trending.problem.value} retry={() => void loadTrending()} />}
      {!rows && !trending.problem.value && <Skeleton lines={6} />}
      {rows?.length === 0 && <p class="quiet">Nothing moves just now.</p>}
      <ol>
        {rows?.map(({ experience }) => (
          <li key={experience.id}>
            <a href={experienceHref(experience.id)}>{titleOf(experience)}</a>
            <span class="quiet">
              {plural(experience.counters.upvotes, "upvote")}, {plural(experience.counters.comments, "comment")}
            </span>
          </li>
        ))}
      </ol>
    </aside>
  );
}

export default function Feed() {
  const user = acting();
  const refused = useSignal<Problem | null>(null);
  useEffect(() => void loadTrending(), []);
  useEffect(() => {
    feed.clear();
    if (!user) return;
    actAs(user);
    void loadFeed(user);
  }, [user]);
  const answer = user ? feed.data.value : null;
  const problem = refused.value ?? (user ? feed.problem.value : null);

  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      refused.value = null;
    } catch (error) {
      refused.value = asProblem(error);
    }
  }

  const less = (entry: FeedEntry | undefined): Promise<void> =>
    attempt(async () => {
      if (!entry) return;
      const rows = feed.data.value?.data ?? [];
      const at = rows.indexOf(entry);
      const next = rows[at + 1] ?? rows[at - 1];
      const hadFocus = focusedCard() === entry.experience.id;
      await wishLess(entry.experience.id, user);
      announce("You will see less like this.");
      if (hadFocus) linkOf(next?.experience.id)?.focus();
      await loadFeed(user);
      if (hadFocus && !focusedCard()) linkOf(feed.data.value?.data[Math.min(at, SHOWN - 1)]?.experience.id)?.focus();
    });

  const up = (entry: FeedEntry | undefined): Promise<void> =>
    attempt(async () => {
      if (!entry) return;
      const { id } = entry.experience;
      const isOn = await toggleUpvote(user, id, (wanted) => setUpvote(id, user, wanted));
      announce(isOn ? "Upvoted." : "Upvote taken back.");
    });

  const focused = (): FeedEntry | undefined => feed.data.value?.data.find(({ experience }) => experience.id === focusedCard());
  useCommands(
    () => [
      { id: "community-down", title: "Next experience", group: "Community", keys: "j", run: () => walk(1) },
      { id: "community-up", title: "Experience before", group: "Community", keys: "k", run: () => walk(-1) },
      { id: "community-upvote", title: "Upvote the experience, or take it back", group: "Community", keys: "u", run: () => void up(focused()) },
      { id: "community-less", title: "Less like this", group: "Community", keys: "x", run: () => void less(focused()) },
    ],
    [user],
  );

  return (
    <Room
      title="For you"
      aside={<PersonPicker label="Feed of" user={user} onChoose={(chosen) => navigate(feedHref(chosen))} />}
      about={answer ? `${compact(answer.candidates)} experiences weighed in ${milliseconds(answer.took_ms)}.` : "What to show to somebody, and why."}
    >
      {problem && <ProblemNote problem={problem} retry={() => void loadFeed(user)} />}
      <div class="feed-columns">
        <section aria-labelledby="best-heading">
          <h2 id="best-heading" class="visually-hidden">
            What to show, best first
          </h2>
          {!user && (
            <Empty
              command="likewise community feed USER"
              action={
                <a class="button primary" href="/community/people">
                  Choose a person
                </a>
              }
            >
              Say whose feed to show; a stranger gets what is trending, fresh and popular.
            </Empty>
          )}
          {user && !answer && !problem && <Skeleton lines={10} />}
          {answer && (
            <>
              <p class="feed-whose">
                <a href={personHref(user)}>About {user}</a>
              </p>
              {answer.data.length === 0 && (
                <Empty
                  command="likewise community load stories.jsonl"
                  action={
                    <a class="button" href="/community/search">
                      Look around
                    </a>
                  }
                >
                  There is nothing new to show: everything there is was seen already.
                </Empty>
              )}
              <ol class="feed-list" data-stale={feed.busy.value}>
                {answer.data.map((entry) => (
                  <Entry
                    key={entry.experience.id}
                    entry={entry}
                    isUp={upvoted.value.has(`${user} ${entry.experience.id}`)}
                    onUp={() => void up(entry)}
                    onLess={() => void less(entry)}
                  />
                ))}
              </ol>
            </>
          )}
        </section>
        <Trending />
      </div>
    </Room>
  );
}
