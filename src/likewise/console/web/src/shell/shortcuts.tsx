import { commands, keyLabels } from "../core/commands";
import { singleKeys } from "../core/theme";
import { Dialog } from "../ui/dialog";
import { Keys } from "../ui/text";
import { closeDialog } from "./dialogs";

const spoken = (keys: string): string => keyLabels(keys).join(keys.includes("+") ? " and " : " then ");

export function Shortcuts() {
  const all = commands.value.filter((command) => command.keys);
  const shown = all.filter((command) => all.findLast(({ keys }) => keys === command.keys) === command);
  // The screen's own come later than the shell's, and are what is looked for.
  const groups = [...new Set(shown.map(({ group }) => group).reverse())];
  return (
    <Dialog title="Keyboard shortcuts" onClose={closeDialog}>
      {groups.map((group) => (
        <section key={group}>
          <h3>{group}</h3>
          <dl class="shortcuts">
            {shown
              .filter((command) => command.group === group)
              .map((command) => (
                <div key={command.id}>
                  <dt>{command.title}</dt>
                  <dd>
                    <span class="visually-hidden">{spoken(command.keys ?? "")}</span>
                    <Keys labels={keyLabels(command.keys ?? "")} />
                  </dd>
                </div>
              ))}
          </dl>
        </section>
      ))}
      <label class="check">
        <input type="checkbox" checked={singleKeys.value} onChange={(event) => (singleKeys.value = event.currentTarget.checked)} />
        Shortcuts of single letters
      </label>
    </Dialog>
  );
}
