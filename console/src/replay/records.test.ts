// What is read of a recording, and what is made of its times.
import { expect, test } from 'vitest';
import { CHANGE, idleSpans, inOrder, pictureBefore, RECORD, type Recorded, recordsOf } from './records';

const NOW = 1_795_728_000_000;
const part = { id: 'a', time: NOW + 5000 };
const record = (at: number, kind: number = RECORD.change): Recorded => ({ kind, at, data: {} });

test('what does not look like a record is left out, and costs nobody else', () => {
  const sent = [null, 7, 'x', [], {}, { type: '2', timestamp: NOW }, { type: 3, timestamp: NOW, data: { source: 3 } }];
  expect(recordsOf(part, sent)).toEqual([{ kind: 3, at: NOW, data: { source: 3 } }]);
  expect(recordsOf(part, 'no list')).toEqual([]);
});

test('a visitor whose clock is wrong is watched by the time of the server, one whose clock is right by its own', () => {
  const sent = (first: number): unknown[] => [
    { type: 4, timestamp: first },
    { type: 3, timestamp: first + 4000 },
  ];
  expect(recordsOf(part, sent(NOW)).map(({ at }) => at)).toEqual([NOW, NOW + 4000]);
  const year = 365 * 86_400_000;
  expect(recordsOf(part, sent(NOW - year)).map(({ at }) => at)).toEqual([NOW + 1000, NOW + 5000]);
});

test('the places of one move are passed one after the other, each when it was', () => {
  const positions = [
    { x: 1, y: 1, timeOffset: -400 },
    { x: 2, y: 2, timeOffset: 0 },
  ];
  const moved = { type: RECORD.change, timestamp: NOW, data: { source: CHANGE.mouseMove, positions } };
  expect(inOrder([record(NOW - 200), ...recordsOf(part, [moved])]).map(({ at, data }) => [at, data.x])).toEqual([
    [NOW - 400, 1],
    [NOW - 200, undefined],
    [NOW, 2],
  ]);
});

test('a moment is built from the last whole picture before it, and the first there is where none is before', () => {
  const records = [record(10), record(20, RECORD.full), record(30), record(40, RECORD.full), record(50)];
  expect([5, 20, 39, 40, 1000].map((moment) => pictureBefore(records, moment))).toEqual([1, 1, 1, 3, 3]);
  expect(pictureBefore([record(10)], 20)).toBe(-1);
});

test('a stretch without records is idle from a length on', () => {
  expect(idleSpans([record(0), record(900), record(5000)], 1000)).toEqual([{ from: 900, to: 5000 }]);
});
