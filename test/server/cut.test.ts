import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import type { GatewayServer } from '../../src/server/server.ts';
import { useStage } from '../support/gateway.ts';
import { overEvents, overWebSocket, serve, toEnd } from '../support/subscribe.ts';
import { updateLeagueMutation } from '../support/resilience.ts';
import { connectTo } from '../support/rawConnection.ts';

const stage = useStage();
let server: GatewayServer;

afterEach(async () => {
  vi.useRealTimers();
  await server.close();
});

/** Lets time pass until something has happened. */
async function passUntil(happened: Promise<unknown>): Promise<void> {
  let isOver = false;
  void happened.finally(() => (isOver = true));
  while (!isOver) {
    vi.advanceTimersByTime(100);
    await new Promise(setImmediate);
  }
}

test.each<[string, (connection: Socket) => Promise<unknown>]>([
  ['was opened ahead', () => Promise.resolve()],
  [
    'was used and is kept',
    (connection) => {
      connection.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n');
      return once(connection, 'data');
    },
  ],
])('a connection that %s is not waited for when the gateway stops', async (_, use) => {
  server = await serve(stage.sandbox);
  const connection = connectTo(server.url).resume();
  await once(connection, 'connect');
  await use(connection);
  await fetch(`${server.url}/healthz`);
  const gone = once(connection, 'close');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const closed = server.close();
  await passUntil(closed);
  await gone;
});

test('a connection whose answer had begun before the gateway stops is not waited for once it has ended', async () => {
  server = await serve(stage.sandbox);
  const client = overEvents(server.url);
  const [agent] = stage.sandbox.agents;
  const events = client.ask({
    query: `subscription { agentStatus(id: "Agent:${agent?.id}") { deployStatusText } }`,
  });
  expect(await events.next()).not.toHaveProperty('errors');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const closed = server.close();
  vi.advanceTimersByTime(1);
  expect(await toEnd(events)).toMatchObject([{ errors: [{ extensions: { code: 'RECONNECT' } }] }]);
  await closed;
});

const query = '{ leagues(role: OWNER) { totalCount } }';

/** Sends a request; answers its status and body as text. */
async function post(url: string, body: object): Promise<string> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return `${response.status} ${await response.text()}`;
}

test.each<[string, string, RegExp, (url: string) => Promise<string>]>([
  ['a query', 'listLeagues', /^503 .*"code":"SHUTTING_DOWN"/, (url) => post(url, { query })],
  [
    'a query of a socket',
    'listLeagues',
    /"code":"SHUTTING_DOWN"/,
    async (url) => JSON.stringify(await overWebSocket(url).ask({ query }).next()),
  ],
  [
    'a mutation whose write was sent',
    'updateLeague',
    /^200 .*"code":"OUTCOME_UNKNOWN"/,
    (url) => {
      const [league] = stage.sandbox.world.leaguesOfRole('OWNER');
      const input = { id: league?.id, description: 'slowly' };
      return post(url, { query: updateLeagueMutation, variables: { input } });
    },
  ],
])('%s that hangs is answered before the gateway stops', async (_, operationId, expected, ask) => {
  server = await serve(stage.sandbox, { operationTimeoutMs: 1_000_000, resilience: { callTimeoutMs: 1_000_000 } });
  await stage.sandbox.client.setRules([{ operationId, fault: { kind: 'hang' } }]);
  const asked = ask(server.url);
  await stage.sandbox.client.waitForCalls(1, { operationId });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await passUntil(server.close());
  vi.useRealTimers();
  expect(await asked).toMatch(expected);
});
