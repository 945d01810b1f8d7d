// Who is here: asked once at the start, changed by signing in and out, lost when the server says so.

import { type Me, signIn as knock, signOut as leave, whoAmI } from '../api/doors';
import { ApiError, forgetAnswers, setCsrf, whenSignedOut } from '../api/http';

let me = $state.raw<Me>();
let state = $state<'unknown' | 'in' | 'out'>('unknown');
let trouble = $state('');

export const session = {
  get me(): Me | undefined {
    return me;
  },
  get state(): 'unknown' | 'in' | 'out' {
    return state;
  },
  /** Why nobody could be found out; empty where all is well. */
  get trouble(): string {
    return trouble;
  },
  get admin(): boolean {
    return me?.role === 'admin';
  },
};

function enter(found: Me): void {
  me = found;
  setCsrf(found.csrf);
  state = 'in';
}

/** Ask who is here. */
export async function findOut(): Promise<void> {
  whenSignedOut(() => (state = 'out'));
  trouble = '';
  try {
    enter(await whoAmI());
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) trouble = (error as Error).message;
  }
}

/** Raises ApiError where name and password are not right, or were tried too often. */
export async function signIn(name: string, password: string): Promise<void> {
  enter(await knock(name, password));
}

export async function signOut(): Promise<void> {
  await leave();
  forgetAnswers();
  me = undefined;
  state = 'out';
}
