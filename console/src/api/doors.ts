// Every door of the API that the console knows, with the forms of what goes in and comes out.

import type { Forms } from './forms';
import { type Call, call } from './http';

/** `auth` is false where the server runs with --auth off, and nobody signs in. */
export type Me = Forms['Who'];

/** `active` since its first event; `demo` where it came with the demo. */
export type MonitorEntry = Forms['MonitorTold'];

export async function whoAmI(): Promise<Me> {
  const told = await call<Partial<Me>>({ method: 'GET', path: 'me' });
  return { name: told.name ?? '', role: told.role ?? 'viewer', csrf: told.csrf ?? '', auth: told.auth ?? true };
}

export async function signIn(name: string, password: string): Promise<Me> {
  const told = await call<Partial<Me>>({ method: 'POST', path: 'sign-in', body: { name, password } });
  return { name: told.name ?? name, role: told.role ?? 'viewer', csrf: told.csrf ?? '', auth: true };
}

export async function signOut(): Promise<void> {
  await call<unknown>({ method: 'POST', path: 'sign-out', body: {} });
}

/** The door that lists the monitors, and what it answers. */
export const LISTING = {
  call: { method: 'GET', path: 'monitors' } satisfies Call,
  read: (form: unknown): MonitorEntry[] => (form as { monitors: MonitorEntry[] }).monitors,
};

export async function listMonitors(): Promise<MonitorEntry[]> {
  return LISTING.read(await call<unknown>(LISTING.call));
}

/** A session's recording: what parts it has. `time` is epoch milliseconds. */
export type ReplayParts = Forms['ReplayAnswer'];

/** SQL that somebody keeps under a name. `changed` is epoch milliseconds. */
export type SavedQuery = Forms['SavedQueryTold'];

export async function saveQuery(name: string, sql: string): Promise<void> {
  await call<unknown>({ method: 'PUT', path: 'saved-queries', body: { name, sql } });
}

export async function removeQuery(name: string): Promise<void> {
  await call<unknown>({ method: 'DELETE', path: 'saved-queries', body: { name } });
}

/** A GET with members in its address; lists and objects go as JSON, what is undefined stays out. */
export function getting(path: string, asked: Record<string, unknown> = {}): Call {
  const query = Object.entries(asked)
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([name, value]) => {
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean);
      return `${encodeURIComponent(name)}=${encodeURIComponent(text)}`;
    });
  return { method: 'GET', path: query.length > 0 ? `${path}?${query.join('&')}` : path };
}
