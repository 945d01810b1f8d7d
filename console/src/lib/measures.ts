// What the console knows of the API's measures: how to write a value, which way is better, what it is called. Pure.
// A measure that is not named here is still shown, by the ending of its name.

import * as format from './format';
import { VITALS, type Rating, type Vital, rate, rateScore } from './vitals';

export type Unit = 'count' | 'ms' | 'share' | 'shift' | 'ratio' | 'score' | 'bytes';

export interface Measure {
  name: string;
  /** As a heading: "LCP p75". */
  label: string;
  unit: Unit;
  better: 'more' | 'less' | 'neither';
  /** Borders of good and poor, where there are any. */
  bands?: { good: number; poor: number };
}

const KNOWN: Record<string, Omit<Measure, 'name'>> = {
  events: { label: 'Events', unit: 'count', better: 'neither' },
  page_views: { label: 'Page views', unit: 'count', better: 'more' },
  sessions: { label: 'Sessions', unit: 'count', better: 'more' },
  viewing_sessions: { label: 'Sessions with a page view', unit: 'count', better: 'more' },
  users: { label: 'Users', unit: 'count', better: 'more' },
  affected_users: { label: 'Users affected', unit: 'count', better: 'less' },
  js_errors: { label: 'JavaScript errors', unit: 'count', better: 'less' },
  js_errors_per_page_view: { label: 'Errors per page view', unit: 'ratio', better: 'less' },
  js_errors_per_session: { label: 'Errors per session', unit: 'ratio', better: 'less' },
  error_sessions: { label: 'Sessions with errors', unit: 'count', better: 'less' },
  error_free_sessions: { label: 'Error-free sessions', unit: 'share', better: 'more' },
  error_session_rate: { label: 'Error rate', unit: 'share', better: 'less' },
  impacted_sessions: { label: 'Impacted sessions', unit: 'count', better: 'less' },
  impacted_session_rate: { label: 'Impacted sessions', unit: 'share', better: 'less' },
  http_requests: { label: 'Requests', unit: 'count', better: 'neither' },
  http_errors: { label: 'Failed requests', unit: 'count', better: 'less' },
  http_4xx: { label: '4xx', unit: 'count', better: 'less' },
  http_5xx: { label: '5xx', unit: 'count', better: 'less' },
  http_network_errors: { label: 'Network failures', unit: 'count', better: 'less' },
  http_error_rate: { label: 'Failed requests', unit: 'share', better: 'less' },
  bounce_rate: { label: 'Bounce rate', unit: 'share', better: 'less' },
  pages_per_session: { label: 'Pages per session', unit: 'ratio', better: 'more' },
  apdex: { label: 'Apdex', unit: 'ratio', better: 'more' },
  score: { label: 'Score', unit: 'score', better: 'more' },
  score_count: { label: 'Page loads', unit: 'count', better: 'neither' },
  navigation_satisfied: { label: 'Satisfied', unit: 'count', better: 'more' },
  navigation_tolerated: { label: 'Tolerated', unit: 'count', better: 'neither' },
  navigation_frustrated: { label: 'Frustrated', unit: 'count', better: 'less' },
};

const TIMINGS: Record<string, { label: string; better: 'more' | 'less' | 'neither' }> = {
  fid: { label: 'FID', better: 'less' },
  load: { label: 'Load time', better: 'less' },
  resource: { label: 'Resource time', better: 'less' },
  request: { label: 'Request duration', better: 'less' },
  session_duration: { label: 'Session duration', better: 'neither' },
  time_on_page: { label: 'Time on page', better: 'neither' },
};

const STATISTIC = /^(.+)_(p50|p75|p90|p95|p99|avg|count|good|needs_improvement|poor)$/;
const SHARE_WORDS: Record<string, string> = { good: 'good', needs_improvement: 'needs improvement', poor: 'poor' };

/** What is known of a measure. */
export function measureNamed(name: string): Measure {
  const known = KNOWN[name];
  if (known !== undefined) return { name, ...known };
  const found = STATISTIC.exec(name);
  if (found === null) return { name, label: spoken(name), unit: guessUnit(name), better: 'neither' };
  const [, base = '', statistic = ''] = found;
  const vital = isVital(base) ? VITALS[base] : undefined;
  const label = vital?.short ?? TIMINGS[base]?.label ?? spoken(base);
  const better = vital !== undefined ? 'less' : (TIMINGS[base]?.better ?? 'less');
  if (statistic === 'count') return { name, label: `${label} samples`, unit: 'count', better: 'neither' };
  const share = SHARE_WORDS[statistic];
  if (share !== undefined) {
    return { name, label: `${label} ${share}`, unit: 'share', better: statistic === 'good' ? 'more' : 'less' };
  }
  const bands = vital !== undefined ? { good: vital.good, poor: vital.poor } : undefined;
  const unit = vital?.unit ?? 'ms';
  return { name, label: `${label} ${statistic === 'avg' ? 'mean' : statistic}`, unit, better, ...(bands && { bands }) };
}

function isVital(name: string): name is Vital {
  return Object.hasOwn(VITALS, name);
}

function guessUnit(name: string): Unit {
  if (name.endsWith('_rate')) return 'share';
  if (/_per_/.test(name)) return 'ratio';
  if (name.endsWith('_bytes')) return 'bytes';
  if (name.endsWith('_ms')) return 'ms';
  return 'count';
}

/** "http_4xx_per_session" → "Http 4xx per session". */
export function spoken(name: string): string {
  const text = name.replaceAll('_', ' ').trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A value of a unit as text; a dash where there is none. */
export function formatUnit(unit: Unit, value: number | null | undefined, locale?: string): string {
  if (value === null || value === undefined || Number.isNaN(value)) return format.NOTHING;
  switch (unit) {
    case 'count':
      return format.formatCount(value, locale);
    case 'ms':
      return format.formatDuration(value, locale);
    case 'share':
      return format.formatShare(value, locale);
    case 'shift':
      return format.formatShift(value, locale);
    case 'ratio':
      return format.formatRatio(value, locale);
    case 'score':
      return String(Math.round(value));
    case 'bytes':
      return format.formatBytes(value, locale);
  }
}

/** A value of a measure as text. */
export function formatMeasure(name: string, value: number | null | undefined, locale?: string): string {
  return formatUnit(measureNamed(name).unit, value, locale);
}

/** Which band a value of a measure is in; undefined where the measure has none, or there is no value. */
export function rateMeasure(name: string, value: number | null | undefined): Rating | undefined {
  if (value === null || value === undefined) return undefined;
  if (name === 'score') return rateScore(value);
  const bands = measureNamed(name).bands;
  return bands && rate(value, bands.good, bands.poor);
}

/** A change in words, and whether it is one for the better. Null where there is nothing to compare. */
export function changeOf(
  name: string,
  now: number | null | undefined,
  before: number | null | undefined,
  locale?: string,
): { text: string; mood: 'better' | 'worse' | 'neutral' } | null {
  if (now === null || now === undefined || before === null || before === undefined) return null;
  const { unit, better } = measureNamed(name);
  const text = unit === 'share' ? format.formatPoints(now, before, locale) : format.formatChange(now, before, locale);
  if (text === null) return null;
  const rises = /^[+×]/.test(text);
  const falls = text.startsWith('−');
  if (better === 'neither' || (!rises && !falls)) return { text, mood: 'neutral' };
  return { text, mood: rises === (better === 'more') ? 'better' : 'worse' };
}
