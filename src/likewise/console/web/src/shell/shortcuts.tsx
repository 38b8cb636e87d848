import { commands, keyLabels } from "../core/commands";
import { singleKeys } from "../core/theme";
import { Dialog } from "../ui/dialog";
import { Keys } from "../ui/text";
import { closeDialog } from "./dialogs";

const spoken = (keys: string): string => keyLabels(keys).join(keys.includes("+") ? " and " : " then ");

export function Shortcuts() {
  const shown = commands.value.filter((command) => command.keys);
  return (
    <Dialog title="Keyboard shortcuts" onClose={closeDialog}>
      <dl class="shortcuts">
        {shown.map((command) => (
          <div key={command.id}>
            <dt>{command.title}</dt>
            <dd>
              <span class="visually-hidden">{spoken(command.keys ?? "")}</span>
              <Keys labels={keyLabels(command.keys ?? "")} />
            </dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input type="checkbox" checked={singleKeys.value} onChange={(event) => (singleKeys.value = event.currentTarget.checked)} />
        Shortcuts of single letters
      </label>
    </Dialog>
  );
}
