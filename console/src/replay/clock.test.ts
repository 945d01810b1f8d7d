// How long a replay is, in words.
import { expect, test } from 'vitest';
import { clock } from './clock';

test('a length is told as a player tells it', () => {
  expect([-5, 0, 7900, 65_000, 3_725_000].map(clock)).toEqual(['0:00', '0:00', '0:07', '1:05', '1:02:05']);
});
