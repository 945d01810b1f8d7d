// What an event's own details say, as lines of name and text. Pure; everything in it was sent by strangers.

import { formatBytes, formatDuration, formatExact } from '../lib/format';
import { spoken } from '../lib/measures';

export interface Field {
  name: string;
  text: string;
}

/** Shown elsewhere, or the same in every event. */
const LEFT_OUT = new Set(['version', 'stack', 'pageId', 'events', 'recordingId']);
const BYTES = /(?:Size|Bytes)$/;
const NO_TIME =
  /^(?:value|largestShiftValue|.*Count|.*Level|.*Ratio|status|lineno|colno|interaction|.*Id|nodeId|x|y|eventCount)$/;
const TIMED = /^(?:performance_|largest_|first_|interaction_to|time_to_|cumulative_|page_view)/;
const DEPTH_MAX = 4;
const FIELDS_MAX = 120;

/** The members of the details, those within others led by the outer name. */
export function fieldsOf(type: string, details: unknown): Field[] {
  const fields: Field[] = [];
  gather(type, details, '', fields, 0);
  return fields;
}

function gather(type: string, value: unknown, path: string, into: Field[], depth: number): void {
  if (value === null || value === undefined || value === '' || into.length >= FIELDS_MAX) return;
  if (typeof value === 'object' && !Array.isArray(value) && depth < DEPTH_MAX) {
    for (const [name, inner] of Object.entries(value)) {
      if (!LEFT_OUT.has(name))
        gather(type, inner, path === '' || path === 'attribution' ? name : `${path} ${name}`, into, depth + 1);
    }
    return;
  }
  into.push({ name: nameOf(path), text: textOf(type, path.split(' ').at(-1) ?? '', value) });
}

/** "resourceLoadDelay" → "Resource load delay". */
function nameOf(path: string): string {
  const words = path.replace(
    /([a-z0-9])([A-Z])/g,
    (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
  );
  return spoken(words);
}

function textOf(type: string, name: string, value: unknown): string {
  if (typeof value !== 'number') return typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (BYTES.test(name)) return formatBytes(value);
  const vitalInMs = name === 'value' && TIMED.test(type) && !type.startsWith('cumulative_');
  if (vitalInMs || (TIMED.test(type) && !NO_TIME.test(name))) return formatDuration(value);
  return formatExact(value);
}
