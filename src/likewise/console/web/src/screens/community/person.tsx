// Somebody: what they care for as a picture, who is like them and in what, and what they told.
import { useEffect } from "preact/hooks";
import type { Page } from "../../core/api";
import { listExperiences, type Experience } from "../../core/community";
import { getMember, listSimilarMembers, type Likeness, type Member, type SimilarMember, type SimilarMembers } from "../../core/community-reading";
import { count, percent, plural } from "../../core/format";
import { resource } from "../../core/resource";
import { patchParams, place } from "../../core/router";
import type { ScreenProps } from "../../shell/screens";
import { Bar } from "../../ui/bars";
import { ProblemNote, Skeleton } from "../../ui/states";
import { When } from "../../ui/text";
import { categoryTitle } from "./categories";
import { Dna } from "./helix";
import { Card, experienceHref, feedHref, personHref, Room } from "./shared";

const NEIGHBOURS = 10;
const TOLD = 10;
const WORDS: Record<Likeness, string> = {
  meaning: "What they tell and turn to says the same.",
  categories: "They care for the same categories, in like shares.",
  taste: "They do the same with the same experiences.",
};
const LIKENESSES = Object.keys(WORDS) as Likeness[];

const member = resource<Member>();
const alike = resource<SimilarMembers>();
const told = resource<Page<Experience>>();

function Neighbour({ one }: { one: SimilarMember }) {
  return (
    <li class="neighbour">
      <div class="neighbour-head">
        <h3>
          <a href={personHref(one.user)}>{one.name ?? one.user}</a>
        </h3>
        <span class="neighbour-score">
          <Bar share={one.similarity} />
          <span class="numbers">{one.similarity.toFixed(2)}</span>
        </span>
      </div>
      {one.categories.length > 0 && (
        <ul class="facts" aria-label="Categories both care for">
          {one.categories.map((name) => (
            <li key={name}>{categoryTitle(name)}</li>
          ))}
        </ul>
      )}
      {one.experiences.length > 0 ? (
        <p class="quiet">
          Both turned to{" "}
          {one.experiences.map(({ id, title }, index) => (
            <span key={id}>
              {index > 0 && "; "}
              <a href={experienceHref(id)}>{title}</a>
            </span>
          ))}
        </p>
      ) : (
        <p class="quiet">No experience that both turned to</p>
      )}
    </li>
  );
}

function Neighbours({ user, by, knownBy }: { user: string; by: Likeness; knownBy: readonly Likeness[] }) {
  useEffect(() => {
    alike.clear();
    void alike.run((abort) => listSimilarMembers(user, by, NEIGHBOURS, abort));
  }, [user, by]);
  const found = alike.data.value;
  const problem = alike.problem.value;
  return (
    <section aria-labelledby="alike-heading">
      <div class="section-head">
        <h2 id="alike-heading">People alike</h2>
        <div class="segments" role="group" aria-label="Alike by">
          {LIKENESSES.map((name) => (
            <button key={name} type="button" aria-pressed={name === by} onClick={() => patchParams({ by: name }, true)}>
              {name}
            </button>
          ))}
        </div>
      </div>
      <p class="quiet">{WORDS[by]}</p>
      {problem && <ProblemNote problem={problem} />}
      {!found && !problem && <Skeleton lines={6} />}
      {found?.data.length === 0 && (
        <p>
          Nobody is known to be alike by {by} yet
          {knownBy.length > 0 && !knownBy.includes(by) ? `; by ${knownBy.join(" and ")} there may be.` : "."}
        </p>
      )}
      <ul class="neighbours" data-stale={alike.busy.value}>
        {found?.data.map((one) => (
          <Neighbour key={one.user} one={one} />
        ))}
      </ul>
    </section>
  );
}

function Top({ one }: { one: Member }) {
  const { dna } = one;
  if (!dna || dna.top.length === 0) return null;
  return (
    <dl class="figures top">
      {dna.top.map((name) => (
        <div key={name}>
          <dt>{categoryTitle(name)}</dt>
          <dd>{percent(dna.categories[name] ?? 0)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Told({ user }: { user: string }) {
  useEffect(() => {
    told.clear();
    void told.run((abort) => listExperiences({ author: user, limit: TOLD }, abort));
  }, [user]);
  const page = told.data.value;
  return (
    <section aria-labelledby="told-heading">
      <h2 id="told-heading">What they told</h2>
      {told.problem.value && <ProblemNote problem={told.problem.value} />}
      {!page && !told.problem.value && <Skeleton lines={6} />}
      {page?.data.length === 0 && <p class="quiet">Nothing that everybody may see.</p>}
      <ul class="card-list">
        {page?.data.map((one) => (
          <li key={one.id}>
            <Card one={one} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function about({ dna, experiences, comments }: Member): string {
  const turned = dna ? `, turned to ${count(dna.turned_to)}` : "";
  return `Told ${plural(experiences, "experience")}${turned}, wrote ${plural(comments, "comment")}.`;
}

export default function Person({ params: [user = ""] }: ScreenProps) {
  const load = (): Promise<void> => member.run((abort) => getMember(user, abort));
  useEffect(() => {
    void load();
    return member.clear;
  }, [user]);
  const one = member.data.value;
  const problem = member.problem.value;
  const knownBy = (one?.dna?.known_by ?? []) as Likeness[];
  const by = LIKENESSES.find((name) => name === place.value.params.get("by")) ?? knownBy[0] ?? "meaning";
  return (
    <Room
      title={one?.name ?? user}
      aside={
        <a class="button primary" href={feedHref(user)}>
          Their feed
        </a>
      }
      about={one && about(one)}
    >
      {problem && <ProblemNote problem={problem} retry={() => void load()} />}
      {!one && !problem && <Skeleton lines={10} />}
      {one && (
        <>
          {one.about && <p class="member-about">{one.about}</p>}
          <div class="person">
            <section aria-labelledby="dna-heading">
              <h2 id="dna-heading">DNA</h2>
              {one.dna ? (
                <>
                  <Top one={one} />
                  <Dna categories={one.dna.categories} total={one.dna.total} name={one.name ?? user} />
                  {one.dna.last_at && (
                    <p class="quiet">
                      Last turned to something <When time={one.dna.last_at} />.
                    </p>
                  )}
                </>
              ) : (
                <p class="quiet">They have told nothing and turned to nothing that has a category yet.</p>
              )}
            </section>
            <Neighbours user={user} by={by} knownBy={knownBy} />
          </div>
          <Told user={user} />
        </>
      )}
    </Room>
  );
}
