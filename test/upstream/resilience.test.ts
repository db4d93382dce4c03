import { afterEach, describe, expect, test } from 'vitest';
import { startTcpProxy } from '../../bench/faultProxy.ts';
import type { TicsConfig } from '../../src/config.ts';
import { GatewayError } from '../../src/errors.ts';
import type { Gateway, GatewayDependencies } from '../../src/gateway/gateway.ts';
import type { Fault, Rule } from '../../src/sandbox/client.ts';
import { createBreaker, type BreakerState } from '../../src/upstream/breaker.ts';
import { cacheOf as viewOf, createAnswerCache, type CacheLife } from '../../src/upstream/cache.ts';
import { noDeadline } from '../../src/upstream/deadline.ts';
import { createGuard } from '../../src/upstream/guard.ts';
import { createLimit } from '../../src/upstream/limit.ts';
import { silentObserver } from '../../src/upstream/observer.ts';
import { defaultResilience, type Resilience } from '../../src/upstream/planes.ts';
import { createRetrying } from '../../src/upstream/retry.ts';
import { collectGarbage } from '../support/garbage.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';

const stage = useStage();
const opened: { close: () => unknown }[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((open) => open.close()));
});

const off: Resilience = { ...defaultResilience, retries: false, cache: { freshMs: 0, staleMs: 0, staleIfErrorMs: 0 } };

type Setting = Partial<Resilience> & Pick<GatewayDependencies, 'operationTimeoutMs'>;

/** A gateway that does nothing against faults but what a test is about. */
function gatewayWith({ operationTimeoutMs, ...resilience }: Setting, change: Partial<TicsConfig> = {}): Gateway {
  const gateway = gatewayFor(
    { ...configFor(stage.sandbox), ...change },
    { resilience: { ...off, ...resilience }, ...(operationTimeoutMs !== undefined && { operationTimeoutMs }) },
  );
  opened.push(gateway);
  return gateway;
}

function rule(operationId: string, fault: Fault, more: Partial<Rule> = {}): Promise<void> {
  return stage.sandbox.client.addRules([{ operationId, fault, ...more }]);
}
async function count(operationId: string): Promise<number> {
  return (await stage.sandbox.client.countCalls())[operationId] ?? 0;
}

const leagues = '{ leagues(role: OWNER) { nodes { name } } }';
function agentOnline() {
  const agent = stage.sandbox.world.agents.find(({ nodeStatus }) => nodeStatus === 'TRUST');
  if (agent === undefined) throw new Error('the world has no agent that works');
  return agent;
}
function runtime(agentId: string) {
  return `{ agent(id: "${agentId}") { runtime { __typename } } }`;
}

interface Extended {
  readonly extensions?: {
    readonly stale?: readonly object[];
    readonly failovers?: readonly object[];
  };
}
async function ask(gateway: Gateway, query: string, variables = {}) {
  return (await askGateway<object>(gateway, query, variables)) as Awaited<ReturnType<typeof askGateway<object>>> &
    Extended;
}
function codes({ errors = [] }: Awaited<ReturnType<typeof ask>>) {
  return errors.map(({ extensions }) => extensions?.['code']);
}

const transient: readonly [string, Fault][] = [
  ['a reset', { kind: 'reset', at: 'before' }],
  ['a reset in mid-answer', { kind: 'reset', at: 'midAnswer' }],
  ['a truncated answer', { kind: 'truncated' }],
  ['502', { kind: 'status', status: 502 }],
  ['503', { kind: 'status', status: 503 }],
  ['429', { kind: 'status', status: 429 }],
];

describe('sending reads again', () => {
  test.each(transient)('%s costs one more call and no answer', async (_, fault) => {
    const gateway = gatewayWith({ retries: true });
    await rule('listLeagues', fault, { times: 1 });
    expect((await ask(gateway, leagues)).errors).toBeUndefined();
    expect(await count('listLeagues')).toBe(2);
  });

  test.each<[string, Fault]>([
    ['a refusal', { kind: 'status', status: 403 }],
    ['a failure of the service itself', { kind: 'status', status: 500 }],
  ])('%s stays one however often it is asked', async (_, fault) => {
    const gateway = gatewayWith({ retries: true });
    await rule('listLeagues', fault);
    expect((await ask(gateway, leagues)).errors).toHaveLength(1);
    expect(await count('listLeagues')).toBe(1);
  });

  test.each(transient)('a write is sent once, whatever comes back: %s', async (_, fault) => {
    const gateway = gatewayWith({ retries: true });
    await rule('updateLeague', fault);
    await ask(
      gateway,
      'mutation ($input: UpdateLeagueInput!) { updateLeague(input: $input) { userErrors { code } } }',
      {
        input: { id: stage.sandbox.world.leaguesOfRole('OWNER')[0]?.id, description: 'once' },
      },
    );
    expect(await count('updateLeague')).toBe(1);
  });

  test('signing in is tried again too, where no answer came', async () => {
    const gateway = gatewayWith({ retries: true });
    await rule('createToken', { kind: 'reset', at: 'before' }, { times: 1 });
    expect((await ask(gateway, leagues)).errors).toBeUndefined();
    expect(await count('createToken')).toBe(2);
  });

  test('an upstream that only fails gets at most 1.2 times the calls, and a fixed few', async () => {
    const retried: string[] = [];
    const { run } = createRetrying({ observe: (reason) => retried.push(reason), random: () => 0 });
    const fail = () => Promise.reject(new GatewayError('UPSTREAM_UNREACHABLE', 'away', { plane: 'SPACE' }));
    const caller = { signal: new AbortController().signal, remainingMs: () => 10_000 };
    for (let call = 0; call < 1_000; call += 1) await expect(run(caller, fail)).rejects.toThrow('away');
    expect(retried.length).toBeLessThanOrEqual(220);
    expect(retried.length).toBeGreaterThan(100);
  });

  test('pauses are random', async () => {
    const draws: number[] = [];
    const random = () => {
      draws.push(draws.length);
      return 0;
    };
    const { run } = createRetrying({ observe: () => undefined, random });
    const fail = () => Promise.reject(new GatewayError('UPSTREAM_UNREACHABLE', 'away', { plane: 'SPACE' }));
    await run({ signal: new AbortController().signal, remainingMs: () => 10_000 }, fail).catch(() => undefined);
    expect(draws.length).toBeGreaterThanOrEqual(2);
  });
});

describe('Retry-After', () => {
  test('is waited for', async () => {
    const gateway = gatewayWith({ retries: true });
    await rule('listLeagues', { kind: 'status', status: 429, retryAfter: '1' }, { times: 1 });
    expect((await ask(gateway, leagues)).errors).toBeUndefined();
    const [first, second] = await stage.sandbox.client.calls({ operationId: 'listLeagues' });
    expect((second?.receivedAtMs ?? 0) - (first?.receivedAtMs ?? 0)).toBeGreaterThanOrEqual(950);
  });

  test.each([429, 503])('longer than the deadline, the caller is told at once how long (%i)', async (status) => {
    const gateway = gatewayWith({ retries: true, operationTimeoutMs: 5_000 });
    await rule('listLeagues', { kind: 'status', status, retryAfter: '3600' });
    const { errors } = await ask(gateway, leagues);
    expect(errors).toMatchObject([{ extensions: { status, retryAfter: 3600 } }]);
    expect(await count('listLeagues')).toBe(1);
  });

  test('what is read for all callers together does not wait for hours either', async () => {
    const { id } = agentOnline();
    const tics = configFor(stage.sandbox);
    const gateway = gatewayWith(
      { retries: true, operationTimeoutMs: 3_000 },
      { agents: tics.agents.map(({ url, ...agent }) => agent) },
    );
    // The second time it is asked for its address, which is nobody's own question.
    await rule('getAgentDeployment', { kind: 'status', status: 429, retryAfter: '3600' }, { after: 1 });
    expect(await ask(gateway, runtime(id))).toMatchObject({
      errors: [{ extensions: { code: 'RATE_LIMITED', retryAfter: 3600 } }],
    });
  });
});

/** A failure of the upstream itself. */
const outage = new GatewayError('UPSTREAM_TIMEOUT', 'no answer', { plane: 'AGENT' });

describe('the breaker', () => {
  const breakerAt = () => {
    let nowMs = 0;
    const states: BreakerState[] = [];
    const breaker = createBreaker({ plane: 'AGENT', observe: (state) => states.push(state), now: () => nowMs });
    const fail = () => breaker.run('call', () => Promise.reject(outage)).catch((error: unknown) => error);
    return { ...breaker, fail, states, wait: (ms: number) => void (nowMs += ms) };
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
      details: { plane: 'AGENT', call: 'call', retryAfter: 2 },
    });
    expect(sent).toBe(0);
  });

  test('after the pause one call tries for all; when it fails, the pause is longer', async () => {
    const breaker = breakerAt();
    await open(breaker);
    breaker.wait(2_000);
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
    breaker.wait(2_000);
    expect(await breaker.fail()).toMatchObject({ code: 'UPSTREAM_PAUSED' });
    breaker.wait(2_000);
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
    breaker.wait(2_000);
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
    breaker.wait(2_000);
    await breaker.run('call', answer).catch(() => undefined);
    expect(breaker.state()).toBe('CLOSED');
  });

  test('the pauses grow to half a minute and no further, and begin anew after an answer', async () => {
    const breaker = breakerAt();
    await open(breaker);
    const pauses: unknown[] = [];
    for (let trial = 0; trial < 7; trial += 1) {
      const refused = (await breaker.fail()) as GatewayError;
      pauses.push(refused.details.retryAfter);
      breaker.wait(Number(refused.details.retryAfter) * 1000);
      await breaker.fail();
    }
    expect(pauses).toEqual([2, 4, 8, 16, 30, 30, 30]);
    breaker.wait(30_000);
    await breaker.run('call', () => Promise.resolve());
    await open(breaker);
    expect(await breaker.fail()).toMatchObject({ details: { retryAfter: 2 } });
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
    const { id } = agentOnline();
    const other = stage.sandbox.world.agents.find((agent) => agent.nodeStatus === 'TRUST' && agent.id !== id);
    const gateway = gatewayWith({ callTimeoutMs: 100 });
    await ask(gateway, runtime(id));
    await rule('getAgentRuntime', { kind: 'hang' }, { agentId: id });
    const asked = [];
    for (let call = 0; call < 10; call += 1) asked.push(...codes(await ask(gateway, runtime(id))));
    expect(asked.slice(0, 3)).toEqual(Array(3).fill('UPSTREAM_TIMEOUT'));
    expect(asked.at(-1)).toBe('UPSTREAM_PAUSED');
    await stage.sandbox.client.clearCalls();
    expect(await ask(gateway, runtime(id))).toMatchObject({
      errors: [{ extensions: { code: 'UPSTREAM_PAUSED', plane: 'AGENT', retryAfter: expect.any(Number) as number } }],
    });
    expect(await count('getAgentRuntime')).toBe(0);
    expect((await ask(gateway, runtime(other?.id ?? ''))).errors).toBeUndefined();
  });
});

describe('the limit of calls at once', () => {
  test('lets so many run, the others in the order in which they came, and who leaves costs nobody a turn', async () => {
    const { run } = createLimit(2);
    const leaving = new AbortController();
    const { signal } = new AbortController();
    const ends: (() => void)[] = [];
    const began: number[] = [];
    let most = 0;
    const work = (number: number) => async () => {
      began.push(number);
      most = Math.max(most, began.length - ended);
      await new Promise<void>((resolve) => ends.push(resolve));
      ended += 1;
    };
    let ended = 0;
    const runs = [1, 2, 3, 4, 5].map((number) => run(number === 3 ? leaving.signal : signal, work(number)));
    const left = expect(runs[2]).rejects.toThrow('left');
    leaving.abort(new Error('left'));
    await left;
    const others = Promise.all(runs.filter((_, index) => index !== 2));
    while (ended < 4) {
      ends.shift()?.();
      await new Promise(setImmediate);
    }
    await others;
    expect(began).toEqual([1, 2, 4, 5]);
    expect(most).toBe(2);
  });

  test('who waits for a turn when the upstream is given up is not sent there any more', async () => {
    const gateway = gatewayWith({ callTimeoutMs: 500 });
    await ask(gateway, leagues);
    await rule('listLeagues', { kind: 'hang' });
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(gateway, leagues)));
    expect(new Set(answers.flatMap(codes))).toEqual(new Set(['UPSTREAM_TIMEOUT', 'UPSTREAM_PAUSED']));
    expect(await count('listLeagues')).toBeLessThanOrEqual(100);
  });

  test('an upstream gets at most 64 calls at once', async () => {
    const { read } = createGuard({ plane: 'SPACE' }, { observer: silentObserver, retries: false });
    const begun: (() => void)[] = [];
    const calls = Array.from({ length: 100 }, () =>
      read('call', noDeadline, () => new Promise<void>((resolve) => begun.push(resolve))),
    );
    await new Promise(setImmediate);
    expect(begun).toHaveLength(64);
    begun.forEach((end) => end());
    await new Promise(setImmediate);
    expect(begun).toHaveLength(100);
    begun.forEach((end) => end());
    await Promise.all(calls);
  });
});

describe('the deadline of an operation', () => {
  /** Generous, since the machine may be busy: without the deadline, each of these takes ten seconds and more. */
  const limitMs = 5_000;
  const operationTimeoutMs = 400;
  const settles = async (gateway: Gateway, query: string) => {
    const startedAt = performance.now();
    const answer = await ask(gateway, query);
    expect(performance.now() - startedAt).toBeLessThan(limitMs);
    expect(performance.now() - startedAt).toBeGreaterThan(operationTimeoutMs - 50);
    return answer;
  };

  test('ends a call that hangs; what came before is answered', async () => {
    const { id, name } = agentOnline();
    const gateway = gatewayWith({ operationTimeoutMs });
    await ask(gateway, runtime(id));
    await rule('getAgentRuntime', { kind: 'hang' });
    const answer = await settles(gateway, `{ agent(id: "${id}") { name runtime { __typename } } }`);
    expect(answer.data).toEqual({ agent: { name, runtime: null } });
    expect(codes(answer)).toEqual(['UPSTREAM_TIMEOUT']);
  });

  test('ends waiting for a sign-in', async () => {
    const gateway = gatewayWith({ operationTimeoutMs });
    await rule('createToken', { kind: 'hang' });
    expect(codes(await settles(gateway, leagues))).toEqual(['UPSTREAM_TIMEOUT']);
  });

  test('does not end a mutation', async () => {
    const gateway = gatewayWith({ operationTimeoutMs: 100 });
    const id = stage.sandbox.world.leaguesOfRole('OWNER')[0]?.id ?? '';
    await stage.sandbox.client.addRules([{ operationId: 'updateLeague', latencyMs: 400 }]);
    const { data } = await ask(
      gateway,
      'mutation ($input: UpdateLeagueInput!) { updateLeague(input: $input) { userErrors { code } } }',
      { input: { id, description: 'slowly' } },
    );
    expect(data).toEqual({ updateLeague: { userErrors: [] } });
  });

  test('is forgotten when the operation has ended', async () => {
    const gateway = gatewayWith({ operationTimeoutMs: 60_000 });
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    await ask(gateway, leagues);
    const before = timers();
    for (let time = 0; time < 20; time += 1) await ask(gateway, leagues);
    expect(timers()).toBeLessThan(before + 10);
  });

  test('ends waiting for the project', async () => {
    const { projectId, ...tics } = configFor(stage.sandbox);
    const gateway = gatewayFor(tics, { operationTimeoutMs });
    opened.push(gateway);
    await rule('listProjects', { kind: 'hang' });
    expect(codes(await settles(gateway, leagues))).toEqual(['UPSTREAM_TIMEOUT']);
  });

  test('ends waiting before a further attempt', async () => {
    const gateway = gatewayWith({ operationTimeoutMs, retries: true });
    await rule('listLeagues', { kind: 'status', status: 503 });
    await stage.sandbox.client.addRules([{ operationId: 'listLeagues', latencyMs: 250 }]);
    expect(codes(await settles(gateway, leagues))).toEqual(['UPSTREAM_TIMEOUT']);
  });

  test('ends waiting in the queue of an upstream that is busy', async () => {
    const gateway = gatewayWith({});
    const hurried = gatewayWith({ operationTimeoutMs });
    await Promise.all([ask(gateway, leagues), ask(hurried, leagues)]);
    await rule('listLeagues', { kind: 'hang' });
    const answers = await Promise.all(Array.from({ length: 80 }, () => settles(hurried, leagues)));
    expect(answers.flatMap(codes)).toEqual(Array(80).fill('UPSTREAM_TIMEOUT'));
  });

  test('ends waiting for a connection that never comes about', async () => {
    const agent = agentOnline();
    const proxy = await startTcpProxy(() => agent.consolePort, { seed: '1', latency: { leastMs: 0, meanMoreMs: 0 } });
    opened.push(proxy);
    const url = `https://127.0.0.1:${proxy.port()}`;
    const { agents } = configFor(stage.sandbox);
    const gateway = gatewayWith(
      { callTimeoutMs: 300 },
      { agents: agents.map((configured) => (configured.id === agent.id ? { ...configured, url } : configured)) },
    );
    expect((await ask(gateway, runtime(agent.id))).errors).toBeUndefined();
    proxy.setHanging(true);
    // The connection that there is breaks off at the time limit; the next one is never agreed on.
    const startedAt = performance.now();
    for (let time = 0; time < 4; time += 1)
      expect(codes(await ask(gateway, runtime(agent.id)))).toEqual(['UPSTREAM_TIMEOUT']);
    expect(performance.now() - startedAt).toBeLessThan(4_000);
  });

  test('a call is given no more time than its caller has left', async () => {
    const gateway = gatewayWith({ operationTimeoutMs: 600, callTimeoutMs: 60_000 });
    await ask(gateway, leagues);
    await rule('listLeagues', { kind: 'slowDrip', bytesPerSecond: 1 });
    expect(codes(await settles(gateway, leagues))).toEqual(['UPSTREAM_TIMEOUT']);
  });
});

describe('answers that are kept', () => {
  const kept: CacheLife = { freshMs: 0, staleMs: 0, staleIfErrorMs: 60_000 };
  const away: Fault = { kind: 'status', status: 503 };

  test('are answered where the upstream fails, and the answer says so', async () => {
    const gateway = gatewayWith({ cache: kept });
    const before = await ask(gateway, leagues);
    expect(before.extensions?.stale).toBeUndefined();
    await rule('listLeagues', away);
    const after = await ask(gateway, leagues);
    expect(after.errors).toBeUndefined();
    expect(after.data).toEqual(before.data);
    expect(after.extensions?.stale).toEqual([
      { plane: 'SPACE', call: 'listLeagues', ageSeconds: expect.any(Number) as number },
    ]);
    await stage.sandbox.client.clearRules();
    expect((await ask(gateway, leagues)).extensions?.stale).toBeUndefined();
  });

  test('are not answered where the service says no', async () => {
    const gateway = gatewayWith({ cache: kept });
    await ask(gateway, leagues);
    await rule('listLeagues', { kind: 'status', status: 403 });
    expect(codes(await ask(gateway, leagues))).toEqual(['FORBIDDEN']);
  });

  test('are not answered after a write of ours', async () => {
    const gateway = gatewayWith({ cache: { freshMs: 60_000, staleMs: 60_000, staleIfErrorMs: 60_000 } });
    const id = stage.sandbox.world.leaguesOfRole('OWNER')[0]?.id ?? '';
    const description = `{ league(id: "${id}") { settings { description } } }`;
    await ask(gateway, description);
    expect((await ask(gateway, description)).extensions?.stale).toHaveLength(1);
    await ask(
      gateway,
      'mutation ($input: UpdateLeagueInput!) { updateLeague(input: $input) { userErrors { code } } }',
      {
        input: { id, description: 'changed' },
      },
    );
    await stage.sandbox.client.clearCalls();
    expect(await ask(gateway, description)).toMatchObject({
      data: { league: { settings: { description: 'changed' } } },
    });
    expect(await count('getLeague')).toBe(1);
  });

  test.each<[string, Fault | undefined, boolean]>([
    ['is carried out', undefined, false],
    ['may have been carried out', { kind: 'reset', at: 'before' }, false],
    ['is refused, as what has changed may be the reason', { kind: 'status', status: 409 }, false],
    ['finds the service busy', { kind: 'status', status: 503 }, true],
    ['is one too many', { kind: 'status', status: 429 }, true],
  ])('when a write of ours %s', async (_, fault, areLeft) => {
    const gateway = gatewayWith({ cache: kept });
    const id = stage.sandbox.world.leaguesOfRole('OWNER')[0]?.id ?? '';
    await ask(gateway, leagues);
    if (fault !== undefined) await rule('updateLeague', fault);
    await ask(
      gateway,
      'mutation ($input: UpdateLeagueInput!) { updateLeague(input: $input) { userErrors { code } } }',
      { input: { id, description: 'as it was' } },
    );
    await rule('listLeagues', away);
    expect((await ask(gateway, leagues)).errors === undefined).toBe(areLeft);
  });

  test('are left when a write of ours could not even sign in', async () => {
    const gateway = gatewayWith({ cache: kept });
    const { id: agentId, leagueId } = agentOnline();
    await ask(gateway, leagues);
    await rule('createAgentToken', { kind: 'status', status: 500 });
    const { data } = await ask(
      gateway,
      'mutation ($input: CreateSqlJobInput!) { createSqlJob(input: $input) { userErrors { code call } } }',
      { input: { leagueId, agentId, name: 'never sent' } },
    );
    expect(data).toEqual({ createSqlJob: { userErrors: [{ code: 'UPSTREAM_FAILED', call: 'createAgentToken' }] } });
    await rule('listLeagues', away);
    expect((await ask(gateway, leagues)).extensions?.stale).toHaveLength(1);
  });

  test('are left in an outage, in which no write arrives either', async () => {
    const gateway = gatewayWith({ cache: kept });
    const id = stage.sandbox.world.leaguesOfRole('OWNER')[0]?.id ?? '';
    await ask(gateway, leagues);
    await rule('listLeagues', { kind: 'reset', at: 'before' });
    for (let read = 0; read < 8; read += 1) expect((await ask(gateway, leagues)).extensions?.stale).toHaveLength(1);
    const { data } = await ask(
      gateway,
      'mutation ($input: UpdateLeagueInput!) { updateLeague(input: $input) { userErrors { code } } }',
      { input: { id, description: 'never sent' } },
    );
    expect(data).toEqual({ updateLeague: { userErrors: [{ code: 'UPSTREAM_PAUSED' }] } });
    expect((await ask(gateway, leagues)).extensions?.stale).toHaveLength(1);
  });

  test('are not answered in another language', async () => {
    const gateway = gatewayWith({ cache: { freshMs: 60_000, staleMs: 60_000, staleIfErrorMs: 60_000 } });
    await askGateway(gateway, leagues, {}, { 'accept-language': 'en' });
    await askGateway(gateway, leagues, {}, { 'accept-language': 'zh' });
    expect(await count('listLeagues')).toBe(2);
  });

  test('an answer that was asked for before a write is not kept after it', async () => {
    const cache = createAnswerCache({ freshMs: 1_000, staleMs: 1_000, staleIfErrorMs: 1_000 }, () => 0);
    let end: (loaded: { answer: string; bytes: number }) => void = () => undefined;
    const slow = cache.read(
      'key',
      () => new Promise<{ answer: string; bytes: number }>((resolve) => (end = resolve)),
      () => undefined,
    );
    cache.clear();
    end({ answer: 'old', bytes: 3 });
    await slow;
    const { answer } = await cache.read(
      'key',
      () => Promise.resolve({ answer: 'new', bytes: 3 }),
      () => undefined,
    );
    expect(answer).toBe('new');
  });

  test('are nobody else’s: whose right, which language, where, which call, and what was asked', async () => {
    const cache = createAnswerCache({ freshMs: 1_000, staleMs: 1_000, staleIfErrorMs: 1_000 }, () => 0);
    let loads = 0;
    const read = (change: {
      upstreamScope?: string;
      language?: string;
      origin?: string;
      call?: string;
      request?: object;
    }) => {
      const { upstreamScope = 'r', language = 'en_us', origin = 'o', call = 'c', request = {} } = change;
      const caller = { upstreamScope, language, observer: silentObserver, onStale: () => undefined };
      return viewOf(cache, caller).read({ plane: 'SPACE', origin, call, request }, () => {
        loads += 1;
        return Promise.resolve({ answer: loads, bytes: 1 });
      });
    };
    const changes = [
      {},
      { upstreamScope: 's' },
      { language: 'zh-cn' },
      { origin: 'p' },
      { call: 'd' },
      { request: { a: 1 } },
    ];
    for (const change of changes) await read(change);
    expect(loads).toBe(changes.length);
    expect(await read({})).toBe(1);
    await read({ call: 'getInstanceStatus' });
    await read({ call: 'getInstanceStatus' });
    expect(loads).toBe(changes.length + 2);
  });

  /** A cache whose reads answer what they are told to, on a clock that the test moves. */
  const cacheOf = (life: CacheLife) => {
    let nowMs = 0;
    let loads = 0;
    const cache = createAnswerCache(life, () => nowMs);
    return {
      clear: cache.clear,
      wait: (ms: number) => void (nowMs += ms),
      loads: () => loads,
      read: (key: string, answer: unknown = loads + 1, bytes = 1) =>
        cache.read(
          key,
          () => {
            loads += 1;
            return answer instanceof Error ? Promise.reject(answer) : Promise.resolve({ answer, bytes });
          },
          () => undefined,
        ),
    };
  };
  const gone = new GatewayError('UPSTREAM_UNREACHABLE', 'away');

  test('are answered where the upstream fails for their time, and not after it', async () => {
    const { read, wait } = cacheOf({ freshMs: 0, staleMs: 0, staleIfErrorMs: 1_000 });
    await read('key', 'kept');
    wait(999);
    expect(await read('key', gone)).toEqual({ answer: 'kept', ageMs: 999 });
    wait(1);
    await expect(read('key', gone)).rejects.toBe(gone);
  });

  test('are none where nothing is to be kept', async () => {
    const { read } = cacheOf({ freshMs: 0, staleMs: 0, staleIfErrorMs: 0 });
    await read('key');
    await expect(read('key', gone)).rejects.toBe(gone);
  });

  test.each([
    ['long answers', 'k', 1_000_000, 17],
    ['long questions', 'k'.repeat(100_000), 1, 170],
    ['many short ones', 'k', 1, 80_000],
  ])('the oldest make place for new ones: %s', async (_, key, bytes, more) => {
    const { read, loads } = cacheOf({ freshMs: 1_000, staleMs: 1_000, staleIfErrorMs: 1_000 });
    for (let question = 0; question < more; question += 1) await read(`${key}${question}`, question, bytes);
    expect(loads()).toBe(more);
    await read(`${key}${more - 1}`);
    expect(loads()).toBe(more);
    await read(`${key}0`);
    expect(loads()).toBe(more + 1);
  });

  test('are held no longer than anybody may be given them', async () => {
    const { read, wait } = cacheOf({ freshMs: 0, staleMs: 0, staleIfErrorMs: 1_000 });
    const held = await (async () => {
      const answer = { rows: [] };
      await read('key', answer);
      return new WeakRef(answer);
    })();
    wait(1_000);
    await read('other', 'x');
    // What was made or looked at in a turn is held to its end.
    await new Promise(setImmediate);
    collectGarbage();
    expect(held.deref()).toBeUndefined();
    await read('other', 'x');
  });

  test('take their place once, however often they are read anew', async () => {
    const { read, wait, loads } = cacheOf({ freshMs: 1_000, staleMs: 1_000, staleIfErrorMs: 1_000_000 });
    await read('other', 'x', 1_000_000);
    for (let time = 0; time < 50; time += 1) {
      wait(1);
      await read('key', 'x', 1_000_000);
      wait(999);
    }
    expect(loads()).toBeLessThanOrEqual(51);
    expect(await read('other', gone)).toMatchObject({ answer: 'x' });
  });

  test('of a caller whose answer is old, the next one tries again when reading it anew failed', async () => {
    const { read, wait, loads } = cacheOf({ freshMs: 10, staleMs: 1_000, staleIfErrorMs: 1_000 });
    await read('key', 'old');
    wait(100);
    expect(await read('key', gone)).toEqual({ answer: 'old', ageMs: 100 });
    await new Promise(setImmediate);
    expect(await read('key', 'new')).toEqual({ answer: 'old', ageMs: 100 });
    await new Promise(setImmediate);
    expect(await read('key')).toEqual({ answer: 'new', ageMs: 0 });
    expect(loads()).toBe(3);
  });

  test('of a caller whose answer is old, one reads it anew behind the callers’ backs', async () => {
    let nowMs = 0;
    let loads = 0;
    const cache = createAnswerCache({ freshMs: 10, staleMs: 1_000, staleIfErrorMs: 1_000 }, () => nowMs);
    const read = () =>
      cache.read(
        'key',
        () => Promise.resolve({ answer: (loads += 1), bytes: 1 }),
        () => undefined,
      );
    await read();
    nowMs = 100;
    expect(await Promise.all([read(), read(), read()])).toEqual(Array(3).fill({ answer: 1, ageMs: 100 }));
    await new Promise(setImmediate);
    expect(await read()).toEqual({ answer: 2, ageMs: 0 });
  });
});

describe('failing over', () => {
  const ofLeague = (leagueId: string) => `{ league(id: "${leagueId}") { instances(first: 3) { nodes { id } } } }`;

  test.each<[string, Fault]>([
    ['is away', { kind: 'reset', at: 'before' }],
    ['is busy', { kind: 'status', status: 503 }],
    ['has no right for the account', { kind: 'status', status: 403 }],
  ])('an agent answers what both planes offer where the space plane %s, and the answer says so', async (_, fault) => {
    const { leagueId } = agentOnline();
    const gateway = gatewayWith({});
    const before = await ask(gateway, ofLeague(leagueId));
    expect(before.extensions?.failovers).toBeUndefined();
    await rule('listLeagueInstances', fault);
    const after = await ask(gateway, ofLeague(leagueId));
    expect(after.errors).toBeUndefined();
    expect(after.data).toEqual(before.data);
    expect(after.extensions?.failovers).toMatchObject([{ to: 'AGENT' }]);
    expect(await count('listJobInstances')).toBe(1);
  });

  test('where neither plane answers, the one that can be asked again sooner says when', async () => {
    const { leagueId } = agentOnline();
    const gateway = gatewayWith({ retries: false });
    await rule('listLeagueInstances', { kind: 'status', status: 429, retryAfter: '30' });
    await rule('listJobInstances', { kind: 'status', status: 429, retryAfter: '5' });
    const { errors } = await ask(gateway, ofLeague(leagueId));
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED', plane: 'SPACE', retryAfter: 5 });
  });

  test('the space plane alone answers where every agent is away', async () => {
    const { leagueId } = agentOnline();
    const gateway = gatewayWith({});
    await rule('listJobInstances', { kind: 'reset', at: 'before' });
    expect((await ask(gateway, ofLeague(leagueId))).errors).toBeUndefined();
    expect(await count('listJobInstances')).toBe(0);
  });

  const ofAgents = (leagueId: string) =>
    `{ league(id: "${leagueId}") { availableDatasets(type: MYSQL) { __typename } } }`;
  /** The first of several agents of one league that work. */
  const firstOfSeveral = () => {
    const trusted = stage.sandbox.world.agents.filter(({ nodeStatus }) => nodeStatus === 'TRUST');
    const first = trusted.find(({ id, leagueId }) =>
      trusted.some((other) => other.leagueId === leagueId && other.id !== id),
    );
    if (first === undefined) throw new Error('no league has several agents');
    return first;
  };

  test('an agent of the league that is away hands what only agents offer to the next one', async () => {
    const { id, leagueId } = firstOfSeveral();
    const gateway = gatewayWith({});
    const before = await ask(gateway, ofAgents(leagueId));
    expect(before.errors).toBeUndefined();
    await rule('listAvailableDatasets', { kind: 'reset', at: 'before' }, { agentId: id });
    await stage.sandbox.client.clearCalls();
    expect(await ask(gateway, ofAgents(leagueId))).toEqual(before);
    expect(await count('listAvailableDatasets')).toBe(2);
  });

  test('what one agent of the league refuses is not asked of the next one', async () => {
    const { id, leagueId } = firstOfSeveral();
    const gateway = gatewayWith({});
    await rule('listAvailableDatasets', { kind: 'status', status: 400 }, { agentId: id });
    expect(codes(await ask(gateway, ofAgents(leagueId)))).toEqual(['UPSTREAM_REFUSED']);
    expect(await count('listAvailableDatasets')).toBe(1);
  });

  test('an agent that has moved is found again through the space plane', async () => {
    const { id } = agentOnline();
    const { agents } = configFor(stage.sandbox);
    const gateway = gatewayWith({}, { agents: agents.map(({ url, ...agent }) => agent) });
    expect((await ask(gateway, runtime(id))).errors).toBeUndefined();
    await stage.sandbox.client.moveAgent(id);
    await ask(gateway, runtime(id));
    expect((await ask(gateway, runtime(id))).errors).toBeUndefined();
  });

  test('an agent whose address another server has by now is found again through the space plane', async () => {
    const { id } = agentOnline();
    const { agents } = configFor(stage.sandbox);
    const other = agents.find((agent) => agent.id !== id);
    const gateway = gatewayWith({}, { agents: agents.map(({ url, ...agent }) => agent) });
    const { hostname, port } = new URL(other?.url ?? '');
    const body = { agent_deploy_detail: { console_ip: hostname, console_port: Number(port) } };
    await rule('getAgentDeployment', { kind: 'status', status: 200, body });
    expect(codes(await ask(gateway, runtime(id)))).toEqual(['AGENT_CERTIFICATE']);
    await stage.sandbox.client.clearRules();
    expect((await ask(gateway, runtime(id))).errors).toBeUndefined();
  });

  test('a certificate that has changed in mid-life is told nothing', async () => {
    const { id } = agentOnline();
    const gateway = gatewayWith({ retries: true });
    await ask(gateway, runtime(id));
    await stage.sandbox.client.renewCertificate(id);
    await stage.sandbox.client.clearCalls();
    expect(codes(await ask(gateway, runtime(id)))).toEqual(['AGENT_CERTIFICATE']);
    expect(await stage.sandbox.client.calls({ agentId: id })).toEqual([]);
  });
});

describe('the size of an answer', () => {
  test('over 10 MB, it is cut: an error of that branch', async () => {
    const gateway = gatewayWith({});
    const body = { total: 1, lists: [{ league_name: 'x'.repeat(10_100_000) }] };
    await rule('listLeagues', { kind: 'status', status: 200, body });
    expect(await ask(gateway, leagues)).toMatchObject({
      errors: [{ extensions: { code: 'UPSTREAM_INVALID_ANSWER', plane: 'SPACE', call: 'listLeagues' } }],
    });
  });

  test('below, it is read', async () => {
    const gateway = gatewayWith({});
    const body = { total: 0, lists: [], note: 'x'.repeat(9_000_000) };
    await rule('listLeagues', { kind: 'status', status: 200, body });
    expect((await ask(gateway, leagues)).errors).toBeUndefined();
  });
});
