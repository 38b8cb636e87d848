// The bar that takes back the last thing done, while that is possible.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { keyLabels } from "../../core/commands";
import { plural } from "../../core/format";
import { announce } from "../../ui/announce";
import { Keys } from "../../ui/text";
import { focusTitle, undoable, undoables, undoLast } from "./acts";
import { reload } from "./store";

const TICK_MS = 200;

export function UndoBar() {
  const now = useSignal(performance.now());
  const offered = undoable.value;
  useEffect(() => {
    if (!offered) return;
    now.value = performance.now();
    const timer = setInterval(() => {
      now.value = performance.now();
      const over = undoables.value.filter(({ until }) => until <= now.value);
      if (over.length === 0) return;
      const hadFocus = document.querySelector(".undo-bar")?.contains(document.activeElement);
      undoables.value = undoables.value.filter((one) => !over.includes(one));
      if (hadFocus && !undoable.value) focusTitle();
      if (!over.some(({ isLeaving }) => isLeaving)) return;
      announce("The answer has left.");
      void reload();
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [offered]);
  if (!offered) return null;
  const left_s = Math.max(0, Math.ceil((offered.until - now.value) / 1000));
  const before = undoables.value.length - 1;
  return (
    <div class="undo-bar" role="group" aria-label="Undo">
      <p>
        {offered.isLeaving ? `${offered.text} ${offered.text.startsWith("1 ") ? "leaves" : "leave"} in ${left_s} s` : offered.text}
        {before > 0 && <span class="before">{plural(before, "answer")} before it can be undone, too</span>}
      </p>
      <button type="button" class="button" aria-keyshortcuts="u" onClick={() => void undoLast()}>
        Undo
        <Keys labels={keyLabels("u")} />
      </button>
    </div>
  );
}
