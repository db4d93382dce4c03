import { createServer, type Server } from 'node:https';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { generate } from 'selfsigned';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TicsConfig } from '../../src/config/config.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';

type Certificate = Awaited<ReturnType<typeof generate>>;

const stage = useStage();

/** Certificates for a name that no agent of these tests is called by. */
function certificate(commonName: string, issuer?: Certificate, isAuthority = false): Promise<Certificate> {
  return generate([{ name: 'commonName', value: commonName }], {
    extensions: [
      { name: 'basicConstraints', cA: isAuthority, critical: true },
      { name: 'keyUsage', keyCertSign: isAuthority, digitalSignature: true, critical: true },
    ],
    ...(issuer && { ca: { key: issuer.private, cert: issuer.cert } }),
  });
}

let authority: Certificate;
let issued: Certificate;
let issuedToAnother: Certificate;
let selfSigned: Certificate;
beforeAll(async () => {
  authority = await certificate('authority', undefined, true);
  issued = await certificate('agent', authority);
  issuedToAnother = await certificate('agent', authority);
  selfSigned = await certificate('agent');
});

const agents: Server[] = [];
let received: string[];
beforeEach(() => {
  received = [];
});
afterEach(() => {
  for (const agent of agents.splice(0)) {
    agent.closeAllConnections();
    agent.close();
  }
});

/** An agent that answers everything, and keeps connections open. */
async function startAgent({ private: key, cert }: Certificate): Promise<Server> {
  const agent = createServer({ key, cert, keepAliveTimeout: 600_000 }, (request, response) => {
    received.push(request.url ?? '');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.url?.endsWith('/token') ? { status: 0, data: { token: 't' } } : {}));
  });
  agents.push(agent);
  await once(agent.listen(0, '127.0.0.1'), 'listening');
  return agent;
}

function portOf(agent: Server): number {
  return (agent.address() as AddressInfo).port;
}
function aKnownAgent(): string {
  return stage.sandbox.world.agents[0]?.id ?? '';
}
function runtime() {
  return `{ agent(id: "${aKnownAgent()}") { runtime { __typename } } }`;
}

/** Asks an agent that shows one certificate, with another one configured, and answers the error codes. */
async function askAgent(shown: Certificate, configured: Certificate | undefined) {
  const url = `https://127.0.0.1:${portOf(await startAgent(shown))}`;
  const tics: TicsConfig = {
    ...configFor(stage.sandbox),
    agents: [{ id: aKnownAgent(), url, user: 'u', password: 'p', certificate: configured?.cert }],
  };
  const gateway = gatewayFor(tics);
  const { errors = [] } = await askGateway(gateway, runtime());
  await gateway.close();
  return errors.map(({ extensions }) => extensions?.['code']);
}

describe('an agent is spoken to that shows', () => {
  test('the certificate that it signed itself and that is configured, whatever name is in it', async () => {
    expect(await askAgent(selfSigned, selfSigned)).toEqual([]);
    expect(received).toHaveLength(2);
  });

  test('one that an authority issued, where it is configured', async () => {
    expect(await askAgent(issued, issued)).toEqual([]);
    expect(received).toHaveLength(2);
  });
});

describe('nothing is sent to an agent that shows', () => {
  test.each<[string, () => [shown: Certificate, configured: Certificate | undefined]]>([
    ['another one that it signed itself', () => [selfSigned, issued]],
    ['another one of the same name by the same authority', () => [issuedToAnother, issued]],
    ['one that the configured one has issued', () => [issued, authority]],
    ['one that nobody knows, where none is configured', () => [selfSigned, undefined]],
  ])('%s', async (_, certificates) => {
    expect(await askAgent(...certificates())).toEqual(['AGENT_CERTIFICATE']);
    expect(received).toEqual([]);
  });
});

test('an agent that is found elsewhere is spoken to there, and what was open to where it was is closed', async () => {
  const [before, after] = [await startAgent(selfSigned), await startAgent(selfSigned)];
  const isAt = (agent: Server) =>
    stage.sandbox.client.setRules([
      {
        operationId: 'getAgentDeployment',
        fault: {
          kind: 'status',
          status: 200,
          body: {
            agent_deploy: { agent_name: 'moved' },
            agent_deploy_detail: { console_ip: '127.0.0.1', console_port: portOf(agent) },
          },
        },
      },
    ]);
  const open = new Set<Socket>();
  before.on('secureConnection', (connection: Socket) => {
    open.add(connection);
    connection.once('close', () => open.delete(connection));
  });
  const gateway = gatewayFor({
    ...configFor(stage.sandbox),
    agents: [{ id: aKnownAgent(), user: 'u', password: 'p', certificate: selfSigned.cert }],
  });
  await isAt(before);
  await Promise.all([askGateway(gateway, runtime()), askGateway(gateway, runtime())]);
  expect(open.size).toBeGreaterThan(1);
  before.prependOnceListener('request', ({ socket }: IncomingMessage) => socket.destroy());
  await askGateway(gateway, runtime());
  await isAt(after);
  expect((await askGateway(gateway, runtime())).errors).toBeUndefined();
  await expect.poll(() => open.size, { timeout: 10_000 }).toBe(0);
  await gateway.close();
});
