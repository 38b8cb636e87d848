import { useEffect } from "preact/hooks";
import type { Page } from "../../core/api";
import { count } from "../../core/format";
import { listPeople, type Profile } from "../../core/people";
import { resource } from "../../core/resource";
import { navigate, patchParams, place } from "../../core/router";
import { Empty, ProblemNote, Skeleton } from "../../ui/states";
import { PageHead, When } from "../../ui/text";
import { chosenCollection, collections, CollectionSelect, DnaStrip, feedHref, personHref, refreshCollections } from "./shared";

const PAGE_ROWS = 50;
const TOP_CATEGORIES = 3;
const people = resource<Page<Profile>>();

function refresh(): void {
  const collection = chosenCollection();
  const after = place.value.params.get("after");
  if (collection) void people.run((abort) => listPeople(collection, PAGE_ROWS, after, abort));
}

function Row({ person, collection }: { person: Profile; collection: string }) {
  const names = Object.keys(person.categories).slice(0, TOP_CATEGORIES);
  return (
    <tr>
      <th scope="row">
        <a href={personHref(collection, person.user)}>{person.user}</a>
      </th>
      <td class="dna-cell">
        <DnaStrip categories={person.categories} />
        <span class="quiet">{names.join(", ")}</span>
      </td>
      <td class="number">{count(person.liked)}</td>
      <td class="number">{count(person.written)}</td>
      <td class="wide-only">{person.last_at && <When time={person.last_at} />}</td>
      <td class="actions">
        <a href={feedHref(collection, person.user)}>
          Feed<span class="visually-hidden"> of {person.user}</span>
        </a>
      </td>
    </tr>
  );
}

function Finder({ collection }: { collection: string }) {
  return (
    <form
      class="row"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        const user = String(new FormData(event.currentTarget).get("user") ?? "").trim();
        if (user) navigate(personHref(collection, user));
      }}
    >
      <input class="field" name="user" aria-label="Go to a person by your id" placeholder="A person's id" autocomplete="off" />
      <button type="submit" class="button">
        Show
      </button>
    </form>
  );
}

export default function People() {
  const collection = chosenCollection();
  const after = place.value.params.get("after");
  useEffect(() => void refreshCollections(), []);
  useEffect(refresh, [collection, after]);
  const page = people.data.value;
  const problem = collections.problem.value ?? people.problem.value;
  const none = collections.data.value?.length === 0;
  return (
    <div class="page">
      <PageHead title="People" aside={!none && <><Finder collection={collection} /><CollectionSelect /></>}>
        <p class="quiet">Who writes and turns to what is in a collection, and what they care for.</p>
      </PageHead>
      {problem && <ProblemNote problem={problem} retry={() => void refreshCollections().then(refresh)} />}
      {none && (
        <Empty command="likewise load reviews.csv --text body" action={<a class="button primary" href="/load">Load a file</a>}>
          People show themselves by what they do with items; there are no items yet.
        </Empty>
      )}
      {!problem && !none && !page && <Skeleton lines={8} />}
      {!problem && page?.data.length === 0 && (
        <Empty
          command={`likewise recommend load deeds.csv -c ${collection} --user user --item item`}
          action={<a class="button" href="/docs">How to send what people do</a>}
        >
          {`Nobody has written or liked anything in ${collection} yet.`}
        </Empty>
      )}
      {!problem && !!page?.data.length && (
        <>
          <div class="table-scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col">Person</th>
                  <th scope="col">Cares for</th>
                  <th scope="col" class="number">Liked</th>
                  <th scope="col" class="number">Wrote</th>
                  <th scope="col" class="wide-only">Last seen</th>
                  <th scope="col"><span class="visually-hidden">Actions</span></th>
                </tr>
              </thead>
              <tbody>
                {page.data.map((person) => (
                  <Row key={person.user} person={person} collection={collection} />
                ))}
              </tbody>
            </table>
          </div>
          {page.has_more && (
            <button type="button" class="button wide" onClick={() => patchParams({ after: page.next_cursor ?? null })}>
              More people
            </button>
          )}
        </>
      )}
    </div>
  );
}
