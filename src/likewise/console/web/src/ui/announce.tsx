// What changed without the focus moving, said once to screen readers.
import { signal } from "@preact/signals";

const said = signal("");

export function announce(text: string): void {
  // The same sentence twice is read twice only if the text differs.
  said.value = said.value === text ? `${text}\u00a0` : text;
}

export function Announcer() {
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {said}
    </div>
  );
}
