import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import type { TicsConfig } from '../../src/config/config.ts';
import { GatewayError } from '../../src/errors.ts';
import { createDirectory } from '../../src/tics/planes/directory.ts';
import { noDeadline, whileWaitedFor } from '../../src/upstream/deadline.ts';
import type { Planes } from '../../src/tics/planes/planes.ts';
import { createUpstreams, defaultResilience, type Upstreams } from '../../src/tics/planes/upstreams.ts';
import type { SpaceClient } from '../../src/upstream/rest.ts';
import { configFor, useStage } from '../support/gateway.ts';
import { countCalls } from '../support/calls.ts';

const stage = useStage();
const opened: Upstreams[] = [];

/** Upstreams that know nothing yet. */
function cold(tics: TicsConfig): Upstreams {
  const upstreams = createUpstreams(tics);
  opened.push(upstreams);
  return upstreams;
}

/** The planes as one operation sees them. */
function operation(upstreams: Upstreams, signal = new AbortController().signal): Planes {
  return upstreams.planes({
    upstreamScope: 'x',
    language: 'en_us',
    deadline: { ...noDeadline, signal },
  });
}

/** An agent whose account is the only one that is configured in its league. */
function loneAgent() {
  const { agents } = stage.sandbox.world;
  const agent = agents.find(
    ({ leagueId, nodeStatus }) =>
      nodeStatus === 'ONLINE' && agents.some(({ leagueId: another }) => another !== leagueId),
  );
  const other = agents.find(({ leagueId }) => leagueId !== agent?.leagueId);
  if (agent === undefined || other === undefined) throw new Error('the world has too few agents');
  const tics = configFor(stage.sandbox);
  return {
    agentId: agent.id,
    leagueId: agent.leagueId,
    tics: { ...tics, agents: tics.agents.filter(({ id }) => id === agent.id || id === other.id) },
  };
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((upstreams) => upstreams.close()));
});

describe('waiting for shared work', () => {
  test('an aborted caller starts no work', async () => {
    let begun = 0;
    const shared = () => Promise.resolve((begun += 1));
    await expect(whileWaitedFor(shared, AbortSignal.abort(new Error('left')))).rejects.toThrow('left');
    expect(begun).toBe(0);
  });

  test('leaves no listener on the caller’s signal', async () => {
    const { signal } = new AbortController();
    await whileWaitedFor(() => Promise.resolve(), signal);
    await whileWaitedFor(() => Promise.reject(new Error('no')), signal).catch(() => undefined);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('work that operations share', () => {
  test('the caller who asked first for the agents may leave: the others still get them, by one call', async () => {
    const { agentId, leagueId, tics } = loneAgent();
    const upstreams = cold(tics);
    await stage.sandbox.client.setRules([{ operationId: 'listAgents', latencyMs: 200 }]);
    const leaving = new AbortController();
    const left = operation(upstreams, leaving.signal).leagueOf(agentId);
    const stayed = operation(upstreams).forWriting(leagueId);
    await stage.sandbox.client.waitForCalls(1, { operationId: 'listAgents' });
    leaving.abort();
    await expect(left).rejects.toMatchObject({ name: 'AbortError' });
    expect((await stayed).agentId).toBe(agentId);
    expect(await countCalls(stage, 'listAgents')).toBe(1);
  });

  test('closing waits for nothing, not even for a sign-in that hangs', async () => {
    const upstreams = createUpstreams(configFor(stage.sandbox), { ...defaultResilience, callTimeoutMs: 60_000 });
    await stage.sandbox.client.setRules([{ operationId: 'createToken', fault: { kind: 'hang' } }]);
    const leaving = new AbortController();
    const left = operation(upstreams, leaving.signal).space.read('getOverview');
    const waiting = operation(upstreams).space.read('getOverview');
    await stage.sandbox.client.waitForCalls(1, { operationId: 'createToken' });
    leaving.abort();
    await expect(left).rejects.toMatchObject({ name: 'AbortError' });
    await upstreams.close();
    await expect(waiting).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE', details: { call: 'createToken' } });
  }, 3_000);

  test('closing waits for no agent either', async () => {
    const { agentId, tics } = loneAgent();
    const upstreams = cold(tics);
    await stage.sandbox.client.setRules([{ operationId: 'createAgentToken', fault: { kind: 'hang' } }]);
    const waiting = (await operation(upstreams).agent(agentId)).read('getAgentRuntime');
    const failed = expect(waiting).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
    await stage.sandbox.client.waitForCalls(1, { operationId: 'createAgentToken' });
    await upstreams.close();
    await failed;
  }, 3_000);

  test('the caller who asked for an address first may leave', async () => {
    const { agentId, tics } = loneAgent();
    const upstreams = cold({ ...tics, agents: tics.agents.map(({ url, ...agent }) => agent) });
    await stage.sandbox.client.setRules([{ operationId: 'getAgentDeployment', fault: { kind: 'hang' } }]);
    const leaving = new AbortController();
    const left = operation(upstreams, leaving.signal).agent(agentId);
    await stage.sandbox.client.waitForCalls(1, { operationId: 'getAgentDeployment' });
    leaving.abort();
    await expect(left).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('a project that could not be looked up is looked up again', async () => {
    const { projectId, ...tics } = configFor(stage.sandbox);
    const upstreams = cold(tics);
    const read = () => operation(upstreams).space.read('getOverview');
    await stage.sandbox.client.setRules([{ operationId: 'listProjects', fault: { kind: 'status', status: 403 } }]);
    await expect(read()).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await stage.sandbox.client.clearRules();
    await read();
  });

  test('an agent without an account is not spoken to', async () => {
    const { tics } = loneAgent();
    const known = new Set(tics.agents.map(({ id }) => id));
    const other = stage.sandbox.world.agents.find(({ id }) => !known.has(id));
    await expect(operation(cold(tics)).agent(other?.id ?? '')).rejects.toMatchObject({ code: 'AGENT_UNAVAILABLE' });
  });

  test('the project is looked up once for all who need it at the same time', async () => {
    const { projectId, ...tics } = configFor(stage.sandbox);
    const upstreams = cold(tics);
    const read = () => operation(upstreams).space.read('getOverview');
    await Promise.all(Array.from({ length: 20 }, read));
    expect(await countCalls(stage, 'listProjects')).toBe(1);
  });

  test('an aborted caller starts nothing, and a rejection without a waiter is handled', async () => {
    const { agentId, tics } = loneAgent();
    const upstreams = cold({ ...tics, agents: tics.agents.map((agent) => ({ ...agent, password: 'wrong' })) });
    const signIn = async (planes: Planes) => (await planes.agent(agentId)).read('getAgentRuntime');
    await expect(signIn(operation(upstreams))).rejects.toMatchObject({ code: 'SIGN_IN_REFUSED' });
    // vitest fails the run for a rejection that nobody handled, as the process itself would end with one.
    await expect(signIn(operation(upstreams, AbortSignal.abort()))).rejects.toMatchObject({ name: 'AbortError' });
    expect(await countCalls(stage, 'createAgentToken')).toBe(1);
  });
});

/** A directory before a space plane that answers one thing. */
function directoryOf(answer: () => unknown) {
  let nowMs = 0;
  const space = { read: () => Promise.resolve().then(answer) } as unknown as SpaceClient;
  return { directory: createDirectory(space, () => nowMs), wait: (ms: number) => void (nowMs += ms) };
}

describe('the directory of agents', () => {
  test('the last known list is used while the space plane is unreachable, and read again', async () => {
    let asked = 0;
    let isAway = false;
    const { directory, wait } = directoryOf(() => {
      asked += 1;
      if (isAway) throw new GatewayError('UPSTREAM_FAILED', 'away');
      return { total: 1, lists: [{ agent_id: 'a', league_id: 'l' }] };
    });
    await directory.leagues();
    isAway = true;
    wait(3_600_000);
    expect([...(await directory.leagues())]).toEqual([['a', 'l']]);
    expect([...(await directory.leagues())]).toEqual([['a', 'l']]);
    expect(asked).toBe(3);
  });

  test('a list that was never had is an error, and is asked for again', async () => {
    let isAway = true;
    const { directory } = directoryOf(() => {
      if (isAway) throw new GatewayError('UPSTREAM_FAILED', 'away');
      return { total: 0, lists: [] };
    });
    await expect(directory.leagues()).rejects.toMatchObject({ code: 'UPSTREAM_FAILED' });
    isAway = false;
    expect((await directory.leagues()).size).toBe(0);
  });

  test.each([
    ['10.0.0.1', 8443, 'https://10.0.0.1:8443'],
    ['fd00::1', '8443', 'https://[fd00::1]:8443'],
    ['10.0.0.1', 70_000, undefined],
    ['10.0.0.1', null, undefined],
    ['no host', 8443, undefined],
    ['', 8443, undefined],
  ])('the address %s, port %s, is read as %s', async (console_ip, console_port, address) => {
    const { directory } = directoryOf(() => ({ agent_deploy_detail: { console_ip, console_port } }));
    expect(await directory.address('a')).toBe(address);
  });

  test.each<[string, () => unknown]>([
    ['could not be asked for', () => Promise.reject(new GatewayError('UPSTREAM_FAILED', 'away'))],
    ['is not known yet', () => ({ agent_deploy_detail: null })],
  ])('an address that %s is asked for again', async (_, first) => {
    let asked = 0;
    const { directory } = directoryOf(() => {
      asked += 1;
      return asked === 1 ? first() : { agent_deploy_detail: { console_ip: '10.0.0.1', console_port: 8443 } };
    });
    await directory.address('a').catch(() => undefined);
    expect(await directory.address('a')).toBe('https://10.0.0.1:8443');
    await directory.address('a');
    expect(asked).toBe(2);
  });

  test('an answer that comes late forgets no address that was asked for after it', async () => {
    const answers: ((answer: unknown) => void)[] = [];
    const { directory } = directoryOf(() => new Promise((resolve) => answers.push(resolve)));
    const late = directory.address('a');
    await new Promise(setImmediate);
    directory.forget('a');
    const next = directory.address('a');
    await new Promise(setImmediate);
    answers[1]?.({ agent_deploy_detail: { console_ip: '10.0.0.1', console_port: 8443 } });
    await next;
    answers[0]?.({ agent_deploy_detail: null });
    expect(await late).toBeUndefined();
    await directory.address('a');
    expect(answers).toHaveLength(2);
  });

  test('an address is asked for once at a time, and again when it was forgotten', async () => {
    let asked = 0;
    const { directory } = directoryOf(() => {
      asked += 1;
      return { agent_deploy_detail: { console_ip: '10.0.0.1', console_port: 8443 } };
    });
    await Promise.all([directory.address('a'), directory.address('a')]);
    expect(asked).toBe(1);
    directory.forget('a');
    await directory.address('a');
    expect(asked).toBe(2);
  });
});
