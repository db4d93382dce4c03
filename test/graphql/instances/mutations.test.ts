import { describe, expect, test } from 'vitest';
import type { Agent, Instance } from '../../../src/sandbox/model/world.ts';
import { useStage } from '../../support/gateway.ts';
import { mutate } from '../../support/mutate.ts';
import { instanceId as idOf } from '../../support/ids.ts';
import { breakPoints, resetCall } from '../../support/faults.ts';

const stage = useStage({ speed: 0, queueLength: 1000 });

interface Payload {
  readonly instance: { readonly id: string; readonly status: string; readonly currentStatus: string } | null;
}

function stop(input: object) {
  return mutate<Payload>(stage, 'stopInstance', input, 'instance { id status currentStatus }');
}

async function writes() {
  return (await stage.sandbox.client.calls({ operationId: 'stopInstance' })).length;
}

function agents(): readonly Agent[] {
  return stage.sandbox.world.agents.filter(({ nodeStatus }) => nodeStatus === 'TRUST');
}

/** A run of one of our partners, set running. */
async function running(index: number): Promise<{ agent: Agent; instance: Instance }> {
  const agent = agents()[0];
  const ours = stage.sandbox.world
    .instancesOfLeague(agent?.leagueId ?? '')
    .filter(({ type, partnerId }) => type === 'SQL' && partnerId === agent?.partnerId);
  const instance = ours[index];
  if (agent === undefined || instance === undefined) throw new Error('the world has no such run');
  await stage.sandbox.client.setInstanceStatus(instance.id, 'RUNNING');
  return { agent, instance };
}

describe('stopInstance', () => {
  test('stops a run, which is over a little later', async () => {
    const { agent, instance } = await running(0);
    const calls = await stage.callsOf(async () =>
      expect(await stop({ id: idOf(instance), agentId: agent.id })).toEqual({
        userErrors: [],
        instance: { id: idOf(instance), status: 'TERMINATING', currentStatus: 'TERMINATING' },
      }),
    );
    expect(calls).toMatchObject({ stopInstance: 1, listJobInstances: 1, getInstanceStatus: 1 });
    await stage.sandbox.client.advance(60_000);
    expect(instance.status).toBe('TERMINATED');
  });

  test('one that is over is refused', async () => {
    const { agent, instance } = await running(1);
    await stage.sandbox.client.setInstanceStatus(instance.id, 'SUCCEEDED');
    expect(await stop({ id: idOf(instance), agentId: agent.id })).toMatchObject({
      instance: null,
      userErrors: [{ code: 'WRONG_STATE', call: 'stopInstance' }],
    });
    expect(await writes()).toBe(1);
  });

  test('an unknown instance is refused', async () => {
    const agent = agents()[0];
    expect(await stop({ id: `Instance:${agent?.leagueId}/none`, agentId: agent?.id })).toMatchObject({
      instance: null,
      userErrors: [{ code: 'NOT_FOUND', call: 'stopInstance' }],
    });
  });

  test.each(breakPoints)('an answer that breaks off (%s) leaves it unknown', async (at) => {
    const { agent, instance } = await running(at === 'before' ? 2 : 3);
    await resetCall(stage, 'stopInstance', at);
    const { instance: found, userErrors } = await stop({ id: idOf(instance), agentId: agent.id });
    expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'stopInstance' }]);
    expect(await writes()).toBe(1);
    expect(found?.status ?? null).toBe(at === 'midAnswer' ? 'TERMINATING' : null);
  });

  test.each<[string, object, readonly string[]]>([
    ['an id of another kind', { id: 'League:a' }, ['id']],
    ['another kind of agent id', { id: 'Instance:a/b', agentId: 'Job:a/sql/b' }, ['agentId']],
    ['both', { id: 'x', agentId: 'x:y' }, ['id', 'agentId']],
    ['an id that is too long for the service', { id: `Instance:a/${'b'.repeat(33)}` }, ['id']],
    ['an agent id that is', { id: `Instance:a/${'b'.repeat(32)}`, agentId: 'c'.repeat(33) }, ['agentId']],
  ])('%s is refused before anything is sent', async (_, input, fields) => {
    const { userErrors } = await stop(input);
    expect(userErrors.map(({ code, field }) => [code, field?.join('.')])).toEqual(
      fields.map((field) => ['INVALID_INPUT', field]),
    );
    expect(await stage.sandbox.client.calls()).toEqual([]);
  });
});
