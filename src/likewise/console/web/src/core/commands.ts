// One registry of what the reader can do: the palette lists it, the shortcuts run it, the help shows it.
import { computed, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { singleKeys } from "./theme";

export interface Command {
  id: string;
  title: string;
  group: "Go to" | "Do" | "Inbox" | "Community" | "Appearance" | "Collections" | "Help";
  /** `mod+k` (Ctrl, or Cmd on a Mac), one character, or two characters in sequence: `g s`. */
  keys?: string;
  run: () => void;
}

const registered = signal<ReadonlyMap<string, Command>>(new Map());
export const commands = computed(() => [...registered.value.values()]);

export function register(added: readonly Command[]): () => void {
  const next = new Map(registered.value);
  for (const command of added) next.set(command.id, command);
  registered.value = next;
  return () => {
    const rest = new Map(registered.value);
    for (const command of added) if (rest.get(command.id) === command) rest.delete(command.id);
    registered.value = rest;
  };
}

/** Commands that exist while a component is shown. */
export function useCommands(make: () => readonly Command[], inputs: readonly unknown[]): void {
  useEffect(() => register(make()), inputs);
}

const SEQUENCE_MS = 1200;
let pending: { key: string; at: number } | null = null;

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** `mod+k` as this keyboard writes it: `⌘ K` or `Ctrl K`. */
export const keyLabels = (keys: string): string[] =>
  keys.split(/[ +]/).map((key) => (key === "mod" ? (isMac ? "⌘" : "Ctrl") : key === "?" || key === "/" ? key : key.toUpperCase()));

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
}

function pressed(event: KeyboardEvent): string | null {
  if (event.ctrlKey || event.metaKey) return `mod+${event.key.toLowerCase()}`;
  if (event.altKey || event.key.length !== 1 || !singleKeys.value || isTyping(event.target)) return null;
  // A dialog has the keyboard to itself.
  if (document.querySelector("dialog[open]")) return null;
  return event.key.toLowerCase();
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.isComposing) return;
  const key = pressed(event);
  if (!key) return;
  const sequence = pending && event.timeStamp - pending.at < SEQUENCE_MS ? `${pending.key} ${key}` : null;
  // A screen's own command comes later than the shell's and goes before it.
  const match = commands.value.findLast((command) => command.keys === sequence) ?? commands.value.findLast((command) => command.keys === key);
  pending = match ? null : { key, at: event.timeStamp };
  if (!match) return;
  event.preventDefault();
  match.run();
}

export function startShortcuts(): void {
  document.addEventListener("keydown", onKeyDown);
}
