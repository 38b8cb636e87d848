// Questions in plain words: how each was understood, what was found as plots and rows, and what that comes to.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { announce } from "../../ui/announce";
import { Icon } from "../../ui/icon";
import { Empty, ProblemNote } from "../../ui/states";
import { ask, beginAnew, isAsking, stop, turns, type Turn } from "./conversation";
import { examples, loadExamples } from "./examples";
import { PersonPicker } from "./person-picker";
import { FoundView } from "./results";
import { actAs, acting, Room } from "./shared";

function Plan({ turn: { plan } }: { turn: Turn }) {
  if (!plan) return null;
  return (
    <div class="plan">
      <p>{plan.sentence}</p>
      {plan.understood.length > 0 && (
        <ul class="facts" aria-label="What your words were taken for">
          {plan.understood.map(({ words, meaning }, index) => (
            <li key={index}>
              <q>{words}</q> {meaning}
            </li>
          ))}
        </ul>
      )}
      {plan.notes.map((note) => (
        <p key={note} class="note">
          {note}
        </p>
      ))}
    </div>
  );
}

function TurnView({ turn, onAsk }: { turn: Turn; onAsk: (question: string) => void }) {
  return (
    <article class="turn" aria-labelledby={`turn-${turn.id}`} aria-busy={turn.state === "asking"}>
      <h2 id={`turn-${turn.id}`}>{turn.question}</h2>
      <Plan turn={turn} />
      {turn.found.map((found) => (
        <FoundView key={found.step} found={found} isAlone={turn.found.length === 1} />
      ))}
      {turn.text.length > 0 && <p class="turn-text">{turn.text.join("")}</p>}
      {turn.refusal && (
        <div class="refusal">
          <p>{turn.refusal.sentence}</p>
          {turn.refusal.suggestions.length > 0 && (
            <ul class="examples-asked" aria-label="What you can ask instead">
              {turn.refusal.suggestions.map((question) => (
                <li key={question}>
                  <button type="button" class="chip" onClick={() => onAsk(question)}>
                    {question}
                  </button>
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
      {turn.problem && <ProblemNote problem={turn.problem} retry={() => onAsk(turn.question)} />}
      {turn.state === "asking" && <p class="quiet turn-busy">{turn.plan ? "Looking …" : "Reading the question …"}</p>}
      {turn.state === "stopped" && <p class="quiet">Stopped.</p>}
    </article>
  );
}

function Composer({ onAsk }: { onAsk: (question: string) => void }) {
  const text = useSignal("");
  const field = useRef<HTMLInputElement>(null);
  const send = (event: SubmitEvent): void => {
    event.preventDefault();
    const question = text.value.trim();
    if (!question) return;
    text.value = "";
    onAsk(question);
    field.current?.focus();
  };
  return (
    <form class="ask composer" onSubmit={send}>
      <Icon name="community" />
      <input
        ref={field}
        id="question"
        type="text"
        aria-label="Ask the community"
        placeholder={turns.value.length > 0 ? "Ask on: and in winter?" : "What, where, when, how many, who, compare …"}
        autocomplete="off"
        enterkeyhint="send"
        maxLength={1000}
        value={text.value}
        onInput={(event) => (text.value = event.currentTarget.value)}
      />
      {isAsking() ? (
        <button type="button" class="button" onClick={stop}>
          Stop
        </button>
      ) : (
        <button type="submit" class="button primary">
          Ask
        </button>
      )}
    </form>
  );
}

export default function Ask() {
  const user = acting();
  const all = turns.value;
  const last = all.at(-1);
  useEffect(() => void loadExamples(), []);
  useEffect(() => {
    if (last && last.state !== "asking") announce(last.refusal ? last.refusal.sentence : last.text.join("") || (last.plan?.sentence ?? ""));
  }, [last?.state, last?.id]);
  const onAsk = (question: string): void => {
    void ask(question, user);
    requestAnimationFrame(() => document.getElementById(`turn-${turns.value.at(-1)?.id}`)?.scrollIntoView({ block: "start" }));
  };
  return (
    <Room
      title="Ask"
      aside={
        <>
          <PersonPicker label="Asking as" user={user} onChoose={actAs} />
          {all.length > 0 && (
            <button type="button" class="button" onClick={beginAnew}>
              Begin anew
            </button>
          )}
        </>
      }
      about="Questions in plain words, answered from what people told here."
    >
      <div class="conversation">
        {all.length === 0 && examples.data.value && examples.data.value.length > 0 && (
          <section class="first-questions" aria-labelledby="first-questions">
            <h2 id="first-questions">To begin with</h2>
            <ul class="examples-asked" aria-label="Questions to begin with">
              {examples.data.value.map((question) => (
                <li key={question}>
                  <button type="button" class="chip" onClick={() => onAsk(question)}>
                    {question}
                  </button>
                </li>
              ))}
            </ul>
          </section>
        )}
        {all.length === 0 && examples.data.value?.length === 0 && (
          <Empty
            command="likewise community load stories.jsonl"
            action={
              <a class="button" href="/docs">
                How to add experiences
              </a>
            }
          >
            There is nothing to ask about yet: nobody has told an experience.
          </Empty>
        )}
        {all.map((turn) => (
          <TurnView key={turn.id} turn={turn} onAsk={onAsk} />
        ))}
        <Composer onAsk={onAsk} />
      </div>
    </Room>
  );
}
