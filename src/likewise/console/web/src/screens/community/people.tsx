// Everybody who told or did something, newest first; the way to a person's page.
import { useEffect } from "preact/hooks";
import type { Page } from "../../core/api";
import { listMembers, type MemberRow } from "../../core/community-reading";
import { count } from "../../core/format";
import { resource } from "../../core/resource";
import { navigate, patchParams, place } from "../../core/router";
import { Empty, ProblemNote, Skeleton } from "../../ui/states";
import { When } from "../../ui/text";
import { PersonPicker } from "./person-picker";
import { feedHref, personHref, Room } from "./shared";

const ROWS = 50;
const people = resource<Page<MemberRow>>();
const load = (after: string | null): Promise<void> => people.run((abort) => listMembers({ limit: ROWS, after }, abort));

function Row({ one }: { one: MemberRow }) {
  return (
    <tr>
      <th scope="row">
        <a href={personHref(one.user)}>{one.name ?? one.user}</a>
        {one.about && <p class="quiet">{one.about}</p>}
      </th>
      <td class="wide-only">
        <code>{one.user}</code>
      </td>
      <td class="wide-only">
        <When time={one.created_at} />
      </td>
      <td class="actions">
        <a href={feedHref(one.user)}>
          Feed<span class="visually-hidden"> of {one.name ?? one.user}</span>
        </a>
      </td>
    </tr>
  );
}

export default function People() {
  const after = place.value.params.get("after");
  useEffect(() => void load(after), [after]);
  const page = people.data.value;
  const problem = people.problem.value;
  return (
    <Room
      title="People"
      aside={<PersonPicker label="Go to" user="" onChoose={(user) => navigate(personHref(user))} />}
      about="Who tells and turns to what, and who is like whom."
    >
      {problem && <ProblemNote problem={problem} retry={() => void load(after)} />}
      {!page && !problem && <Skeleton lines={8} />}
      {page?.data.length === 0 && (
        <Empty
          command="likewise community load stories.jsonl"
          action={
            <a class="button" href="/docs">
              How to add an experience
            </a>
          }
        >
          Nobody is here yet: people exist from their first experience, comment or upvote on.
        </Empty>
      )}
      {!!page?.data.length && (
        <div class="table-scroll">
          <table>
            <caption class="visually-hidden">{count(page.data.length)} people on this page</caption>
            <thead>
              <tr>
                <th scope="col">Person</th>
                <th scope="col" class="wide-only">
                  Your id
                </th>
                <th scope="col" class="wide-only">
                  Here since
                </th>
                <th scope="col">
                  <span class="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {page.data.map((one) => (
                <Row key={one.user} one={one} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {page?.has_more && (
        <button type="button" class="button wide" onClick={() => patchParams({ after: page.next_cursor })}>
          More people
        </button>
      )}
    </Room>
  );
}
