// The SQL of panels becomes SQL over the views.

import { expect, test } from 'vitest';
import { asUserSql, fitsInLink, sqlPlace } from './sql';

test('rows are made of the events, before all that the query names itself', () => {
  const sql = asUserSql('WITH scope AS NOT MATERIALIZED (\n  SELECT "time"\n  FROM event_rows\n)\nSELECT 1 FROM scope');
  expect(sql.startsWith('WITH event_rows AS (\n  SELECT * REPLACE (')).toBe(true);
  expect(sql).toContain('FROM events\n), scope AS (\n  SELECT "time"\n  FROM event_rows\n)');
  expect(sql).not.toContain('MATERIALIZED');
  expect(sql).not.toContain('"block"');
  expect(asUserSql('SELECT 1 FROM event_rows')).toMatch(/^WITH event_rows AS [\s\S]*\)\nSELECT 1 FROM event_rows$/);
  expect(asUserSql('SELECT "block" FROM event_rows')).toContain('0 AS "block"');
});

test('a text that is too long for an address stays out of it', () => {
  const long = 'é'.repeat(3000);
  expect([fitsInLink('SELECT 1'), fitsInLink(long)]).toEqual([true, false]);
  expect([sqlPlace('SELECT 1').more, sqlPlace(long).more]).toEqual([{ q: 'SELECT 1' }, { q: '' }]);
});
