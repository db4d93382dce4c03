import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/config.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { makeKeys } from '../support/callers.ts';
import { configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { audience, startIssuer, type Issuer } from '../support/issuer.ts';
import { logTo } from '../support/log.ts';
import { required } from '../support/required.ts';
import { operationAttacks, planted, type OperationAttack } from './operations.ts';
import { requestAttacks } from './requests.ts';
import { socketAttacks } from './sockets.ts';
import { bytesOf, converse, exchange, initOf, letIn, type Target } from './target.ts';
import { forgedTokens, type Forger } from './tokens.ts';

const stage = useStage({ speed: 0 });
const { limits } = parseConfig('', {}, 'none');
const lines: Readonly<Record<string, unknown>>[] = [];

/** All that was answered to attacks. */
const told: string[] = [];
/** Requests for the forger's own server. */
let asked = 0;

const own = createServer((_, response) => {
  asked += 1;
  response.end('{}');
});

let target: Target;
let forger: Forger;
let issuer: Issuer;
let gateway: Gateway;
let server: GatewayServer;

beforeAll(async () => {
  const keys = makeKeys();
  issuer = await startIssuer();
  await new Promise<void>((resolve) => own.listen(0, '127.0.0.1', resolve));
  forger = {
    issuer,
    valid: await issuer.token(),
    ownServer: `http://127.0.0.1:${(own.address() as AddressInfo).port}`,
  };
  const { leagues, agents } = stage.sandbox.world;
  const [ownLeague = '', foreignLeague = ''] = leagues.map(({ id }) => id);
  const { callers } = parseConfig(
    `callers: { keys: true, jwt: { issuer: "${issuer.url}", audience: ${audience}, jwks: "${issuer.jwks}" } }`,
    {},
    'gateway.config.yaml',
  );
  const key = keys.add('attacker', ['VIEWER'], { leagues: [ownLeague] }).text;
  const bystander = keys.add('bystander', ['VIEWER']).text;
  gateway = gatewayFor(
    configFor(stage.sandbox),
    { log: logTo(lines) },
    { callers, dataDirectory: keys.dataDirectory, introspection: 'off', limits },
  );
  server = await startServer(gateway, {
    host: '127.0.0.1',
    port: 0,
    log: logTo(lines),
    graphiql: false,
    origins: ['https://console.example.com'],
    hosts: ['gateway.example.com'],
    limits: () => ({ connectionsPerAddress: 2_000, failedAuthenticationsPerMinute: 100_000, subscriptions: 100 }),
  });
  const foreignAgent = agents.find(({ leagueId }) => leagueId === foreignLeague)?.id;
  target = { url: server.url, key, bystander, ownLeague, foreignLeague, foreignAgent: required(foreignAgent, 'agent') };
});

afterAll(async () => {
  await server.close();
  await issuer.close();
  own.close();
});

const viewer = '{ viewer { name } }';

/** What somebody else is answered meanwhile. */
async function serveBystander(): Promise<string> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': target.bystander },
    body: JSON.stringify({ query: viewer }),
  });
  return response.text();
}

/** No attack takes more of the processor than this, sent several times at once; this test's own work is among it. */
const mostCpuMs = 2_500;
const times = 2;

/** Attacks several times at once, and has a bystander served meanwhile. */
async function attack(send: () => Promise<string>): Promise<readonly string[]> {
  const before = process.cpuUsage();
  const sent = Promise.all(Array.from({ length: times }, send));
  expect(await serveBystander()).toContain('"bystander"');
  const answers = await sent;
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(mostCpuMs);
  told.push(...answers);
  return answers;
}

async function overHttp(payload: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: payload,
  });
  return response.text();
}

/** The payload as it stands there: JSON that is written anew would lose what is odd about it. */
function overSocket(payload: string, headers: Readonly<Record<string, string>>): Promise<string> {
  return converse(target, [initOf(target.key), letIn, `{"id":"1","type":"subscribe","payload":${payload}}`], {
    headers,
    isDone: (all) => /"type":"(next|error)"/.test(all),
  });
}

interface Transport {
  readonly send: (payload: string, headers?: Readonly<Record<string, string>>) => Promise<string>;
  readonly expectedOf: (attack: OperationAttack) => RegExp;
}

const transports: Readonly<Record<string, Transport>> = {
  HTTP: {
    send: (payload, headers = {}) =>
      overHttp(payload, { accept: 'application/json', 'x-api-key': target.key, ...headers }),
    expectedOf: ({ expected }) => expected,
  },
  'server-sent events': {
    send: (payload, headers = {}) =>
      overHttp(payload, { accept: 'text/event-stream', 'x-api-key': target.key, ...headers }),
    expectedOf: ({ expected }) => expected,
  },
  WebSocket: {
    send: (payload, headers = {}) => overSocket(payload, headers),
    expectedOf: ({ expected, onSocket }) => onSocket ?? expected,
  },
};

function payloadOf({ payload }: OperationAttack): string {
  return typeof payload === 'string' ? payload : payload(target);
}

describe.each(Object.entries(transports))('operations over %s', (_, { send, expectedOf }) => {
  describe.each(Object.entries(operationAttacks))('%s', (__, attacks) => {
    test.each(Object.entries(attacks))('%s', async (___, one) => {
      for (const answer of await attack(() => send(payloadOf(one), one.headers)))
        expect(answer).toMatch(expectedOf(one));
    });
  });
});

describe.each(Object.entries(transports))('forged tokens over %s', (name, { send }) => {
  test('a token of the issuer lets in', async () => {
    const answer = await (name === 'WebSocket'
      ? converse(target, [initOf(forger.valid), letIn, subscribeTo(viewer)], {
          isDone: (all) => all.includes('"next"'),
        })
      : send(JSON.stringify({ query: viewer }), { 'x-api-key': forger.valid }));
    expect(answer).toContain('"alice"');
  });

  test.each(Object.entries(forgedTokens))('%s', async (__, forge) => {
    const token = await forge(forger);
    for (const answer of await attack(() =>
      name === 'WebSocket'
        ? converse(target, [initOf(token), subscribeTo(viewer)])
        : send(JSON.stringify({ query: viewer }), { 'x-api-key': token }),
    ))
      expect(answer).toMatch(name === 'WebSocket' ? /^closed 4401/ : /"UNAUTHENTICATED"/);
  });

  test('no server of the forger’s is asked for keys', () => expect(asked).toBe(0));
});

const introduction = `# Attacks

What \`test/attacks\` sends, and the gateway withstands. Operations and forged tokens are sent over HTTP, server-sent events and
WebSocket, each several times at once; a bystander is served meanwhile. Whatever is answered, logged or counted is searched for
planted secrets, stack traces and suggested names, and TICS is asked for nothing that leads elsewhere.

\`\`\`sh
npx vitest run test/attacks
\`\`\`
`;

const titles: Readonly<Record<string, string>> = { schemaReading: 'reading the schema' };

function subscribeTo(query: string): string {
  return JSON.stringify({ id: '1', type: 'subscribe', payload: { query } });
}

describe.each(Object.entries(requestAttacks))('requests: %s', (_, attacks) => {
  const tests = Object.entries(attacks);
  const check = async ({ sent, expected, never }: (typeof tests)[number][1]): Promise<void> => {
    const bytes = typeof sent === 'function' ? sent(target) : bytesOf(target, sent);
    for (const answer of await attack(() => exchange(target, bytes))) {
      expect(answer).toMatch(expected);
      if (never) expect(answer).not.toMatch(never);
    }
  };
  test.each(tests.filter(([, { isSlow }]) => !isSlow))('%s', async (__, one) => check(one));
  const slow = tests.filter(([, { isSlow }]) => isSlow);
  if (slow.length > 0)
    test(slow.map(([name]) => name).join('; '), () => Promise.all(slow.map(async ([, one]) => check(one))), 30_000);
});

describe.each(Object.entries(socketAttacks))('sockets: %s', (_, attacks) => {
  test.each(Object.entries(attacks))('%s', async (__, { opening, steps, expected, never }) => {
    const isDone = (all: string): boolean => !expected.source.startsWith('^') && expected.test(all);
    for (const answer of await attack(() => converse(target, steps(target), { ...opening, isDone }))) {
      expect(answer).toMatch(expected);
      if (never) expect(answer).not.toMatch(never);
    }
  });
});

/** Names of attacks as a list of Markdown. */
function listOf(title: string, attacks: object): string {
  return `## ${title}\n\n${Object.keys(attacks)
    .map((name) => `- ${name}`)
    .join('\n')}\n`;
}

test('docs/attacks.md lists all of them: `npx vitest run test/attacks -u` writes it', async () => {
  const sections = [
    ...Object.entries(operationAttacks).map(([group, attacks]) =>
      listOf(`Operations: ${titles[group] ?? group}`, attacks),
    ),
    listOf('Forged tokens', forgedTokens),
    ...Object.entries(requestAttacks).map(([group, attacks]) => listOf(`Requests: ${group}`, attacks)),
    ...Object.entries(socketAttacks).map(([group, attacks]) => listOf(`WebSockets: ${group}`, attacks)),
  ];
  await expect(`${introduction}\n${sections.join('\n')}`).toMatchFileSnapshot('../../docs/attacks.md');
});

describe('of all that was answered, logged and counted', () => {
  test('nothing is a secret', async () => {
    const { account, agents } = stage.sandbox;
    const written = JSON.stringify([told, lines, await gateway.metrics.text()]);
    const passwords = [account.password, ...agents.map(({ password }) => password)];
    for (const secret of [target.key, target.bystander, forger.valid, ...passwords])
      expect(written).not.toContain(secret);
  });

  test('nothing repeats the value of a variable', async () => {
    expect(JSON.stringify([told, await gateway.metrics.text()])).not.toContain(planted);
    expect(JSON.stringify(lines.map(({ operation: _, ...line }) => line))).not.toContain(planted);
  });

  test('nothing suggests a name, shows a stack, or says that the gateway failed', () => {
    for (const answer of told) {
      expect(answer).not.toMatch(/Did you mean|node_modules|\bat \S+ \(|"INTERNAL"|^HTTP\/1\.1 5\d\d|NOT CLOSED/);
      expect(answer.length).toBeLessThan(100_000);
    }
    expect(lines.filter(({ msg }) => msg === 'internal error')).toEqual([]);
  });

  test('nothing was sent to TICS that leads elsewhere, and no prototype has changed', async () => {
    const paths = (await stage.sandbox.client.calls()).map(({ path }) => path);
    expect(paths.filter((path) => /\.\.|%2e|[\r\n\0]|evil/i.test(path))).toEqual([]);
    expect(({} as Readonly<Record<string, unknown>>)['polluted']).toBeUndefined();
  });
});
