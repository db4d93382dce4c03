import { describe, expect, test } from 'vitest';
import { isOnline } from '../../../src/sandbox/model/world.ts';
import { useStage } from '../../support/gateway.ts';

interface AgentState {
  readonly agentId: string;
  readonly agent: { readonly name: string } | null;
  readonly league: { readonly ticsId: string } | null;
  readonly reachable: boolean;
  readonly code: string | null;
}

const stage = useStage();

describe('Query.viewer', () => {
  test('names the account, without a call', async () => {
    const query = '{ viewer { name roles language timeZone agents { agentId } } }';
    const calls = await stage.callsOf(async () =>
      expect(await stage.data(query)).toEqual({
        viewer: {
          name: 'anonymous',
          roles: ['VIEWER', 'OPERATOR', 'APPROVER', 'ADMINISTRATOR'],
          language: 'ENGLISH',
          timeZone: 'Asia/Shanghai',
          agents: stage.sandbox.agents.map(({ id }) => ({ agentId: `Agent:${id}` })),
        },
      }),
    );
    expect(calls).toEqual({});
  });

  test('has the language of upstream calls', async () => {
    const { data } = await stage.ask('{ viewer { language } }', {}, { 'accept-language': 'zh-CN,en;q=0.5' });
    expect(data).toEqual({ viewer: { language: 'CHINESE' } });
  });

  test('reports if the space plane answers, by one call', async () => {
    const query = '{ viewer { spacePlane { reachable code } } overview { leagueCount } }';
    const calls = await stage.callsOf(async () =>
      expect(await stage.data(query)).toMatchObject({ viewer: { spacePlane: { reachable: true, code: null } } }),
    );
    expect(calls).toEqual({ getOverview: 1 });
  });

  test('reports an unreachable space plane as data, not as an error', async () => {
    await stage.sandbox.client.setRules([{ operationId: 'getOverview', fault: { kind: 'status', status: 503 } }]);
    expect(await stage.data('{ viewer { spacePlane { reachable code } } }')).toEqual({
      viewer: { spacePlane: { reachable: false, code: 'UPSTREAM_FAILED' } },
    });
  });

  test('reports which agents answer, by one call each, with agents and leagues by list calls', async () => {
    const { world } = stage.sandbox;
    const ask = () =>
      stage.data<{ viewer: { agents: AgentState[] } }>(
        '{ viewer { agents { agentId agent { name } league { ticsId } reachable code } } }',
      );
    let data: Awaited<ReturnType<typeof ask>> | undefined;
    const calls = await stage.callsOf(async () => (data = await ask()));
    const online = world.agents.filter(isOnline);
    expect(online.length).toBeLessThan(world.agents.length);
    expect(data?.viewer.agents.map(({ agentId }) => agentId)).toEqual(
      stage.sandbox.agents.map(({ id }) => `Agent:${id}`),
    );
    for (const { agentId, agent, league, reachable, code } of data?.viewer.agents ?? []) {
      const seeded = world.agent(agentId.replace('Agent:', ''));
      expect(agent?.name).toBe(seeded?.name);
      expect(league?.ticsId).toBe(seeded?.leagueId);
      const isHere = seeded !== undefined && isOnline(seeded);
      expect({ reachable, code }).toEqual({ reachable: isHere, code: isHere ? null : 'UPSTREAM_UNREACHABLE' });
    }
    expect(calls).toMatchObject({ getAgentRuntime: online.length, listLeagues: 2 });
    expect(Object.keys(calls).sort()).toEqual(['getAgentRuntime', 'listAgents', 'listLeagues']);
  });

  test('reports why an agent does not answer, and answers the others', async () => {
    const refusing = stage.sandbox.world.agents.find(isOnline);
    await stage.sandbox.client.setRules([
      {
        operationId: 'getAgentRuntime',
        agentId: refusing?.id ?? '',
        fault: { kind: 'status', status: 403 },
      },
    ]);
    const { viewer } = await stage.data<{ viewer: { agents: AgentState[] } }>(
      '{ viewer { agents { agentId reachable code } } }',
    );
    for (const { agentId, reachable, code } of viewer.agents) {
      if (agentId === `Agent:${refusing?.id}`)
        expect({ reachable, code }).toEqual({ reachable: false, code: 'FORBIDDEN' });
      else expect(reachable).toBe(code === null);
    }
    expect(viewer.agents.filter(({ reachable }) => reachable)).toHaveLength(
      stage.sandbox.world.agents.filter(isOnline).length - 1,
    );
  });
});
