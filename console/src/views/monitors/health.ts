// How a monitor is, of the share of its sessions that met an error or a failed request. Pure.

export type Health = 'healthy' | 'degraded' | 'critical' | 'none';

const DEGRADED = 0.01;
const CRITICAL = 0.05;

/** Under 1 % is healthy, up to 5 % degraded, above critical; without sessions nothing can be said. */
export function healthOf(sessions: number | null, impactedRate: number | null): Health {
  if (!sessions || impactedRate === null) return 'none';
  return impactedRate > CRITICAL ? 'critical' : impactedRate >= DEGRADED ? 'degraded' : 'healthy';
}

export const HEALTH_WORDS: Record<Health, string> = {
  healthy: 'Healthy',
  degraded: 'Degraded',
  critical: 'Critical',
  none: 'No data',
};

export interface Measures {
  errorRate: number | null;
  requestErrorRate: number | null;
  /** Share of page loads with a poor LCP. */
  slowShare: number | null;
}

/** What troubles most visitors; null where nothing stands out. */
export function primaryIssue({ errorRate, requestErrorRate, slowShare }: Measures): string | null {
  const found: [string, number, number][] = [
    ['JavaScript errors', errorRate ?? 0, DEGRADED],
    ['Failed requests', requestErrorRate ?? 0, DEGRADED],
    ['Slow pages', slowShare ?? 0, 0.1],
  ];
  const worst = found
    .filter(([, share, least]) => share >= least)
    .sort((one, other) => other[1] / other[2] - one[1] / one[2])[0];
  return worst?.[0] ?? null;
}
