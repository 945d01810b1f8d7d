// The moment the pointer is at, shared by every chart over time: each shows its values there.

let time = $state<number>();
let source = $state<string>();

export const hover = {
  /** Epoch ms; undefined where the pointer is on no chart. */
  get time(): number | undefined {
    return time;
  },
  /** The chart the pointer is on. */
  get source(): string | undefined {
    return source;
  },
};

export function hoverAt(at: number, chart: string): void {
  time = at;
  source = chart;
}

/** The pointer left a chart. */
export function hoverNowhere(chart: string): void {
  if (source === chart) time = source = undefined;
}
