// Steps of journeys as the API tells them, made into the nodes and bands of a flow. Pure.

import type { Answer } from '../../api/answer';
import type { FlowLink, FlowNode } from '../../charts/flow';
import { formatValue } from '../../lib/dimensions';

export type Direction = 'forward' | 'backward';

/** A node of the flow, and the page it stands for: null where it is none, or its views tell no page. */
export interface Stop extends FlowNode {
  /** Steps from where the flow begins: 1 is there. */
  level: number;
  kind: string;
  page: string | null;
}

export interface Paths {
  stops: Stop[];
  links: FlowLink[];
  /** How many columns there are. */
  columns: number;
}

const NAMES: Record<string, string> = { other: 'Other pages', exit: 'Left the site', entry: 'Came to the site' };
const LOOKS: Record<string, FlowNode['look']> = { other: 'rest', exit: 'end', entry: 'begin' };

/** Forward the flow begins at the left, backward it ends at the right: time always runs to the right. */
export function pathsOf(answer: Answer, by: string, direction: Direction): Paths {
  const deepest = Math.max(0, ...answer.column('step').map(Number));
  const stops = new Map<string, Stop>();
  const [near, far] = direction === 'forward' ? ['from', 'to'] : ['to', 'from'];
  const entered = new Map<string, number>();
  const began = new Map<string, number>();
  const links: FlowLink[] = [];

  function stop(row: number, side: string, level: number): string {
    const kind = answer.text(row, `${side}_kind`);
    const page = kind === 'page' ? (answer.at(row, side) as string | null) : null;
    const id = `${level}:${kind}:${page ?? ''}`;
    if (!stops.has(id)) {
      const column = direction === 'forward' ? level - 1 : deepest + 1 - level;
      const name = NAMES[kind] ?? formatValue(by, page);
      stops.set(id, { id, level, kind, page, column, name, value: 0, look: LOOKS[kind] ?? 'plain' });
    }
    return id;
  }

  for (let row = 0; row < answer.length; row++) {
    const step = answer.number(row, 'step') ?? 0;
    const count = answer.number(row, 'count') ?? 0;
    const here = stop(row, near, step);
    const there = stop(row, far, step + 1);
    began.set(here, (began.get(here) ?? 0) + count);
    entered.set(there, (entered.get(there) ?? 0) + count);
    links.push(
      direction === 'forward' ? { from: here, to: there, value: count } : { from: there, to: here, value: count },
    );
  }
  for (const [id, each] of stops) each.value = Math.max(began.get(id) ?? 0, entered.get(id) ?? 0);
  return { stops: [...stops.values()], links, columns: deepest + 1 };
}

/** Where people come from and where they go on to, of one stop: the most first. */
export function aroundOf(id: string, { stops, links }: Paths): { before: Neighbour[]; after: Neighbour[] } {
  const byId = new Map(stops.map((stop) => [stop.id, stop]));
  const side = (here: 'from' | 'to', there: 'from' | 'to'): Neighbour[] =>
    links
      .filter((link) => link[here] === id)
      .flatMap((link) => {
        const stop = byId.get(link[there]);
        return stop === undefined ? [] : [{ stop, count: link.value }];
      })
      .sort((one, other) => other.count - one.count);
  return { before: side('to', 'from'), after: side('from', 'to') };
}

export interface Neighbour {
  stop: Stop;
  count: number;
}
