// Numbers as people read them. Pure; the viewer's language unless another is named.

const LONG_DASH = '–';

/** What stands where there is no value. */
export const NOTHING = LONG_DASH;

const cached = new Map<string, Intl.NumberFormat>();

function numbers(locale: string | undefined, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale ?? ''} ${JSON.stringify(options)}`;
  let made = cached.get(key);
  if (made === undefined) cached.set(key, (made = new Intl.NumberFormat(locale, options)));
  return made;
}

function fixed(value: number, digits: number, locale: string | undefined): string {
  return numbers(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** 1,234 · 12.3k · 4.56M. Exact up to 9,999. */
export function formatCount(value: number, locale?: string): string {
  const size = Math.abs(value);
  if (size < 10_000) return numbers(locale, { maximumFractionDigits: size < 10 ? 2 : 0 }).format(value);
  for (const [unit, sign] of [
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    // 999,500 is 1.00M and not 1,000k.
    if (size >= unit * 0.9995) return significant(value / unit, locale) + sign;
  }
  return String(value);
}

/** Every digit: 1,234,567. */
export function formatExact(value: number, locale?: string): string {
  return numbers(locale, { maximumFractionDigits: 3 }).format(value);
}

function significant(value: number, locale: string | undefined): string {
  const size = Math.abs(value);
  return fixed(value, size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2, locale);
}

/** Milliseconds: 0.4 ms · 178 ms · 1.64 s · 2 min 5 s · 1 h 4 min. */
export function formatDuration(ms: number, locale?: string): string {
  const size = Math.abs(ms);
  if (size < 999.5) return `${fixed(ms, size > 0 && size < 9.95 ? 1 : 0, locale)} ms`;
  if (size < 59_995) return `${significant(ms / 1000, locale)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return pair(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(minutes / 60);
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

/** How long something lasted that clients tell in whole seconds: 0 s · 35 s · 2 min 5 s. */
export function formatLasting(ms: number, locale?: string): string {
  return ms < 59_500 ? `${Math.round(ms / 1000)} s` : formatDuration(ms, locale);
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** A share of 0 to 1: 0.04% · 2.1% · 63%. */
export function formatShare(value: number, locale?: string): string {
  const percent = value * 100;
  const size = Math.abs(percent);
  if (size > 0 && size < 0.005) return `<${fixed(0.01, 2, locale)}%`;
  const digits = size === 0 || size >= 99.95 ? 0 : size < 0.995 ? 2 : size < 99.95 && size >= 9.95 ? 0 : 1;
  return `${fixed(percent, digits, locale)}%`;
}

/** A layout shift: 0.051. */
export function formatShift(value: number, locale?: string): string {
  return fixed(value, value > 0 && value < 0.0995 ? 3 : 2, locale);
}

/** A ratio of any size: 2.89 · 0.013. */
export function formatRatio(value: number, locale?: string): string {
  if (value !== 0 && Math.abs(value) < 0.0995) return numbers(locale, { maximumSignificantDigits: 2 }).format(value);
  return Math.abs(value) >= 1000 ? formatCount(value, locale) : significant(value, locale);
}

/** Bytes by thousands: 512 B · 14.2 kB · 3.40 MB. */
export function formatBytes(value: number, locale?: string): string {
  for (const [unit, sign] of [
    [1e12, 'TB'],
    [1e9, 'GB'],
    [1e6, 'MB'],
    [1e3, 'kB'],
  ] as const) {
    if (Math.abs(value) >= unit * 0.9995) return `${significant(value / unit, locale)} ${sign}`;
  }
  return `${Math.round(value)} B`;
}

/** A change as a share of what was before: +12% · −3.4% · ×12. Null where there was nothing. */
export function formatChange(now: number, before: number, locale?: string): string | null {
  if (before === 0) return null;
  const change = (now - before) / Math.abs(before);
  if (change > 9.995) return `×${significant(now / before, locale)}`;
  const percent = change * 100;
  const digits = Math.abs(percent) < 9.95 && Math.abs(percent) >= 0.05 ? 1 : 0;
  return withSign(percent, digits, locale) + '%';
}

/** A change of a share in percentage points: +1.2 pp. */
export function formatPoints(now: number, before: number, locale?: string): string {
  const points = (now - before) * 100;
  return `${withSign(points, Math.abs(points) < 9.95 ? (Math.abs(points) < 0.995 ? 2 : 1) : 0, locale)} pp`;
}

function withSign(value: number, digits: number, locale: string | undefined): string {
  const text = fixed(Math.abs(value), digits, locale);
  const zero = Number(Math.abs(value).toFixed(digits)) === 0;
  return zero ? text : value > 0 ? `+${text}` : `−${text}`;
}

/** A number as written here, without the zeros at its end: 4.50 s → 4.5 s, 80.0k → 80k. For axes, whose numbers are round. */
export function withoutZeros(text: string, locale?: string): string {
  const point = numbers(locale, { minimumFractionDigits: 1 })
    .formatToParts(1.5)
    .find(({ type }) => type === 'decimal')?.value;
  const at = point === undefined ? -1 : text.lastIndexOf(point);
  if (point === undefined || at < 0) return text;
  const [digits = ''] = /^\d*/.exec(text.slice(at + point.length)) ?? [];
  const kept = digits.replace(/0+$/, '');
  return text.slice(0, at) + (kept === '' ? '' : point + kept) + text.slice(at + point.length + digits.length);
}

/** "1 sample", "2,500 samples". */
export function counted(count: number, one: string, many = `${one}s`, locale?: string): string {
  return `${formatExact(count, locale)} ${count === 1 ? one : many}`;
}
