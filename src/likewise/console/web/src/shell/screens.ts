// Every screen: its address, its place in the navigation, and how its code arrives.
import type { ComponentType } from "preact";
import type { IconName } from "../ui/icon";

export type ScreenProps = { params: string[] };
type ScreenModule = { default: ComponentType<ScreenProps> };

export interface Screen {
  id: string;
  /** Groups of the pattern become the screen's parameters, decoded. */
  pattern: RegExp;
  title: (params: string[]) => string;
  load: () => Promise<ScreenModule>;
}

export interface Destination {
  href: string;
  label: string;
  icon: IconName;
  keys: string;
}

export const SCREENS: readonly Screen[] = [
  { id: "home", pattern: /^\/$/, title: () => "Home", load: () => import("../screens/home/home") },
  { id: "inbox", pattern: /^\/inbox$/, title: () => "Inbox", load: () => import("../screens/inbox/inbox") },
  { id: "search", pattern: /^\/search$/, title: () => "Search", load: () => import("../screens/search/search") },
  { id: "collections", pattern: /^\/collections$/, title: () => "Collections", load: () => import("../screens/collections/list") },
  {
    id: "collection",
    pattern: /^\/collections\/([^/]+)$/,
    title: ([name]) => name ?? "Collection",
    load: () => import("../screens/collections/collection"),
  },
  { id: "people", pattern: /^\/people$/, title: () => "People", load: () => import("../screens/people/people") },
  {
    id: "person",
    pattern: /^\/people\/([^/]+)$/,
    title: ([user]) => user ?? "Person",
    load: () => import("../screens/people/person"),
  },
  { id: "feed", pattern: /^\/feed$/, title: () => "Feed", load: () => import("../screens/feed/feed") },
  { id: "patterns", pattern: /^\/patterns$/, title: () => "Patterns", load: () => import("../screens/patterns/patterns") },
  { id: "clusters", pattern: /^\/clusters$/, title: () => "Clusters", load: () => import("../screens/clusters/list") },
  {
    id: "cluster",
    pattern: /^\/clusters\/([^/]+)\/([^/]+)$/,
    title: () => "Cluster",
    load: () => import("../screens/clusters/cluster"),
  },
  { id: "map", pattern: /^\/map$/, title: () => "Map", load: () => import("../screens/map/map") },
  { id: "load", pattern: /^\/load$/, title: () => "Load a file", load: () => import("../screens/load/load") },
  { id: "operations", pattern: /^\/operations$/, title: () => "Operations", load: () => import("../screens/operations/list") },
  {
    id: "operation",
    pattern: /^\/operations\/([^/]+)$/,
    title: () => "Operation",
    load: () => import("../screens/operations/operation"),
  },
  { id: "settings", pattern: /^\/settings$/, title: () => "Settings", load: () => import("../screens/settings/settings") },
];

export const DESTINATIONS: readonly Destination[] = [
  { href: "/", label: "Home", icon: "home", keys: "g h" },
  { href: "/inbox", label: "Inbox", icon: "inbox", keys: "g i" },
  { href: "/search", label: "Search", icon: "search", keys: "g s" },
  { href: "/collections", label: "Collections", icon: "collections", keys: "g c" },
  { href: "/people", label: "People", icon: "people", keys: "g p" },
  { href: "/feed", label: "Feed", icon: "feed", keys: "g f" },
  { href: "/patterns", label: "Patterns", icon: "patterns", keys: "g a" },
  { href: "/clusters", label: "Clusters", icon: "clusters", keys: "g k" },
  { href: "/map", label: "Map", icon: "map", keys: "g m" },
  { href: "/operations", label: "Operations", icon: "operations", keys: "g o" },
  { href: "/settings", label: "Settings", icon: "settings", keys: "g t" },
];

export function findScreen(path: string): { screen: Screen; params: string[] } | null {
  for (const screen of SCREENS) {
    const match = screen.pattern.exec(path);
    if (match) return { screen, params: match.slice(1).filter((part) => part !== undefined).map(decode) };
  }
  return null;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
