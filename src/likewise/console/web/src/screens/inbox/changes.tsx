// What people changed, newest first; each can be taken back while nothing stands in its way.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { plural } from "../../core/format";
import { listChanges, type Change, type Group } from "../../core/inbox";
import { resource } from "../../core/resource";
import { Dialog } from "../../ui/dialog";
import { ProblemNote, Skeleton } from "../../ui/states";
import { When } from "../../ui/text";
import { asking, undoFromHistory } from "./acts";
import { Refusal } from "./marks";
import { failure, hrefOfGroup, knownTitle, titleOf } from "./store";
import type { Page } from "../../core/api";

const PAGE = 30;
const changes = resource<Page<Change>>();

export const actorOf = (actor: string): string => (actor === "owner" ? "The owner" : `Key ${actor}`);

const quoted = (id: string | null): string => {
  const title = id && knownTitle(id);
  return title ? `“${title}”` : "a group";
};

function told({ kind, message_count, cluster, other_cluster }: Change): string {
  const many = plural(message_count, "message");
  const from = quoted(cluster);
  const to = quoted(other_cluster);
  switch (kind) {
    case "answer":
      return `answered ${many} of ${from}`;
    case "remove":
      return `took ${many} out of ${from}`;
    case "move":
      return `moved ${many} from ${from} to ${to}`;
    case "merge":
      return `merged ${many} of ${from} into ${to}`;
    case "split":
      return `split ${many} off ${from}, as ${to}`;
    case "lock":
      return `locked ${from}`;
    case "unlock":
      return `unlocked ${from}`;
    case "rename":
      return `renamed ${from}`;
    case "archive":
      return `archived ${from}`;
    case "reopen":
      return `opened ${from} again`;
  }
}

export function History({ group }: { group: Group | null }) {
  const after = useSignal<string | null>(null);
  const load = () => changes.run((abort) => listChanges(group?.id ?? null, PAGE, after.value, abort));
  useEffect(() => {
    changes.clear();
    failure.value = null;
    void load();
  }, [after.value]);
  const undo = async (change: Change): Promise<void> => {
    await undoFromHistory(change);
    await load();
  };
  const page = changes.data.value;
  const problem = changes.problem.value;
  return (
    <Dialog title={group ? `History of “${titleOf(group)}”` : "History"} kind="drawer" onClose={() => (asking.value = null)}>
      {failure.value && <Refusal problem={failure.value} />}
      {problem && <ProblemNote problem={problem} retry={() => void load()} />}
      {!page && !problem && <Skeleton lines={6} />}
      {page?.data.length === 0 && <p class="quiet">Nobody has changed anything yet.</p>}
      <ul class="plain-list changes">
        {page?.data.map((change) => (
          <li key={change.id}>
            <span>
              {actorOf(change.actor)} {told(change)}, <When time={change.created_at} />
              {change.other_cluster && (
                <>
                  {" · "}
                  <a href={hrefOfGroup(change.other_cluster)} onClick={() => (asking.value = null)}>
                    Open it
                  </a>
                </>
              )}
            </span>
            {change.undone_at ? (
              <span class="quiet">undone</span>
            ) : (
              <button type="button" class="button" onClick={() => void undo(change)}>
                Undo<span class="visually-hidden">: {told(change)}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      {page?.next_cursor && (
        <button type="button" class="button" onClick={() => (after.value = page.next_cursor)}>
          Earlier changes
        </button>
      )}
    </Dialog>
  );
}
