import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { Item } from "../../core/api";
import { asProblem, type Problem } from "../../core/client";
import { deleteItem, getItem } from "../../core/endpoints";
import { dateTime, facetLabel, facetValue, plain } from "../../core/format";
import { resource } from "../../core/resource";
import { navigate } from "../../core/router";
import { announce } from "../../ui/announce";
import { CopyButton } from "../../ui/copy";
import { Dialog } from "../../ui/dialog";
import { Icon } from "../../ui/icon";
import { ProblemNote, Skeleton } from "../../ui/states";

const STATUS = { pending: "waiting to be embedded", ready: "searchable", failed: "could not be embedded" } as const;

function factsOf(item: Item): [string, string][] {
  const facts: [string, string | null][] = [
    ["Key", item.key],
    ["State", STATUS[item.status]],
    ["Category", item.category],
    ["Author", item.author],
    ["Happened", item.happened_at && dateTime(item.happened_at)],
    ["Place", item.place && `${item.place.lat.toFixed(4)}, ${item.place.lon.toFixed(4)}`],
    ["Visibility", item.visibility],
    ["Version", String(item.version)],
    ["Changed", dateTime(item.updated_at)],
    ["Id", item.id],
  ];
  return facts.filter((fact): fact is [string, string] => !!fact[1]);
}

function Facts({ title, facts }: { title: string; facts: [string, string][] }) {
  if (facts.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <dl class="pairs">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

interface DeletingProps {
  collection: string;
  itemKey: string;
  onDeleted: () => void;
}

/** Asks once more in place, so that no second dialog covers the item it is about. */
function Deleting({ collection, itemKey, onDeleted }: DeletingProps) {
  const asking = useSignal(false);
  const busy = useSignal(false);
  const problem = useSignal<Problem | null>(null);
  const remove = async () => {
    busy.value = true;
    try {
      await deleteItem(collection, itemKey);
      announce("Item deleted");
      onDeleted();
    } catch (error) {
      problem.value = asProblem(error);
    }
    busy.value = false;
  };
  if (problem.value) return <ProblemNote problem={problem.value} retry={remove} />;
  if (!asking.value) {
    return (
      <button type="button" class="button danger-quiet" onClick={() => (asking.value = true)}>
        <Icon name="trash" />
        Delete
      </button>
    );
  }
  return (
    <div class="row confirm" role="group" aria-label="Confirm the deletion">
      <span>Delete its text and vectors for good?</span>
      <button type="button" class="button" onClick={() => (asking.value = false)}>
        Keep
      </button>
      <button type="button" class="button danger" disabled={busy.value} autofocus onClick={remove}>
        Delete
      </button>
    </div>
  );
}

interface ItemDrawerProps {
  collection: string;
  itemKey: string;
  closeHref: string;
  onDeleted: () => void;
}

export function ItemDrawer({ collection, itemKey, closeHref, onDeleted }: ItemDrawerProps) {
  const item = useMemo(() => resource<Item>(), []);
  const fetchItem = () => item.run((abort) => getItem(collection, itemKey, abort));
  useEffect(() => {
    if (collection) void fetchItem();
    return item.cancel;
  }, [collection, itemKey]);
  const close = () => navigate(closeHref);
  const shown = item.data.value;
  const problem = item.problem.value;
  const similar = new URLSearchParams({ c: collection, like: itemKey });
  return (
    <Dialog kind="drawer" title={shown ? shown.title || shown.key : itemKey} onClose={close}>
      {problem && <ProblemNote problem={problem} retry={fetchItem} />}
      {!shown && !problem && <Skeleton lines={8} />}
      {shown && (
        <>
          <p class="item-text">{shown.body}</p>
          <div class="row">
            <a class="button" href={`/search?${similar}`}>
              <Icon name="similar" />
              Find similar
            </a>
            <CopyButton text={shown.body} what="the text" label="Copy text" />
            <Deleting
              collection={collection}
              itemKey={itemKey}
              onDeleted={() => {
                close();
                onDeleted();
              }}
            />
          </div>
          <Facts title="Facets" facts={Object.entries(shown.facets).map(([name, value]) => [facetLabel(name), facetValue(name, value)])} />
          <Facts title="Facts" facts={factsOf(shown)} />
          <Facts title="Metadata" facts={Object.entries(shown.metadata).map(([name, value]) => [name, plain(value)])} />
        </>
      )}
    </Dialog>
  );
}
