// One experience: its words and what was read from them, where it was, who says what about it, what is like it.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { asProblem, type Problem } from "../../core/client";
import { addPicture, getExperience, listAttributes, listPictures, noteView, setUpvote, type Attribute, type Experience, type Picture } from "../../core/community";
import { listAlike, type Hit } from "../../core/community-reading";
import { dateTime } from "../../core/format";
import { resource } from "../../core/resource";
import { patchParams } from "../../core/router";
import type { ScreenProps } from "../../shell/screens";
import { announce } from "../../ui/announce";
import { Icon } from "../../ui/icon";
import { ProblemNote, Skeleton } from "../../ui/states";
import { Comments } from "./comments";
import { History } from "./history";
import { Attributes, forgetLooked, Marked } from "./marked";
import { Decide, ReportDialog } from "./moderating";
import { PersonPicker } from "./person-picker";
import { actAs, acting, CounterLine, experienceHref, Origin, Room, searchHref, titleOf } from "./shared";
import { toggleUpvote, upvoted } from "./upvotes";
import { coordinates, World } from "./world";

const ALIKE = 6;
const NEAR_KM = "250";

interface Told {
  one: Experience;
  attributes: Attribute[];
  pictures: Picture[];
}

const told = resource<Told>();
const alike = resource<Hit[]>();

export const loadTold = (id: string): Promise<void> =>
  told.run(async (abort) => {
    const [one, attributes, pictures] = await Promise.all([
      getExperience(id, acting() || null, abort),
      listAttributes(id, acting() || null, abort),
      listPictures(id, acting() || null, abort),
    ]);
    return { one, attributes, pictures };
  });

const loadAlike = (id: string): Promise<void> => alike.run((abort) => listAlike(id, ALIKE, abort));

function Pictures({ pictures }: { pictures: readonly Picture[] }) {
  if (pictures.length === 0) return null;
  return (
    <ul class="pictures" aria-label="Pictures">
      {pictures.map((one) => (
        <li key={one.id}>
          <a href={one.large} target="_blank" rel="noreferrer">
            <img src={one.small} alt={one.alt || "Picture without a description"} width={one.width} height={one.height} loading="lazy" />
          </a>
        </li>
      ))}
    </ul>
  );
}

/** A picture and what it shows, for who cannot see it. */
function AddPicture({ id, onProblem }: { id: string; onProblem: (problem: Problem | null) => void }) {
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = new FormData(form);
    const file = given.get("picture");
    if (!(file instanceof File) || file.size === 0) return;
    try {
      await addPicture(id, file, String(given.get("alt") ?? "").trim());
      form.reset();
      onProblem(null);
      announce("Picture added.");
      await loadTold(id);
    } catch (error) {
      onProblem(asProblem(error));
    }
  };
  return (
    <details class="add-picture">
      <summary>Add a picture</summary>
      <form class="row" onSubmit={(event) => void submit(event)}>
        <input type="file" name="picture" accept="image/*" aria-label="Picture" required />
        <input type="text" name="alt" aria-label="What it shows" placeholder="What it shows" autocomplete="off" />
        <button type="submit" class="button">
          Add
        </button>
      </form>
    </details>
  );
}

function Where({ one }: { one: Experience }) {
  if (!one.place) return null;
  const near = searchHref({ near: `${one.place.lat},${one.place.lon}`, km: NEAR_KM });
  return (
    <section aria-labelledby="where-heading">
      <h2 id="where-heading">Where</h2>
      <World points={[{ ...one.place, title: one.place_name || coordinates(one.place) }]} />
      <p>
        {one.place_name && `${one.place_name}: `}
        {coordinates(one.place)}. <a href={near}>What else was near</a>
      </p>
    </section>
  );
}

function Alike({ id }: { id: string }) {
  useEffect(() => {
    alike.clear();
    void loadAlike(id);
  }, [id]);
  const rows = alike.data.value;
  return (
    <section aria-labelledby="alike-heading">
      <h2 id="alike-heading">Alike</h2>
      {alike.problem.value && <ProblemNote problem={alike.problem.value} retry={() => void loadAlike(id)} />}
      {!rows && !alike.problem.value && <Skeleton lines={6} />}
      {rows?.length === 0 && <p class="quiet">Nothing is like it yet.</p>}
      <ul class="alike">
        {rows?.map(({ experience }) => (
          <li key={experience.id}>
            <a href={experienceHref(experience.id)}>{titleOf(experience)}</a>
            <Origin one={experience} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Acts({ one, onProblem }: { one: Experience; onProblem: (problem: Problem | null) => void }) {
  const user = acting();
  const isReporting = useSignal(false);
  const isUp = upvoted.value.has(`${user} ${one.id}`);
  const up = async (): Promise<void> => {
    try {
      announce((await toggleUpvote(user, one.id, (wanted) => setUpvote(one.id, user, wanted))) ? "Upvoted." : "Upvote taken back.");
      onProblem(null);
      await loadTold(one.id);
    } catch (error) {
      onProblem(asProblem(error));
    }
  };
  return (
    <div class="row experience-acts">
      <button type="button" class="button" aria-pressed={isUp} disabled={!user} onClick={() => void up()}>
        <Icon name="up" />
        {isUp ? "Upvoted" : "Upvote"}
      </button>
      <button type="button" class="button" disabled={!user} onClick={() => (isReporting.value = true)}>
        Report
      </button>
      <Decide
        subject={{ id: one.id, isHidden: one.state === "hidden", name: titleOf(one) }}
        onDone={() => loadTold(one.id)}
      />
      {!user && <span class="quiet">Say who you act as to upvote, comment or report.</span>}
      {isReporting.value && <ReportDialog kind="experience" id={one.id} reporter={user} onClose={() => (isReporting.value = false)} />}
    </div>
  );
}

export default function ExperienceScreen({ params: [id = ""] }: ScreenProps) {
  const user = acting();
  const refused = useSignal<Problem | null>(null);
  const author = told.data.value?.one.author;
  useEffect(() => {
    void loadTold(id);
    return told.clear;
  }, [id, user]);
  useEffect(() => {
    forgetLooked();
    if (user && author && user !== author) noteView(id, user).catch(() => undefined);
  }, [id, user, author]);
  const data = told.data.value;
  const one = data?.one;
  const choose = (chosen: string): void => {
    actAs(chosen);
    patchParams({ user: null }, true);
  };
  const problem = refused.value ?? told.problem.value;
  return (
    <Room title={one ? titleOf(one) : "Experience"} aside={<PersonPicker label="Acting as" user={user} onChoose={choose} />}>
      {problem && <ProblemNote problem={problem} retry={() => void loadTold(id)} />}
      {!data && !problem && <Skeleton lines={10} />}
      {data && one && (
        <div class="experience">
          <div class="experience-main">
            <Origin one={one} />
            {one.state === "hidden" && (
              <p class="note" role="status">
                Hidden from everybody but its author{one.hidden_reason ? `: ${one.hidden_reason}` : ""}.
              </p>
            )}
            {one.title && data.attributes.some(({ field }) => field === "title") && (
              <p class="experience-title">
                <Marked text={one.title} field="title" attributes={data.attributes} />
              </p>
            )}
            <p class="experience-text">
              <Marked text={one.text} field="text" attributes={data.attributes} />
            </p>
            {one.tags.length > 0 && (
              <ul class="facts" aria-label="Tags">
                {one.tags.map((tag) => (
                  <li key={tag}>
                    <a href={searchHref({ tag })}>{tag}</a>
                  </li>
                ))}
              </ul>
            )}
            <Pictures pictures={data.pictures} />
            <AddPicture id={id} onProblem={(found) => (refused.value = found)} />
            <div class="experience-foot">
              <CounterLine counters={one.counters} />
              <span class="quiet">
                told {dateTime(one.created_at)}
                {one.edited_at && `, edited ${dateTime(one.edited_at)}`}
              </span>
            </div>
            <Acts one={one} onProblem={(found) => (refused.value = found)} />
            <History key={one.state} kind="experience" id={id} name={titleOf(one)} />
            <Comments id={id} user={user} onChange={() => void loadTold(id)} />
          </div>
          <div class="experience-side">
            <section aria-labelledby="attributes-heading">
              <h2 id="attributes-heading">What is known of it</h2>
              <Attributes attributes={data.attributes} />
            </section>
            <Where one={one} />
            <Alike id={id} />
          </div>
        </div>
      )}
    </Room>
  );
}
