import { useEffect } from "preact/hooks";
import { plural } from "../../core/format";
import { getProfile, listSimilar, type Likeness, type Profile, type SimilarUser } from "../../core/people";
import { resource } from "../../core/resource";
import { patchParams, place } from "../../core/router";
import type { ScreenProps } from "../../shell/screens";
import { Bar } from "../../ui/bars";
import { ProblemNote, Skeleton } from "../../ui/states";
import { PageHead } from "../../ui/text";
import { chosenCollection, Dna, feedHref, personHref, refreshCollections } from "./shared";

const NEIGHBOURS = 12;
const WORDS: Record<Likeness, string> = {
  meaning: "What they write and like says the same",
  categories: "They care for the same categories",
  taste: "They do the same with the same items",
};
const LIKENESSES = Object.keys(WORDS) as Likeness[];
const profile = resource<Profile>();
const similar = resource<SimilarUser[]>();

function Neighbour({ one, collection }: { one: SimilarUser; collection: string }) {
  const items = one.shared?.items ?? [];
  const categories = one.shared?.categories ?? [];
  return (
    <li class="neighbour">
      <div class="neighbour-head">
        <h3>
          <a href={personHref(collection, one.user)}>{one.user}</a>
        </h3>
        <span class="neighbour-score">
          <Bar share={one.similarity} />
          <span class="numbers">{one.similarity.toFixed(2)}</span>
        </span>
      </div>
      {categories.length > 0 && (
        <ul class="facts" aria-label="Categories both care for">
          {categories.map((name) => (
            <li key={name}>{name}</li>
          ))}
        </ul>
      )}
      <p class="quiet">
        {items.length > 0 ? `Both liked ${items.map(({ title }) => title).join("; ")}` : "No item that both liked"}
      </p>
    </li>
  );
}

function Neighbours({ user, collection, by }: { user: string; collection: string; by: Likeness }) {
  useEffect(() => {
    if (collection) void similar.run((abort) => listSimilar(collection, user, by, NEIGHBOURS, abort));
  }, [collection, user, by]);
  const found = similar.data.value;
  const problem = similar.problem.value;
  return (
    <section aria-labelledby="alike">
      <div class="section-head">
        <h2 id="alike">People alike</h2>
        <label class="inline-select">
          <span class="visually-hidden">Alike by</span>
          <select value={by} onChange={(event) => patchParams({ by: event.currentTarget.value })}>
            {LIKENESSES.map((name) => (
              <option key={name} value={name}>{`by ${name}`}</option>
            ))}
          </select>
        </label>
      </div>
      <p class="quiet">{WORDS[by]}.</p>
      {problem && <ProblemNote problem={problem} />}
      {!found && !problem && <Skeleton lines={6} />}
      {found?.length === 0 && (
        <p>
          Nobody is known to be alike by {by} yet. <code>likewise recommend rebuild -c {collection}</code> compares everybody.
        </p>
      )}
      <ul class="plain-list neighbours">
        {found?.map((one) => (
          <Neighbour key={one.user} one={one} collection={collection} />
        ))}
      </ul>
    </section>
  );
}

export default function Person({ params: [user = ""] }: ScreenProps) {
  const collection = chosenCollection();
  const asked = place.value.params.get("by");
  useEffect(() => void refreshCollections(), []);
  useEffect(() => {
    if (collection) void profile.run((abort) => getProfile(collection, user, abort));
    return profile.clear;
  }, [collection, user]);
  const known = profile.data.value;
  const problem = profile.problem.value;
  const by = LIKENESSES.find((name) => name === asked) ?? known?.known_by[0] ?? "meaning";
  return (
    <div class="page">
      <PageHead title={user} aside={<a class="button primary" href={feedHref(collection, user)}>Their feed</a>}>
        <p class="quiet">
          {known ? `${plural(known.liked, "item")} liked and ${plural(known.written, "item")} written in ${collection}` : collection}
        </p>
      </PageHead>
      {problem && <ProblemNote problem={problem} />}
      {!known && !problem && <Skeleton lines={8} />}
      {known && (
        <div class="person">
          <section aria-labelledby="dna">
            <h2 id="dna">What they care for</h2>
            <Dna categories={known.categories} />
          </section>
          <Neighbours user={user} collection={collection} by={by} />
        </div>
      )}
    </div>
  );
}
