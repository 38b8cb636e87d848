// Answers that were given: how many have arrived, and what became of each.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { plural } from "../../core/format";
import { listDeliveries, type ActionDetail, type Delivery, type DeliveryState, type Group } from "../../core/inbox";
import { resource } from "../../core/resource";
import type { Page } from "../../core/api";
import { ProblemNote, Skeleton } from "../../ui/states";
import { When } from "../../ui/text";
import { retry, retryFailed, stopLate } from "./acts";
import { actorOf } from "./changes";
import { canBeUndone, DeliveryMark } from "./marks";
import { reload } from "./store";

const ORDER: readonly DeliveryState[] = ["failed", "waiting", "ready", "delivered", "cancelled"];
const PAGE = 20;
const LEFT_PAUSE_MS = 500;
const deliveries = resource<Page<Delivery>>();

function Deliveries({ action }: { action: ActionDetail }) {
  const state = useSignal<DeliveryState | null>(null);
  const after = useSignal<string | null>(null);
  const load = () => deliveries.run((abort) => listDeliveries(action.id, state.value, PAGE, after.value, abort));
  const standing = JSON.stringify(action.deliveries);
  useEffect(() => void load(), [action.id, state.value, after.value, standing]);
  const page = deliveries.data.value;
  const problem = deliveries.problem.value;
  return (
    <>
      <label class="inline-select row">
        <span class="quiet">State</span>
        <select
          value={state.value ?? ""}
          onChange={(event) => {
            after.value = null;
            state.value = (event.currentTarget.value || null) as DeliveryState | null;
          }}
        >
          <option value="">all</option>
          {ORDER.filter((one) => action.deliveries[one]).map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </label>
      {problem && <ProblemNote problem={problem} retry={() => void load()} />}
      {!page && !problem && <Skeleton lines={4} />}
      {page && (
        <div class="table-scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Reply</th>
                <th scope="col">State</th>
                <th scope="col" class="wide-only">Channel</th>
                <th scope="col" class="number wide-only">Attempts</th>
                <th scope="col">
                  <span class="visually-hidden">Retry</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {page.data.map((delivery) => (
                <tr key={delivery.id}>
                  <th scope="row" class="delivery-text">
                    {delivery.text}
                    {delivery.last_error && <p class="bad">{delivery.last_error}</p>}
                  </th>
                  <td>
                    <DeliveryMark state={delivery.state} isHeld={canBeUndone(action)} />
                  </td>
                  <td class="wide-only">{delivery.channel}</td>
                  <td class="number wide-only">{delivery.attempts}</td>
                  <td class="actions">
                    {delivery.state === "failed" && (
                      <button type="button" class="button" onClick={() => void retry(delivery.id)}>
                        Send again
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {page?.next_cursor && (
        <button type="button" class="button" onClick={() => (after.value = page.next_cursor)}>
          Next deliveries
        </button>
      )}
    </>
  );
}

function Given({ action, group }: { action: ActionDetail; group: Group }) {
  const isOpen = useSignal(false);
  const failed = action.deliveries.failed ?? 0;
  const isHeld = canBeUndone(action);
  return (
    <article class="given" aria-label={`Answer to ${plural(action.message_count, "message")}`}>
      <p class="given-text">{action.response_text}</p>
      <p class="given-facts">
        <span class="quiet">
          {actorOf(action.actor)}, <When time={action.created_at} />
        </span>
        {isHeld ? (
          <DeliveryMark state="waiting" many={action.message_count} isHeld />
        ) : (
          ORDER.map((state) => {
            const many = action.deliveries[state];
            return many ? <DeliveryMark key={state} state={state} many={many} /> : null;
          })
        )}
      </p>
      <div class="row">
        {failed > 0 && (
          <button type="button" class="button" onClick={() => void retryFailed(action.id)}>
            Send {failed} failed again
          </button>
        )}
        {group.answers_late && group.action === action.id && (
          <button type="button" class="button" onClick={() => void stopLate(group)}>
            Stop answering what joins
          </button>
        )}
        <button type="button" class="link" aria-expanded={isOpen.value} onClick={() => (isOpen.value = !isOpen.value)}>
          {isOpen.value ? "Hide deliveries" : "Show deliveries"}
        </button>
      </div>
      {isOpen.value && <Deliveries action={action} />}
    </article>
  );
}

export function Outcome({ actions, group }: { actions: ActionDetail[]; group: Group }) {
  const newest = actions[0];
  useEffect(() => {
    if (!newest || !canBeUndone(newest)) return;
    const timer = setTimeout(() => void reload(), new Date(newest.leaves_at).getTime() - Date.now() + LEFT_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [newest?.id]);
  if (actions.length === 0) return null;
  return (
    <section class="outcome" aria-labelledby="outcome-title">
      <h3 id="outcome-title">{actions.length === 1 ? "The answer" : "Answers"}</h3>
      {actions.map((action) => (
        <Given key={action.id} action={action} group={group} />
      ))}
    </section>
  );
}
