// A chart of ECharts on an element: loaded when first needed, as wide as its element, in the colours of the theme.
// Charts are silent: what the pointer does is ours, so that no markup is ever made of a value.

import type { EChartsCoreOption, EChartsType } from 'echarts/core';
import type { Attachment } from 'svelte/attachments';
import loadPainter from 'virtual:painter';

export { loadPainter };

export type Colour = (token: string) => string;

/** The colour of a token as it is now, for a canvas: `series-1` → rgb(…). */
export function colourOf(token: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(--${token})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** The same, see-through. */
export function translucent(colour: string, alpha: number): string {
  const parts = colour.match(/[\d.]+/g)?.slice(0, 3) ?? ['0', '0', '0'];
  return colour.startsWith('rgb') ? `rgba(${parts.join(',')},${alpha})` : colour;
}

export interface Drawing {
  /** How it is drawn. Reads what it depends on, and is called again when that changes. */
  option: (colour: Colour) => EChartsCoreOption;
  /** Loads the painter: a module of charts/ that registers the parts of ECharts it needs and hands on `init`. */
  painter?: () => Promise<{ init: (element: HTMLElement) => EChartsType }>;
  /** Told when it is drawn anew, or has another size. */
  ondrawn?: (chart: EChartsType) => void;
}

let themed = $state(0);

if (typeof document !== 'undefined') {
  const changed = (): void => void (themed += 1);
  new MutationObserver(changed).observe(document.documentElement, { attributeFilter: ['data-theme'] });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
}

/** Draw on an element for as long as it is there. */
export function drawing({ option, painter = loadPainter, ondrawn }: Drawing): Attachment<HTMLElement> {
  return (element) => {
    let chart = $state.raw<EChartsType>();
    let gone = false;
    void painter().then(({ init }) => {
      if (!gone) chart = init(element);
    });

    $effect(() => {
      void themed;
      if (chart === undefined) return;
      const made = option(colourOf);
      // A canvas knows no `inherit`.
      const textStyle = { fontFamily: getComputedStyle(element).fontFamily };
      chart.setOption({ animation: false, textStyle, ...made }, { notMerge: true, silent: true });
      ondrawn?.(chart);
    });

    const resized = new ResizeObserver(() => {
      chart?.resize({ animation: { duration: 0 } });
      if (chart !== undefined) ondrawn?.(chart);
    });
    resized.observe(element);
    return () => {
      gone = true;
      resized.disconnect();
      chart?.dispose();
    };
  };
}
