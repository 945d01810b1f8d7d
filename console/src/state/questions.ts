// Questions of the API, made of what a view wants and of where the viewer is: monitor, range, filters, switches.
// Reading the place makes whoever builds a question here ask again when it changes.

import { Answer, type AnswerForm } from '../api/answer';
import { getting, type ReplayParts } from '../api/doors';
import type { Call } from '../api/http';
import type { Vital } from '../lib/vitals';
import { HOUR, viewerZone } from '../lib/time';
import { type Filter, type Operator } from './filters';
import { place } from './place.svelte';
import type { Compare, Span } from './ranges';

/** A call, and how its answer is to be read. */
export interface Asking<A> {
  call: Call;
  /** The monitor it is about: an answer about one is never shown for another. */
  monitor: string;
  read: (form: unknown) => A;
}

export interface Where {
  dimension: string;
  op?: Operator;
  values?: (string | number | boolean)[];
}

export interface Wanted {
  measures: string[];
  by?: string[];
  order?: { by: string; desc?: boolean }[];
  limit?: number;
  /** Beside the viewer's own filters. */
  where?: Where[];
  /** Dimensions whose filters of the viewer do not count here. */
  without?: string[];
  /** Nothing the viewer chose counts here but the range: no filter, no device, no human/bot. */
  bare?: boolean;
  /** The human/bot switch does not count here. */
  allTraffic?: boolean;
  /** `chosen` follows the viewer's switch; `always` compares with the period before where nothing is chosen. */
  compare?: 'chosen' | 'always' | 'never';
  totals?: boolean;
  other?: boolean;
  /** Another range or monitor than the viewer's. */
  span?: Span;
  monitor?: string;
}

/** A question of measures by dimensions: POST /api/v1/query. Null where no monitor is chosen. */
export function question(wanted: Wanted): Asking<Answer> | null {
  const monitor = wanted.monitor ?? place.current.monitor;
  if (monitor === '') return null;
  const { span = place.span, compare = 'chosen', by } = wanted;
  const body = {
    monitor,
    from: span.from,
    to: span.to,
    measures: wanted.measures,
    ...(by && { by: by.map((name) => (name === 'time' ? `time:${place.bucket.name}` : name)) }),
    where: whereOf(wanted),
    ...(wanted.order && { order: wanted.order }),
    ...(wanted.limit !== undefined && { limit: wanted.limit }),
    ...(compare !== 'never' &&
      compareForm(compare === 'always' ? place.current.compare || 'previous' : place.current.compare)),
    ...(wanted.totals && { totals: true }),
    ...(wanted.other && { other: true }),
    timezone: viewerZone(),
  };
  return { call: { method: 'POST', path: 'query', body }, monitor, read: readAnswer };
}

/** One of the questions beyond one table: POST /api/v1/<name>. `members` are its own. */
export function special(
  name: string,
  members: Record<string, unknown> = {},
  wanted: Pick<Wanted, 'where' | 'without' | 'bare' | 'span' | 'monitor'> = {},
): Asking<Answer> | null {
  const monitor = wanted.monitor ?? place.current.monitor;
  if (monitor === '') return null;
  const { span = place.span } = wanted;
  const body = { monitor, from: span.from, to: span.to, where: whereOf(wanted), ...members };
  return { call: { method: 'POST', path: name, body }, monitor, read: readAnswer };
}

/** A door that is read by GET, with the scope in its address: `sessions`, `sessions/<id>`, `journeys`, `ledger`. */
export function door<A>(
  path: string,
  members: Record<string, unknown> = {},
  wanted: Pick<Wanted, 'where' | 'without'> = {},
): Asking<A> | null {
  const { monitor } = place.current;
  if (monitor === '') return null;
  const where = whereOf(wanted);
  const scope = { monitor, from: place.span.from, to: place.span.to, ...(where.length > 0 && { where }) };
  return { call: getting(path, { ...scope, ...members }), monitor, read: (form) => form as A };
}

const AROUND = 12 * HOUR;

/** What there is of a session's recording around a span: it may reach over its borders. GET /api/v1/replay. */
export function recordingOf(session: string, span: Span): Asking<ReplayParts> | null {
  const { monitor } = place.current;
  if (monitor === '' || session === '') return null;
  // Of whole stretches, so that from event to event of a session the question is the same.
  const [from, to] = [Math.floor(span.from / AROUND) - 1, Math.ceil(span.to / AROUND) + 1];
  const asked = { monitor, session, from: from * AROUND, to: to * AROUND };
  return { call: getting('replay', asked), monitor, read: (form) => form as ReplayParts };
}

function readAnswer(form: unknown): Answer {
  return new Answer(form as AnswerForm);
}

/** The filters of the viewer and of the switches, and those of the question itself. */
function whereOf({
  where = [],
  without = [],
  bare = false,
  allTraffic = false,
}: Pick<Wanted, 'where' | 'without' | 'bare' | 'allTraffic'>): Where[] {
  if (bare) return where;
  const { filters, device, traffic } = place.current;
  const switches: Where[] = [];
  if (device !== '') switches.push({ dimension: 'device', op: 'is', values: [device] });
  if (traffic !== 'all' && !allTraffic)
    switches.push({ dimension: 'bot', op: traffic === 'bots' ? 'is' : 'is_not', values: [true] });
  const chosen = filters.filter((filter) => !without.includes(filter.dimension)).map(whereForm);
  return [...chosen, ...switches, ...where].map(({ dimension, op = 'is', values = [] }) => ({ dimension, op, values }));
}

function whereForm(filter: Filter): Where {
  return { dimension: filter.dimension, op: filter.op, values: filter.values };
}

function compareForm(compare: Compare): Record<string, unknown> {
  if (compare === '') return {};
  if (typeof compare === 'string') return { compare: compare === 'week' ? 'last_week' : compare };
  return { compare };
}

/** The statistic of a timing at the viewer's percentile: lcp_p75. */
export function atPercentile(
  timing: Vital | 'load' | 'resource' | 'request' | 'session_duration' | 'time_on_page' | 'fid',
): string {
  return `${timing}_p${place.current.percentile}`;
}

/** The statistic of a timing that an answer has: while another percentile is on its way the old one is drawn. */
export function drawnPercentile(answer: Answer, timing: Parameters<typeof atPercentile>[0]): string {
  return answer.columns.find((name) => new RegExp(`^${timing}_p\\d+$`).test(name)) ?? atPercentile(timing);
}
