// Releases by when they were seen, from page views by time and release. Pure.

import type { Answer } from '../../api/answer';

export interface Life {
  release: string;
  /** Beginning of the first and of the last stretch of time it was seen in. */
  first: number;
  last: number;
  /** It was there when the range began, and perhaps before. */
  older: boolean;
  /** Its share of the page views, by stretch of time. */
  shares: number[];
  views: number;
}

/** The newest first: the latest to appear. */
export function livesOf(answer: Answer): Life[] {
  const times = [...new Set(answer.column('time').map(Number))].sort((one, other) => one - other);
  const place = new Map(times.map((time, at) => [time, at]));
  const totals = times.map(() => 0);
  const counts = new Map<string, number[]>();
  for (let row = 0; row < answer.length; row++) {
    const at = place.get(answer.number(row, 'time') ?? NaN);
    const views = answer.number(row, 'page_views') ?? 0;
    const release = answer.at(row, 'release');
    if (at === undefined || views === 0) continue;
    totals[at] = (totals[at] ?? 0) + views;
    if (release === null) continue;
    const line = counts.get(String(release)) ?? times.map(() => 0);
    line[at] = (line[at] ?? 0) + views;
    counts.set(String(release), line);
  }
  const lives = [...counts].map(([release, line]): Life => {
    const seen = line.flatMap((views, at) => (views > 0 ? [at] : []));
    const [first = 0, last = 0] = [seen[0], seen.at(-1)];
    return {
      release,
      first: times[first] ?? 0,
      last: times[last] ?? 0,
      older: first === 0,
      shares: line.map((views, at) => (totals[at] ? views / (totals[at] ?? 1) : 0)),
      views: line.reduce((sum, views) => sum + views, 0),
    };
  });
  return lives.sort((one, other) => other.first - one.first || other.last - one.last || other.views - one.views);
}
