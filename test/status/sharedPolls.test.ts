import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GatewayServer } from '../../src/server/server.ts';
import { useStage } from '../support/gateway.ts';
import { serve, toEnd, transports, type Answers } from '../support/subscribe.ts';

const stage = useStage();
let server: GatewayServer;

beforeAll(async () => {
  server = await serve(stage.sandbox);
});

afterAll(() => server.close());

test.each(transports.map(([name, connect], league) => [name, connect, league] as const))(
  'a hundred runs of a league are watched by its list, which is the cheaper plan (%s)',
  async (_, connect, league) => {
    const { leagues, instances } = stage.sandbox.world;
    const newest = instances
      .filter(({ leagueId }) => leagueId === leagues[league]?.id)
      .sort((one, other) => other.startedAtMs - one.startedAtMs)
      .slice(0, 100);
    // None ends by itself.
    await stage.sandbox.client.setSpeed(0);
    for (const { id } of newest) await stage.sandbox.client.setInstanceStatus(id, 'RUNNING');
    const clients = [connect(server.url), connect(server.url)];
    const query = 'subscription ($id: ID!) { instanceStatus(id: $id) { status } }';
    const streams = newest.map(({ id, leagueId }, index): Answers<{ instanceStatus: { status: string } }> =>
      (clients[index % 2] as (typeof clients)[0]).ask({ query, variables: { id: `Instance:${leagueId}/${id}` } }),
    );
    await Promise.all(streams.map(({ next }) => next()));
    await stage.sandbox.client.clearCalls();
    await stage.sandbox.client.waitForCalls(4, { operationId: 'listLeagueInstances' });
    const { createToken, createAgentToken, ...calls } = await stage.sandbox.client.countCalls();
    expect(Object.keys(calls)).toEqual(['listLeagueInstances']);
    for (const { id } of newest) await stage.sandbox.client.setInstanceStatus(id, 'TERMINATED');
    const ends = await Promise.all(streams.map(toEnd));
    expect(ends.map((answers) => answers.at(-1)?.data.instanceStatus.status)).toEqual(Array(100).fill('TERMINATED'));
    clients.forEach((client) => client.close());
  },
  60_000,
);
