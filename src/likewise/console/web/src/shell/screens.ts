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
  { id: "community", pattern: /^\/community$/, title: () => "For you", load: () => import("../screens/community/feed") },
  {
    id: "community-experience",
    pattern: /^\/community\/experiences\/([^/]+)$/,
    title: () => "Experience",
    load: () => import("../screens/community/experience"),
  },
  { id: "community-search", pattern: /^\/community\/search$/, title: () => "Find experiences", load: () => import("../screens/community/search") },
  { id: "community-people", pattern: /^\/community\/people$/, title: () => "People of the community", load: () => import("../screens/community/people") },
  {
    id: "community-person",
    pattern: /^\/community\/people\/([^/]+)$/,
    title: ([user]) => user ?? "Person",
    load: () => import("../screens/community/person"),
  },
  { id: "community-patterns", pattern: /^\/community\/patterns$/, title: () => "Patterns of the community", load: () => import("../screens/community/patterns") },
  { id: "community-ask", pattern: /^\/community\/ask$/, title: () => "Ask the community", load: () => import("../screens/community/ask") },
  { id: "community-review", pattern: /^\/community\/review$/, title: () => "Review", load: () => import("../screens/community/review") },
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
  { href: "/community", label: "Community", icon: "community", keys: "g u" },
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

/** The rooms of the community, behind its one entry of the rail; its screens show them as tabs. */
export const COMMUNITY: readonly Omit<Destination, "icon">[] = [
  { href: "/community", label: "For you", keys: "c f" },
  { href: "/community/search", label: "Find", keys: "c s" },
  { href: "/community/people", label: "People", keys: "c p" },
  { href: "/community/patterns", label: "Patterns", keys: "c a" },
  { href: "/community/ask", label: "Ask", keys: "c q" },
  { href: "/community/review", label: "Review", keys: "c r" },
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
