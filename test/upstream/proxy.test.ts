import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { ProxyConfig, TicsConfig } from '../../src/config/config.ts';
import { onlineAgent } from '../support/agents.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { useUpstreamServers } from '../support/upstreamServer.ts';

const stage = useStage();
const { closeLater } = useUpstreamServers(stage);

/** A proxy that lets all through, and notes the hosts that it was asked for (RFC 9110, 9.3.6). */
async function startProxy(status = 200) {
  const asked: string[] = [];
  const sockets = new Set<{ destroy: () => unknown }>();
  const server = createServer((_, response) => response.writeHead(400).end());
  server.on('connect', ({ url = '' }, socket) => {
    asked.push(url);
    sockets.add(socket);
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const { hostname, port } = new URL(`http://${url}`);
    const target = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(target).pipe(socket);
    });
    sockets.add(target);
    for (const end of [socket, target]) end.on('error', () => undefined);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closeLater(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function gatewayThrough(proxy: Partial<ProxyConfig>, change: Partial<TicsConfig> = {}) {
  const gateway = gatewayFor({ ...configFor(stage.sandbox), proxy: { agents: 'off', ...proxy }, ...change });
  closeLater(() => gateway.close());
  return gateway;
}

const leagues = '{ leagues(role: OWNER) { nodes { name } } }';
function runtime(): string {
  return `{ agent(id: "${onlineAgent(stage).id}") { runtime { name } } }`;
}
function hostOf(url: string): string {
  return new URL(url).host;
}

describe('the proxy', () => {
  test('is used for the space plane and IAM, and not for agents', async () => {
    const { url, asked } = await startProxy();
    const gateway = gatewayThrough({ http: url, https: url });
    expect((await askGateway(gateway, leagues)).errors).toBeUndefined();
    expect((await askGateway(gateway, runtime())).errors).toBeUndefined();
    const { spaceUrl, iamUrl } = configFor(stage.sandbox);
    expect(new Set(asked)).toEqual(new Set([spaceUrl, iamUrl].map(hostOf)));
  });

  test('is used for agents where that is asked for, and their certificates are checked behind it', async () => {
    const { url, asked } = await startProxy();
    const gateway = gatewayThrough({ https: url, agents: 'on' });
    expect((await askGateway(gateway, runtime())).errors).toBeUndefined();
    const { agents } = configFor(stage.sandbox);
    const agent = agents.find(({ id }) => id === onlineAgent(stage).id);
    expect(new Set(asked)).toEqual(new Set([hostOf(agent?.url ?? '')]));
    const other = agents.find(({ id, certificate }) => id !== agent?.id && certificate !== agent?.certificate);
    const wrong = agents.map((each) => ({ ...each, certificate: other?.certificate }));
    expect(await askGateway(gatewayThrough({ https: url, agents: 'on' }, { agents: wrong }), runtime())).toMatchObject({
      errors: [{ extensions: { code: 'AGENT_CERTIFICATE' } }],
    });
  });

  test.each([
    ['*', 0],
    ['example.com, 127.0.0.1', 0],
    ['127.0.0.1:1', 1],
    ['0.0.1', 0],
  ])('is not used for the hosts that are excepted: %s', async (except, used) => {
    const { url, asked } = await startProxy();
    expect((await askGateway(gatewayThrough({ http: url, https: url, except }), leagues)).errors).toBeUndefined();
    expect(asked.length > 0 ? 1 : 0).toBe(used);
  });

  test.each([407, 503])('that lets nobody through (%i) is a connection that did not come about', async (status) => {
    const { url } = await startProxy(status);
    expect(await askGateway(gatewayThrough({ http: url, https: url }), leagues)).toMatchObject({
      errors: [{ extensions: { code: 'UPSTREAM_UNREACHABLE' } }],
    });
  });

  test('that is away is a connection that did not come about', async () => {
    const gateway = gatewayThrough({ http: 'http://127.0.0.1:1' });
    expect(await askGateway(gateway, leagues)).toMatchObject({
      errors: [{ extensions: { code: 'UPSTREAM_UNREACHABLE' } }],
    });
  });

  test('of the environment is not used by itself', async () => {
    const { url, asked } = await startProxy();
    process.env['HTTP_PROXY'] = url;
    try {
      expect((await askGateway(gatewayThrough({ https: url }), leagues)).errors).toBeUndefined();
    } finally {
      delete process.env['HTTP_PROXY'];
    }
    expect(asked).toEqual([]);
  });
});
