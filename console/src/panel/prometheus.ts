// A panel's question for Prometheus: the job that scrapes it, and an alert on it in PromQL. Pure.

import type { Answer } from '../api/answer';
import type { Call } from '../api/http';
import { type Measure, measureNamed } from '../lib/measures';

const SCRAPE = '/api/v1/prometheus';
const WINDOW = '15m';
const WINDOW_MS = 15 * 60_000;
const FOR = '10m';

/** What of a question's form matters here. */
interface Question {
  monitor: string;
  from: number;
  to: number;
  measures: string[];
  by?: string[];
  where?: { dimension: string; op?: string; values?: unknown[] }[];
  limit?: number;
}

/** The question that a call asks; undefined where Prometheus cannot ask the same. */
export function scrapedBy(call: Call | undefined): Question | undefined {
  return call?.method === 'POST' && call.path === 'query' ? (call.body as Question) : undefined;
}

/** A scrape job for prometheus.yml. Buckets of time are left out: Prometheus keeps the time itself. */
export function jobOf(question: Question, origin: URL): string {
  const by = labelled(question);
  const { monitor, measures, where = [], limit } = question;
  const parameters: [string, string][] = [
    ['monitor', monitor],
    ['from', `-${WINDOW}`],
    ['measures', JSON.stringify(measures)],
    ...(by.length > 0 ? [['by', JSON.stringify(by)] satisfies [string, string]] : []),
    ...(where.length > 0 ? [['where', JSON.stringify(where)] satisfies [string, string]] : []),
    ...(by.length > 0 && limit !== undefined ? [['limit', String(limit)] satisfies [string, string]] : []),
  ];
  return [
    `# In prometheus.yml. A key is made by: openrum keys create --name prometheus --role viewer`,
    'scrape_configs:',
    `  - job_name: ${quoted(jobNameOf(question))}`,
    '    scrape_interval: 1m',
    `    scheme: ${origin.protocol.replace(':', '')}`,
    `    metrics_path: ${SCRAPE}`,
    '    params:',
    ...parameters.map(([name, value]) => `      ${name}: [${quoted(value)}]`),
    '    basic_auth:',
    '      username: ACCESS_KEY_ID',
    '      password: SECRET_ACCESS_KEY',
    '    static_configs:',
    `      - targets: [${quoted(hostOf(origin))}]`,
    '',
  ].join('\n');
}

/** A rule file with an alert for each measure. The answer tells what is usual, where no border of a measure is known. */
export function alertOf(question: Question, answer: Answer): string {
  const rules = question.measures.flatMap((name) => {
    const measure = measureNamed(name);
    const { sign, border, why } = borderOf(measure, usualOf(measure, question, answer));
    return [
      `      - alert: ${quoted(`${measure.label} of ${question.monitor}`)}`,
      `        expr: ${quoted(`${promqlOf(name, question)} ${sign} ${border}`)} # ${why}`,
      `        for: ${FOR}`,
    ];
  });
  return [
    '# A rule file. The scrape job of the same panel makes these metrics.',
    'groups:',
    '  - name: openrum',
    '    rules:',
    ...rules,
    '',
  ].join('\n');
}

/** What a scrape would mostly find: of rows the one nearest to an alarm, of counts so many as fall into its window. */
function usualOf({ name, unit, better }: Measure, question: Question, answer: Answer): number {
  const counts = unit === 'count';
  // Of counts over time the buckets of one series come together.
  const series = new Map<string, number>();
  for (let row = 0; row < answer.length; row++) {
    const value = answer.number(row, name);
    if (value === null) continue;
    const key = counts ? JSON.stringify(labelled(question).map((label) => answer.at(row, label))) : String(row);
    series.set(key, (series.get(key) ?? 0) + value);
  }
  if (series.size === 0) return 0;
  const nearest = better === 'more' ? Math.min(...series.values()) : Math.max(...series.values());
  return counts ? (nearest * WINDOW_MS) / Math.max(WINDOW_MS, question.to - question.from) : nearest;
}

/** What tells its series from those of another panel: filters are in no label, so they are in the name of the job. */
function jobNameOf({ monitor, measures, by, where = [] }: Question): string {
  const labels = labelled({ by }).map((name) => `by ${name}`);
  const filters = where.map(({ dimension, op = 'is', values = [] }) => [dimension, op, ...values].join(' '));
  return ['openrum', monitor, ...measures, ...labels, ...filters].join(' ').replaceAll(/\s+/g, ' ');
}

/** The metric of a measure, as this job has it. */
function promqlOf(measure: string, question: Question): string {
  return `openrum_${measure}{job=${JSON.stringify(jobNameOf(question))}}`;
}

function labelled({ by = [] }: Pick<Question, 'by'>): string[] {
  return by.filter((name) => name.split(':')[0] !== 'time');
}

interface Border {
  sign: '>' | '<';
  border: number;
  why: string;
}

const POOR_SCORE = 50;

/** From where on it is worth a call: what is poor, else twice what it is, or half where more is better. */
function borderOf({ unit, better, bands }: Measure, usual: number): Border {
  if (unit === 'score') return { sign: '<', border: POOR_SCORE, why: 'poor' };
  if (bands !== undefined) return { sign: '>', border: bands.poor, why: 'poor' };
  if (better === 'more') return { sign: '<', border: rounded(usual / 2), why: 'half of what was usual' };
  return { sign: '>', border: rounded(usual * 2), why: 'twice what was usual' };
}

function rounded(value: number): number {
  return Number(value.toPrecision(2));
}

/** With its port, which Prometheus does not know by the scheme. */
function hostOf({ host, port, protocol }: URL): string {
  return port !== '' ? host : `${host}:${protocol === 'https:' ? 443 : 80}`;
}

/** A text of YAML, whatever is in it. Line breaks are none of JSON's own, and of a name a blank will do. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''").replaceAll(/[\r\n]+/g, ' ')}'`;
}
