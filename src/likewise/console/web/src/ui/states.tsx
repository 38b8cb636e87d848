// The three things a list can be besides full: waiting, empty, or in trouble.
import type { ComponentChildren } from "preact";
import type { Problem } from "../core/client";
import { CommandLine, CopyButton } from "./copy";
import { Icon } from "./icon";

/** One sentence, one button, one command. */
export function Empty({ children, action, command }: { children: string; action: ComponentChildren; command: string }) {
  return (
    <div class="empty">
      <p>{children}</p>
      <div class="empty-ways">
        {action}
        <CommandLine command={command} />
      </div>
    </div>
  );
}

/** Server texts mark commands with backticks; they read as code here. */
export function Prose({ text }: { text: string }) {
  const parts = text.split("`");
  return <>{parts.map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}</>;
}

export function ProblemNote({ problem, retry }: { problem: Problem; retry?: () => void }) {
  const commands = `${problem.message} ${problem.help ?? ""}`.split("`").filter((_, index) => index % 2 === 1);
  return (
    <div class="problem" role="alert">
      <Icon name="warn" />
      <div>
        <p class="problem-message">
          <Prose text={problem.message} />
        </p>
        {problem.fields.length > 0 && (
          <ul>
            {problem.fields.map((field) => (
              <li key={field.pointer}>
                <code>{field.pointer}</code> {field.detail}
              </li>
            ))}
          </ul>
        )}
        {problem.help && (
          <p>
            <Prose text={problem.help} />
          </p>
        )}
        <div class="row">
          {retry && (
            <button type="button" class="button" onClick={retry}>
              Try again
            </button>
          )}
          {commands[0] && <CopyButton text={commands[0]} what="the command" label="Copy command" />}
          {problem.requestId && <span class="quiet">Request {problem.requestId}</span>}
        </div>
      </div>
    </div>
  );
}

/** Grey lines that appear only if the answer takes long enough to be noticed (the delay is in the style sheet). */
export function Skeleton({ lines = 4 }: { lines?: number }) {
  return (
    <div class="skeleton" aria-hidden="true">
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} />
      ))}
    </div>
  );
}
