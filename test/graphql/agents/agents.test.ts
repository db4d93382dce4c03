import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Gateway } from '../../../src/gateway/gateway.ts';
import { startSandbox, type Sandbox } from '../../../src/sandbox/start.ts';
import type { Agent } from '../../../src/sandbox/model/world.ts';
import { askGateway, configFor, gatewayFor, nowMs, useStage } from '../../support/gateway.ts';
import { pageFields, walk, type PageAnswer } from '../../support/walk.ts';

const stage = useStage();

function agentWhere(wanted: (agent: Agent) => boolean): Agent {
  const agent = stage.sandbox.world.agents.find(wanted);
  if (agent === undefined) throw new Error('the world has no such agent');
  return agent;
}

function anyAgent(): Agent {
  return agentWhere(() => true);
}

/** An operation's answer, and the upstream calls it caused. */
async function costOf<Data>(query: string, variables?: Readonly<Record<string, unknown>>) {
  let data: Data | undefined;
  const calls = await stage.callsOf(async () => (data = await stage.data<Data>(query, variables)));
  return { data: data as Data, calls };
}

const listFields = `
  id ticsId name deployStatus deployStatusText deployType deployTypeText deploymentEvent version highAvailability
  createdAt creatorName creatorAccountTicsId leagueId leagueName leagueVersion
`;

function listFacts(agent: Agent) {
  const league = stage.sandbox.world.league(agent.leagueId);
  return {
    id: `Agent:${agent.id}`,
    ticsId: agent.id,
    name: agent.name,
    deployStatus: agent.deployStatus,
    deployStatusText: agent.deployStatus,
    deployType: agent.deployType,
    deployTypeText: agent.deployType,
    deploymentEvent: agent.deployEvent,
    version: agent.version,
    highAvailability: agent.highAvailability,
    createdAt: new Date(agent.createdAtMs).toISOString(),
    creatorName: agent.creatorName,
    creatorAccountTicsId: agent.creatorDomainId,
    leagueId: `League:${agent.leagueId}`,
    leagueName: league?.name,
    leagueVersion: league?.version,
  };
}

describe('Query.agents', () => {
  test('has the fields of its row, in one call', async () => {
    const { data, calls } = await costOf<{ agents: { nodes: unknown } }>(
      `{ agents(first: 50) { nodes { ${listFields} deletable upgradable } } }`,
    );
    expect(calls).toEqual({ listAgents: 1 });
    expect(data.agents.nodes).toEqual(
      stage.sandbox.world.agents.map((agent) => ({
        ...listFacts(agent),
        deletable: agent.deletable,
        upgradable: agent.upgradable,
      })),
    );
  });

  test('pages exactly', async () => {
    const { rows, totals } = await walk(async (after) => {
      const { agents } = await stage.data<{ agents: PageAnswer<{ ticsId: string }> }>(
        `query ($after: String) { agents(first: 3, after: $after) { nodes { ticsId } ${pageFields} } }`,
        { after },
      );
      return agents;
    });
    const all = stage.sandbox.world.agents.map(({ id }) => id);
    expect(rows.map(({ ticsId }) => ticsId)).toEqual(all);
    expect(new Set(totals)).toEqual(new Set([all.length]));
  });

  test('passes its filters on', async () => {
    const { name, leagueId } = anyAgent();
    const leagueName = stage.sandbox.world.league(leagueId)?.name ?? '';
    await stage.data('query ($filter: AgentFilter) { agents(filter: $filter) { totalCount } }', {
      filter: { name, leagueName },
    });
    const [call] = await stage.sandbox.client.calls({ operationId: 'listAgents' });
    expect(call?.query).toMatchObject({ agent_name: name, league_name: leagueName });
    expect(
      await stage.data('{ agents(filter: { name: "no agent is called so" }) { totalCount nodes { id } } }'),
    ).toEqual({
      agents: { totalCount: 0, nodes: [] },
    });
  });
});

describe('Query.agent', () => {
  test.each(['bare', 'whole'])('finds an agent by its %s id, with its own call', async (form) => {
    const agent = anyAgent();
    const { data, calls } = await costOf(`query ($id: ID!) { agent(id: $id) { ${listFields} } }`, {
      id: form === 'bare' ? agent.id : `Agent:${agent.id}`,
    });
    expect(calls).toEqual({ getAgentDeployment: 1 });
    expect(data).toEqual({ agent: listFacts(agent) });
  });

  test('takes the list call only for fields that only rows contain', async () => {
    const agent = agentWhere(({ upgradable }) => upgradable);
    const { data, calls } = await costOf('query ($id: ID!) { agent(id: $id) { deletable upgradable } }', {
      id: agent.id,
    });
    expect(calls).toEqual({ getAgentDeployment: 1, listAgents: 1 });
    expect(data).toEqual({ agent: { deletable: agent.deletable, upgradable: true } });
    const [call] = await stage.sandbox.client.calls({ operationId: 'listAgents' });
    expect(call?.query).toMatchObject({ agent_name: agent.name });
  });

  test('answers NOT_FOUND and INVALID_ID', async () => {
    const { data, errors } = await stage.ask(
      '{ unknown: agent(id: "nobody") { id } wrong: agent(id: "League:a") { id } }',
    );
    expect(data).toEqual({ unknown: null, wrong: null });
    expect(Object.fromEntries(errors?.map(({ path, extensions }) => [path?.[0], extensions?.['code']]) ?? [])).toEqual({
      unknown: 'NOT_FOUND',
      wrong: 'INVALID_ID',
    });
  });

  test('answers NOT_FOUND alike for several', async () => {
    const { data, errors } = await stage.ask(
      `{ one: agent(id: "nobody") { id } other: agent(id: "${anyAgent().id}") { id } }`,
    );
    expect(data).toEqual({ one: null, other: { id: `Agent:${anyAgent().id}` } });
    expect(errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['NOT_FOUND']);
  });
});

describe('Agent.deployment', () => {
  const fields = `
    regionName creatorTicsId creatorProjectTicsId imageTicsId storageType storageTypeText blockchainEnabled monitored natGatewayTicsId
    clusterTicsId clusterName clusterVersion namespace edgeInstanceTicsId resourceSpec accessAddress webPort consoleIp consolePort
    hostPath volumeClaimName persistentStorageTicsId
    blockchain { ticsId name address channelName organizationName organizationHash }
    machine {
      nodeTicsId serverTicsId name privateIp availabilityZone publicIp publicIpTicsId snatRuleTicsId leagueServerIp
      leagueServerSecurityRuleTicsId endpointServiceTicsId serverEndpointTicsId serverEndpointIp
    }
    natGateway { ticsId projectTicsId vpcTicsId subnetTicsId }
  `;

  test('has all fields of its call, and shares the call with agent(id)', async () => {
    for (const { id, ...agent } of [
      agentWhere(({ blockchain }) => blockchain !== undefined),
      agentWhere(({ blockchain, deployType }) => blockchain === undefined && deployType === 'IEF'),
    ]) {
      const { blockchain, cluster, machine } = agent;
      const { data, calls } = await costOf<{ agent: unknown }>(
        `query ($id: ID!) { agent(id: $id) { name deployment { ${fields} } } }`,
        { id },
      );
      expect(calls).toEqual({ getAgentDeployment: 1 });
      expect(data.agent).toEqual({
        name: agent.name,
        deployment: {
          regionName: stage.sandbox.world.tenant.regionName,
          creatorTicsId: agent.creatorId,
          creatorProjectTicsId: agent.creatorProjectId,
          imageTicsId: agent.imageId,
          storageType: agent.storage,
          storageTypeText: agent.storage,
          blockchainEnabled: blockchain !== undefined,
          monitored: cluster.monitored,
          natGatewayTicsId: cluster.natId,
          clusterTicsId: cluster.id,
          clusterName: cluster.name,
          clusterVersion: cluster.version,
          namespace: cluster.namespace,
          edgeInstanceTicsId: machine.iefInstanceId ?? null,
          resourceSpec: cluster.resourceSpec,
          accessAddress: cluster.accessAddress,
          webPort: cluster.webPort,
          consoleIp: agent.consoleIp,
          consolePort: agent.consolePort,
          hostPath: cluster.hostPath ?? null,
          volumeClaimName: cluster.obsPvcName ?? null,
          persistentStorageTicsId: cluster.persistenceId,
          blockchain: blockchain
            ? {
                ticsId: blockchain.instanceId,
                name: blockchain.instanceName,
                address: blockchain.browserIp,
                channelName: blockchain.channelName,
                organizationName: blockchain.organizationName,
                organizationHash: blockchain.organizationHash,
              }
            : null,
          machine: {
            nodeTicsId: machine.id,
            serverTicsId: machine.serverId,
            name: machine.name,
            privateIp: machine.ip,
            availabilityZone: machine.zone,
            publicIp: machine.natIp,
            publicIpTicsId: machine.natIpId,
            snatRuleTicsId: machine.snatRuleId,
            leagueServerIp: machine.leagueServerSnatIp,
            leagueServerSecurityRuleTicsId: machine.leagueServerSecurityRule,
            endpointServiceTicsId: machine.endpointServiceId,
            serverEndpointTicsId: machine.serverToAgentEndpointId,
            serverEndpointIp: machine.serverToAgentEndpointIp,
          },
          natGateway: {
            ticsId: cluster.natId,
            projectTicsId: agent.creatorProjectId,
            vpcTicsId: cluster.vpcId,
            subnetTicsId: cluster.subnetId,
          },
        },
      });
    }
  });

  test('costs its own branch when it fails', async () => {
    const [one] = stage.sandbox.world.agents;
    await stage.sandbox.client.setRules([
      { operationId: 'getAgentDeployment', path: one?.id ?? '', fault: { kind: 'status', status: 500 } },
    ]);
    const { data, errors } = await stage.ask<{ agents: { nodes: { deployment: unknown }[] } }>(
      '{ agents(first: 2) { nodes { name deployment { regionName } } } }',
    );
    expect(data.agents.nodes.map(({ deployment }) => deployment)).toEqual([
      null,
      { regionName: stage.sandbox.world.tenant.regionName },
    ]);
    expect(errors).toMatchObject([
      {
        path: ['agents', 'nodes', 0, 'deployment'],
        extensions: { code: 'UPSTREAM_FAILED', plane: 'SPACE', call: 'getAgentDeployment', status: 500 },
      },
    ]);
  });
});

describe('Agent.runtime', () => {
  const query = `query ($id: ID!) {
    agent(id: $id) {
      runtime {
        agentId name online status statusText trusted trustError projectTicsId leagueId leagueName deployType deployTypeText
        storageType storageTypeText vpcTicsId blockchainEnabled blockchainBrowserAddress
      }
    }
  }`;

  test('has all that the agent says of itself', async () => {
    for (const agent of [
      agentWhere(({ nodeStatus }) => nodeStatus === 'TRUST'),
      agentWhere(({ nodeStatus }) => nodeStatus === 'ONLINE'),
    ]) {
      const { data, calls } = await costOf<{ agent: { runtime: unknown } }>(query, { id: agent.id });
      expect(calls).toEqual({ getAgentDeployment: 1, getAgentRuntime: 1 });
      expect(data.agent.runtime).toEqual({
        agentId: `Agent:${agent.id}`,
        name: agent.name,
        online: true,
        status: 'ONLINE',
        statusText: 'ONLINE',
        trusted: agent.nodeStatus === 'TRUST',
        trustError: agent.trustError || null,
        projectTicsId: stage.sandbox.world.tenant.projectId,
        leagueId: `League:${agent.leagueId}`,
        leagueName: stage.sandbox.world.league(agent.leagueId)?.name,
        deployType: agent.deployType,
        deployTypeText: agent.deployType,
        storageType: agent.storage,
        storageTypeText: agent.storage,
        vpcTicsId: agent.cluster.vpcId || null,
        blockchainEnabled: agent.blockchain !== undefined,
        blockchainBrowserAddress: `${agent.blockchain?.browserIp ?? ''}:30603`,
      });
    }
  });

  test('of an agent that is away is null, and the rest of the agent is delivered', async () => {
    const agent = agentWhere(({ nodeStatus }) => nodeStatus === 'OFFLINE');
    const { data, errors } = await stage.ask('query ($id: ID!) { agent(id: $id) { name runtime { online } } }', {
      id: agent.id,
    });
    expect(data).toEqual({ agent: { name: agent.name, runtime: null } });
    expect(errors).toMatchObject([
      { path: ['agent', 'runtime'], extensions: { code: 'UPSTREAM_UNREACHABLE', plane: 'AGENT' } },
    ]);
  });

  test('of an unknown state has the raw value', async () => {
    const agent = agentWhere(({ nodeStatus }) => nodeStatus === 'TRUST');
    await stage.sandbox.client.setRules([{ operationId: '*', variants: ['unknownEnumValues'] }]);
    expect(
      await stage.data(
        `query ($id: ID!) {
          agent(id: $id) { deployStatus deployStatusText deployType runtime { online status statusText trusted } }
        }`,
        { id: agent.id },
      ),
    ).toEqual({
      agent: {
        deployStatus: 'UNKNOWN',
        deployStatusText: 'BRAND_NEW',
        deployType: 'UNKNOWN',
        runtime: { online: null, status: 'UNKNOWN', statusText: 'BRAND_NEW', trusted: true },
      },
    });
  });
});

describe('League.agents', () => {
  const query = 'query ($id: ID!) { league(id: $id) { agents(first: 50) { totalCount nodes { ticsId } } } }';

  test('of one league come from the list filtered by its name', async () => {
    for (const league of stage.sandbox.world.leagues) {
      const agents = stage.sandbox.world.agentsOfLeague(league.id);
      const { data, calls } = await costOf(query, { id: league.id });
      expect(calls).toEqual({ getLeague: 1, listAgents: 1 });
      expect(data).toEqual({
        league: { agents: { totalCount: agents.length, nodes: agents.map(({ id }) => ({ ticsId: id })) } },
      });
      const [call] = await stage.sandbox.client.calls({ operationId: 'listAgents' });
      expect(call?.query).toMatchObject({ league_name: league.name });
    }
  });

  test('are those of exactly this league where names resemble one another', async () => {
    const { world } = stage.sandbox;
    const [league, other] = world.leagues;
    if (league === undefined || other === undefined) throw new Error('the world has two leagues');
    const { name } = other;
    other.name = `${league.name} too`;
    const { data } = await costOf<{ league: { agents: { totalCount: number; nodes: { ticsId: string }[] } } }>(query, {
      id: league.id,
    });
    other.name = name;
    const agents = world.agentsOfLeague(league.id);
    expect(data.league.agents).toEqual({ totalCount: agents.length, nodes: agents.map(({ id }) => ({ ticsId: id })) });
  });

  test('of a league without a name come from the whole list', async () => {
    const [league] = stage.sandbox.world.leagues;
    await stage.sandbox.client.setRules([{ operationId: 'getLeague', variants: ['nullProperties'] }]);
    const { data, calls } = await costOf(query, { id: league?.id });
    expect(calls).toEqual({ getLeague: 1, listAgents: 1 });
    const [call] = await stage.sandbox.client.calls({ operationId: 'listAgents' });
    expect(call?.query).not.toHaveProperty('league_name');
    const agents = stage.sandbox.world.agentsOfLeague(league?.id ?? '');
    expect(data).toMatchObject({ league: { agents: { totalCount: agents.length } } });
  });

  test('are paged exactly, and prime the loader by id', async () => {
    const league = stage.sandbox.world.leagues.find(({ id }) => stage.sandbox.world.agentsOfLeague(id).length > 1);
    const { rows, totals } = await walk(async (after) => {
      const { league: answer } = await stage.data<{ league: { agents: PageAnswer<{ ticsId: string }> } }>(
        `query ($id: ID!, $after: String) {
          league(id: $id) { agents(first: 1, after: $after) { nodes { ticsId } ${pageFields} } }
        }`,
        { id: league?.id, after },
      );
      return answer.agents;
    });
    const all = stage.sandbox.world.agentsOfLeague(league?.id ?? '').map(({ id }) => id);
    expect(rows.map(({ ticsId }) => ticsId)).toEqual(all);
    expect(new Set(totals)).toEqual(new Set([all.length]));
    const { calls } = await costOf(
      'query ($id: ID!) { league(id: $id) { agents { nodes { connectors(first: 1) { nodes { agent { name } } } } } } }',
      { id: stage.sandbox.world.leagues.find(({ id }) => onlineOnly(id))?.id },
    );
    expect(calls).not.toHaveProperty('getAgentDeployment');
    expect(calls['listAgents']).toBe(1);
  });

  const onlineOnly = (leagueId: string): boolean =>
    stage.sandbox.world.agentsOfLeague(leagueId).every(({ nodeStatus }) => nodeStatus === 'TRUST');
});

describe('Agent.league', () => {
  test('is the league as an object', async () => {
    const { id, leagueId } = anyAgent();
    const { data, calls } = await costOf('query ($id: ID!) { agent(id: $id) { league { ticsId name } } }', { id });
    expect(calls).toEqual({ getAgentDeployment: 1, getLeague: 1 });
    expect(data).toEqual({
      agent: { league: { ticsId: leagueId, name: stage.sandbox.world.league(leagueId)?.name } },
    });
  });
});

describe('with 120 agents in 20 leagues', () => {
  let sandbox: Sandbox;
  let gateway: Gateway;
  beforeAll(async () => {
    sandbox = await startSandbox({ nowMs, agents: 120, ownedLeagues: 20, joinedLeagues: 0 });
    gateway = gatewayFor(configFor(sandbox));
  });
  afterAll(async () => {
    await gateway.close();
    await sandbox.close();
  });

  const cost = async <Data>(query: string, variables?: Readonly<Record<string, unknown>>) => {
    await sandbox.client.clearCalls();
    const { data } = await askGateway<Data>(gateway, query, variables);
    const { createToken, ...calls } = await sandbox.client.countCalls();
    void createToken;
    return { data, calls };
  };

  test('the agents of all leagues come from one list', async () => {
    const { data, calls } = await cost<{ leagues: { nodes: { ticsId: string; agents: { totalCount: number } }[] } }>(
      '{ leagues(role: OWNER, first: 20) { nodes { ticsId agents { totalCount } } } }',
    );
    expect(calls).toEqual({ listLeagues: 1, listAgents: 2 });
    expect(data.leagues.nodes).toHaveLength(20);
    for (const { ticsId, agents } of data.leagues.nodes)
      expect(agents.totalCount).toBe(sandbox.world.agentsOfLeague(ticsId).length);
  });

  const nodes = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Agent { name deployStatus } } }';

  test('several agents by their ids cost one list, however many', async () => {
    const agents = sandbox.world.agents.slice(0, 50);
    const { data, calls } = await cost(nodes, { ids: agents.map(({ id }) => `Agent:${id}`) });
    expect(calls).toEqual({ listAgents: 2 });
    expect(data).toEqual({ nodes: agents.map(({ name, deployStatus }) => ({ name, deployStatus })) });
  });

  test('one of them costs its own call', async () => {
    const [agent] = sandbox.world.agents;
    const { calls } = await cost(nodes, { ids: [`Agent:${agent?.id ?? ''}`] });
    expect(calls).toEqual({ getAgentDeployment: 1 });
  });

  test('the list is read to its end, without doubles', async () => {
    const { data } = await cost<{ agents: { totalCount: number; nodes: { ticsId: string }[] } }>(
      '{ agents(first: 1000) { totalCount nodes { ticsId } } }',
    );
    expect(data.agents.totalCount).toBe(120);
    expect(new Set(data.agents.nodes.map(({ ticsId }) => ticsId)).size).toBe(120);
  });
});

test('50 agents by their ids, in a project of no more than 100, cost one call', async () => {
  const agents = stage.sandbox.world.agents;
  const ids = Array.from({ length: 50 }, (_, index) => `Agent:${agents[index]?.id ?? `unknown${index}`}`);
  const calls = await stage.callsOf(() =>
    stage.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Agent { name deployStatus } } }', { ids }),
  );
  expect(calls).toEqual({ listAgents: 1 });
});
