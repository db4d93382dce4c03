import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { createClient } from 'graphql-ws';
import { generate } from 'selfsigned';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { GatewayError } from '../../src/errors.ts';
import { anonymous } from '../../src/callers/callers.ts';
import { startServer, type GatewayServer, type ServerOptions, type TlsFiles } from '../../src/server/server.ts';
import { configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { connectTo } from '../support/rawConnection.ts';

const stage = useStage();
let server: GatewayServer;
afterEach(() => server.close());

async function start(options: Partial<ServerOptions> = {}): Promise<string> {
  const gateway = gatewayFor(configFor(stage.sandbox), {
    identify: ({ headers }) => {
      if (headers.has('x-api-key') && headers.get('x-api-key') !== 'right')
        throw new GatewayError('UNAUTHENTICATED', 'The key is not valid.');
      return anonymous;
    },
  });
  server = await startServer(gateway, { host: '127.0.0.1', port: 0, ...options });
  return server.url;
}

async function certificate(name: string): Promise<TlsFiles> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], { keySize: 2048 });
  return { certificate: cert, key };
}

/** The name in the certificate that is shown, and the answer. */
async function askTls(url: string): Promise<readonly [unknown, number | undefined]> {
  const request = get(`${url}/graphql?query={__typename}`, { rejectUnauthorized: false, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const { subject } = (response.socket as TLSSocket).getPeerCertificate();
  await text(response);
  return [subject.CN, response.statusCode];
}

describe('TLS', () => {
  test('is served, over WebSocket too, and a new certificate is shown from then on', async () => {
    const url = await start({ tls: await certificate('first.example') });
    expect(url).toMatch(/^https:/);
    expect(await askTls(url)).toEqual(['first.example', 200]);
    class Trusting extends WebSocket {
      constructor(address: string, protocol: string) {
        super(address, protocol, { rejectUnauthorized: false });
      }
    }
    const client = createClient({ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: Trusting });
    const answers = client.iterate({ query: '{ __typename }' });
    expect((await answers.next()).value).toEqual({ data: { __typename: 'Query' } });
    server.setTls(await certificate('second.example'));
    expect(await askTls(url)).toEqual(['second.example', 200]);
    // The socket that was opened before goes on.
    expect((await client.iterate({ query: '{ __typename }' }).next()).value).toEqual({ data: { __typename: 'Query' } });
    await client.dispose();
  });
});

describe('credentials that are not valid', () => {
  const limits = () => ({ connectionsPerAddress: 100, failedAuthenticationsPerMinute: 3, subscriptions: 100 });

  const ask = async (url: string, headers: Record<string, string>) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: '{ __typename }' }),
    });
    return [response.status, await response.text(), response.headers.get('retry-after')] as const;
  };

  test('are looked at so often a minute from one address; callers without one are served', async () => {
    const url = await start({ limits });
    for (let time = 0; time < 3; time += 1) expect((await ask(url, { 'x-api-key': `wrong ${time}` }))[0]).toBe(401);
    const [status, body, retryAfter] = await ask(url, { 'x-api-key': 'right' });
    expect([status, retryAfter]).toEqual([429, '20']);
    expect(JSON.parse(body)).toMatchObject({ errors: [{ extensions: { code: 'THROTTLED', retryAfter: 20 } }] });
    expect((await ask(url, {}))[0]).toBe(200);
  });

  test('in the addresses of tables are counted with those in headers', async () => {
    const bi: ServerOptions['bi'] = (_, response) => Promise.resolve(void response.writeHead(401).end());
    const url = await start({ limits, bi });
    const read = async (query: string) => (await fetch(`${url}/odata/v4/league${query}`)).status;
    for (const query of ['?apikey=1', '?$top=1&apikey=2', '?%61pikey=3']) expect(await read(query)).toBe(401);
    expect(await read('?apikey=right')).toBe(429);
    expect((await ask(url, { 'x-api-key': 'right' }))[0]).toBe(429);
    expect(await read('')).toBe(401);
  });

  test('over WebSocket are counted with those over HTTP', async () => {
    const url = await start({ limits });
    const closeCode = async (key: string) => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
      await once(socket, 'open');
      socket.send(JSON.stringify({ type: 'connection_init', payload: { 'x-api-key': key } }));
      return ((await once(socket, 'close')) as [number])[0];
    };
    for (let time = 0; time < 3; time += 1) expect(await closeCode('wrong')).toBe(4401);
    expect(await closeCode('right')).toBe(1013);
    expect((await ask(url, { 'x-api-key': 'right' }))[0]).toBe(429);
  });

  test('are those of the client where a trusted proxy names it, and of no address that a client names itself', async () => {
    const url = await start({ limits, trustedProxies: ['127.0.0.0/8'] });
    const from = (forwarded: string) => ask(url, { 'x-api-key': 'wrong', 'x-forwarded-for': forwarded });
    for (let time = 0; time < 3; time += 1) expect((await from(`10.9.9.${time}, 192.0.2.1`))[0]).toBe(401);
    expect((await from('10.1.1.1, 192.0.2.1'))[0]).toBe(429);
    expect((await from('192.0.2.1, 192.0.2.1, 127.0.0.5'))[0]).toBe(429);
    expect((await from('192.0.2.1, 192.0.2.2'))[0]).toBe(401);
    await server.close();
    const plain = await start({ limits });
    const untrusted = (forwarded: string) => ask(plain, { 'x-api-key': 'wrong', 'x-forwarded-for': forwarded });
    for (let time = 0; time < 3; time += 1) expect((await untrusted(`192.0.2.${time}`))[0]).toBe(401);
    expect((await untrusted('192.0.2.77'))[0]).toBe(429);
  });
});

describe('what is for operators', () => {
  const elsewhere = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address;

  test.skipIf(elsewhere === undefined)(
    'is answered to this machine alone, and to nobody by way of a proxy',
    async () => {
      const url = await start({ host: '0.0.0.0' });
      const { port } = new URL(url);
      const local = `http://127.0.0.1:${port}`;
      expect((await fetch(`${local}/metrics`)).status).toBe(200);
      expect(await (await fetch(`${local}/readyz`)).json()).toHaveProperty('agents');
      const outside: [string, Record<string, string>][] = [
        [`http://${elsewhere}:${port}`, {}],
        [local, { 'x-forwarded-for': '127.0.0.1' }],
        [local, { forwarded: 'for=127.0.0.1' }],
        [local, { 'x-real-ip': '127.0.0.1' }],
        [local, { via: '1.1 proxy' }],
      ];
      for (const [address, headers] of outside) {
        expect((await fetch(`${address}/metrics`, { headers })).status).toBe(404);
        const ready = await fetch(`${address}/readyz`, { headers });
        expect(Object.keys((await ready.json()) as object)).toEqual(['status']);
      }
    },
  );

  test('has a listener of its own where that is asked for, and is then nowhere else', async () => {
    const url = await start({ admin: { host: '127.0.0.1', port: 0 } });
    const { origin } = new URL(server.metricsUrl);
    expect(await (await fetch(`${origin}/readyz`)).json()).toHaveProperty('agents');
    expect((await fetch(`${origin}/healthz`)).status).toBe(200);
    expect((await fetch(`${origin}/graphql?query={__typename}`)).status).toBe(404);
    expect(Object.keys((await (await fetch(`${url}/readyz`)).json()) as object)).toEqual(['status']);
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
  });
});

describe('connections of one address', () => {
  const limits = () => ({ connectionsPerAddress: 5, failedAuthenticationsPerMinute: 60, subscriptions: 24 });

  /** Opens connections, and answers how many of them stay. */
  const openMany = async (url: string, count: number) => {
    const connections = Array.from({ length: count }, () =>
      connectTo(url)
        .on('error', () => undefined)
        .resume(),
    );
    const answered = connections.map(async (connection) => {
      connection.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n');
      await Promise.race([once(connection, 'data'), once(connection, 'close')]).catch(() => undefined);
      return connection.bytesRead > 0;
    });
    const served = (await Promise.all(answered)).filter(Boolean).length;
    return { served, connections };
  };

  test('are limited, and each that ends makes room', async () => {
    const url = await start({ limits });
    const { served, connections } = await openMany(url, 12);
    expect(served).toBe(5);
    for (const connection of connections) connection.destroy();
    await expect.poll(async () => (await fetch(`${url}/healthz`).catch(() => undefined))?.status).toBe(200);
  });

  test('that became WebSockets do not count once their caller was let in', async () => {
    const url = await start({ limits });
    const sockets: WebSocket[] = [];
    for (let count = 0; count < 12; count += 1) {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
      await once(socket, 'open');
      socket.send('{"type":"connection_init"}');
      await once(socket, 'message');
      sockets.push(socket);
    }
    const { served, connections } = await openMany(url, 8);
    expect(served).toBe(5);
    for (const connection of connections) connection.destroy();
    for (const socket of sockets) socket.terminate();
  });

  test('that became WebSockets count again beyond the share of their caller', async () => {
    const url = await start({ limits: () => ({ ...limits(), subscriptions: 6 }) });
    const isServed = async (): Promise<boolean> => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
      socket.on('error', () => undefined);
      const event = await Promise.race([
        once(socket, 'open').then(() => true),
        once(socket, 'close').then(() => false),
      ]);
      if (!event) return false;
      socket.send('{"type":"connection_init"}');
      await once(socket, 'message');
      return true;
    };
    const served: boolean[] = [];
    for (let count = 0; count < 10; count += 1) served.push(await isServed().catch(() => false));
    // Half of 6 are exempt, and 5 of the address.
    expect(served.filter(Boolean)).toHaveLength(8);
  });

  test('of a trusted proxy are not', async () => {
    const url = await start({ limits, trustedProxies: ['127.0.0.1'] });
    const { served, connections } = await openMany(url, 12);
    expect(served).toBe(12);
    for (const connection of connections) connection.destroy();
  });
});
