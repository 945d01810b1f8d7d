// How calls share, keep and give up, against a server of the test's own.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError, call, forgetAnswers, keptAnswer, read, readAhead, setCsrf, whenSignedOut } from './http';

interface Arrived {
  request: Request;
  answer: (status: number, content: unknown, headers?: Record<string, string>) => void;
}

let arrived: Arrived[] = [];
const asked = { method: 'POST', path: 'query', body: { a: 1 } } as const;

beforeEach(() => {
  arrived = [];
  forgetAnswers();
  vi.stubGlobal('fetch', (path: string, options: RequestInit) => {
    const request = new Request(new URL(path, 'http://console.test'), {
      ...options,
      credentials: undefined,
    } as RequestInit);
    return new Promise((resolve, reject) => {
      options.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error));
      const answer: Arrived['answer'] = (status, content, headers = {}) =>
        resolve(new Response(JSON.stringify(content), { status, headers }));
      arrived.push({ request, answer });
    });
  });
});

afterEach(() => vi.unstubAllGlobals());

test('equal questions under way are asked once, and their answer is kept', async () => {
  const both = Promise.all([read(asked, new AbortController().signal), read(asked, new AbortController().signal)]);
  expect(arrived).toHaveLength(1);
  arrived[0]?.answer(200, { rows: [] });
  expect(await both).toEqual([{ rows: [] }, { rows: [] }]);
  expect(keptAnswer(asked)).toEqual({ rows: [] });
});

test('a question that one gives up goes on for the other; one that all give up is aborted', async () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const first = read(asked, one.signal);
  const second = read(asked, other.signal);
  one.abort();
  await expect(first).rejects.toThrow();
  expect(arrived[0]?.request.signal.aborted).toBe(false);
  other.abort();
  await expect(second).rejects.toThrow();
  const third = read(asked, new AbortController().signal);
  expect(arrived).toHaveLength(2);
  arrived[1]?.answer(200, 3);
  expect(await third).toBe(3);
});

test('a question begun ahead is the one that is asked in a moment', async () => {
  const over = readAhead(asked);
  const reading = read(asked, new AbortController().signal);
  over();
  expect(arrived).toHaveLength(1);
  expect(arrived[0]?.request.signal.aborted).toBe(false);
  arrived[0]?.answer(200, 1);
  expect(await reading).toBe(1);
});

test('a question begun ahead that nobody asks for is aborted', () => {
  const over = readAhead(asked);
  over();
  expect(arrived[0]?.request.signal.aborted).toBe(true);
});

test('what was given up is not kept', async () => {
  const stop = new AbortController();
  const given = read(asked, stop.signal);
  stop.abort();
  await expect(given).rejects.toThrow();
  expect(keptAnswer(asked)).toBeUndefined();
});

test('an error has the words of the API', async () => {
  const failing = call({ method: 'GET', path: 'me' });
  arrived[0]?.answer(400, { error: { type: 'invalid_question', message: 'limit: must be 1', field: 'limit' } });
  const error = (await failing.catch((caught: unknown) => caught)) as ApiError;
  expect([error.status, error.type, error.message, error.field]).toEqual([
    400,
    'invalid_question',
    'limit: must be 1',
    'limit',
  ]);
});

test('a server that does not answer is said to be so', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  await expect(call({ method: 'GET', path: 'me' })).rejects.toMatchObject({ type: 'unreachable' });
});

test('the end of the session is told', async () => {
  const told = vi.fn();
  whenSignedOut(told);
  const failing = call({ method: 'GET', path: 'me' });
  arrived[0]?.answer(401, {});
  await expect(failing).rejects.toThrow();
  expect(told).toHaveBeenCalledOnce();
});

test('calls that change something carry the token, and all say that they are of the console', () => {
  setCsrf('secret');
  void call({ method: 'POST', path: 'sign-out', body: {} });
  void call({ method: 'GET', path: 'me' });
  const [changing, reading] = arrived.map(({ request }) => request.headers);
  expect([changing?.get('x-openrum-csrf'), reading?.get('x-openrum-csrf')]).toEqual(['secret', null]);
  expect(reading?.get('x-openrum-console')).toBe('1');
});

test('who is here was asked before, and that answer is taken once', async () => {
  vi.stubGlobal('openrumEarly', Promise.resolve(new Response('{"name":"ada"}')));
  expect(await call({ method: 'GET', path: 'me' })).toEqual({ name: 'ada' });
  expect(arrived).toHaveLength(0);
  void call({ method: 'GET', path: 'me' });
  expect(arrived).toHaveLength(1);
});

test('a busy server is asked again when it says, and in the end told of', async () => {
  vi.useFakeTimers();
  const failing = read(asked, new AbortController().signal).catch((caught: unknown) => caught);
  for (let attempt = 0; attempt < 3; attempt++) {
    arrived[attempt]?.answer(503, {}, { 'retry-after': '2' });
    await vi.advanceTimersByTimeAsync(2000);
  }
  expect(arrived).toHaveLength(3);
  expect(await failing).toMatchObject({ status: 503 });
  vi.useRealTimers();
});
