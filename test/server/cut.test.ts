import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import type { GatewayServer } from '../../src/server/server.ts';
import { useStage } from '../support/gateway.ts';
import { overEvents, overWebSocket, serve, toEnd } from '../support/subscribe.ts';
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
  // The time at which it would be cut never comes.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const closed = server.close();
  vi.advanceTimersByTime(1);
  await closed;
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

test.each<[string, (url: string) => Promise<unknown>]>([
  ['a request', (url) => fetch(`${url}/graphql?query=${query}`)],
  ['an operation of a socket', (url) => overWebSocket(url).ask({ query }).next()],
])('%s that hangs is cut when the gateway stops, before it would be answered that its time is up', async (_, ask) => {
  server = await serve(stage.sandbox, { operationTimeoutMs: 1_000_000, resilience: { callTimeoutMs: 1_000_000 } });
  await stage.sandbox.client.setRules([{ operationId: 'listLeagues', fault: { kind: 'hang' } }]);
  const asked = ask(server.url).then(
    () => 'answered',
    () => 'cut',
  );
  await stage.sandbox.client.waitForCalls(1, { operationId: 'listLeagues' });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await passUntil(server.close());
  vi.useRealTimers();
  expect(await asked).toBe('cut');
});
