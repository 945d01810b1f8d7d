// Every view of the console: its name in the address, its place in the navigation, and how it is loaded.
// Each is a folder beside this file; a view is loaded when it is first opened.

import type { Component } from 'svelte';
import type { IconName } from '../design/Icon.svelte';
import type { Asking } from '../state/questions';
import { slowestQuestions } from './overview/metrics';

/** What of the top bar may bear on a view or not. */
export type TopBarPart = 'range' | 'compare' | 'percentile' | 'device' | 'traffic' | 'filters';

export interface View {
  /** In the address: /console/<monitor>/<name>. */
  name: string;
  title: string;
  icon: IconName;
  /** The letter after `g` that leads there. */
  key: string;
  /** Heading in the navigation. */
  group: string;
  /** What it is for, in the navigation's hint and in the palette. */
  purpose: string;
  load: () => Promise<{ default: Component }>;
  /** What it will ask, to be begun before it is there to ask it. */
  foremost?: () => (Asking<unknown> | null)[];
  /** Shown though nothing was ever received for the monitor. */
  always?: boolean;
  /** What of the top bar does not bear on it: it is not there, or greyed with the reason. */
  without?: TopBarPart[];
}

export const VIEWS: View[] = [
  {
    name: 'overview',
    title: 'Overview',
    icon: 'overview',
    key: 'o',
    group: '',
    purpose: 'How the site is, and what changed',
    load: () => import('./overview/Overview.svelte'),
    foremost: slowestQuestions,
  },
  {
    name: 'performance',
    title: 'Performance',
    icon: 'speed',
    key: 'p',
    group: 'Experience',
    purpose: 'Web Vitals, page loads, resources, places',
    load: () => import('./performance/Performance.svelte'),
  },
  {
    name: 'errors',
    title: 'Errors',
    icon: 'error',
    key: 'e',
    group: 'Experience',
    purpose: 'JavaScript errors by group, with their stacks',
    load: () => import('./errors/Errors.svelte'),
    without: ['percentile'],
  },
  {
    name: 'http',
    title: 'HTTP',
    icon: 'request',
    key: 'h',
    group: 'Experience',
    purpose: 'Requests by route, failures, statuses',
    load: () => import('./http/Http.svelte'),
  },
  {
    name: 'sessions',
    title: 'Sessions',
    icon: 'session',
    key: 's',
    group: 'Visitors',
    purpose: 'Who was there, and everything that happened to them',
    load: () => import('./sessions/Sessions.svelte'),
    without: ['percentile'],
  },
  {
    name: 'journey',
    title: 'User journey',
    icon: 'journey',
    key: 'j',
    group: 'Visitors',
    purpose: 'From page to page, and where people leave',
    load: () => import('./journey/Journey.svelte'),
    without: ['compare', 'percentile'],
  },
  {
    name: 'browsers',
    title: 'Browsers and devices',
    icon: 'device',
    key: 'b',
    group: 'Visitors',
    purpose: 'What people use, and how it fares',
    load: () => import('./browsers/Browsers.svelte'),
  },
  {
    name: 'releases',
    title: 'Releases',
    icon: 'release',
    key: 'r',
    group: 'Explore',
    purpose: 'Two releases side by side, and the verdict',
    load: () => import('./releases/Releases.svelte'),
  },
  {
    name: 'events',
    title: 'Events',
    icon: 'events',
    key: 'v',
    group: 'Explore',
    purpose: 'Every event, with facets and its raw JSON',
    load: () => import('./events/Events.svelte'),
    without: ['compare', 'percentile'],
  },
  {
    name: 'sql',
    title: 'SQL',
    icon: 'sql',
    key: 'q',
    group: 'Explore',
    purpose: 'Ask anything',
    always: true,
    load: () => import('./sql/Sql.svelte'),
    without: ['range', 'compare', 'percentile', 'device', 'traffic', 'filters'],
  },
  {
    name: 'ingest',
    title: 'Ingest health',
    icon: 'ingest',
    key: 'i',
    group: 'Operate',
    purpose: 'What became of every event that was sent',
    always: true,
    load: () => import('./ingest/Ingest.svelte'),
    without: ['compare', 'percentile', 'device', 'traffic', 'filters'],
  },
  {
    name: 'configuration',
    title: 'Configuration',
    icon: 'settings',
    key: 'c',
    group: 'Operate',
    purpose: 'Domains, access, snippet, rules, keys',
    load: () => import('./configuration/Configuration.svelte'),
    always: true,
    without: ['range', 'compare', 'percentile', 'device', 'traffic', 'filters'],
  },
];

/** All monitors: the view that is of none. */
export const MONITORS_VIEW: View = {
  name: 'monitors',
  title: 'All monitors',
  icon: 'grid',
  key: 'a',
  group: '',
  purpose: 'Which site needs attention',
  load: () => import('./monitors/Monitors.svelte'),
  without: ['filters'],
};

export function viewNamed(name: string): View | undefined {
  return name === MONITORS_VIEW.name ? MONITORS_VIEW : VIEWS.find((view) => view.name === name);
}
