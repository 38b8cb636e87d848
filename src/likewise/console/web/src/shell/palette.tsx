import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Collection } from "../core/api";
import { commands, keyLabels, type Command } from "../core/commands";
import { listCollections } from "../core/endpoints";
import { resource } from "../core/resource";
import { navigate } from "../core/router";
import { Keys } from "../ui/text";
import { closeDialog } from "./dialogs";

const SHOWN_MAX = 12;

/** Lower is better; null is no match. Letters in order, with a premium on word starts and on closeness. */
function distance(title: string, typed: string): number | null {
  let at = -1;
  let cost = 0;
  for (const letter of typed) {
    const next = title.indexOf(letter, at + 1);
    if (next < 0) return null;
    const startsWord = next === 0 || title[next - 1] === " ";
    cost += startsWord ? 0 : next - at - 1 + 1;
    at = next;
  }
  return cost + title.length / 100;
}

function matching(all: readonly Command[], text: string): Command[] {
  const typed = text.trim().toLowerCase();
  if (!typed) return all.slice(0, SHOWN_MAX);
  const ranked = all.flatMap((command) => {
    const cost = distance(`${command.title} ${command.group}`.toLowerCase(), typed.replaceAll(" ", ""));
    return cost === null ? [] : [{ command, cost }];
  });
  ranked.sort((a, b) => a.cost - b.cost);
  const found = ranked.slice(0, SHOWN_MAX - 1).map(({ command }) => command);
  const query = text.trim();
  found.push({
    id: "search-for",
    title: `Search for “${query}”`,
    group: "Do",
    run: () => navigate(`/search?q=${encodeURIComponent(query)}`),
  });
  return found;
}

const collections = resource<Collection[]>();

function collectionCommands(): Command[] {
  return (collections.data.value ?? []).flatMap(({ name }): Command[] => [
    { id: `open-${name}`, title: `Open ${name}`, group: "Collections", run: () => navigate(`/collections/${encodeURIComponent(name)}`) },
    { id: `in-${name}`, title: `Search in ${name}`, group: "Collections", run: () => navigate(`/search?c=${encodeURIComponent(name)}`) },
  ]);
}

export function Palette() {
  const dialog = useRef<HTMLDialogElement>(null);
  const text = useSignal("");
  const active = useSignal(0);
  const found = useComputed(() => matching([...commands.value, ...collectionCommands()], text.value));
  useEffect(() => {
    void collections.run(listCollections);
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  const run = (command: Command | undefined) => {
    if (!command) return;
    closeDialog();
    // After the dialog has given the focus back, so that a command may move it.
    setTimeout(command.run);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const size = found.value.length;
    if (event.key === "ArrowDown") active.value = (active.value + 1) % size;
    else if (event.key === "ArrowUp") active.value = (active.value + size - 1) % size;
    else if (event.key === "Enter") run(found.value[active.value]);
    else return;
    event.preventDefault();
  };

  return (
    <dialog
      ref={dialog}
      class="dialog palette"
      aria-label="Command palette"
      onClose={closeDialog}
      onClick={(event) => event.target === dialog.current && closeDialog()}
    >
      <input
        type="text"
        role="combobox"
        aria-label="Type a command or a search"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={`palette-${active.value}`}
        placeholder="Type a command, or what to search for"
        autocomplete="off"
        spellcheck={false}
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value;
          active.value = 0;
        }}
        onKeyDown={onKeyDown}
      />
      <ul id="palette-list" role="listbox" aria-label="Commands">
        {found.value.map((command, index) => (
          <li
            key={command.id}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === active.value}
            onMouseMove={() => (active.value = index)}
            onClick={() => run(command)}
          >
            <span class="quiet">{command.group}</span>
            <span>{command.title}</span>
            {command.keys && <Keys labels={keyLabels(command.keys)} />}
          </li>
        ))}
      </ul>
    </dialog>
  );
}
