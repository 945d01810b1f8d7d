import { expect, test } from 'vitest';
import { Answer } from '../api/answer';
import { alertOf, jobOf, scrapedBy } from './prometheus';

const ORIGIN = new URL('https://rum.example');
const HOUR = 3_600_000;
const question = {
  monitor: "o'shop",
  from: 0,
  to: 4 * HOUR,
  measures: ['lcp_p75'],
  by: ['time:1h', 'page_group'],
  where: [{ dimension: 'title', op: 'is', values: ['it\'s\n"x"'] }],
  limit: 9,
};

test('a job asks the same without buckets of time, whatever is in its filters', () => {
  const job = jobOf(question, ORIGIN);
  expect(job).toContain("monitor: ['o''shop']");
  expect(job).toContain(`measures: ['["lcp_p75"]']`);
  expect(job).toContain(`by: ['["page_group"]']`);
  expect(job).toContain(String.raw`"values":["it''s\n\"x\""]`);
  expect(job).toContain("limit: ['9']");
  expect(job).toContain('scheme: https');
  expect(job).toContain("targets: ['rum.example:443']");
  expect(job).not.toContain('time');
});

test('a question over time alone has no labels, and no limit of rows', () => {
  const job = jobOf(
    { ...question, measures: ['sessions'], by: ['time:1h'], where: [], limit: 1000 },
    new URL('http://127.0.0.1:8080'),
  );
  expect(job).not.toMatch(/^ {6}(by|limit|where):/m);
  expect(job).toContain("targets: ['127.0.0.1:8080']");
});

test('an alert is on what is poor, else on what is far from now', () => {
  const measures = ['lcp_p75', 'score', 'http_error_rate', 'sessions'];
  const rows = [
    [0, 2000, 90, 0.0123, 800],
    [HOUR, 2100, 80, 0.01, 1200],
  ];
  const answer = new Answer({ columns: ['time', ...measures], rows });
  const asked = { ...question, monitor: 'shop', measures, by: ['time:1h'], where: [] };
  const alerts = alertOf(asked, answer);
  const job = '{job="openrum shop lcp_p75 score http_error_rate sessions"}';
  const expressions = [...alerts.matchAll(/expr: '(.*)' #/g)].map(([, expression]) => expression);
  expect(expressions).toEqual([
    `openrum_lcp_p75${job} > 4000`,
    `openrum_score${job} < 50`,
    `openrum_http_error_rate${job} > 0.025`,
    `openrum_sessions${job} < 63`,
  ]);
});

test('of counts over time the alert is on one series, and filters tell jobs apart', () => {
  const answer = new Answer({
    columns: ['time', 'page_group', 'js_errors'],
    rows: [
      [0, '/', 8],
      [HOUR, '/', 8],
      [0, '/cart', 2],
    ],
  });
  const where = [{ dimension: 'browser', op: 'is', values: ['Chrome'] }];
  const asked = { ...question, monitor: 'shop', measures: ['js_errors'], where };
  const name = 'openrum shop js_errors by page_group browser is Chrome';
  expect(alertOf(asked, answer)).toContain(`openrum_js_errors{job="${name}"} > 2'`);
  expect(jobOf(asked, ORIGIN)).toContain(`job_name: '${name}'`);
});

test('only what is asked of the vocabulary can be scraped', () => {
  expect(scrapedBy({ method: 'POST', path: 'query', body: question })).toBe(question);
  expect(scrapedBy({ method: 'POST', path: 'errors', body: question })).toBeUndefined();
  expect(scrapedBy(undefined)).toBeUndefined();
});
