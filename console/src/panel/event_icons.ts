// The icon of an event, by its type, else by its kind.

import type { IconName } from '../design/Icon.svelte';
import { type Kind, kindOf } from '../lib/events';

const KINDS: Record<Kind, IconName> = {
  view: 'page',
  load: 'download',
  vital: 'speed',
  request: 'request',
  error: 'error',
  interaction: 'pointer',
  other: 'tag',
};
const TYPES: Record<string, IconName> = {
  performance_navigation_event: 'refresh',
  session_start_event: 'play',
  rrweb_event: 'screen',
  xray_trace_event: 'journey',
};

export function iconOf(type: string): IconName {
  return Object.hasOwn(TYPES, type) ? (TYPES[type] as IconName) : KINDS[kindOf(type)];
}
