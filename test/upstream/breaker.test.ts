import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/errors.ts';
import { Breaker, type BreakerState } from '../../src/upstream/breaker.ts';
import { useStage } from '../support/gateway.ts';
import { ask, codesOf, runtimeQuery, useFaults } from '../support/resilience.ts';

const stage = useStage();
const { addFault, countCalls, gatewayWith, onlineAgent } = useFaults(stage);

/** A failure of the upstream itself. */
const outage = new GatewayError('UPSTREAM_TIMEOUT', 'no answer', { plane: 'AGENT' });

describe('the breaker', () => {
  const breakerAt = () => {
    let nowMs = 0;
    const states: BreakerState[] = [];
    const breaker = new Breaker({ plane: 'AGENT', onState: (state) => states.push(state), now: () => nowMs });
    const run = async <Answer>(call: string, work: () => Promise<Answer>): Promise<Answer> => {
      const admission = breaker.begin(call);
      if (admission instanceof GatewayError) throw admission;
      try {
        const answer = await work();
        breaker.end(admission);
        return answer;
      } catch (error) {
        breaker.end(admission, error);
        throw error;
      }
    };
    const fail = () => run('call', () => Promise.reject(outage)).catch((error: unknown) => error);
    return { run, fail, states, state: () => breaker.state, wait: (ms: number) => void (nowMs += ms) };
  };
  const open = async (breaker: ReturnType<typeof breakerAt>): Promise<number> => {
    let failures = 0;
    while (breaker.state() !== 'OPEN' && failures < 100) {
      await breaker.fail();
      failures += 1;
    }
    return failures;
  };

  test('opens within 10 failures, and then sends nothing', async () => {
    const breaker = breakerAt();
    expect(await open(breaker)).toBeLessThanOrEqual(10);
    let sent = 0;
    const refused = breaker.run('call', () => Promise.resolve((sent += 1)));
    await expect(refused).rejects.toMatchObject({
      code: 'UPSTREAM_PAUSED',
      details: { plane: 'AGENT', call: 'call', retryAfter: 1 },
    });
    expect(sent).toBe(0);
  });

  test('after the pause one call tries for all; when it fails, another one a second later', async () => {
    const breaker = breakerAt();
    await open(breaker);
    breaker.wait(1_000);
    let sent = 0;
    const tries = await Promise.allSettled(
      Array.from({ length: 10 }, () =>
        breaker.run('call', async () => {
          sent += 1;
          await Promise.resolve();
          throw outage;
        }),
      ),
    );
    expect(sent).toBe(1);
    expect(tries.every(({ status }) => status === 'rejected')).toBe(true);
    breaker.wait(999);
    expect(await breaker.fail()).toMatchObject({ code: 'UPSTREAM_PAUSED' });
    breaker.wait(1);
    expect(await breaker.run('call', () => Promise.resolve('back'))).toBe('back');
    expect(breaker.states).toEqual(['OPEN', 'HALF_OPEN', 'OPEN', 'HALF_OPEN', 'CLOSED']);
  });

  test.each<[string, unknown]>([
    ['a refusal', new GatewayError('FORBIDDEN', 'no', { plane: 'AGENT', status: 403 })],
    ['too many requests', new GatewayError('RATE_LIMITED', 'no', { plane: 'AGENT', status: 429 })],
    ['another plane’s failure', new GatewayError('UPSTREAM_UNREACHABLE', 'no', { plane: 'IAM' })],
    ['a caller who leaves', new DOMException('left', 'AbortError')],
  ])('%s says nothing of the upstream', async (_, error) => {
    const breaker = breakerAt();
    for (let call = 0; call < 50; call += 1)
      await expect(breaker.run('call', () => Promise.reject(error as Error))).rejects.toBe(error);
    expect(breaker.state()).toBe('CLOSED');
  });

  test('a trial whose caller leaves decides nothing, and the next one tries', async () => {
    const breaker = breakerAt();
    await open(breaker);
    breaker.wait(1_000);
    await breaker.run('call', () => Promise.reject(new DOMException('left', 'AbortError'))).catch(() => undefined);
    expect(await breaker.run('call', () => Promise.resolve('back'))).toBe('back');
    expect(breaker.state()).toBe('CLOSED');
  });

  test.each<[string, GatewayError]>([
    ['no connection', new GatewayError('UPSTREAM_UNREACHABLE', 'no', { plane: 'AGENT' })],
    ['a write without an answer', new GatewayError('OUTCOME_UNKNOWN', 'no', { plane: 'AGENT' })],
    ['502', new GatewayError('UPSTREAM_FAILED', 'no', { plane: 'AGENT', status: 502 })],
    ['503', new GatewayError('UPSTREAM_FAILED', 'no', { plane: 'AGENT', status: 503 })],
    ['504', new GatewayError('UPSTREAM_FAILED', 'no', { plane: 'AGENT', status: 504 })],
  ])('%s, again and again, opens it', async (_, error) => {
    const breaker = breakerAt();
    for (let call = 0; call < 10; call += 1)
      await breaker.run('call', () => Promise.reject(error)).catch(() => undefined);
    expect(breaker.state()).toBe('OPEN');
  });

  test.each<[string, () => Promise<unknown>]>([
    ['an answer', () => Promise.resolve()],
    ['a refusal', () => Promise.reject(new GatewayError('FORBIDDEN', 'no', { plane: 'AGENT', status: 403 }))],
  ])('%s between failures keeps it closed, and a trial that has it closes it', async (_, answer) => {
    const breaker = breakerAt();
    for (let call = 0; call < 50; call += 1)
      await (call % 5 === 4 ? breaker.run('call', answer) : breaker.fail()).catch(() => undefined);
    expect(breaker.state()).toBe('CLOSED');
    await open(breaker);
    breaker.wait(1_000);
    await breaker.run('call', answer).catch(() => undefined);
    expect(breaker.state()).toBe('CLOSED');
  });

  test('tries once a second, however long the outage lasts', async () => {
    const breaker = breakerAt();
    await open(breaker);
    for (let trial = 0; trial < 45; trial += 1) {
      expect(await breaker.fail()).toMatchObject({ code: 'UPSTREAM_PAUSED', details: { retryAfter: 1 } });
      breaker.wait(1_000);
      expect(await breaker.fail()).toBe(outage);
    }
  });

  test('tries again a second later while a trial hangs: an upstream that is back is not waited for', async () => {
    const breaker = breakerAt();
    await open(breaker);
    breaker.wait(1_000);
    let give: (error: Error) => void = () => undefined;
    const hanging = breaker.run('call', () => new Promise<never>((_, reject) => (give = reject)));
    expect(await breaker.fail()).toMatchObject({ code: 'UPSTREAM_PAUSED' });
    breaker.wait(1_000);
    expect(await breaker.run('call', () => Promise.resolve('back'))).toBe('back');
    give(outage);
    await expect(hanging).rejects.toBe(outage);
    expect(breaker.states).toEqual(['OPEN', 'HALF_OPEN', 'CLOSED']);
  });

  test('stays closed where a few of many calls at once fail, and sooner than the others succeed', async () => {
    const breaker = breakerAt();
    let answer: () => void = () => undefined;
    const answering = new Promise<void>((resolve) => (answer = resolve));
    const slow = Array.from({ length: 55 }, () => breaker.run('call', () => answering));
    for (let call = 0; call < 9; call += 1) await breaker.fail();
    answer();
    await Promise.all(slow);
    expect(breaker.states).toEqual([]);
  });

  test('one agent’s is not another one’s', async () => {
    const { id } = onlineAgent();
    const other = stage.sandbox.world.agents.find((agent) => agent.nodeStatus === 'TRUST' && agent.id !== id);
    const gateway = gatewayWith({ callTimeoutMs: 100 });
    await ask(gateway, runtimeQuery(id));
    await addFault('getAgentRuntime', { kind: 'hang' }, { agentId: id });
    const asked = [];
    for (let call = 0; call < 10; call += 1) asked.push(...codesOf(await ask(gateway, runtimeQuery(id))));
    expect(asked.slice(0, 3)).toEqual(Array(3).fill('UPSTREAM_TIMEOUT'));
    expect(asked.at(-1)).toBe('UPSTREAM_PAUSED');
    await stage.sandbox.client.clearCalls();
    expect(await ask(gateway, runtimeQuery(id))).toMatchObject({
      errors: [{ extensions: { code: 'UPSTREAM_PAUSED', plane: 'AGENT', retryAfter: expect.any(Number) as number } }],
    });
    expect(await countCalls('getAgentRuntime')).toBe(0);
    expect((await ask(gateway, runtimeQuery(other?.id ?? ''))).errors).toBeUndefined();
  });
});
