// The only place that fetches. One shape of error, the token against forged requests, and one answer for equal questions:
// those under way are shared, those of a moment ago are kept, and one that nobody waits for any more is aborted.

/** A call that went wrong, in the API's own words. */
export class ApiError extends Error {
  readonly status: number;
  readonly type: string;
  readonly field: string | null;
  readonly retryAfter: number;

  constructor(status: number, type: string, message: string, field: string | null = null, retryAfter = 0) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.type = type;
    this.field = field;
    this.retryAfter = retryAfter;
  }
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Call {
  method: Method;
  path: string;
  body?: unknown;
  signal?: AbortSignal;
}

const ROOT = '/api/v1/';

let csrf = '';
let onSignedOut: () => void = () => {};
let clockAhead = 0;

/** The token that unsafe requests carry from now on. */
export function setCsrf(token: string): void {
  csrf = token;
}

/** Whom to tell that the session is over. */
export function whenSignedOut(told: () => void): void {
  onSignedOut = told;
}

/** The server's clock, as well as its answers told it: the viewer's own may be wrong. */
export function serverNow(): number {
  return Date.now() + clockAhead;
}

/** One call. Raises ApiError, or the AbortError of the signal. */
export async function call<T>(made: Call): Promise<T> {
  const response = await answered(made, 'application/json');
  return (response.status === 204 ? null : await response.json()) as T;
}

export const PARQUET = 'application/vnd.apache.parquet';

/** The answer of a call as a file of this type. Raises as `call` does. */
export async function download(made: Call, type = PARQUET): Promise<Blob> {
  return (await answered(made, type)).blob();
}

/** The address that programs ask the same at. */
export function addressOf({ path }: Call): string {
  return location.origin + ROOT + path;
}

async function answered({ method, path, body, signal }: Call, accept: string): Promise<Response> {
  // The console's own page is where one signs in: without this a browser would ask by a box of its own.
  const headers: Record<string, string> = { accept, 'x-openrum-console': '1' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'GET' && csrf !== '') headers['x-openrum-csrf'] = csrf;
  let response: Response;
  try {
    response = await (askedEarly(method, path) ??
      fetch(ROOT + path, {
        method,
        headers,
        credentials: 'same-origin',
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      }));
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 'unreachable', 'The server does not answer. Is OpenRUM running?');
  }
  keepTime(response);
  if (!response.ok) throw await errorOf(response);
  return response;
}

/** What early.js asked before this was here: once, for whoever asks the same first. */
function askedEarly(method: Method, path: string): Promise<Response> | undefined {
  const page = globalThis as { openrumEarly?: Promise<Response> };
  if (method !== 'GET' || path !== 'me') return undefined;
  const early = page.openrumEarly;
  delete page.openrumEarly;
  return early;
}

function keepTime(response: Response): void {
  const told = Date.parse(response.headers.get('date') ?? '');
  // The header has whole seconds, so a difference under two is none.
  if (!Number.isNaN(told)) clockAhead = Math.abs(told - Date.now()) < 2000 ? 0 : told - Date.now();
}

async function errorOf(response: Response): Promise<ApiError> {
  let told: { type?: string; message?: string; field?: string | null } = {};
  try {
    told = ((await response.json()) as { error?: typeof told }).error ?? {};
  } catch {
    // Not from our API: a proxy's page. The status says enough.
  }
  if (response.status === 401) onSignedOut();
  const retryAfter = Number(response.headers.get('retry-after')) || 0;
  const message = told.message ?? `The server answered ${response.status} ${response.statusText}`.trim();
  return new ApiError(response.status, told.type ?? 'http', message, told.field ?? null, retryAfter);
}

// ── Shared answers ──────────────────────────────────────────────────────────────────────────────────────────────────

interface Shared {
  promise: Promise<unknown>;
  abort: AbortController;
  waiting: number;
}

const KEPT_MAX = 200;
const underWay = new Map<string, Shared>();
const kept = new Map<string, unknown>();

/** What makes two calls the same. */
export function keyOf({ method, path, body }: Call): string {
  return `${method} ${path} ${body === undefined ? '' : JSON.stringify(body)}`;
}

/** An answer that is at hand: asked before, with the same borders of time. */
export function keptAnswer<T>(made: Call): T | undefined {
  return kept.get(keyOf(made)) as T | undefined;
}

/** Forget every answer, so that all is asked anew. */
export function forgetAnswers(): void {
  kept.clear();
}

/** Whether an answer is on its way that several may share. */
export function isReading(): boolean {
  return underWay.size > 0;
}

/**
 * Begin a call that `read` will be asked for in a moment: the server works while the page is still being built.
 * Whoever began it says by what is returned that the moment is over: a call that nobody waits for then is aborted.
 */
export function readAhead(made: Call): () => void {
  const key = keyOf(made);
  if (kept.has(key)) return () => {};
  const ahead = begun<unknown>(key, made);
  ahead.promise.catch(() => {}); // who waits for it hears of it
  return () => leftBy(0, key, ahead);
}

/** A call that only reads, shared with everyone who asks the same. Aborting the signal leaves it to the others. */
export function read<T>(made: Call, signal: AbortSignal): Promise<T> {
  const key = keyOf(made);
  const joined = begun<T>(key, made);
  joined.waiting += 1;
  return new Promise<T>((resolve, reject) => {
    const leave = (): void => {
      leftBy(1, key, joined);
      reject(signal.reason as Error);
    };
    if (signal.aborted) return leave();
    signal.addEventListener('abort', leave, { once: true });
    (joined.promise as Promise<T>).then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}

function leftBy(count: number, key: string, shared: Shared): void {
  shared.waiting -= count;
  if (shared.waiting > 0) return;
  forgetUnderWay(key, shared);
  shared.abort.abort();
}

function begun<T>(key: string, made: Call): Shared {
  let shared = underWay.get(key);
  if (shared === undefined) {
    const abort = new AbortController();
    const promise = patiently<T>({ ...made, signal: abort.signal })
      .then((answer) => keep(key, answer))
      .finally(() => forgetUnderWay(key, begins));
    const begins: Shared = { promise, abort, waiting: 0 };
    underWay.set(key, (shared = begins));
  }
  return shared;
}

/** A newer one of the same question stays. */
function forgetUnderWay(key: string, shared: Shared): void {
  if (underWay.get(key) === shared) underWay.delete(key);
}

function keep<T>(key: string, answer: T): T {
  kept.set(key, answer);
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT_MAX) break;
    kept.delete(oldest);
  }
  return answer;
}

const TRIES = 3;

/** A call whose answer is kept for nobody else. A busy server says when to come again; come again, twice. */
export async function patiently<T>(made: Call & { signal: AbortSignal }): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call<T>(made);
    } catch (error) {
      const busy = error instanceof ApiError && (error.status === 429 || error.status === 503);
      if (!busy || attempt === TRIES) throw error;
      await pause(Math.min(error.retryAfter || attempt, 5) * 1000, made.signal);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), reject(signal.reason as Error)), { once: true });
  });
}
