import { randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TicsConfig } from '../../src/config/config.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { makeDirectory } from '../support/directory.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { logTo } from '../support/log.ts';
import { codesOf } from '../support/resilience.ts';

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

/** Servers keep these when they exchange their certificate: sessions of before can be resumed. */
const ticketKeys = randomBytes(48);

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
async function startAgent({ private: key, cert }: Certificate, port = 0): Promise<Server> {
  const agent = createServer({ key, cert, ticketKeys, keepAliveTimeout: 600_000 }, (request, response) => {
    received.push(request.url ?? '');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.url?.endsWith('/token') ? { status: 0, data: { token: 't' } } : {}));
  });
  agents.push(agent);
  await once(agent.listen(port, '127.0.0.1'), 'listening');
  return agent;
}

function portOf(agent: Server): number {
  return (agent.address() as AddressInfo).port;
}
function urlOf(agent: Server): string {
  return `https://127.0.0.1:${portOf(agent)}`;
}
function aKnownAgent(): string {
  return stage.sandbox.world.agents[0]?.id ?? '';
}
function runtime() {
  return `{ agent(id: "${aKnownAgent()}") { runtime { __typename } } }`;
}

/** Asks an agent that shows one certificate, with another one configured, and answers the error codes. */
async function askAgent(shown: Certificate, configured: Certificate | undefined) {
  const url = urlOf(await startAgent(shown));
  const tics: TicsConfig = {
    ...configFor(stage.sandbox),
    agents: [{ id: aKnownAgent(), url, user: 'u', password: 'p', certificate: configured?.cert }],
  };
  const gateway = gatewayFor(tics);
  const codes = codesOf(await askGateway(gateway, runtime()));
  await gateway.close();
  return codes;
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

describe('a certificate that is exchanged while the gateway runs', () => {
  test('gets nothing, though TLS could resume the session', async () => {
    const agent = await startAgent(selfSigned);
    const gateway = gatewayFor({
      ...configFor(stage.sandbox),
      agents: [{ id: aKnownAgent(), url: urlOf(agent), user: 'u', password: 'p', certificate: selfSigned.cert }],
    });
    await askGateway(gateway, runtime());
    expect(received).toHaveLength(2);
    agent.setSecureContext({ key: issued.private, cert: issued.cert, ticketKeys });
    agent.closeAllConnections();
    // The first question may still find a connection that is being closed.
    await askGateway(gateway, runtime());
    received = [];
    expect(codesOf(await askGateway(gateway, runtime()))).toEqual(['AGENT_CERTIFICATE']);
    expect(received).toEqual([]);
    await gateway.close();
  });
});

describe('trust on first use', () => {
  let directory: string;
  beforeEach(() => {
    directory = join(makeDirectory(), 'data');
  });

  /** A gateway, as after a restart. */
  function trusting(url: string, lines: Readonly<Record<string, unknown>>[] = []): Gateway {
    return gatewayFor(
      {
        ...configFor(stage.sandbox),
        agents: [{ id: aKnownAgent(), url, user: 'u', password: 'p', certificate: 'trust-on-first-use' }],
      },
      { log: logTo(lines) },
      { dataDirectory: directory },
    );
  }

  test('takes the first certificate, tells its fingerprint and keeps it for the gateway alone', async () => {
    const agent = await startAgent(selfSigned);
    const lines: Readonly<Record<string, unknown>>[] = [];
    const gateway = trusting(urlOf(agent), lines);
    const answers = await Promise.all([askGateway(gateway, runtime()), askGateway(gateway, runtime())]);
    expect(answers.flatMap(codesOf)).toEqual([]);
    await gateway.close();
    const { fingerprint256 } = new X509Certificate(selfSigned.cert);
    const told = lines.filter(({ msg }) => msg === 'agent certificate trusted on first use');
    expect(told).toMatchObject([{ fingerprint: fingerprint256, agentId: aKnownAgent() }]);
    const path = join(directory, 'agent-certificates.json');
    expect(readFileSync(path, 'utf8')).toContain(fingerprint256);
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  test('outlives a restart and a move: another certificate gets nothing', async () => {
    const first = trusting(urlOf(await startAgent(selfSigned)));
    await askGateway(first, runtime());
    await first.close();
    received = [];
    const elsewhere = trusting(urlOf(await startAgent(selfSigned)));
    expect(codesOf(await askGateway(elsewhere, runtime()))).toEqual([]);
    await elsewhere.close();
    received = [];
    const swapped = trusting(urlOf(await startAgent(issued)));
    expect(codesOf(await askGateway(swapped, runtime()))).toEqual(['AGENT_CERTIFICATE']);
    expect(received).toEqual([]);
    await swapped.close();
  });

  test('sends nothing while it reads the certificate, and meets a server that comes up later', async () => {
    const agent = await startAgent(selfSigned);
    const url = urlOf(agent);
    const port = portOf(agent);
    agent.close();
    const gateway = trusting(url);
    expect(codesOf(await askGateway(gateway, runtime()))).toEqual(['UPSTREAM_UNREACHABLE']);
    await startAgent(selfSigned, port);
    expect(codesOf(await askGateway(gateway, runtime()))).toEqual([]);
    expect(received).toHaveLength(2);
    await gateway.close();
  });

  test('does not start where what it trusted can not be read', () => {
    mkdirSync(directory, { mode: 0o700 });
    writeFileSync(join(directory, 'agent-certificates.json'), '{ broken');
    expect(() => trusting('https://127.0.0.1:1')).toThrow();
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
