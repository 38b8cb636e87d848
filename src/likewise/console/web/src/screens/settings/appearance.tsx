import type { Signal } from "@preact/signals";
import { contrast, scheme, singleKeys } from "../../core/theme";

interface ChoiceProps<T extends string> {
  legend: string;
  name: string;
  chosen: Signal<T>;
  options: readonly (readonly [T, string])[];
}

function Choice<T extends string>({ legend, name, chosen, options }: ChoiceProps<T>) {
  return (
    <fieldset class="choice">
      <legend>{legend}</legend>
      {options.map(([value, label]) => (
        <label key={value}>
          <input type="radio" name={name} value={value} checked={chosen.value === value} onChange={() => (chosen.value = value)} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function Appearance() {
  return (
    <div class="appearance">
      <Choice legend="Theme" name="scheme" chosen={scheme} options={[["system", "System"], ["light", "Light"], ["dark", "Dark"]]} />
      <Choice legend="Contrast" name="contrast" chosen={contrast} options={[["system", "System"], ["more", "High"]]} />
      <label class="check">
        <input type="checkbox" checked={singleKeys.value} onChange={(event) => (singleKeys.value = event.currentTarget.checked)} />
        Shortcuts of single letters, such as <kbd>/</kbd> for Search
      </label>
    </div>
  );
}
