// What the attributes of experiences tell, of everybody or of one group: a value, a category, a period, a place.
import { useEffect } from "preact/hooks";
import { count } from "../../core/format";
import { patchParams, place } from "../../core/router";
import { Icon } from "../../ui/icon";
import { Empty, ProblemNote, Skeleton } from "../../ui/states";
import { categories, categoryTitle } from "./categories";
import { GoesWith, Insights, Shares } from "./pattern-parts";
import { WhereView } from "./pattern-place";
import {
  chooseGroup, distribution, groupOf, groupWords, isEverything, keyOf, keys, loadGroup, loadKey, loadMovement, loadOnce, map, moments, movement,
  together, valueOf,
} from "./pattern-store";
import { OverTime, WhenView } from "./pattern-time";
import { Room } from "./shared";

function KeyChooser({ name }: { name: string }) {
  return (
    <label class="inline-select">
      <span>Attribute</span>
      <select value={name} onChange={(event) => patchParams({ key: event.currentTarget.value, segment: null, since: null })}>
        {keys.data.value?.map(({ key, title, item_count }) => (
          <option key={key} value={key}>
            {title} ({count(item_count)})
          </option>
        ))}
      </select>
    </label>
  );
}

/** Whose patterns: one group at a time; a value is chosen in the distribution, a place on the map. */
function GroupChooser({ words }: { words: string }) {
  const { params } = place.value;
  const group = groupOf(params);
  const known = (categories.data.value ?? []).filter((one) => one.count > 0).sort((a, b) => b.count - a.count);
  const period = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const [first, last] = [String(form.get("first") ?? ""), String(form.get("last") ?? "")];
    if (first || last) chooseGroup({ first: first || last, last: last || first });
  };
  return (
    <div class="group-chooser" role="group" aria-label="Of which experiences">
      <label class="inline-select">
        <span>Category</span>
        <select value={group.category ?? ""} onChange={(event) => chooseGroup(event.currentTarget.value ? { category: event.currentTarget.value } : {})}>
          <option value="">All</option>
          {known.map((one) => (
            <option key={one.name} value={one.name}>
              {one.title} ({count(one.count)})
            </option>
          ))}
        </select>
      </label>
      <form class="row tight" onSubmit={period} key={`${group.first}${group.last}`}>
        <input name="first" aria-label="First month" placeholder="2013-06" pattern="\d{4}-\d{2}" defaultValue={group.first ?? ""} />
        <span aria-hidden="true">to</span>
        <input name="last" aria-label="Last month" placeholder="2013-08" pattern="\d{4}-\d{2}" defaultValue={group.last ?? ""} />
        <button type="submit" class="button">
          Period
        </button>
      </form>
      {!isEverything(group) && (
        <ul class="chips" aria-label="The group looked at">
          <li>
            {words}
            <button type="button" class="button icon-only" aria-label={`Look at everything again, not only ${words}`} onClick={() => chooseGroup({})}>
              <Icon name="cross" />
            </button>
          </li>
        </ul>
      )}
    </div>
  );
}

export default function Patterns() {
  const { params } = place.value;
  const name = keyOf(params);
  const group = groupOf(params);
  const value = valueOf(params, name);
  const words = groupWords(group, categoryTitle);
  const asked = JSON.stringify(group);
  const retry = (): void => void loadGroup(group);
  useEffect(() => void loadOnce(), []);
  useEffect(() => {
    if (name) void loadKey(name, group);
  }, [name, asked]);
  useEffect(() => {
    for (const answer of [map, moments, together]) answer.problem.value = null;
    if (keys.data.value?.length) retry();
  }, [asked, keys.data.value]);
  useEffect(() => {
    movement.clear();
    if (name) void loadMovement(name, value);
  }, [name, value]);
  useEffect(() => {
    if (name && params.get("since")) void loadMovement(name, value);
  }, [params.get("since")]);
  useEffect(() => () => [distribution, map, moments, together, movement].forEach((answer) => answer.clear()), []);
  const all = keys.data.value;
  const problem = keys.problem.value;
  return (
    <Room title="Patterns" aside={!!all?.length && <KeyChooser name={name} />} about="Choose a value, a category, a period or a place to see what goes with it, where, when, and how it moves.">
      {problem && <ProblemNote problem={problem} retry={() => void loadOnce()} />}
      {!all && !problem && <Skeleton lines={8} />}
      {all?.length === 0 && (
        <Empty
          command="likewise community load stories.jsonl"
          action={
            <a class="button" href="/docs">
              How to add experiences
            </a>
          }
        >
          Patterns come from the attributes of experiences, and there are none yet.
        </Empty>
      )}
      {!!all?.length && (
        <div class="patterns">
          <GroupChooser words={words} />
          <div class="pattern-columns">
            <Shares name={name} params={params} />
            {isEverything(group) ? <Insights /> : <GoesWith words={words} retry={retry} />}
          </div>
          <WhereView words={words} retry={retry} />
          <WhenView words={words} retry={retry} />
          <OverTime name={name} value={value} />
        </div>
      )}
    </Room>
  );
}
