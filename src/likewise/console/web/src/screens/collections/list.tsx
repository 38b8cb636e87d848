import { useEffect } from "preact/hooks";
import type { Collection } from "../../core/api";
import { listCollections } from "../../core/endpoints";
import { count } from "../../core/format";
import { resource } from "../../core/resource";
import { Empty, ProblemNote, Skeleton } from "../../ui/states";
import { PageHead, When } from "../../ui/text";

const collections = resource<Collection[]>();
const refresh = (): Promise<void> => collections.run(listCollections);

function Row({ collection }: { collection: Collection }) {
  const { name, item_count, pending_count, facets, updated_at } = collection;
  const address = encodeURIComponent(name);
  return (
    <tr>
      <th scope="row">
        <a href={`/collections/${address}`}>{name}</a>
      </th>
      <td class="number">{count(item_count)}</td>
      <td class="number">{pending_count > 0 ? <span class="warn">{count(pending_count)}</span> : <span class="quiet">0</span>}</td>
      <td class="wide-only">
        <ul class="facts" aria-label="Facets">
          {Object.keys(facets).map((facet) => (
            <li key={facet}>{facet}</li>
          ))}
        </ul>
      </td>
      <td class="wide-only">
        <When time={updated_at} />
      </td>
      <td class="actions">
        <a href={`/search?c=${address}`}>
          Search<span class="visually-hidden"> in {name}</span>
        </a>
      </td>
    </tr>
  );
}

export default function Collections() {
  useEffect(() => void refresh(), []);
  const all = collections.data.value;
  const problem = collections.problem.value;
  return (
    <div class="page">
      <PageHead title="Collections" aside={!!all?.length && <a class="button primary" href="/load">Load a file</a>} />
      {problem && <ProblemNote problem={problem} retry={refresh} />}
      {!all && !problem && <Skeleton lines={5} />}
      {all?.length === 0 && (
        <Empty command="likewise load reviews.csv --text body" action={<a class="button primary" href="/load">Load a file</a>}>
          A collection holds things people wrote; the first file you load makes one.
        </Empty>
      )}
      {!!all?.length && (
        <div class="table-scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col" class="number">Items</th>
                <th scope="col" class="number">Waiting</th>
                <th scope="col" class="wide-only">Facets</th>
                <th scope="col" class="wide-only">Changed</th>
                <th scope="col"><span class="visually-hidden">Actions</span></th>
              </tr>
            </thead>
            <tbody>
              {all.map((collection) => (
                <Row key={collection.id} collection={collection} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
