import { createServer, type Server } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TicsConfig } from '../../src/config.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';

type Certificate = Awaited<ReturnType<typeof generate>>;

const stage = useStage();

/** Certificates for a name that no agent of these tests is called by. */
const certificate = (commonName: string, issuer?: Certificate, isAuthority = false): Promise<Certificate> =>
  generate([{ name: 'commonName', value: commonName }], {
    extensions: [
      { name: 'basicConstraints', cA: isAuthority, critical: true },
      { name: 'keyUsage', keyCertSign: isAuthority, digitalSignature: true, critical: true },
    ],
    ...(issuer && { ca: { key: issuer.private, cert: issuer.cert } }),
  });

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

let agent: Server;
let received: string[];
beforeEach(() => {
  received = [];
});
afterEach(() => {
  agent.closeAllConnections();
  agent.close();
});

/** Asks an agent that shows one certificate, with another one configured, and answers the error codes. */
const askAgent = async (shown: Certificate, configured: Certificate | undefined) => {
  agent = createServer({ key: shown.private, cert: shown.cert }, (request, response) => {
    received.push(request.url ?? '');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.url?.endsWith('/token') ? { status: 0, data: { token: 't' } } : {}));
  });
  await once(agent.listen(0, '127.0.0.1'), 'listening');
  const [id = ''] = stage.sandbox.world.agents.map((known) => known.id);
  const tics: TicsConfig = {
    ...configFor(stage.sandbox),
    agents: [
      {
        id,
        url: `https://127.0.0.1:${(agent.address() as AddressInfo).port}`,
        user: 'u',
        password: 'p',
        certificate: configured?.cert,
      },
    ],
  };
  const gateway = gatewayFor(tics);
  const { errors = [] } = await askGateway(gateway, `{ agent(id: "${id}") { runtime { __typename } } }`);
  await gateway.close();
  return errors.map(({ extensions }) => extensions?.['code']);
};

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

describe('an agent is told nothing that shows', () => {
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
