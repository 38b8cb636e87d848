import { signal } from "@preact/signals";

/** The dialog of the shell that is open. */
export const openDialog = signal<"palette" | "shortcuts" | null>(null);
export const closeDialog = (): void => void (openDialog.value = null);
