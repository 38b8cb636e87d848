import { useEffect } from "preact/hooks";
import { count, facetLabel, plural } from "../../core/format";
import { patchParams, place } from "../../core/router";
import { Empty, ProblemNote, Skeleton } from "../../ui/states";
import { PageHead } from "../../ui/text";
import { Insights } from "./insights";
import { MovementView } from "./movement";
import { percent, ShareBar } from "./plots";
import {
  askedBy, collections, distribution, insights, keys, loadCollection, loadCollections, loadKey, loadMovement, loadValue, movement, valueFacts,
  type Asked,
} from "./store";
import { valueHref, ValueView } from "./value";

function Choosers({ asked }: { asked: Asked }) {
  return (
    <div class="row tight">
      <select
        aria-label="Collection"
        value={asked.collection}
        onChange={(event) => patchParams({ c: event.currentTarget.value, key: null, value: null, since: null })}
      >
        {collections.data.value?.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      {!!keys.data.value?.length && (
        <select aria-label="Key" value={asked.key} onChange={(event) => patchParams({ key: event.currentTarget.value, value: null })}>
          {keys.data.value.map(({ key, item_count }) => (
            <option key={key} value={key}>
              {facetLabel(key)} ({count(item_count)})
            </option>
          ))}
        </select>
      )}
    </div>
  );
}

function Shares({ asked }: { asked: Asked }) {
  const found = distribution.data.value;
  const problem = distribution.problem.value;
  const most = Math.max(...(found?.data.map(({ share_high }) => share_high) ?? []), 0.01);
  return (
    <section aria-labelledby="shares-heading">
      <h2 id="shares-heading">{facetLabel(asked.key)}</h2>
      {problem && <ProblemNote problem={problem} retry={() => void loadKey(asked.collection, asked.key)} />}
      {!found && !problem && <Skeleton lines={6} />}
      {found && !problem && (
        <>
          <p class="quiet">
            Known of {count(found.known_count)} of {plural(found.item_count, "item")}. Values of fewer than {found.group_items_min} items are not shown.
          </p>
          <div class="table-scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col">Value</th>
                  <th scope="col" class="number">Items</th>
                  <th scope="col" class="number">Share</th>
                  <th scope="col">With its 95 % interval</th>
                </tr>
              </thead>
              <tbody>
                {found.data.map((row) => (
                  <tr key={row.value} aria-current={row.value === asked.value ? "true" : undefined}>
                    <th scope="row">
                      <a href={valueHref(asked.collection, asked.key, row.value)}>{row.value}</a>
                    </th>
                    <td class="number">{count(row.count)}</td>
                    <td class="number">{percent(row.share)}</td>
                    <td class="plot">
                      <ShareBar row={row} most={most} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
}

export default function Patterns() {
  const asked = askedBy(place.value.params);
  const { collection, key, value, since } = asked;
  useEffect(() => void loadCollections(), []);
  useEffect(() => {
    keys.clear();
    insights.clear();
    if (collection) void loadCollection(collection);
  }, [collection]);
  useEffect(() => {
    distribution.clear();
    if (collection && key) void loadKey(collection, key);
  }, [collection, key]);
  useEffect(() => movement.clear(), [collection, key]);
  useEffect(() => {
    if (collection && key) void loadMovement(collection, key, since);
  }, [collection, key, since]);
  useEffect(() => {
    valueFacts.clear();
    if (collection && key && value) void loadValue(collection, key, value);
  }, [collection, key, value]);
  const all = collections.data.value;
  const problem = collections.problem.value ?? keys.problem.value;
  const isEmpty = all?.length === 0 || keys.data.value?.length === 0;
  return (
    <div class="page">
      <PageHead title="Patterns" aside={!!all?.length && <Choosers asked={asked} />} />
      {problem && <ProblemNote problem={problem} retry={() => void loadCollections()} />}
      {!problem && !keys.data.value && all?.length !== 0 && <Skeleton lines={8} />}
      {isEmpty && (
        <Empty
          command="likewise load reviews.csv --text body --facets stars,product --time date"
          action={<a class="button primary" href="/load">Load a file</a>}
        >
          Patterns come from what items are labelled with; load a file and name columns as facets.
        </Empty>
      )}
      {!!keys.data.value?.length && (
        <>
          <Insights collection={collection} />
          <div class="pattern-columns">
            <Shares asked={asked} />
            {value ? <ValueView asked={asked} /> : <p class="quiet pattern-hint">Choose a value to see what goes with it, and when.</p>}
          </div>
          <MovementView asked={asked} />
        </>
      )}
    </div>
  );
}
