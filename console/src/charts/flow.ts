// Where the nodes and bands of a flow stand: columns from left to right, in each the broadest first. Pure.

/** Something in a column. `rest` stands for all that is not shown by itself, `begin` and `end` for the world outside. */
export interface FlowNode {
  id: string;
  column: number;
  name: string;
  value: number;
  look: 'plain' | 'rest' | 'begin' | 'end';
}

export interface FlowLink {
  from: string;
  to: string;
  value: number;
}

export interface PlacedNode extends FlowNode {
  x: number;
  y: number;
  /** Height of its bar, px. */
  height: number;
  /** Height of what it may take for its label, px. */
  slot: number;
}

export interface PlacedLink extends FlowLink {
  key: string;
  path: string;
}

export interface Flow {
  nodes: PlacedNode[];
  links: PlacedLink[];
  height: number;
  columnWidth: number;
}

export const BAR = 10;
const SLOT_MIN = 36;
const GAP = 10;
const LAST = { plain: 0, rest: 1, begin: 2, end: 2 };

/** Place everything in a width; the broadest column of values is `tall` px before gaps. */
export function placeFlow(nodes: readonly FlowNode[], links: readonly FlowLink[], width: number, tall = 300): Flow {
  const columns = Math.max(0, ...nodes.map((node) => node.column)) + 1;
  const columnWidth = width / columns;
  const totals = Array.from({ length: columns }, (_, at) => sum(nodes.filter((node) => node.column === at)));
  const perUnit = tall / (Math.max(...totals) || 1);
  const placed: PlacedNode[] = [];
  let height = 0;
  for (let column = 0; column < columns; column++) {
    let y = 0;
    const inColumn = nodes.filter((node) => node.column === column);
    for (const node of inColumn.sort((one, other) => LAST[one.look] - LAST[other.look] || other.value - one.value)) {
      const bar = Math.max(2, node.value * perUnit);
      const slot = Math.max(bar, SLOT_MIN);
      placed.push({ ...node, x: column * columnWidth, y, height: bar, slot });
      y += slot + GAP;
    }
    height = Math.max(height, y - GAP);
  }
  return { nodes: placed, links: placeLinks(placed, links, perUnit), height: Math.max(0, height), columnWidth };
}

function sum(nodes: readonly FlowNode[]): number {
  return nodes.reduce((total, node) => total + node.value, 0);
}

/** Bands leave and enter a bar in the order of what they lead to, so that they cross as little as can be. */
function placeLinks(nodes: readonly PlacedNode[], links: readonly FlowLink[], perUnit: number): PlacedLink[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const known = links.filter(({ from, to }) => byId.has(from) && byId.has(to));
  const left = new Map<string, number>();
  const entered = new Map<string, number>();
  const y = (id: string): number => byId.get(id)?.y ?? 0;
  const begins = new Map<FlowLink, number>();
  for (const link of known.toSorted((one, other) => y(one.to) - y(other.to))) {
    begins.set(link, left.get(link.from) ?? 0);
    left.set(link.from, (left.get(link.from) ?? 0) + link.value * perUnit);
  }
  return known
    .toSorted((one, other) => y(one.from) - y(other.from))
    .map((link) => {
      const [from, to] = [byId.get(link.from) as PlacedNode, byId.get(link.to) as PlacedNode];
      const begin = from.y + (begins.get(link) ?? 0);
      const end = to.y + (entered.get(link.to) ?? 0);
      entered.set(link.to, (entered.get(link.to) ?? 0) + link.value * perUnit);
      return {
        ...link,
        key: `${link.from}→${link.to}`,
        path: band(from.x + BAR, begin, to.x, end, Math.max(1, link.value * perUnit)),
      };
    });
}

function band(x0: number, y0: number, x1: number, y1: number, thick: number): string {
  const middle = (x0 + x1) / 2;
  const [top, bottom] = [`${middle} ${y0} ${middle} ${y1} ${x1} ${y1}`, `${middle} ${y1 + thick}`];
  return `M${x0} ${y0}C${top}V${y1 + thick}C${bottom} ${middle} ${y0 + thick} ${x0} ${y0 + thick}Z`;
}

/** The nodes that lie on a way through one of them: everything before it and behind it. */
export function through(id: string, links: readonly FlowLink[]): Set<string> {
  return new Set([...reached(id, links, 'from', 'to'), ...reached(id, links, 'to', 'from')]);
}

function reached(id: string, links: readonly FlowLink[], near: 'from' | 'to', far: 'from' | 'to'): Set<string> {
  const found = new Set([id]);
  const open = [id];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const link of links) {
      if (link[near] === at && !found.has(link[far])) {
        found.add(link[far]);
        open.push(link[far]);
      }
    }
  }
  return found;
}
