// Shows the screen of the present address; the one before stays until the next one's code has arrived.
import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { path } from "../core/router";
import { findScreen, type ScreenProps } from "./screens";

interface Shown {
  id: string;
  params: string[];
  Component: ComponentType<ScreenProps>;
}

const shown = signal<Shown | null>(null);
const loaded = new Map<string, ComponentType<ScreenProps>>();

function NotHere() {
  return (
    <div class="page">
      <h1 tabIndex={-1}>There is no page at this address.</h1>
      <p>
        <a href="/">Go to Home</a>
      </p>
    </div>
  );
}

async function show(at: string): Promise<void> {
  const found = findScreen(at);
  if (!found) {
    shown.value = { id: "none", params: [], Component: NotHere };
    document.title = "Not found · Likewise";
    return;
  }
  const { screen, params } = found;
  let Component = loaded.get(screen.id);
  if (!Component) {
    try {
      Component = (await screen.load()).default;
    } catch {
      // The server was upgraded under an open page: the code of this screen has another address now.
      location.reload();
      return;
    }
    loaded.set(screen.id, Component);
  }
  if (path.value !== at) return;
  document.title = `${screen.title(params)} · Likewise`;
  shown.value = { id: screen.id, params, Component };
}

/** A link that is pointed at or focused is likely followed: its screen's code comes ahead of that, once. */
function fetchAhead(event: Event): void {
  const anchor = event.target instanceof Element && event.target.closest<HTMLAnchorElement>("a[href]");
  const screen = anchor && anchor.origin === location.origin && findScreen(anchor.pathname)?.screen;
  if (screen && !loaded.has(screen.id)) void screen.load().then((module) => loaded.set(screen.id, module.default), () => undefined);
}

export function Outlet() {
  const main = useRef<HTMLElement>(null);
  const visits = useRef(0);
  const at = path.value;
  useEffect(() => void show(at), [at]);
  useEffect(() => {
    const events = ["pointerover", "focusin"];
    for (const name of events) document.addEventListener(name, fetchAhead);
    return () => events.forEach((name) => document.removeEventListener(name, fetchAhead));
  }, []);
  const current = shown.value;
  const key = current ? `${current.id}/${current.params.join("/")}` : "";
  useEffect(() => {
    if (!current || visits.current++ === 0) return;
    scrollTo(0, 0);
    // A screen that focuses a field of its own keeps it; otherwise its heading announces the page.
    if (!main.current?.contains(document.activeElement)) main.current?.querySelector<HTMLElement>("h1")?.focus();
  }, [key]);
  return (
    <main id="main" ref={main} tabIndex={-1}>
      {current && <current.Component key={key} params={current.params} />}
    </main>
  );
}
