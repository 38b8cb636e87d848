// A file dropped anywhere goes to the load screen.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { navigate, path } from "../core/router";

export const chosenFile = signal<File | null>(null);

const over = signal(false);

/** The collection whose page is open receives what is dropped on it. */
function loadAddress(): string {
  const name = /^\/collections\/([^/]+)$/.exec(path.value)?.[1];
  return name ? `/load?into=${name}` : "/load";
}

export function takeFile(file: File): void {
  chosenFile.value = file;
  if (path.value !== "/load") navigate(loadAddress());
}

const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;

export function DropZone() {
  useEffect(() => {
    const onOver = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      over.value = true;
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) over.value = false;
    };
    const onDrop = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      over.value = false;
      const file = event.dataTransfer?.files[0];
      if (file) takeFile(file);
    };
    addEventListener("dragover", onOver);
    addEventListener("dragleave", onLeave);
    addEventListener("drop", onDrop);
    return () => {
      removeEventListener("dragover", onOver);
      removeEventListener("dragleave", onLeave);
      removeEventListener("drop", onDrop);
    };
  }, []);
  return over.value ? (
    <div class="drop-zone">
      <p>Drop the file to load it</p>
    </div>
  ) : null;
}
