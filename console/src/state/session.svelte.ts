// Who is here: asked once at the start, changed by signing in and out, lost when the server says so.

import { type Me, signIn as knock, signOut as leave, whoAmI } from '../api/doors';
import { ApiError, forgetAnswers, setCsrf, whenSignedOut } from '../api/http';

let me = $state.raw<Me>();
let state = $state<'unknown' | 'in' | 'out'>('unknown');
let trouble = $state('');

export const session = {
  /** Who is here, or was until the session ended; undefined before that is known, and after signing out. */
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

let onEntered: () => void = () => {};

/** Whom to tell, each time, that somebody is here. */
export function whenEntered(told: () => void): void {
  onEntered = told;
}

function enter(found: Me): void {
  me = found;
  setCsrf(found.csrf);
  state = 'in';
  onEntered();
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

/**
 * Whether it goes on from here: somebody else than before begins anew. Raises ApiError where name and password are not
 * right, or were tried too often.
 */
export async function signIn(name: string, password: string): Promise<boolean> {
  const found = await knock(name, password);
  const goesOn = me === undefined || me.name === found.name;
  if (goesOn) enter(found);
  else location.reload();
  return goesOn;
}

export async function signOut(): Promise<void> {
  await leave();
  forgetAnswers();
  me = undefined;
  state = 'out';
}
