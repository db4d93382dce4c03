import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { configFor, gatewayFor, useStage } from '../support/gateway.ts';

const stage = useStage();
let server: GatewayServer;

afterEach(() => server.close());

const names = Array.from({ length: 100 }, (_, index) => `name${index}: name`).join(' ');
const large = `{ leagues { nodes { ${names} datasets(first: 100) { nodes { ${names} } } } } }`;

async function start(): Promise<string> {
  const gateway = gatewayFor(configFor(stage.sandbox), {}, {});
  server = await startServer(gateway, { host: '127.0.0.1', port: 0 });
  return `${server.url}/graphql`;
}

interface Asked {
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly overGet?: boolean;
}

async function ask(url: string, { query = large, headers = {}, overGet = false }: Asked) {
  const target = overGet ? `${url}?query=${encodeURIComponent(query)}` : url;
  const sent = request(target, {
    method: overGet ? 'GET' : 'POST',
    headers: { ...headers, ...(!overGet && { 'content-type': 'application/json' }) },
  });
  sent.end(overGet ? undefined : JSON.stringify({ query }));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { headers: response.headers, bytes: await buffer(response) };
}

const decoders = { gzip: gunzipSync, br: brotliDecompressSync, deflate: inflateSync };

describe('an answer', () => {
  test.each([
    ['gzip', 'gzip'],
    ['br', 'br'],
    ['deflate', 'deflate'],
    ['gzip, deflate, br', 'br'],
    ['GZIP;q=1.0, *;q=0', 'gzip'],
  ] as const)('that is large is compressed for Accept-Encoding: %s', async (accepted, encoding) => {
    const url = await start();
    const plain = await ask(url, {});
    const { headers, bytes } = await ask(url, { headers: { 'accept-encoding': accepted } });
    expect(headers['content-encoding']).toBe(encoding);
    expect(headers.vary).toMatch(/accept-encoding/i);
    expect(headers['content-length']).toBeUndefined();
    expect(bytes.length).toBeLessThan(plain.bytes.length / 5);
    expect(decoders[encoding](bytes).equals(plain.bytes)).toBe(true);
  });

  test.each(['identity', 'gzip;q=0', '*;q=0', 'zstd', ''])('is not for Accept-Encoding: %s', async (accepted) => {
    const url = await start();
    const { headers, bytes } = await ask(url, { headers: { 'accept-encoding': accepted } });
    expect(headers['content-encoding']).toBeUndefined();
    expect(Number(headers['content-length'])).toBe(bytes.length);
    expect(JSON.parse(bytes.toString())).toHaveProperty('data.leagues');
  });

  test('over GET is compressed too', async () => {
    const url = await start();
    const { headers, bytes } = await ask(url, { overGet: true, headers: { 'accept-encoding': 'gzip' } });
    expect(headers['content-encoding']).toBe('gzip');
    expect(JSON.parse(gunzipSync(bytes).toString())).toHaveProperty('data.leagues');
  });

  test('that is small is sent as it is', async () => {
    const url = await start();
    const { headers, bytes } = await ask(url, { query: '{ __typename }', headers: { 'accept-encoding': 'gzip, br' } });
    expect(headers['content-encoding']).toBeUndefined();
    expect(JSON.parse(bytes.toString())).toEqual({ data: { __typename: 'Query' } });
  });

  test('of events is sent as it comes', async () => {
    const url = await start();
    const query = 'subscription { jobChanged: leagueInstances(leagueId: "x") { __typename } }';
    const { headers } = await ask(url, { query, headers: { 'accept-encoding': 'gzip', accept: 'text/event-stream' } });
    expect(headers['content-encoding']).toBeUndefined();
    expect(headers['content-type']).toMatch(/^text\/event-stream/);
  });
});
