// The map's points as arrays that a graphics card takes, gathered page by page; and what lies within an outline.
import type { MapPoints } from "../../core/api";

export interface Points {
  ids: string[];
  clusters: string[];
  /** x and y in turn, within -1 and 1. */
  places: Float32Array;
  /** Of each point, its place in `clusters`. */
  owners: Uint32Array;
  items: Uint32Array;
}

export const NONE: Points = { ids: [], clusters: [], places: new Float32Array(), owners: new Uint32Array(), items: new Uint32Array() };

export function joined(before: Points, page: MapPoints): Points {
  const from = before.ids.length;
  const all = from + page.ids.length;
  const numbers = new Map(before.clusters.map((id, place) => [id, place]));
  const clusters = [...before.clusters];
  const renamed = page.clusters.map((id) => {
    const known = numbers.get(id);
    return known ?? clusters.push(id) - 1;
  });
  const places = new Float32Array(2 * all);
  const owners = new Uint32Array(all);
  const items = new Uint32Array(all);
  places.set(before.places);
  owners.set(before.owners);
  items.set(before.items);
  for (let row = 0; row < page.ids.length; row += 1) {
    places[2 * (from + row)] = page.x[row] ?? 0;
    places[2 * (from + row) + 1] = page.y[row] ?? 0;
    owners[from + row] = renamed[page.cluster[row] ?? 0] ?? 0;
    items[from + row] = page.items[row] ?? 1;
  }
  return { ids: before.ids.concat(page.ids), clusters, places, owners, items };
}

export type Outline = [number, number][];

/** Points inside an outline, by the number of its edges that a ray crosses. */
export function within(points: Points, outline: Outline): number[] {
  const found: number[] = [];
  for (let row = 0; row < points.ids.length; row += 1) {
    const x = points.places[2 * row] ?? 0;
    const y = points.places[2 * row + 1] ?? 0;
    let inside = false;
    let [ax, ay] = outline.at(-1) ?? [0, 0];
    for (const [bx, by] of outline) {
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
      [ax, ay] = [bx, by];
    }
    if (inside) found.push(row);
  }
  return found;
}

export interface Middle {
  cluster: number;
  x: number;
  y: number;
  size: number;
}

/** The middle of each cluster's points and the items there, the largest first. */
export function middles(points: Points): Middle[] {
  const sums = points.clusters.map((_, cluster): Middle => ({ cluster, x: 0, y: 0, size: 0 }));
  const counts = new Uint32Array(points.clusters.length);
  points.owners.forEach((owner, row) => {
    const sum = sums[owner];
    if (!sum) return;
    sum.x += points.places[2 * row] ?? 0;
    sum.y += points.places[2 * row + 1] ?? 0;
    sum.size += points.items[row] ?? 0;
    counts[owner] = (counts[owner] ?? 0) + 1;
  });
  return sums.map((sum, owner) => ({ ...sum, x: sum.x / (counts[owner] || 1), y: sum.y / (counts[owner] || 1) })).sort((a, b) => b.size - a.size);
}
