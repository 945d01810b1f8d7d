// The drawing of a chart over time, as ECharts takes it. Pure.

import type { EChartsCoreOption } from 'echarts/core';
import { DAY, formatClock, formatDate } from '../lib/time';
import { type Axis, axisFor, axisRoom, axisText } from './axis';
import { type Colour, translucent } from './canvas.svelte';
import type { Bands, Series } from './TimeChart.svelte';

/** What is kept free around the lines; at the left the axis decides. */
export const GRID = { right: 14, top: 20, bottom: 28 };

export interface TimeDrawing {
  times: number[];
  width: number;
  series: Series[];
  kind: 'line' | 'bars' | 'stacked';
  whole: boolean;
  format: (value: number) => string;
  bands: Bands | undefined;
  from: number;
  to: number;
  now: number;
  /** The top of the axis; without it the values decide. */
  top?: number | undefined;
  /** What no value can be above. */
  most?: number | undefined;
  /** Values are durations, ms. */
  lasting?: boolean | undefined;
}

export function optionOf(drawn: TimeDrawing, colour: Colour): EChartsCoreOption {
  const { times, kind } = drawn;
  const aside = kind === 'line' ? 0 : drawn.width / 2;
  const axis = axisOf(drawn);
  const room = axisRoom(axis, drawn.format);
  return {
    grid: { ...GRID, left: room, outerBoundsMode: 'none' },
    xAxis: {
      type: 'time',
      min: (times[0] ?? drawn.from) - aside,
      max: (times.at(-1) ?? drawn.to) + aside,
      axisLine: { lineStyle: { color: colour('border') } },
      axisTick: { show: false },
      axisLabel: {
        color: colour('text-faint'),
        fontSize: 11,
        margin: 10,
        hideOverlap: true,
        alignMaxLabel: 'right',
        formatter: (time: number) => timeText(time, drawn.width),
      },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      min: 0,
      max: axis.top,
      interval: axis.step,
      // Its words begin where the panel's title does.
      axisLabel: {
        color: colour('text-faint'),
        fontSize: 11,
        align: 'left',
        margin: room,
        formatter: (value: number) => axisText(value, drawn.format),
      },
      splitLine: { lineStyle: { color: colour('grid') } },
    },
    series: [...bandsOf(drawn, colour), ...drawn.series.flatMap((each, at) => linesOf(drawn, each, at, colour))],
  };
}

function timeText(time: number, width: number): string {
  return width >= DAY || formatClock(time) === '00:00' ? formatDate(time) : formatClock(time);
}

/** The highest that is drawn: of what is stacked, the whole of it. */
function highestOf({ series, kind, times }: TimeDrawing): number {
  const heights =
    kind === 'stacked'
      ? times.map((_, at) => series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0))
      : series.flatMap(({ values, previous = [] }) => [...values, ...previous]);
  return heights.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
}

/** Where bands should be seen, the border that the values come near to is in. */
function axisOf(drawn: TimeDrawing): Axis {
  const { bands, top, whole, lasting, most } = drawn;
  if (top !== undefined) return { top, step: top / 4 };
  const highest = highestOf(drawn);
  if (bands === undefined) return axisFor(highest, { whole, lasting, most });
  const wanted = highest > bands.good ? Math.max(highest, bands.poor) : bands.good;
  return axisFor(wanted * 1.12, { lasting, most });
}

// ── Bands ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function bandsOf(drawn: TimeDrawing, colour: Colour): object[] {
  const { bands, times } = drawn;
  const [first, { top }] = [times[0], axisOf(drawn)];
  if (bands === undefined || first === undefined) return [];
  const format = (value: number): string => axisText(value, drawn.format);
  const all = [
    { from: 0, to: bands.good, colour: 'good', text: `Good, up to ${format(bands.good)}` },
    { from: bands.good, to: bands.poor, colour: 'fair', text: 'Needs improvement' },
    { from: bands.poor, to: Infinity, colour: 'poor', text: `Poor, over ${format(bands.poor)}` },
  ];
  const data = all
    .filter((band) => band.from < top)
    .map((band) => [
      {
        yAxis: band.from,
        itemStyle: { color: translucent(colour(band.colour), 0.07) },
        label: {
          show: true,
          position: 'insideTopRight',
          color: colour(`${band.colour}-text`),
          fontSize: 10,
          formatter: band.text,
        },
      },
      { yAxis: Math.min(band.to, top) },
    ]);
  return [{ type: 'line', data: [[first, null]], silent: true, symbol: 'none', markArea: { silent: true, data } }];
}

// ── Lines and bars ──────────────────────────────────────────────────────────────────────────────────────────────────

function linesOf(drawn: TimeDrawing, series: Series, at: number, colour: Colour): object[] {
  const stroke = colour(series.colour ?? `series-${(at % 6) + 1}`);
  if (drawn.kind !== 'line') return barsOf(drawn, series, stroke, colour);
  const [whole, ...parts] = pieces(drawn, series.values);
  const filled = drawn.series.length === 1 && drawn.bands === undefined;
  const lines: object[] = [
    line(drawn, whole ?? [], { color: stroke, width: 2 }, filled ? areaStyle(stroke) : undefined),
    ...parts.map((part) =>
      line(drawn, part, { color: stroke, width: 2, type: [2, 4] }, filled ? areaStyle(stroke) : undefined),
    ),
  ];
  // What was before lies behind what is.
  if (series.previous) lines.unshift(line(drawn, series.previous, { color: colour('series-previous'), width: 1.5 }));
  return lines;
}

/** The values whose time is over, then the stretches to those whose time is not: at the beginning, at the end. */
export function pieces(
  drawn: Pick<TimeDrawing, 'times' | 'width' | 'from' | 'now'>,
  values: (number | null)[],
): (number | null)[][] {
  const { times, width, from, now } = drawn;
  const last = times.length - 1;
  const cutFirst = times.length > 2 && (times[0] ?? 0) < from;
  const cutLast = times.length > 1 && (times[last] ?? 0) + width > now;
  const only = (one: number, other: number): (number | null)[] =>
    values.map((value, at) => (at === one || at === other ? value : null));
  const known = (at: number): boolean => (values[at] ?? null) !== null;
  const whole = values.map((value, at) => ((at === 0 && cutFirst) || (at === last && cutLast) ? null : value));
  return [
    whole,
    ...(cutFirst && known(0) ? [only(0, 1)] : []),
    ...(cutLast && known(last) ? [only(last - 1, last)] : []),
  ];
}

function line(drawn: TimeDrawing, values: (number | null)[], lineStyle: object, area?: object): object {
  const alone = values.map(
    (value, at) => value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null,
  );
  return {
    type: 'line',
    silent: true,
    data: values.map((value, at) => [drawn.times[at], value]),
    lineStyle: { ...lineStyle, join: 'round', cap: 'round' },
    itemStyle: { color: (lineStyle as { color: string }).color },
    // A point between gaps has no line to be seen by.
    symbol: 'circle',
    symbolSize: (_value: unknown, { dataIndex }: { dataIndex: number }) => (alone[dataIndex] ? 5 : 0),
    showAllSymbol: true,
    ...(area && { areaStyle: area }),
  };
}

function areaStyle(stroke: string): object {
  const colorStops = [
    { offset: 0, color: translucent(stroke, 0.22) },
    { offset: 1, color: translucent(stroke, 0) },
  ];
  return { color: { type: 'linear', x: 0, y: 0, x2: 0, y2: 1, colorStops }, origin: 'start' };
}

function barsOf(drawn: TimeDrawing, series: Series, stroke: string, colour: Colour): object[] {
  const open = (at: number): boolean =>
    (drawn.times[at] ?? 0) + drawn.width > drawn.now || (drawn.times[at] ?? 0) < drawn.from;
  const bars = {
    type: 'bar',
    silent: true,
    barCategoryGap: '24%',
    barMaxWidth: 28,
    itemStyle: { color: stroke, borderRadius: drawn.kind === 'stacked' ? 0 : [2, 2, 0, 0] },
    ...(drawn.kind === 'stacked' && { stack: 'all' }),
    data: series.values.map((value, at) => ({
      value: [drawn.times[at], value],
      // Where nothing is, a border would be seen all the same.
      ...(open(at) &&
        value && { itemStyle: { color: translucent(stroke, 0.4), borderColor: stroke, borderType: 'dotted' } }),
    })),
  };
  if (!series.previous) return [bars];
  return [bars, line(drawn, series.previous, { color: colour('series-previous'), width: 1.5 })];
}
