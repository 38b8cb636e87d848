// A group's messages, newest first, each with why it is here and with the reply it got or would get.
import { count, plural } from "../../core/format";
import type { DeliveryState, Group, Message } from "../../core/inbox";
import { When } from "../../ui/text";
import { asking, move, retry, takeOut } from "./acts";
import { replies, text } from "./draft";
import { MESSAGES_DRAG } from "./list";
import { Avatar, canBeUndone, DeliveryMark, why } from "./marks";
import { isUnanswered, loadMoreMessages, tick, ticked, opened, untick, type Opened } from "./store";

const boxes = (): HTMLInputElement[] => [...document.querySelectorAll<HTMLInputElement>(".messages input[type=checkbox]")];

/** Focuses the tick box of the message below (1) or above (-1), fetching more past the last; false where none has one. */
export function walkMessages(by: 1 | -1): boolean {
  const all = boxes();
  const row = document.activeElement?.closest(".message");
  const at = all.findIndex((box) => row?.contains(box));
  if (at + by === all.length && opened.data.value?.cursor) {
    void loadMoreMessages().then(() => setTimeout(() => boxes()[at + by]?.focus()));
    return true;
  }
  all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))]?.focus();
  return all.length > 0;
}

/** Ticks the focused message; where none is, goes to the first. */
export function tickFocused(): void {
  const box = document.activeElement?.closest(".message")?.querySelector<HTMLInputElement>("input[type=checkbox]");
  if (box) box.click();
  else boxes()[0]?.focus();
}

/** What a key moves: the ticked messages, else the focused one. */
function chosenMessages(group: Group): string[] {
  if (group.state !== "open" || group.is_locked || group.message_count < 2) return [];
  if (ticked.value.size > 0) return [...ticked.value];
  const id = document.activeElement?.closest<HTMLElement>(".message")?.dataset["message"];
  return id ? [id] : [];
}

export function splitChosen(group: Group | null): void {
  const messages = group ? chosenMessages(group) : [];
  if (group && messages.length > 0) void move(group, messages, null);
}

export function moveChosen(group: Group | null): void {
  const messages = group ? chosenMessages(group) : [];
  if (group && messages.length > 0) asking.value = { kind: "move", group, messages };
}

function Reply({ message }: { message: Message }) {
  if (!isUnanswered(message)) return null;
  const isDrafted = !!text.value.trim();
  if (ticked.value.has(message.id)) return isDrafted ? <p class="reply left-out">Left out: no reply</p> : null;
  const reply = replies.data.value?.texts.get(message.id);
  if (!isDrafted || reply === undefined) return null;
  return (
    <p class="reply">
      <span class="visually-hidden">Reply: </span>
      {reply}
    </p>
  );
}

/** The picture is what a message is dragged by, so that its text can still be selected. */
function lift(event: DragEvent, { id }: Message): void {
  const chosen = ticked.value.has(id) ? [...ticked.value] : [id];
  event.dataTransfer?.setData(MESSAGES_DRAG, chosen.join(","));
  const row = (event.target as Element).closest(".message");
  if (row) event.dataTransfer?.setDragImage(row, 0, 0);
}

function Row({ message, group, isAlone, isHeld }: { message: Message; group: Group; isAlone: boolean; isHeld: boolean }) {
  const name = message.visitor_name ?? "Somebody";
  const canChange = group.state === "open" && !group.is_locked && !isAlone;
  const isTicked = group.state === "open" && ticked.value.has(message.id);
  const state = isUnanswered(message) ? null : (message.status as DeliveryState);
  const failed = state === "failed" && message.delivery;
  return (
    <li class="message" data-message={message.id} data-ticked={isTicked} data-open={group.state === "open"}>
      {group.state === "open" && (
        <input
          type="checkbox"
          checked={isTicked}
          aria-label={`Leave out ${name}: ${message.text.slice(0, 80)}`}
          onChange={(event) => tick(message.id, event.currentTarget.checked)}
        />
      )}
      <span class="handle" draggable={canChange} onDragStart={(event) => lift(event, message)}>
        <Avatar name={message.visitor_name} src={message.avatar} />
      </span>
      <div class="message-body">
        <p class="message-head">
          <strong>{name}</strong>
          <span class="quiet">
            {message.channel}, <When time={message.sent_at} />
          </span>
          {state ? (
            <DeliveryMark state={state} isHeld={isHeld} />
          ) : (
            group.state === "actioned" && <span class="status cancelled">No reply</span>
          )}
        </p>
        <p class="message-text">{message.text}</p>
        <p class="message-why">
          <span>{why(message)}</span>
          {canChange && (
            <>
              <button type="button" class="link" onClick={() => void takeOut(message.id)}>
                Take out<span class="visually-hidden"> the message of {name}</span>
              </button>
              <button type="button" class="link" onClick={() => (asking.value = { kind: "move", group, messages: [message.id] })}>
                Move<span class="visually-hidden"> the message of {name}</span>
              </button>
            </>
          )}
          {failed && (
            <button type="button" class="link" onClick={() => void retry(failed)}>
              Send again<span class="visually-hidden"> to {name}</span>
            </button>
          )}
        </p>
        <Reply message={message} />
      </div>
    </li>
  );
}

function Ticked({ group }: { group: Group }) {
  const chosen = [...ticked.value];
  if (chosen.length === 0 || group.state !== "open") return null;
  return (
    <div class="ticked row" role="group" aria-label="Ticked messages">
      <span>{chosen.length === 1 ? "1 ticked; it is left out" : `${count(chosen.length)} ticked; they are left out`}</span>
      {!group.is_locked && (
        <>
          <button type="button" class="button" onClick={() => void move(group, chosen, null)}>
            Split off
          </button>
          <button type="button" class="button" onClick={() => (asking.value = { kind: "move", group, messages: chosen })}>
            Move to…
          </button>
        </>
      )}
      <button type="button" class="link" onClick={untick}>
        Untick
      </button>
    </div>
  );
}

export function Messages({ data }: { data: Opened }) {
  const { group, messages, cursor, actions } = data;
  const isHeld = actions.length === 1 && actions.every(canBeUndone);
  return (
    <section aria-labelledby="messages-title">
      <div class="section-head">
        <h3 id="messages-title">{plural(group.message_count, "message")}</h3>
        <Ticked group={group} />
      </div>
      <ol class="messages plain-list">
        {messages.map((message) => (
          <Row key={message.id} message={message} group={group} isAlone={group.message_count < 2} isHeld={isHeld} />
        ))}
      </ol>
      {cursor && (
        <button type="button" class="button wide" onClick={() => void loadMoreMessages()}>
          More messages
        </button>
      )}
    </section>
  );
}
