import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { announce } from "./announce";
import { Icon } from "./icon";

const SHOWN_MS = 1600;

/** Copies text; on plain http from another machine the clipboard interface is absent, so a hidden field does it. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  const holder = document.querySelector("dialog[open]") ?? document.body;
  holder.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

export function CopyButton({ text, what, label }: { text: string; what: string; label?: string }) {
  const copied = useSignal(false);
  useEffect(() => {
    if (!copied.value) return;
    const timer = setTimeout(() => (copied.value = false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied.value]);
  const copy = async () => {
    await copyText(text);
    copied.value = true;
    announce(`Copied ${what}`);
  };
  return (
    <button type="button" class={label ? "button" : "button icon-only"} aria-label={label ? undefined : `Copy ${what}`} onClick={copy}>
      <Icon name={copied.value ? "check" : "copy"} />
      {label && <span>{copied.value ? "Copied" : label}</span>}
    </button>
  );
}

/** A shell command with its copy button. */
export function CommandLine({ command }: { command: string }) {
  return (
    <div class="command">
      <code tabIndex={0} role="group" aria-label="Command">
        {command}
      </code>
      <CopyButton text={command} what="the command" />
    </div>
  );
}

/** Several lines of code with a heading and a copy button. */
export function CodeBlock({ title, code }: { title: string; code: string }) {
  return (
    <section class="code-block">
      <header>
        <h3>{title}</h3>
        <CopyButton text={code} what={title} />
      </header>
      <pre tabIndex={0} role="group" aria-label={title}>
        <code>{code}</code>
      </pre>
    </section>
  );
}
