import { afterEach, describe, expect, test } from 'vitest';
import { ExecutionQueue, type Queue } from '../../src/gateway/executionQueue.ts';
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { deadlineIn } from '../../src/upstream/deadline.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';

/** Fills what may execute at once. */
function full(): { readonly queue: ExecutionQueue; readonly running: number } {
  const queue = new ExecutionQueue();
  let running = 0;
  while (queue.tryEnter()) running += 1;
  return { queue, running };
}

describe('the queue of queries', () => {
  test('lets callers take turns, each in its own order', async () => {
    const { queue, running } = full();
    const begun: string[] = [];
    const wait = (caller: string, name: string) =>
      queue.enter(caller, deadlineIn(60_000)).then(() => void begun.push(name));
    const all = [wait('a', 'a1'), wait('a', 'a2'), wait('a', 'a3'), wait('b', 'b1'), wait('c', 'c1'), wait('b', 'b2')];
    for (let end = 0; end < all.length; end += 1) queue.leave();
    await Promise.all(all);
    expect(begun).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
    expect(running).toBeGreaterThanOrEqual(4);
  });

  test('lets more execute while the core only waits', async () => {
    const { queue } = full();
    const begun = queue.enter('a', deadlineIn(60_000));
    await begun;
  });

  test('refuses what was not begun in its time, with Retry-After, and forgets who leaves', async () => {
    const queue = full().queue;
    const controller = new AbortController();
    const left = queue.enter('a', { signal: controller.signal, remainingMs: () => 60_000 });
    controller.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    const ended = deadlineIn(0);
    await expect.poll(() => ended.signal.aborted).toBe(true);
    await expect(queue.enter('a', ended)).rejects.toMatchObject({
      code: 'OVERLOADED',
      details: { retryAfter: 1 },
      extensions: { http: { status: 503, headers: { 'retry-after': '1' } } },
    });
    queue.leave();
    expect(queue.tryEnter()).toBe(true);
  });
});

describe('overload', () => {
  const stage = useStage();
  let gateway: Gateway;
  afterEach(() => gateway.close());
  const start = (operationTimeoutMs: number): void => {
    gateway = createGateway(
      { tics: configFor(stage.sandbox), sharing: 'off' },
      { log: createLog('fatal'), operationTimeoutMs, resilience: { retries: false, sharing: false } },
    );
  };
  const query = (index: number) => `query Q${index} { leagues(role: OWNER) { nodes { id name } } }`;

  test('is waited out: after a burst the same load is served as before it', async () => {
    start(60_000);
    for (const users of [32, 128, 32, 512, 32]) {
      const answers = await Promise.all(Array.from({ length: users }, (_, index) => askGateway(gateway, query(index))));
      expect(answers.filter(({ errors }) => errors !== undefined)).toEqual([]);
    }
  }, 120_000);

  test('refuses only what would come too late, and no mutation', async () => {
    start(1_000);
    await askGateway(gateway, query(0));
    await stage.sandbox.client.setRules([{ operationId: 'listLeagues', fault: { kind: 'hang' } }]);
    const codes = async (answer: ReturnType<typeof askGateway>) =>
      (await answer).errors?.map(({ extensions }) => extensions?.['code']) ?? ['OK'];
    const queries = Array.from({ length: 400 }, (_, index) => codes(askGateway(gateway, query(index))));
    expect(await codes(askGateway(gateway, 'mutation { __typename }'))).toEqual(['OK']);
    const all = new Set((await Promise.all(queries)).flat());
    expect([...all].every((code) => ['UPSTREAM_TIMEOUT', 'OVERLOADED', 'UPSTREAM_PAUSED'].includes(String(code)))).toBe(
      true,
    );
    await stage.sandbox.client.clearRules();
    expect(await codes(askGateway(gateway, '{ viewer { name } }'))).toEqual(['OK']);
  }, 60_000);

  test.each([
    ['{ viewer { name } } # waitForInstance', 1],
    ['query waitForInstance { viewer { name } }', 1],
    ['{ waitForInstance(id: "x", waitSeconds: 0) { id } }', 0],
    ['{ ...F } fragment F on Query { waitForInstance(id: "x", waitSeconds: 0) { id } }', 0],
  ])('is passed by what waits for a run alone: %s', async (document, turns) => {
    let entered = 0;
    const queue: Queue = { tryEnter: () => (entered += 1) > 0, enter: () => Promise.resolve(), leave: () => undefined };
    gateway = gatewayFor(configFor(stage.sandbox), { queue });
    await askGateway(gateway, document);
    expect(entered).toBe(turns);
  });
});
