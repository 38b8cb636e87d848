// The world as we draw it ourselves: coasts, a net of degrees, cells shaded by what they hold, points.
// Whoever shows it says the same in a table beside it, so the picture is not announced.
import { useSignal } from "@preact/signals";
import { COASTS } from "./coast";

/** Between two parallels and two meridians, in degrees. */
export interface Bounds {
  south: number;
  west: number;
  north: number;
  east: number;
}

export interface Cell extends Bounds {
  /** From 0 to 1. */
  shade: number;
  tone?: "more" | "less" | "even";
  title: string;
  onChoose?: (() => void) | undefined;
  isChosen?: boolean;
}

export interface Point {
  lat: number;
  lon: number;
  title: string;
}

const WORLD: Bounds = { west: -180, south: -58, east: 180, north: 82 };
const SPAN_MIN = 64;
const MARGIN = 6;
const SHAPE = 1.9;
const NETS = [30, 15, 10, 5];
const LINES_MIN = 4;

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

/** What holds everything, wide enough to be recognized and in the picture's proportions. */
function boxAround(places: readonly { lat: number; lon: number }[]): Bounds {
  if (places.length === 0) return WORLD;
  const lons = places.map(({ lon }) => lon);
  const lats = places.map(({ lat }) => lat);
  const middle = { lon: (Math.min(...lons) + Math.max(...lons)) / 2, lat: (Math.min(...lats) + Math.max(...lats)) / 2 };
  const stretch = stretchAt(middle.lat);
  const high = (Math.max(...lats) - Math.min(...lats) + 2 * MARGIN) * stretch;
  const wide = Math.max(SPAN_MIN, Math.max(...lons) - Math.min(...lons) + 2 * MARGIN, high * SHAPE);
  if (wide > 220) return WORLD;
  const half = { lon: wide / 2, lat: wide / SHAPE / stretch / 2 };
  const lon = clamp(middle.lon, WORLD.west + half.lon, WORLD.east - half.lon);
  const lat = clamp(middle.lat, -88 + half.lat, 88 - half.lat);
  return { west: lon - half.lon, south: lat - half.lat, east: lon + half.lon, north: lat + half.lat };
}

/** A degree of longitude is shorter than one of latitude away from the equator; right in the picture's middle. */
const stretchAt = (lat: number): number => 1 / Math.cos((clamp(lat, -65, 65) * Math.PI) / 180);

const coastPath = (y: (lat: number) => number): string =>
  COASTS.map((ring) => `M${ring.map(([lon, lat]) => `${lon} ${y(lat).toFixed(1)}`).join("L")}Z`).join("");

function Net({ box, y }: { box: Bounds; y: (lat: number) => number }) {
  const step = NETS.find((degrees) => (box.east - box.west) / degrees >= LINES_MIN) ?? 5;
  const from = (edge: number): number => Math.ceil(edge / step) * step;
  const lines: string[] = [];
  for (let lon = from(box.west); lon <= box.east; lon += step) lines.push(`M${lon} ${y(box.north)}V${y(box.south)}`);
  for (let lat = from(box.south); lat <= box.north; lat += step) lines.push(`M${box.west} ${y(lat)}H${box.east}`);
  return <path class="net" d={lines.join("")} vector-effect="non-scaling-stroke" />;
}

interface WorldProps {
  cells?: readonly Cell[];
  points?: readonly Point[];
  /** Shows the whole world first, not where something is. */
  isWhole?: boolean;
}

export function World({ cells = [], points = [], isWhole = false }: WorldProps) {
  const whole = useSignal(isWhole);
  const corners = cells.flatMap(({ south, west, north, east }) => [{ lat: south, lon: west }, { lat: north, lon: east }]);
  const close = boxAround([...corners, ...points]);
  const box = whole.value ? WORLD : close;
  const stretch = box === WORLD ? 1.15 : stretchAt((box.north + box.south) / 2);
  const y = (lat: number): number => -lat * stretch;
  const width = box.east - box.west;
  return (
    <div class="world">
      <svg viewBox={`${box.west} ${y(box.north)} ${width} ${y(box.south) - y(box.north)}`} aria-hidden="true" focusable="false">
        <Net box={box} y={y} />
        <path class="land" d={coastPath(y)} fill-rule="evenodd" vector-effect="non-scaling-stroke" />
        {cells.map((cell) => (
          <rect
            key={`${cell.south},${cell.west}`}
            class="cell"
            data-tone={cell.tone ?? "more"}
            data-chosen={cell.isChosen}
            x={cell.west}
            y={y(cell.north)}
            width={cell.east - cell.west}
            height={y(cell.south) - y(cell.north)}
            fill-opacity={0.14 + 0.76 * clamp(cell.shade, 0, 1)}
            vector-effect="non-scaling-stroke"
            onClick={cell.onChoose}
          >
            <title>{cell.title}</title>
          </rect>
        ))}
        {points.map((point) => (
          <g key={`${point.lat},${point.lon},${point.title}`} class="point">
            <circle cx={point.lon} cy={y(point.lat)} r={width / 90}>
              <title>{point.title}</title>
            </circle>
          </g>
        ))}
      </svg>
      {close !== WORLD && (
        <button type="button" class="button world-extent" onClick={() => (whole.value = !whole.value)}>
          {whole.value ? "Closer" : "Whole world"}
        </button>
      )}
    </div>
  );
}

const side = (degrees: number, positive: string, negative: string): string =>
  `${Math.abs(Number(degrees.toFixed(2)))}° ${degrees < 0 ? negative : positive}`;

/** `41.5° N, 72.1° W` */
export const coordinates = ({ lat, lon }: { lat: number; lon: number }): string => `${side(lat, "N", "S")}, ${side(lon, "E", "W")}`;

const span = (from: number, to: number, positive: string, negative: string): string => {
  const [near, far] = from < 0 ? [-to, -from] : [from, to];
  return `${near}–${far}° ${from < 0 ? negative : positive}`;
};

/** A cell in words: `40–45° N, 70–75° W`. */
export const cellName = ({ south, west, north, east }: Bounds): string => `${span(south, north, "N", "S")}, ${span(west, east, "E", "W")}`;
