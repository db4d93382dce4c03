import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { createLimit } from '../../src/upstream/limit.ts';

/** Work that goes on until it is ended. */
function work() {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return { run: () => ended, end: () => end() };
}

test('who leaves the queue is not given the turn in it', async () => {
  const { run } = createLimit(1);
  const { signal } = new AbortController();
  const leaving = new AbortController();
  const first = work();
  const running = run(signal, first.run);
  const left = expect(run(leaving.signal, () => Promise.resolve())).rejects.toThrow('left');
  const next = run(signal, () => Promise.resolve('next'));
  leaving.abort(new Error('left'));
  await left;
  first.end();
  await running;
  expect(await next).toBe('next');
});

test('who has left already begins nothing', async () => {
  let begun = 0;
  const asked = createLimit(1).run(AbortSignal.abort(new Error('left')), () => Promise.resolve((begun += 1)));
  await expect(asked).rejects.toThrow('left');
  expect(begun).toBe(0);
});

test('nothing is left on a signal that outlives what it waited for', async () => {
  const { run } = createLimit(1);
  const { signal } = new AbortController();
  const first = work();
  const running = [run(signal, first.run), run(signal, () => Promise.resolve()), run(signal, () => Promise.resolve())];
  first.end();
  await Promise.all(running);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a call that fails hands its turn on', async () => {
  const { run } = createLimit(1);
  const { signal } = new AbortController();
  const failing = run(signal, () => Promise.reject(new Error('no')));
  const next = run(signal, () => Promise.resolve('next'));
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('next');
});
