// Theme and shortcut preferences, kept in this browser. The document carries the resolved result as attributes.
import { effect, signal } from "@preact/signals";

export type Scheme = "system" | "light" | "dark";
export type Contrast = "system" | "more";

const STORE = "likewise.preferences";

interface Preferences {
  scheme: Scheme;
  contrast: Contrast;
  singleKeys: boolean;
}

function restore(): Preferences {
  const defaults: Preferences = { scheme: "system", contrast: "system", singleKeys: true };
  try {
    return { ...defaults, ...(JSON.parse(localStorage.getItem(STORE) ?? "{}") as Partial<Preferences>) };
  } catch {
    return defaults;
  }
}

const initial = restore();
export const scheme = signal<Scheme>(initial.scheme);
export const contrast = signal<Contrast>(initial.contrast);
/** Shortcuts of one character can be turned off: speech input triggers them by accident (WCAG 2.1.4). */
export const singleKeys = signal(initial.singleKeys);

export function startTheme(): void {
  const wantsMore = matchMedia("(prefers-contrast: more)");
  const systemContrast = signal(wantsMore.matches);
  wantsMore.addEventListener("change", () => (systemContrast.value = wantsMore.matches));
  effect(() => {
    const root = document.documentElement;
    root.dataset["theme"] = scheme.value;
    root.dataset["contrast"] = contrast.value === "more" || systemContrast.value ? "more" : "normal";
    const preferences: Preferences = { scheme: scheme.value, contrast: contrast.value, singleKeys: singleKeys.value };
    localStorage.setItem(STORE, JSON.stringify(preferences));
  });
}
