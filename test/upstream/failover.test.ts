import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/client.ts';
import { configFor, useStage } from '../support/gateway.ts';
import { ask, codesOf, runtimeQuery, useFaults } from '../support/resilience.ts';

const stage = useStage();
const { addFault, countCalls, gatewayWith, onlineAgent } = useFaults(stage);

describe('failing over', () => {
  const ofLeague = (leagueId: string) => `{ league(id: "${leagueId}") { instances(first: 3) { nodes { id } } } }`;

  test.each<[string, Fault]>([
    ['is away', { kind: 'reset', at: 'before' }],
    ['is busy', { kind: 'status', status: 503 }],
    ['has no right for the account', { kind: 'status', status: 403 }],
  ])('an agent answers what both planes offer where the space plane %s, and the answer says so', async (_, fault) => {
    const { leagueId } = onlineAgent();
    const gateway = gatewayWith({});
    const before = await ask(gateway, ofLeague(leagueId));
    expect(before.extensions?.failovers).toBeUndefined();
    await addFault('listLeagueInstances', fault);
    const after = await ask(gateway, ofLeague(leagueId));
    expect(after.errors).toBeUndefined();
    expect(after.data).toEqual(before.data);
    expect(after.extensions?.failovers).toMatchObject([{ to: 'AGENT' }]);
    expect(await countCalls('listJobInstances')).toBe(1);
  });

  test('where neither plane answers, the one that can be asked again sooner says when', async () => {
    const { leagueId } = onlineAgent();
    const gateway = gatewayWith({ retries: false });
    await addFault('listLeagueInstances', { kind: 'status', status: 429, retryAfter: '30' });
    await addFault('listJobInstances', { kind: 'status', status: 429, retryAfter: '5' });
    const { errors } = await ask(gateway, ofLeague(leagueId));
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED', plane: 'SPACE', retryAfter: 5 });
  });

  test('the space plane alone answers where every agent is away', async () => {
    const { leagueId } = onlineAgent();
    const gateway = gatewayWith({});
    await addFault('listJobInstances', { kind: 'reset', at: 'before' });
    expect((await ask(gateway, ofLeague(leagueId))).errors).toBeUndefined();
    expect(await countCalls('listJobInstances')).toBe(0);
  });

  test('a read under way when the gateway closes goes on to no agent, whose connection nobody would close', async () => {
    const { leagueId } = onlineAgent();
    const gateway = gatewayWith({ retries: false });
    await stage.sandbox.client.addRules([{ operationId: 'listLeagueInstances', latencyMs: 60_000 }]);
    const asked = ask(gateway, ofLeague(leagueId));
    await stage.sandbox.client.waitForCalls(1, { operationId: 'listLeagueInstances' });
    await gateway.close();
    expect((await asked).errors?.[0]?.extensions).toMatchObject({ code: 'UPSTREAM_UNREACHABLE', plane: 'SPACE' });
    expect(await countCalls('createAgentToken')).toBe(0);
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

  test('calls that only agents offer go to the next agent of the league when one is unreachable', async () => {
    const { id, leagueId } = firstOfSeveral();
    const gateway = gatewayWith({});
    const before = await ask(gateway, ofAgents(leagueId));
    expect(before.errors).toBeUndefined();
    await addFault('listAvailableDatasets', { kind: 'reset', at: 'before' }, { agentId: id });
    await stage.sandbox.client.clearCalls();
    expect(await ask(gateway, ofAgents(leagueId))).toEqual(before);
    expect(await countCalls('listAvailableDatasets')).toBe(2);
  });

  test('agents say themselves of which league they are where the space plane can not list them', async () => {
    const { leagueId } = firstOfSeveral();
    const expected = await ask(gatewayWith({}), ofAgents(leagueId));
    const gateway = gatewayWith({ callTimeoutMs: 300 });
    await addFault('listAgents', { kind: 'hang' });
    await addFault('listAvailableDatasets', { kind: 'reset', at: 'before' });
    await stage.sandbox.client.clearCalls();
    await ask(gateway, ofAgents(leagueId));
    const asked = (await stage.sandbox.client.calls({ operationId: 'listAvailableDatasets' })).map(
      ({ agentId }) => agentId,
    );
    const { agents } = stage.sandbox.world;
    expect(asked.length).toBeGreaterThan(1);
    expect(new Set(asked.map((id) => agents.find((agent) => agent.id === id)?.leagueId))).toEqual(new Set([leagueId]));
    await stage.sandbox.client.clearRules();
    await addFault('listAgents', { kind: 'hang' });
    expect(await ask(gateway, ofAgents(leagueId))).toEqual(expected);
  });

  test('a refusal by one agent of the league is not retried on the next', async () => {
    const { id, leagueId } = firstOfSeveral();
    const gateway = gatewayWith({});
    await addFault('listAvailableDatasets', { kind: 'status', status: 400 }, { agentId: id });
    expect(codesOf(await ask(gateway, ofAgents(leagueId)))).toEqual(['UPSTREAM_REFUSED']);
    expect(await countCalls('listAvailableDatasets')).toBe(1);
  });

  test('an agent that has moved is found again through the space plane', async () => {
    const { id } = onlineAgent();
    const { agents } = configFor(stage.sandbox);
    const gateway = gatewayWith({}, { agents: agents.map(({ url, ...agent }) => agent) });
    expect((await ask(gateway, runtimeQuery(id))).errors).toBeUndefined();
    await stage.sandbox.client.moveAgent(id);
    await ask(gateway, runtimeQuery(id));
    expect((await ask(gateway, runtimeQuery(id))).errors).toBeUndefined();
  });

  test('an agent whose address another server has by now is found again through the space plane', async () => {
    const { id } = onlineAgent();
    const { agents } = configFor(stage.sandbox);
    const other = agents.find((agent) => agent.id !== id);
    const gateway = gatewayWith({}, { agents: agents.map(({ url, ...agent }) => agent) });
    const { hostname, port } = new URL(other?.url ?? '');
    const body = {
      agent_deploy: { agent_id: id },
      agent_deploy_detail: { console_ip: hostname, console_port: Number(port) },
    };
    await addFault('getAgentDeployment', { kind: 'status', status: 200, body });
    expect(codesOf(await ask(gateway, runtimeQuery(id)))).toEqual(['AGENT_CERTIFICATE']);
    await stage.sandbox.client.clearRules();
    expect((await ask(gateway, runtimeQuery(id))).errors).toBeUndefined();
  });

  test('nothing is sent to an agent whose certificate has changed', async () => {
    const { id } = onlineAgent();
    const gateway = gatewayWith({ retries: true });
    await ask(gateway, runtimeQuery(id));
    await stage.sandbox.client.renewCertificate(id);
    await stage.sandbox.client.clearCalls();
    expect(codesOf(await ask(gateway, runtimeQuery(id)))).toEqual(['AGENT_CERTIFICATE']);
    expect(await stage.sandbox.client.calls({ agentId: id })).toEqual([]);
  });
});
