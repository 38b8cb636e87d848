// Questions to begin with, made of this community's own categories, keys and values.
import { listAttributeKeys, listAttributeValues, listCategories } from "../../core/community";
import { facetLabel } from "../../core/format";
import { resource } from "../../core/resource";

const WORDY = 2;
/** Keys that every text may tell something of say less of this community than its own. */
const COMMONPLACE = new Set(["weekday", "season", "time_of_day", "tags", "emotion", "witness_count"]);

export const examples = resource<string[]>();

const said = (value: string): string => value.replaceAll("_", " ");

async function make(abort: AbortSignal): Promise<string[]> {
  const [categories, keys] = await Promise.all([listCategories(abort), listAttributeKeys(abort)]);
  const told = categories.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
  if (told.length === 0) return [];
  const wordy = keys.filter(({ key, kind }) => kind !== "number" && kind !== "boolean" && !COMMONPLACE.has(key)).sort((a, b) => b.count - a.count);
  const chosen = wordy.slice(0, WORDY);
  const values = await Promise.all(chosen.map(({ key }) => listAttributeValues(key, abort)));
  const [first, second] = told.map(({ title }) => title.toLowerCase().replace(/^ufo/, "UFO"));
  const [own, other] = chosen.map(({ key }) => facetLabel(key));
  const [most, next] = (values[0] ?? []).map(({ value }) => said(value));
  return [
    first && `When do ${first} experiences happen?`,
    own && most && `Where were experiences with ${own} ${most}?`,
    own && most && `What goes with ${own} ${most}?`,
    own && most && next && `Compare ${own} ${most} and ${own} ${next}`,
    own && first && `Which ${own} is most common in ${first} experiences?`,
    other && values[1]?.[0] && `Is ${other} ${said(values[1][0].value)} becoming more common?`,
    second && `Who tells most ${second} experiences?`,
    second && `How many ${second} experiences are there?`,
    "What is trending?",
  ].filter((question): question is string => !!question);
}

export const loadExamples = (): Promise<void> => examples.run(make);
