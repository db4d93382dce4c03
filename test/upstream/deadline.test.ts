import { describe, expect, test } from 'vitest';
import { startTcpProxy } from '../../bench/faultProxy.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { createDeadline } from '../../src/upstream/deadline.ts';
import { configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { ask, codesOf, leaguesQuery, runtimeQuery, updateLeagueMutation, useFaults } from '../support/resilience.ts';

const stage = useStage();
const { addFault, closeLater, countCalls, gatewayWith, onlineAgent, ownLeagueId } = useFaults(stage);

describe('the deadline of an operation', () => {
  /** Generous, since the machine may be busy: without the deadline, each of these takes ten seconds and more. */
  const limitMs = 5_000;
  const operationTimeoutMs = 400;
  const settles = async (gateway: Gateway, query: string, variables: object = {}) => {
    const startedAt = performance.now();
    const answer = await ask(gateway, query, { ...variables });
    expect(performance.now() - startedAt).toBeLessThan(limitMs);
    expect(performance.now() - startedAt).toBeGreaterThan(operationTimeoutMs - 50);
    return answer;
  };

  test('ends a call that hangs; what came before is answered', async () => {
    const { id, name } = onlineAgent();
    const gateway = gatewayWith({ operationTimeoutMs });
    await ask(gateway, runtimeQuery(id));
    await addFault('getAgentRuntime', { kind: 'hang' });
    const answer = await settles(gateway, `{ agent(id: "${id}") { name runtime { __typename } } }`);
    expect(answer.data).toEqual({ agent: { name, runtime: null } });
    expect(codesOf(answer)).toEqual(['UPSTREAM_TIMEOUT']);
  });

  test('ends waiting for a sign-in', async () => {
    const gateway = gatewayWith({ operationTimeoutMs });
    await addFault('createToken', { kind: 'hang' });
    expect(codesOf(await settles(gateway, leaguesQuery))).toEqual(['UPSTREAM_TIMEOUT']);
  });

  test('ends a mutation whose write hangs: nobody knows what became of it', async () => {
    const gateway = gatewayWith({ operationTimeoutMs, callTimeoutMs: 60_000 });
    const id = ownLeagueId();
    await ask(gateway, leaguesQuery);
    await addFault('updateLeague', { kind: 'hang' });
    const { data } = await settles(gateway, updateLeagueMutation, { input: { id, description: 'slowly' } });
    expect(data).toEqual({ updateLeague: { userErrors: [{ code: 'OUTCOME_UNKNOWN' }] } });
    expect(await countCalls('updateLeague')).toBe(1);
  });

  test('ends a mutation that waits to be sent: it was not', async () => {
    const gateway = gatewayWith({ operationTimeoutMs, callTimeoutMs: 60_000 });
    await addFault('createToken', { kind: 'hang' });
    const { data } = await settles(gateway, updateLeagueMutation, { input: { id: ownLeagueId(), description: 'no' } });
    expect(data).toEqual({ updateLeague: { userErrors: [{ code: 'UPSTREAM_TIMEOUT' }] } });
    expect(await countCalls('updateLeague')).toBe(0);
  });

  test('ends reading back what a mutation wrote: that it was written is told', async () => {
    const gateway = gatewayWith({ operationTimeoutMs, callTimeoutMs: 60_000 });
    const id = ownLeagueId();
    await ask(gateway, leaguesQuery);
    await addFault('getLeague', { kind: 'hang' });
    const mutation = `mutation ($input: UpdateLeagueInput!) {
      updateLeague(input: $input) { league { id settings { description } } userErrors { code } }
    }`;
    const answer = await settles(gateway, mutation, { input: { id, description: 'written' } });
    expect(answer.data).toMatchObject({ updateLeague: { userErrors: [] } });
    expect(codesOf(answer)).toEqual(['UPSTREAM_TIMEOUT']);
    expect(stage.sandbox.world.league(id)?.description).toBe('written');
  });

  test('is longer by what the operation asks to wait, once for fields that wait side by side', () => {
    let nowMs = 0;
    const deadline = createDeadline(new AbortController().signal, () => nowMs);
    deadline.extend(1_000);
    expect(deadline.remainingMs()).toBe(Infinity);
    deadline.limit(30_000);
    deadline.extend(60_000);
    deadline.extend(60_000);
    deadline.extend(10_000);
    expect(deadline.remainingMs()).toBe(90_000);
    nowMs = 50_000;
    deadline.extend(60_000);
    expect(deadline.remainingMs()).toBe(90_000);
    deadline.end();
  });

  test('is forgotten when the operation has ended', async () => {
    const gateway = gatewayWith({ operationTimeoutMs: 60_000 });
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    await ask(gateway, leaguesQuery);
    const before = timers();
    for (let time = 0; time < 20; time += 1) await ask(gateway, leaguesQuery);
    expect(timers()).toBeLessThan(before + 10);
  });

  test('ends waiting for the project', async () => {
    const { projectId, ...tics } = configFor(stage.sandbox);
    const gateway = gatewayFor(tics, { operationTimeoutMs });
    closeLater(gateway);
    await addFault('listProjects', { kind: 'hang' });
    expect(codesOf(await settles(gateway, leaguesQuery))).toEqual(['UPSTREAM_TIMEOUT']);
  });

  test('ends waiting before a further attempt', async () => {
    const gateway = gatewayWith({ operationTimeoutMs, retries: true });
    await addFault('listLeagues', { kind: 'status', status: 503 });
    await stage.sandbox.client.addRules([{ operationId: 'listLeagues', latencyMs: 250 }]);
    expect(codesOf(await settles(gateway, leaguesQuery))).toEqual(['UPSTREAM_TIMEOUT']);
  });

  test('ends waiting in the queue of an upstream that is busy', async () => {
    const gateway = gatewayWith({});
    const hurried = gatewayWith({ operationTimeoutMs });
    await Promise.all([ask(gateway, leaguesQuery), ask(hurried, leaguesQuery)]);
    await addFault('listLeagues', { kind: 'hang' });
    const answers = await Promise.all(Array.from({ length: 80 }, () => settles(hurried, leaguesQuery)));
    expect(answers.flatMap(codesOf)).toEqual(Array(80).fill('UPSTREAM_TIMEOUT'));
  });

  test('ends waiting for a connection that never comes about', async () => {
    const agent = onlineAgent();
    const proxy = await startTcpProxy(() => agent.consolePort, { seed: '1', latency: { leastMs: 0, meanMoreMs: 0 } });
    closeLater(proxy);
    const url = `https://127.0.0.1:${proxy.port()}`;
    const { agents } = configFor(stage.sandbox);
    const gateway = gatewayWith(
      { callTimeoutMs: 300 },
      { agents: agents.map((configured) => (configured.id === agent.id ? { ...configured, url } : configured)) },
    );
    expect((await ask(gateway, runtimeQuery(agent.id))).errors).toBeUndefined();
    proxy.setHanging(true);
    // The connection that there is breaks off at the time limit; the next one is never agreed on.
    const startedAt = performance.now();
    for (let time = 0; time < 4; time += 1)
      expect(codesOf(await ask(gateway, runtimeQuery(agent.id)))).toEqual(['UPSTREAM_TIMEOUT']);
    expect(performance.now() - startedAt).toBeLessThan(4_000);
  });

  test('a call is given no more time than its caller has left', async () => {
    const gateway = gatewayWith({ operationTimeoutMs: 600, callTimeoutMs: 60_000 });
    await ask(gateway, leaguesQuery);
    await addFault('listLeagues', { kind: 'slowDrip', bytesPerSecond: 1 });
    expect(codesOf(await settles(gateway, leaguesQuery))).toEqual(['UPSTREAM_TIMEOUT']);
  });
});
