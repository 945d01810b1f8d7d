import { expect, test, vi } from 'vitest';
import { healthOf, primaryIssue } from '../views/monitors/health';

vi.stubGlobal('location', { pathname: '/console/', search: '' });
vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {} }));
const { fits } = await import('./commands');

test('a command is found by any of its words, in any order', () => {
  const command = { group: 'Time', label: 'Last 7 days' };
  expect(['last', 'days time', '7', ''].every((sought) => fits(command, sought))).toBe(true);
  expect(fits(command, 'last month')).toBe(false);
});

test('health is of the share of impacted sessions', () => {
  expect([
    healthOf(100, 0.009),
    healthOf(100, 0.01),
    healthOf(100, 0.05),
    healthOf(100, 0.051),
    healthOf(0, 0),
  ]).toEqual(['healthy', 'degraded', 'degraded', 'critical', 'none']);
});

test('the primary issue is the one furthest above what is usual', () => {
  expect(primaryIssue({ errorRate: 0.02, requestErrorRate: 0.3, slowShare: 0.2 })).toBe('Failed requests');
  expect(primaryIssue({ errorRate: 0.001, requestErrorRate: 0, slowShare: null })).toBeNull();
});
