import { afterEach, expect, test } from 'vitest';
import type { GatewayServer } from '../../src/server/server.ts';
import { useStage } from '../support/gateway.ts';
import { overEvents, serve, type Client } from '../support/subscribe.ts';

const stage = useStage();
let server: GatewayServer;
let client: Client;
afterEach(async () => {
  client.close();
  await server.close();
});

test('objects of an event are read for it, whatever the lifetime of cached answers', async () => {
  const minute = 60_000;
  const cache = { freshMs: minute, staleMs: minute, staleIfErrorMs: minute };
  server = await serve(stage.sandbox, { resilience: { cache } });
  client = overEvents(server.url);
  const [agent] = stage.sandbox.agents;
  const run = stage.sandbox.world.instances.find(({ agentId }) => agentId === agent?.id);
  await stage.sandbox.client.setInstanceStatus(run?.id ?? '', 'RUNNING');
  const events = client.ask({
    query: 'subscription ($id: ID!) { instanceStatus(id: $id) { status instance { status } } }',
    variables: { id: `Instance:${run?.leagueId}/${run?.id}` },
  });
  const told = (status: string) => ({ data: { instanceStatus: { status, instance: { status } } } });
  expect(await events.next()).toEqual(told('RUNNING'));
  await stage.sandbox.client.setInstanceStatus(run?.id ?? '', 'FAILED');
  expect(await events.next()).toEqual(told('FAILED'));
});
