// Every door of the API that the console knows, with the forms of what goes in and comes out.

import { type Call, call } from './http';

export interface Me {
  name: string;
  role: 'admin' | 'viewer' | 'ingest';
  csrf: string;
  /** False where the server runs with --auth off, and nobody signs in. */
  auth: boolean;
}

export interface MonitorEntry {
  id: string;
  name: string;
}

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

export async function listMonitors(): Promise<MonitorEntry[]> {
  const told = await call<{ monitors: MonitorEntry[] }>({ method: 'GET', path: 'monitors' });
  return told.monitors;
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
