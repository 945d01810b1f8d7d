// What the command palette offers.

import type { Answer } from '../api/answer';
import type { IconName } from '../design/Icon.svelte';
import { copyText } from '../design/toasts.svelte';
import { formatCount } from '../lib/format';
import { formatSpan } from '../lib/time';
import { addFilter, filterOn } from '../state/filters';
import { monitors } from '../state/monitors.svelte';
import { go, place, refresh } from '../state/place.svelte';
import { COMPARE_LABELS, PRESETS, type Preset, rangeLabel } from '../state/ranges';
import { session, signOut } from '../state/session.svelte';
import { leaveBy } from '../state/unsaved.svelte';
import { chooseTheme } from '../state/theme.svelte';
import { PERCENTILES } from '../state/url';
import { MONITORS_VIEW, VIEWS } from '../views';
import { overlays } from './overlays.svelte';
import { goToView } from './shortcuts';

export interface Command {
  group: string;
  label: string;
  note?: string;
  icon: IconName;
  keys?: string;
  run: () => void;
}

/** Every command there is now. */
export function commands(): Command[] {
  return [...views(), ...ofMonitors(), ...actions(), ...times(), ...switches()];
}

function views(): Command[] {
  const there = place.current.monitor === '' ? [MONITORS_VIEW] : [MONITORS_VIEW, ...VIEWS];
  return there.map((view) => ({
    group: 'Go to',
    label: view.title,
    note: view.purpose,
    icon: view.icon,
    keys: `g ${view.key}`,
    run: () => goToView(view.name),
  }));
}

function ofMonitors(): Command[] {
  return (monitors.list ?? [])
    .filter((monitor) => monitor.name !== place.current.monitor)
    .map((monitor) => ({
      group: 'Monitors',
      label: monitor.name,
      icon: 'globe',
      run: () =>
        go({ monitor: monitor.name, view: place.current.monitor === '' ? 'overview' : place.current.view, item: '' }),
    }));
}

function actions(): Command[] {
  return [
    ...(place.current.monitor === ''
      ? []
      : [
          {
            group: 'Actions',
            label: 'Add a filter',
            icon: 'filter',
            keys: '/',
            run: () => overlays.newFilter(),
          } as const,
        ]),
    ...(place.current.filters.length === 0
      ? []
      : [
          {
            group: 'Actions',
            label: 'Clear filters',
            icon: 'close',
            keys: 'escape',
            run: () => go({ filters: [] }),
          } as const,
        ]),
    { group: 'Actions', label: 'Ask everything anew', icon: 'refresh', keys: 'u', run: () => refresh() },
    { group: 'Actions', label: 'Copy link', icon: 'link', run: () => void copyText(location.href, 'Link') },
    { group: 'Actions', label: 'Keyboard shortcuts', icon: 'keyboard', keys: '?', run: () => (overlays.keys = true) },
    { group: 'Actions', label: 'Theme: light', icon: 'sun', run: () => chooseTheme('light') },
    { group: 'Actions', label: 'Theme: dark', icon: 'moon', run: () => chooseTheme('dark') },
    { group: 'Actions', label: 'Theme: as the system', icon: 'screen', run: () => chooseTheme('system') },
    ...(session.me?.auth === true
      ? [{ group: 'Actions', label: 'Sign out', icon: 'leave', run: () => leaveBy(() => void signOut()) } as const]
      : []),
  ];
}

function times(): Command[] {
  return [
    ...(Object.keys(PRESETS) as Preset[]).map((preset): Command => ({
      group: 'Time',
      label: rangeLabel(preset, formatSpan),
      icon: 'calendar',
      keys: PRESETS[preset].key,
      run: () => go({ range: preset }),
    })),
    { group: 'Time', label: 'Own range', icon: 'calendar', keys: 'c', run: () => (overlays.range = true) },
    ...(['previous', 'week', ''] as const).map((name): Command => ({
      group: 'Time',
      label: name === '' ? COMPARE_LABELS[name] : `Compare: ${COMPARE_LABELS[name].toLowerCase()}`,
      icon: 'compare',
      run: () => go({ compare: name }),
    })),
  ];
}

function switches(): Command[] {
  return [
    ...PERCENTILES.map((percentile): Command => ({
      group: 'Switches',
      label: `Percentile: p${percentile}`,
      icon: 'speed',
      run: () => go({ percentile }),
    })),
    ...(['', 'desktop', 'mobile', 'tablet'] as const).map((device): Command => ({
      group: 'Switches',
      label: device === '' ? 'All devices' : `Device: ${device}`,
      icon: 'device',
      run: () => go({ device }),
    })),
    ...(['humans', 'all', 'bots'] as const).map((traffic): Command => ({
      group: 'Switches',
      label: `Traffic: ${traffic === 'all' ? 'all' : `${traffic} alone`}`,
      icon: 'people',
      run: () => go({ traffic }),
    })),
  ];
}

/** Filters by the pages that were found, and by the text itself. */
export function filterCommands(pages: Answer | undefined, sought: string): Command[] {
  if (sought.length < 2 || place.current.monitor === '') return [];
  const rows = Array.from({ length: pages?.length ?? 0 }, (_, row) => row);
  return [
    ...rows.map((row): Command => {
      const page = pages?.text(row, 'page_group') ?? '';
      return {
        group: 'Filter',
        label: page,
        note: `${formatCount(pages?.number(row, 'page_views') ?? 0)} page views`,
        icon: 'filter',
        run: () => go({ filters: addFilter(place.current.filters, filterOn('page_group', page)) }),
      };
    }),
    {
      group: 'Filter',
      label: `Page contains “${sought}”`,
      icon: 'filter',
      run: () =>
        go({ filters: addFilter(place.current.filters, { dimension: 'page', op: 'contains', values: [sought] }) }),
    },
  ];
}

/** Whether every word of the text is in the command's words. */
export function fits(command: Pick<Command, 'group' | 'label' | 'note'>, sought: string): boolean {
  const words = `${command.group} ${command.label} ${command.note ?? ''}`.toLowerCase();
  return sought
    .toLowerCase()
    .split(/\s+/)
    .every((word) => words.includes(word));
}
