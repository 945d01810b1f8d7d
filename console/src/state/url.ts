// The whole state of the console in its address, there and back. Pure.
//
//   /console/                                   where to begin
//   /console/monitors                           all monitors
//   /console/<monitor>/<view>[/<item>]?…        a view of a monitor

import { type Filter, formatFilter, parseFilter } from './filters';
import {
  type Compare,
  DEFAULT_RANGE,
  formatCompare,
  formatRange,
  isWidth,
  parseCompare,
  parseRange,
  type Range,
} from './ranges';

export const BASE = '/console/';

export type Percentile = 50 | 75 | 90 | 95 | 99;
export type Device = '' | 'desktop' | 'mobile' | 'tablet';
export type Traffic = 'humans' | 'all' | 'bots';
export type Theme = '' | 'light' | 'dark';

export const PERCENTILES: readonly Percentile[] = [50, 75, 90, 95, 99];
const DEVICES: readonly Device[] = ['desktop', 'mobile', 'tablet'];
const TRAFFIC: readonly Traffic[] = ['humans', 'all', 'bots'];

/** Where the viewer is and what they look at. */
export interface Place {
  /** Name of the monitor; empty where no monitor is chosen. */
  monitor: string;
  /** Name of the view: one of views/index.ts, `monitors`, or empty for the beginning. */
  view: string;
  /** What the view has open as a page of its own: a session's id, an error group. */
  item: string;
  range: Range;
  compare: Compare;
  filters: Filter[];
  percentile: Percentile;
  device: Device;
  traffic: Traffic;
  /** Width of the buckets of charts over time, as `6h`; empty where the range decides. */
  interval: string;
  /** Of this address; empty where the viewer's own choice holds. */
  theme: Theme;
  /** The panel that is open over the view. */
  open: string;
  /** What the view keeps for itself, by name. */
  more: Record<string, string>;
}

export const START: Place = {
  monitor: '',
  view: '',
  item: '',
  range: DEFAULT_RANGE,
  compare: '',
  filters: [],
  percentile: 75,
  device: '',
  traffic: 'humans',
  interval: '',
  theme: '',
  open: '',
  more: {},
};

const OURS = new Set(['range', 'compare', 'f', 'p', 'device', 'traffic', 'interval', 'theme', 'open']);

/** The place of an address. What cannot be read is as if it were not there. */
export function parsePlace(pathname: string, search: string): Place {
  const [first = '', second = '', ...rest] = pathname.startsWith(BASE)
    ? pathname.slice(BASE.length).split('/').map(decoded)
    : [];
  const asked = new URLSearchParams(search);
  const onlyView = first === 'monitors' && second === '';
  return {
    monitor: onlyView ? '' : first,
    view: onlyView ? 'monitors' : first === '' ? '' : second || 'overview',
    item: onlyView ? '' : rest.join('/'),
    range: parseRange(asked.get('range')) ?? START.range,
    compare: parseCompare(asked.get('compare')),
    filters: asked.getAll('f').flatMap((text) => parseFilter(text) ?? []),
    percentile: oneOf(PERCENTILES, Number(asked.get('p')), START.percentile),
    device: oneOf(DEVICES, asked.get('device'), ''),
    traffic: oneOf(TRAFFIC, asked.get('traffic'), START.traffic),
    interval: isWidth(asked.get('interval')) ? (asked.get('interval') ?? '') : '',
    theme: oneOf(['light', 'dark'] as const, asked.get('theme'), ''),
    open: asked.get('open') ?? '',
    more: Object.fromEntries([...asked].filter(([name]) => !OURS.has(name))),
  };
}

/** The address of a place, without what is as it is anyway. */
export function formatPlace(place: Place): string {
  const asked: [string, string][] = [
    ['range', place.range === START.range ? '' : formatRange(place.range)],
    ['compare', formatCompare(place.compare)],
    ...place.filters.map((filter): [string, string] => ['f', formatFilter(filter)]),
    ['p', place.percentile === START.percentile ? '' : String(place.percentile)],
    ['device', place.device],
    ['traffic', place.traffic === START.traffic ? '' : place.traffic],
    ['interval', place.interval],
    ['theme', place.theme],
    ['open', place.open],
    ...Object.entries(place.more).filter(([name]) => !OURS.has(name)),
  ];
  const query = asked
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .join('&');
  return formatPath(place) + (query && `?${query}`);
}

function formatPath(place: Place): string {
  if (place.monitor === '') return BASE + (place.view === 'monitors' ? 'monitors' : '');
  const item = place.item === '' ? [] : place.item.split('/');
  return (
    BASE +
    [place.monitor, place.view || 'overview', ...item].map((part) => encodeURIComponent(part.toWellFormed())).join('/')
  );
}

/** As little as must be: a query may hold `/ : , ; @ $ !` and more as they are, and reads better with them. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/%(2F|3A|2C|3B|40|24|21|28|29|2A)/g, (sign) =>
    decodeURIComponent(sign),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function oneOf<T>(values: readonly T[], value: unknown, otherwise: T): T {
  return values.includes(value as T) ? (value as T) : otherwise;
}
