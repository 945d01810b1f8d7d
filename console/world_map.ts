// The countries of the world as paths of SVG, made at build from Natural Earth's public-domain borders (npm: world-atlas).
// What the console loads is finished: projected, on a grid of whole units, codes as ISO 3166-1 has them.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Plugin } from 'vite';

type Point = [number, number];

interface Topology {
  transform: { scale: Point; translate: Point };
  arcs: Point[][];
  objects: { countries: { geometries: Shape[] } };
}

interface Shape {
  type: string;
  id?: string;
  properties: { name: string };
  arcs: number[][] | number[][][];
}

interface Country {
  code: string;
  path: string;
  x: number;
  y: number;
  speck?: true;
}

const NAME = 'virtual:world-map';
const WIDTH = 1600;
const NORTH = 84;
const SPECK = 10;
// The edge of the map lies in Bering Strait, so that it cuts no land worth speaking of.
const CENTRE = 11;
const UNSEEN = new Set(['Antarctica', 'S. Geo. and the Is.', 'Fr. S. Antarctic Lands', 'Heard I. and McDonald Is.']);
const NAMED: Record<string, string> = { Kosovo: 'XK' };

/** The module `virtual:world-map`. */
export function worldMap(): Plugin {
  return {
    name: 'world-map',
    resolveId: (id) => (id === NAME ? `\0${NAME}` : null),
    load(id) {
      if (id !== `\0${NAME}`) return null;
      const file = createRequire(import.meta.url).resolve('world-atlas/countries-50m.json');
      return `export default ${JSON.stringify(drawn(JSON.parse(readFileSync(file, 'utf8')) as Topology))}`;
    },
  };
}

/** Equal Earth (Šavrič, Patterson, Jenny 2018): countries are as large as they are. */
function projected([longitude, latitude]: Point): Point {
  const [a1, a2, a3, a4, m] = [1.340264, -0.081106, 0.000893, 0.003796, Math.sqrt(3) / 2];
  const t = Math.asin(m * Math.sin((latitude * Math.PI) / 180));
  const t2 = t * t;
  const t6 = t2 ** 3;
  const x = ((longitude * Math.PI) / 180) * Math.cos(t);
  return [x / (m * (a1 + 3 * a2 * t2 + t6 * (7 * a3 + 9 * a4 * t2))), t * (a1 + a2 * t2 + t6 * (a3 + a4 * t2))];
}

const REACH = projected([180, 0])[0];
const TOP = projected([0, NORTH])[1];
const SCALE = WIDTH / (2 * REACH);

function placed(point: Point): Point {
  const [x, y] = projected(point);
  return [Math.round((x + REACH) * SCALE), Math.round((TOP - y) * SCALE)];
}

function drawn(topology: Topology): object {
  const arcs = topology.arcs.map((arc) => unpacked(arc, topology.transform));
  const all: Point[] = [];
  const countries = topology.objects.countries.geometries
    // Antarctica has no visitors, and much ground.
    .filter(({ properties }) => !UNSEEN.has(properties.name))
    .map((shape) => country(shape, arcs, all));
  const [left, top, right, bottom] = bounds(all);
  return { left, top, width: right - left, height: bottom - top, countries: merged(countries) };
}

/** One entry a code: some islands are apart in the source. */
function merged(countries: Country[]): Country[] {
  const byCode = new Map<string, Country>();
  for (const each of countries) {
    const key = each.code || `nameless ${byCode.size}`;
    const known = byCode.get(key);
    if (known === undefined) byCode.set(key, each);
    else if (known.speck && !each.speck) byCode.set(key, { ...each, path: each.path + known.path });
    else known.path += each.path;
  }
  return [...byCode.values()];
}

/** An arc is steps on a grid; here it is degrees. */
function unpacked(arc: Point[], { scale, translate }: Topology['transform']): Point[] {
  let [x, y] = [0, 0];
  return arc.map(([dx, dy]) => {
    x += dx;
    y += dy;
    return [x * scale[0] + translate[0], y * scale[1] + translate[1]];
  });
}

/** One shape; the places of its borders join `all`. */
function country(shape: Shape, arcs: Point[][], all: Point[]): Country {
  const polygons = (shape.type === 'Polygon' ? [shape.arcs] : shape.arcs) as number[][][];
  const rings = polygons.flatMap((polygon) => polygon.flatMap((ring) => onTheMap(joined(ring, arcs))));
  for (const ring of rings) all.push(...ring);
  const largest = rings.reduce((one, other) => (extent(other) > extent(one) ? other : one), []);
  const [x, y] = middle(largest);
  return {
    code: codeOf(shape),
    path: rings
      .filter((ring) => extent(ring) >= 3)
      .map(written)
      .join(''),
    x,
    y,
    ...(extent(largest) < SPECK && { speck: true }),
  };
}

function codeOf({ id, properties }: Shape): string {
  // Numbers of ISO 3166-1 are aliases of its letters, as Unicode's tables have them.
  return (id === undefined ? undefined : new Intl.Locale('und', { region: id }).region) ?? NAMED[properties.name] ?? '';
}

function joined(ring: number[], arcs: Point[][]): Point[] {
  return ring.flatMap((at) => (at >= 0 ? (arcs[at] ?? []) : (arcs[~at] ?? []).toReversed()));
}

/** A ring as it lies on the map, in two where the edge of the map cuts it. Neighbours share arcs, and stay neighbours. */
function onTheMap(ring: Point[]): Point[][] {
  const whole = unrolled(ring);
  return [-360, 0, 360]
    .map((turn) => whole.map(([x, y]): Point => [x - CENTRE + turn, y]))
    .map((turned) => cut(cut(turned, -180, 1), 180, -1))
    .filter((part) => part.length > 2)
    .map((part) => withoutRepeats(part.map(placed)));
}

/** Without jumps from one side of the date line to the other. */
function unrolled(ring: Point[]): Point[] {
  let turn = 0;
  return ring.map(([x, y], at) => {
    const step = x - (ring[at - 1]?.[0] ?? x);
    turn -= Math.abs(step) > 180 ? Math.sign(step) * 360 : 0;
    return [x + turn, y];
  });
}

/** What of a ring is at one side of a meridian: east of it for 1, west of it for -1. */
function cut(ring: Point[], at: number, side: 1 | -1): Point[] {
  const inside = ([x]: Point): boolean => (x - at) * side >= 0;
  return ring.flatMap((point, place) => {
    const before = ring[place - 1] ?? ring.at(-1) ?? point;
    const share = (at - before[0]) / (point[0] - before[0]);
    const border: Point[] = inside(point) === inside(before) ? [] : [[at, before[1] + (point[1] - before[1]) * share]];
    return inside(point) ? [...border, point] : border;
  });
}

function withoutRepeats(points: Point[]): Point[] {
  return points.filter(([x, y], at) => {
    const before = points[at - 1];
    return before === undefined || before[0] !== x || before[1] !== y;
  });
}

function bounds(ring: Point[]): [number, number, number, number] {
  return ring.reduce<[number, number, number, number]>(
    ([left, top, right, bottom], [x, y]) => [
      Math.min(left, x),
      Math.min(top, y),
      Math.max(right, x),
      Math.max(bottom, y),
    ],
    [Infinity, Infinity, -Infinity, -Infinity],
  );
}

function extent(ring: Point[]): number {
  if (ring.length < 3) return 0;
  const [left, top, right, bottom] = bounds(ring);
  return Math.max(right - left, bottom - top);
}

function middle(ring: Point[]): Point {
  if (ring.length === 0) return [0, 0];
  const [left, top, right, bottom] = bounds(ring);
  return [Math.round((left + right) / 2), Math.round((top + bottom) / 2)];
}

/** Steps from point to point take less room than places. */
function written(ring: Point[]): string {
  const steps = ring.slice(1).map(([x, y], at) => {
    const [fromX = 0, fromY = 0] = ring[at] ?? [];
    return `${x - fromX} ${y - fromY}`;
  });
  return `M${ring[0]?.join(' ')}l${steps.join(' ').replaceAll(' -', '-')}z`;
}
