import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { createAddressPolicy } from '../../src/upstream/addressPolicy.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { codesOf } from '../support/resilience.ts';

const stage = useStage();

/** Listens on all addresses of this host, and counts who connects. */
let server: Server;
let connections: number;
beforeAll(async () => {
  server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await once(server.listen(0, '::'), 'listening');
});
afterAll(() => server.close());

let gateway: Gateway | undefined;
beforeEach(() => {
  connections = 0;
});
afterEach(() => gateway?.close());

function agentId(): string {
  return stage.sandbox.world.agents[0]?.id ?? '';
}

/** Asks an agent that the space plane says is at this host, and answers the error codes. */
async function askAt(host: string, agentNetworks?: readonly string[]): Promise<readonly unknown[]> {
  await stage.sandbox.client.setRules([
    {
      operationId: 'getAgentDeployment',
      fault: {
        kind: 'status',
        status: 200,
        body: {
          agent_deploy: { agent_name: 'moved' },
          agent_deploy_detail: { console_ip: host, console_port: (server.address() as AddressInfo).port },
        },
      },
    },
  ]);
  const { agentNetworks: _, ...tics } = configFor(stage.sandbox);
  gateway = gatewayFor({
    ...tics,
    ...(agentNetworks && { agentNetworks: [...agentNetworks] }),
    agents: [{ id: agentId(), user: 'u', password: 'p' }],
  });
  return codesOf(await askGateway(gateway, `{ agent(id: "${agentId()}") { runtime { __typename } } }`));
}

describe('an address that the space plane names is not connected to', () => {
  test.each([
    '127.0.0.1',
    '127.1',
    '127.255.255.254',
    '2130706433',
    '0x7f000001',
    '017700000001',
    '0.0.0.0',
    '0',
    'localhost',
    'LOCALHOST',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '169.254.169.254',
    '::ffff:169.254.169.254',
    'fe80::1',
    '224.0.0.1',
    'ff02::1',
    '255.255.255.255',
  ])('%s', async (host) => {
    expect(await askAt(host)).toEqual(['AGENT_ADDRESS']);
    expect(connections).toBe(0);
  });
});

test('an address in a network that is allowed is connected to, and a name by what it resolves to', async () => {
  expect(await askAt('127.0.0.1', ['127.0.0.0/8'])).toEqual(['UPSTREAM_UNREACHABLE']);
  await gateway?.close();
  expect(await askAt('localhost', ['127.0.0.0/8', '::1'])).toEqual(['UPSTREAM_UNREACHABLE']);
  expect(connections).toBeGreaterThan(1);
});

test('where networks are named, no other one is connected to', async () => {
  expect(await askAt('127.0.0.1', ['10.0.0.0/8'])).toEqual(['AGENT_ADDRESS']);
  expect(connections).toBe(0);
});

describe('by default', () => {
  test.each(['10.1.2.3', '172.16.0.1', '192.168.1.7', '100.64.1.1', '8.8.8.8', 'fd12::1', '2400:da00::1'])(
    '%s is allowed: agents stand in networks of companies',
    (ip) => expect(createAddressPolicy().allows(ip)).toBe(true),
  );

  test.each(['100.100.100.200', 'fd00:ec2::254', 'fec0::1', 'no address'])('%s is not', (ip) =>
    expect(createAddressPolicy().allows(ip)).toBe(false),
  );
});
