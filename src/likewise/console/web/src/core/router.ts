// History routing. The address is the state: screens read `place` and change it by navigating.
import { computed, signal } from "@preact/signals";

export interface Place {
  path: string;
  params: URLSearchParams;
}

const here = (): Place => ({ path: location.pathname, params: new URLSearchParams(location.search) });

export const place = signal<Place>(here());
export const path = computed(() => place.value.path);

export function navigate(href: string, { replace = false }: { replace?: boolean } = {}): void {
  if (href === location.pathname + location.search) return;
  if (replace) history.replaceState(null, "", href);
  else history.pushState(null, "", href);
  place.value = here();
}

/** The address of `at` with `params`, in a stable order of the caller's making. */
export function hrefOf(at: string, params: URLSearchParams): string {
  const text = params.toString();
  return text ? `${at}?${text}` : at;
}

/** Changes parameters of the present address: null removes, a list repeats. */
export function patchParams(changes: Record<string, string | string[] | null>, replace = false): void {
  const params = new URLSearchParams(place.value.params);
  for (const [name, value] of Object.entries(changes)) {
    params.delete(name);
    for (const one of value === null ? [] : [value].flat()) params.append(name, one);
  }
  navigate(hrefOf(place.value.path, params), { replace });
}

const SERVED_BY_SERVER = /^\/(api|docs|openapi\.json|metrics|health|graphql|v1|mcp|assets)(\/|$)/;

function onClick(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const anchor = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
  if (!anchor || anchor.target || anchor.hasAttribute("download") || anchor.origin !== location.origin) return;
  const href = anchor.getAttribute("href") ?? "";
  if (href.startsWith("#") || SERVED_BY_SERVER.test(anchor.pathname)) return;
  event.preventDefault();
  navigate(anchor.pathname + anchor.search);
}

/** Plain links work everywhere: one listener turns clicks on our own addresses into navigation. */
export function startRouter(): void {
  addEventListener("popstate", () => (place.value = here()));
  document.addEventListener("click", onClick);
}
