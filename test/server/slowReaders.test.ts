import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { GatewayServer } from '../../src/server/server.ts';
import { useStage } from '../support/gateway.ts';
import { connectTo } from '../support/rawConnection.ts';
import { overWebSocket, serve } from '../support/subscribe.ts';

const stage = useStage();
let server: GatewayServer;

beforeAll(async () => {
  server = await serve(stage.sandbox);
});

afterAll(() => server.close());

const aliases = Array.from({ length: 1_500 }, (_, index) => `a${index}: statusText`).join(' ');

/** Each event is 30 kB. */
const query = `subscription ($id: ID!) { leagueInstances(leagueId: $id) { status instanceId gap gapReason ${aliases} } }`;

const latestState = /"status":"PENDING".{0,200}"gapReason":"OVERFLOW"/;

/** Connections of readers that subscribe, and have read nothing yet. */
const readers = {
  WebSocket: async (variables: object): Promise<Socket> => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const upgraded = once(socket, 'upgrade') as Promise<[{ readonly socket: Socket }]>;
    await once(socket, 'open');
    const [{ socket: connection }] = await upgraded;
    socket.send('{"type":"connection_init"}');
    await once(socket, 'message');
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables } }));
    return connection;
  },
  'server-sent events': (variables: object) => overHttp('text/event-stream', variables),
  multipart: (variables: object) => overHttp('multipart/mixed;subscriptionSpec=1.0', variables),
};

function overHttp(accept: string, variables: object): Promise<Socket> {
  const body = JSON.stringify({ query, variables });
  const head = `host: localhost\r\naccept: ${accept}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
  const connection = connectTo(server.url);
  connection.write(`POST /graphql HTTP/1.1\r\n${head}\r\n\r\n${body}`);
  return Promise.resolve(connection);
}

test.each(Object.entries(readers))(
  'over %s, a reader that stops is not written for, slows nobody, and gets the latest states',
  async (_, connect) => {
    const [{ leagueId } = { leagueId: '' }] = stage.sandbox.world.instances;
    const runs = stage.sandbox.world.instances
      .filter((run) => run.leagueId === leagueId)
      .sort((one, other) => other.startedAtMs - one.startedAtMs)
      .slice(0, 60);
    const put = (status: 'RUNNING' | 'DEPLOYING' | 'PENDING') =>
      Promise.all(runs.map(({ id }) => stage.sandbox.client.setInstanceStatus(id, status)));
    await put('RUNNING');

    const slow = await connect({ id: `League:${leagueId}` });
    const [first] = (await once(slow, 'data')) as [Buffer];
    slow.pause();
    const client = overWebSocket(server.url);
    const fast = client.ask<{ leagueInstances: { status: string; instanceId: string } }>({
      query: 'subscription ($id: ID!) { leagueInstances(leagueId: $id) { status instanceId } }',
      variables: { id: `League:${leagueId}` },
    });
    const toAll = async (status: string) => {
      const missing = new Set(runs.map(({ id }) => `Instance:${leagueId}/${id}`));
      while (missing.size > 0) {
        const change = (await fast.next())?.data.leagueInstances;
        if (change?.status === status) missing.delete(change.instanceId);
      }
    };
    await toAll('RUNNING');
    let changes = 0;
    for (let round = 0; round < 12; round += 1) {
      const status = round % 2 === 0 ? 'DEPLOYING' : 'RUNNING';
      await put(status);
      await toAll(status);
      changes += runs.length;
    }

    let read = first.length;
    let text = '';
    let isTold = false;
    slow.on('data', (data: Buffer) => {
      read += data.length;
      text = `${text.slice(-100_000)}${data.toString()}`;
      isTold ||= latestState.test(text);
    });
    await put('PENDING');
    // Told before that, RUNNING would be what the reader gets, and PENDING a change like any other.
    await toAll('PENDING');
    slow.resume();
    await expect.poll(() => isTold, { timeout: 15_000 }).toBe(true);
    // The changes would have been twice as much as the buffers of both sides of the connection hold.
    expect(read).toBeLessThan((changes * 30_000) / 2);
    slow.destroy();
    await fast.leave();
    client.close();
  },
);
