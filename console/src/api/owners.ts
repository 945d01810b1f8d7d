// What the owner of a monitor reads and changes: the doors under monitors/, keys, users and forget.

import type { AnswerForm } from './answer';
import { getting } from './doors';
import type { Forms } from './forms';
import { call, forgetAnswers, type Method, serverNow } from './http';

export type OwnerRules = Omit<Forms['RulesTold'], 'scrub'> & { scrub: Partial<ScrubRules> };

export interface ScrubRules {
  query: 'remove' | 'names' | 'keep';
  keep_parameters: string[];
  emails: boolean;
  card_numbers: boolean;
  tokens: boolean;
  texts: string[];
}

/** What of a monitor is set by its owner, and is not a part of its own. */
export type Settings = Pick<
  Forms['MonitorAnswer'],
  | 'domains'
  | 'custom_events'
  | 'session_sample_rate'
  | 'cookies'
  | 'telemetries'
  | 'xray'
  | 'identity_pool'
  | 'guest_role'
  | 'included_pages'
  | 'excluded_pages'
  | 'favorite_pages'
>;

/** A monitor in full. */
export type Owned = Omit<Forms['MonitorAnswer'], 'rules'> & { rules: OwnerRules };

export type TestEvent = Forms['TestEventAnswer'];

export type TriedRules = Forms['TriedRulesAnswer'];

export type MetricDefinition = Forms['MetricTold'];

export type AccessKey = Forms['KeyTold'];

export type ConsoleUser = Forms['UserTold'];

/** The door of a monitor, or of a part of it. */
export function monitorPath(name: string, ...parts: string[]): string {
  return ['monitors', name, ...parts].map((part) => encodeURIComponent(part)).join('/');
}

/** A call that changes something: what was answered before may be different now. */
async function change<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const told = await call<T>({ method, path, ...(body !== undefined && { body }) });
  forgetAnswers();
  return told;
}

export function createMonitor(form: { name: string; domains: string[]; public: boolean }): Promise<Owned> {
  return change('POST', 'monitors', form);
}

export function changeMonitor(name: string, settings: Partial<Settings>): Promise<Owned> {
  return change('PATCH', monitorPath(name), settings);
}

export async function deleteMonitor(name: string): Promise<void> {
  await change('DELETE', monitorPath(name));
}

export function putPolicy(
  name: string,
  policy: { public: boolean } | { document: string },
  revision: string | null,
): Promise<Owned> {
  return change('PUT', monitorPath(name, 'policy'), { ...policy, revision });
}

export function changeRules(name: string, rules: Partial<OwnerRules>): Promise<Owned> {
  return change('PATCH', monitorPath(name, 'rules'), rules);
}

export function putTags(name: string, tags: Record<string, string>): Promise<Owned> {
  return change('PUT', monitorPath(name, 'tags'), { tags });
}

export function sendTestEvent(name: string): Promise<TestEvent> {
  return call({ method: 'POST', path: monitorPath(name, 'test-event') });
}

export function addMetric(name: string, definition: Omit<MetricDefinition, 'id'>): Promise<MetricDefinition> {
  return change('POST', monitorPath(name, 'metrics'), definition);
}

export async function dropMetric(name: string, id: string): Promise<void> {
  await change('DELETE', monitorPath(name, 'metrics', id));
}

export function createKey(name: string, role: string): Promise<{ id: string; secret: string }> {
  return change('POST', 'keys', { name, role });
}

export async function revokeKey(id: string): Promise<void> {
  await change('DELETE', `keys/${encodeURIComponent(id)}`);
}

/** The password is told where one was made. */
export function createUser(name: string, role: string): Promise<{ name: string; password?: string }> {
  return change('POST', 'users', { name, role });
}

export async function changeUser(name: string, told: { role?: string; password?: string }): Promise<void> {
  await change('PATCH', `users/${encodeURIComponent(name)}`, told);
}

export async function removeUser(name: string): Promise<void> {
  await change('DELETE', `users/${encodeURIComponent(name)}`);
}

/** The signed receipt of what was forgotten. */
export function forget(monitor: string, subject: { user: string } | { session: string }): Promise<unknown> {
  return change('POST', 'forget', { monitor, ...subject });
}

const HOUR_MS = 3_600_000;

/** What arrived of late: pages with their events, of people and of bots, asked past the store of answers. */
export async function arrivals(monitor: string, signal: AbortSignal): Promise<AnswerForm> {
  const now = serverNow();
  const body = {
    monitor,
    from: now - HOUR_MS,
    to: now + HOUR_MS,
    measures: ['events', 'sessions'],
    by: ['page', 'bot'],
    limit: 12,
  };
  return call({ method: 'POST', path: 'query', body, signal });
}

/** What became of what was sent within the last hour, by reason. */
export async function endings(monitor: string, signal: AbortSignal): Promise<AnswerForm> {
  return call({ ...getting('ledger', { monitor, from: serverNow() - HOUR_MS, to: 'now' }), signal });
}
