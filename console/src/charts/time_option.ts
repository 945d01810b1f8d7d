// The drawing of a chart over time, as ECharts takes it. Pure.

import type { EChartsCoreOption } from 'echarts/core';
import { DAY, formatClock, formatDate } from '../lib/time';
import { type Colour, translucent } from './canvas.svelte';
import type { Bands, Series } from './TimeChart.svelte';

export const GRID = { left: 56, right: 14, top: 20, bottom: 26 };

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
}

export function optionOf(drawn: TimeDrawing, colour: Colour): EChartsCoreOption {
  const { times, kind } = drawn;
  const aside = kind === 'line' ? 0 : drawn.width / 2;
  return {
    grid: { ...GRID, outerBoundsMode: 'none' },
    textStyle: { fontFamily: 'inherit' },
    xAxis: {
      type: 'time',
      min: (times[0] ?? drawn.from) - aside,
      max: (times.at(-1) ?? drawn.to) + aside,
      axisLine: { lineStyle: { color: colour('border') } },
      axisTick: { show: false },
      axisLabel: {
        color: colour('text-faint'),
        fontSize: 11,
        hideOverlap: true,
        alignMaxLabel: 'right',
        formatter: (time: number) => axisText(time, drawn.width),
      },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      min: 0,
      ...(topOf(drawn) !== undefined && { max: topOf(drawn) }),
      splitNumber: 4,
      ...(drawn.top !== undefined && { interval: drawn.top / 4 }),
      ...(drawn.whole && { minInterval: 1 }),
      axisLabel: { color: colour('text-faint'), fontSize: 11, formatter: drawn.format },
      splitLine: { lineStyle: { color: colour('grid') } },
    },
    series: [...bandsOf(drawn, colour), ...drawn.series.flatMap((each, at) => linesOf(drawn, each, at, colour))],
  };
}

function axisText(time: number, width: number): string {
  return width >= DAY || formatClock(time) === '00:00' ? formatDate(time) : formatClock(time);
}

function valuesOf({ series }: TimeDrawing): number[] {
  return series.flatMap((each) => [...each.values, ...(each.previous ?? [])]).filter((value) => value !== null);
}

/** The top of the axis where bands should be seen: the border that the values come near to is in. */
function topOf(drawn: TimeDrawing): number | undefined {
  const values = valuesOf(drawn);
  const { bands, top } = drawn;
  if (top !== undefined) return top;
  if (values.length === 0) return 1;
  const highest = Math.max(...values);
  if (highest === 0) return 1;
  if (bands === undefined) return undefined;
  const wanted = highest > bands.good ? Math.max(highest, bands.poor) : bands.good;
  return round(wanted * 1.12);
}

/** Up to two digits, so that the axis ends with a round number. */
function round(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Math.ceil(value / unit) * unit;
}

// ── Bands ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function bandsOf(drawn: TimeDrawing, colour: Colour): object[] {
  const { bands, times, format } = drawn;
  const [first, top] = [times[0], topOf(drawn)];
  if (bands === undefined || first === undefined || top === undefined) return [];
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
      ...(open(at) && { itemStyle: { color: translucent(stroke, 0.4), borderColor: stroke, borderType: 'dotted' } }),
    })),
  };
  if (!series.previous) return [bars];
  return [bars, line(drawn, series.previous, { color: colour('series-previous'), width: 1.5 })];
}
