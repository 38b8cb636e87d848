import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Cluster, ClusterMember } from "../../core/api";
import { listClusters, listGroupedItems, listMapPoints } from "../../core/endpoints";
import { count } from "../../core/format";
import { resource } from "../../core/resource";
import { Empty, ProblemNote, Skeleton } from "../../ui/states";
import { PageHead } from "../../ui/text";
import { chosen, CollectionPicker, collections, NoCollections, NotGrouped, useCollections } from "../clusters/chosen";
import { drawing, type Drawing, type View } from "./drawing";
import { joined, middles, NONE, within, type Middle, type Outline, type Points } from "./points";

const POINTS_MAX = 1_000_000;
const LABELS_MAX = 14;
const LASSOED_MAX = 50;
const ZOOM_MIN = 0.5;
const ZOOM_MAX = 60;
const START: View = { x: 0, y: 0, zoom: 0.92 };

interface Shown {
  points: Points;
  middles: Middle[];
  clusters: Map<string, Cluster>;
}

const shown = resource<Shown>();
const selected = signal<number[] | null>(null);
const texts = resource<ClusterMember[]>();

function refresh(name: string): Promise<void> {
  selected.value = null;
  return shown.run(async (abort) => {
    const page = await listClusters(name, "size", null, abort);
    const clusters = new Map(page.data.map((cluster) => [cluster.id, cluster]));
    let points = NONE;
    let after: string | null = null;
    do {
      const next = await listMapPoints(name, after, abort);
      points = joined(points, next);
      after = next.next_cursor;
      shown.data.value = { points, middles: middles(points), clusters };
    } while (after && points.ids.length < POINTS_MAX);
    return { points, middles: middles(points), clusters };
  });
}

const toView = (view: View, x: number, y: number, width: number, height: number): [number, number] => {
  const side = Math.min(width, height) / 2;
  return [width / 2 + (x - view.x) * view.zoom * side, height / 2 - (y - view.y) * view.zoom * side];
};

const toMap = (view: View, left: number, top: number, width: number, height: number): [number, number] => {
  const side = (Math.min(width, height) / 2) * view.zoom;
  return [view.x + (left - width / 2) / side, view.y - (top - height / 2) / side];
};

/** Labels of the largest clusters that do not lie over one another, and the outline that is being drawn. */
function overlay(canvas: HTMLCanvasElement, view: View, data: Shown, outline: Outline): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const { clientWidth: width, clientHeight: height } = canvas;
  const style = getComputedStyle(canvas);
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = `600 13px ${style.fontFamily}`;
  context.textAlign = "center";
  context.lineJoin = "round";
  const taken: [number, number, number][] = [];
  for (const { cluster, x, y } of data.middles) {
    const label = data.clusters.get(data.points.clusters[cluster] ?? "")?.label;
    if (!label || taken.length >= LABELS_MAX) continue;
    const text = label.length > 34 ? `${label.slice(0, 33)}\u2026` : label;
    const [left, top] = toView(view, x, y, width, height);
    const half = context.measureText(text).width / 2 + 6;
    if (left - half < 0 || left + half > width || top < 14 || top > height - 6) continue;
    if (taken.some(([l, t, h]) => Math.abs(l - left) < h + half && Math.abs(t - top) < 20)) continue;
    taken.push([left, top, half]);
    context.lineWidth = 4;
    context.strokeStyle = style.backgroundColor;
    context.strokeText(text, left, top);
    context.fillStyle = style.color;
    context.fillText(text, left, top);
  }
  if (outline.length > 1) {
    context.beginPath();
    for (const [x, y] of outline) context.lineTo(...toView(view, x, y, width, height));
    context.closePath();
    context.lineWidth = 2;
    context.strokeStyle = style.color;
    context.stroke();
  }
}

function fit(canvas: HTMLCanvasElement): void {
  const width = Math.round(canvas.clientWidth * devicePixelRatio);
  const height = Math.round(canvas.clientHeight * devicePixelRatio);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

function Canvas({ data }: { data: Shown }) {
  const below = useRef<HTMLCanvasElement>(null);
  const above = useRef<HTMLCanvasElement>(null);
  const gl = useRef<Drawing | null>(null);
  const view = useRef<View>({ ...START });
  const outline = useRef<Outline>([]);
  const frame = useRef(0);

  function paint(): void {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => {
      if (!below.current || !above.current) return;
      fit(below.current);
      fit(above.current);
      gl.current?.draw(view.current, below.current.clientWidth / below.current.clientHeight);
      overlay(above.current, view.current, data, outline.current);
    });
  }

  useEffect(() => {
    if (below.current && !gl.current) gl.current = drawing(below.current);
    gl.current?.load(data.points);
    paint();
    addEventListener("resize", paint);
    return () => removeEventListener("resize", paint);
  }, [data]);

  const at = (event: MouseEvent): [number, number] => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    return toMap(view.current, event.clientX - box.left, event.clientY - box.top, box.width, box.height);
  };

  function zoom(event: WheelEvent): void {
    event.preventDefault();
    const [x, y] = at(event);
    const now = view.current;
    const next = Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, now.zoom * Math.exp(-event.deltaY / 400)));
    const share = now.zoom / next;
    view.current = { x: x + (now.x - x) * share, y: y + (now.y - y) * share, zoom: next };
    paint();
  }

  function down(event: PointerEvent): void {
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    if (event.shiftKey) outline.current = [at(event)];
  }

  function move(event: PointerEvent): void {
    if (event.buttons !== 1) return;
    if (outline.current.length > 0) outline.current.push(at(event));
    else {
      const side = (Math.min(event.currentTarget instanceof Element ? event.currentTarget.clientHeight : 1, innerWidth) / 2) * view.current.zoom;
      view.current = { ...view.current, x: view.current.x - event.movementX / side, y: view.current.y + event.movementY / side };
    }
    paint();
  }

  function up(): void {
    if (outline.current.length > 2) selected.value = within(data.points, outline.current);
    outline.current = [];
    paint();
  }

  function keys(event: KeyboardEvent): void {
    const step = 0.15 / view.current.zoom;
    const moves: Record<string, Partial<View>> = {
      ArrowLeft: { x: view.current.x - step },
      ArrowRight: { x: view.current.x + step },
      ArrowUp: { y: view.current.y + step },
      ArrowDown: { y: view.current.y - step },
      "+": { zoom: Math.min(ZOOM_MAX, view.current.zoom * 1.25) },
      "-": { zoom: Math.max(ZOOM_MIN, view.current.zoom / 1.25) },
      "0": START,
    };
    const change = moves[event.key];
    if (!change) return;
    event.preventDefault();
    view.current = { ...view.current, ...change };
    paint();
  }

  return (
    <div
      class="map"
      role="application"
      tabIndex={0}
      aria-label="Map of texts. Arrow keys move, plus and minus zoom, 0 shows all. The table below lists the same clusters."
      onWheel={zoom}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onKeyDown={keys}
    >
      <canvas ref={below} aria-hidden="true" />
      <canvas ref={above} aria-hidden="true" />
    </div>
  );
}

/** The chosen texts themselves, the first of them. */
function Texts({ data, rows }: { data: Shown; rows: number[] }) {
  const name = chosen() ?? "";
  useEffect(() => {
    texts.clear();
    const ids = rows.slice(0, LASSOED_MAX).map((row) => data.points.ids[row] ?? "");
    if (ids.length > 0) void texts.run((abort) => listGroupedItems(name, ids, abort));
  }, [rows]);
  if (texts.problem.value) return <ProblemNote problem={texts.problem.value} />;
  if (rows.length === 0) return null;
  if (!texts.data.value) return <Skeleton lines={4} />;
  const more = rows.length > LASSOED_MAX;
  return (
    <section aria-labelledby="chosen-texts">
      <h2 id="chosen-texts">{more ? `The first ${count(LASSOED_MAX)} of these texts` : "These texts"}</h2>
      <ul class="plain-list">
        {texts.data.value.map((member) => (
          <li key={member.id} class="cluster-text">
            <a href={`/collections/${encodeURIComponent(name)}?item=${encodeURIComponent(member.key)}`}>{member.key}</a>{" "}
            {member.title ? `${member.title}: ${member.body}` : member.body}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Lassoed({ data, rows }: { data: Shown; rows: number[] }) {
  const sizes = new Map<number, number>();
  for (const row of rows) {
    const owner = data.points.owners[row] ?? 0;
    sizes.set(owner, (sizes.get(owner) ?? 0) + (data.points.items[row] ?? 0));
  }
  const ranked = [...sizes].sort((a, b) => b[1] - a[1]).slice(0, LASSOED_MAX);
  return (
    <>
      <ClusterTable caption={`${count(rows.length)} texts within the outline`} data={data} ranked={ranked} />
      <Texts data={data} rows={rows} />
    </>
  );
}

function ClusterTable({ caption, data, ranked }: { caption: string; data: Shown; ranked: [number, number][] }) {
  const name = encodeURIComponent(chosen() ?? "");
  return (
    <div class="table-scroll">
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Cluster</th>
            <th scope="col" class="number">Items</th>
          </tr>
        </thead>
        <tbody>
          {ranked.map(([owner, size]) => {
            const id = data.points.clusters[owner] ?? "";
            return (
              <tr key={id}>
                <th scope="row">
                  <a href={`/clusters/${name}/${id}`}>{data.clusters.get(id)?.label ?? id}</a>
                </th>
                <td class="number">{count(size)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Body({ data }: { data: Shown }) {
  const name = chosen() ?? "";
  if (data.points.ids.length === 0)
    return (
      <Empty command={`likewise clusters refine -c ${name}`} action={<a class="button primary" href={`/clusters?c=${encodeURIComponent(name)}`}>To the clusters</a>}>
        The map is drawn by the first refinement; there has been none yet.
      </Empty>
    );
  return (
    <>
      <p class="quiet">
        {count(data.points.ids.length)} texts in {count(data.points.clusters.length)} clusters{shown.busy.value && ", more to come"}. Drag to move, scroll to zoom, hold
        Shift and draw to choose.
      </p>
      <Canvas data={data} />
      {selected.value && <Lassoed data={data} rows={selected.value} />}
      <ClusterTable caption="The largest clusters on the map" data={data} ranked={data.middles.slice(0, LASSOED_MAX).map(({ cluster, size }) => [cluster, size])} />
    </>
  );
}

export default function MapScreen() {
  useCollections();
  const name = chosen();
  useEffect(() => {
    shown.clear();
    if (name) void refresh(name);
  }, [name]);
  const problem = shown.problem.value;
  const data = shown.data.value;
  const isUngrouped = problem?.status === 409;
  return (
    <div class="page wide">
      <PageHead title="Map" aside={!!collections.data.value?.length && <CollectionPicker />} />
      {collections.problem.value && <ProblemNote problem={collections.problem.value} />}
      {collections.data.value?.length === 0 && <NoCollections />}
      {name && isUngrouped && <NotGrouped name={name} />}
      {problem && !isUngrouped && <ProblemNote problem={problem} retry={() => name && void refresh(name)} />}
      {name && !data && !problem && <Skeleton lines={6} />}
      {data && <Body data={data} />}
    </div>
  );
}
