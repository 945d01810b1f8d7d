import { expect, test } from 'vitest';
import { type FlowNode, placeFlow, through } from './flow';

const node = (id: string, column: number, value: number, look: FlowNode['look'] = 'plain'): FlowNode => ({
  id,
  column,
  value,
  look,
  name: id,
});
const NODES = [
  node('a', 0, 60),
  node('b', 0, 40),
  node('end', 1, 70, 'end'),
  node('rest', 1, 20, 'rest'),
  node('c', 1, 10),
];
const LINKS = [
  { from: 'a', to: 'end', value: 50 },
  { from: 'a', to: 'c', value: 10 },
  { from: 'b', to: 'end', value: 20 },
  { from: 'b', to: 'rest', value: 20 },
];

test('a column has the broadest first, what is not shown by itself behind them, and the end last', () => {
  const { nodes } = placeFlow(NODES, LINKS, 400);
  const second = nodes.filter(({ column }) => column === 1).toSorted((one, other) => one.y - other.y);
  expect(second.map(({ id }) => id)).toEqual(['c', 'rest', 'end']);
});

test('bars are as high as their values, and no two of a column overlap', () => {
  const { nodes, height } = placeFlow(NODES, LINKS, 400, 300);
  expect(nodes.find(({ id }) => id === 'a')?.height).toBeCloseTo(180);
  for (const column of [0, 1]) {
    const inColumn = nodes.filter((each) => each.column === column).toSorted((one, other) => one.y - other.y);
    inColumn.slice(1).forEach((each, at) => {
      const above = inColumn[at];
      expect(each.y).toBeGreaterThanOrEqual((above?.y ?? 0) + (above?.slot ?? 0));
    });
    expect(Math.max(...inColumn.map(({ y, slot }) => y + slot))).toBeLessThanOrEqual(height);
  }
});

test('a band without a node at either end is not drawn', () => {
  expect(placeFlow(NODES, [{ from: 'a', to: 'nowhere', value: 1 }], 400).links).toEqual([]);
});

test('a way through a node has what leads to it and what follows, and nothing beside', () => {
  const links = [...LINKS, { from: 'c', to: 'd', value: 10 }];
  expect([...through('c', links)].sort()).toEqual(['a', 'c', 'd']);
  expect([...through('b', links)].sort()).toEqual(['b', 'end', 'rest']);
});
