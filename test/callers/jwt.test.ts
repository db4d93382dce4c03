import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { generateKeyPair } from 'jose';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { parseConfig, type CallersConfig } from '../../src/config/config.ts';
import { createCallers } from '../../src/callers/callers.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { makeKeys } from '../support/callers.ts';
import { configFor, gatewayFor, useStage, type GraphQLAnswer } from '../support/gateway.ts';
import { audience, startIssuer, type Issuer } from '../support/issuer.ts';
import { logTo } from '../support/log.ts';
import { quick, toEnd, transports } from '../support/subscribe.ts';

const stage = useStage();
let issuer: Issuer;
let server: GatewayServer;
let lines: Readonly<Record<string, unknown>>[];

beforeEach(async () => {
  issuer = await startIssuer();
  lines = [];
});

afterEach(async () => {
  await server.close();
  await issuer.close();
});

/** The callers of a configuration file. */
function callersOf(text: string): CallersConfig {
  const { callers } = parseConfig(text, {}, 'gateway.config.yaml');
  if (callers === undefined) throw new Error('no callers');
  return callers;
}

async function start(more = '', kinds = ''): Promise<string> {
  const { dataDirectory, add } = makeKeys();
  const key = add('superset', ['VIEWER']).text;
  const callers = callersOf(
    `callers: { jwt: { issuer: "${issuer.url}", audience: ${audience}, ${more || `jwks: "${issuer.jwks}"`} } ${kinds} }`,
  );
  const gateway = gatewayFor(
    configFor(stage.sandbox),
    { watching: quick, log: logTo(lines) },
    { callers, dataDirectory },
  );
  server = await startServer(gateway, { host: '127.0.0.1', port: 0 });
  return key;
}

interface Viewer {
  readonly viewer: {
    readonly name: string;
    readonly roles: readonly string[];
    readonly leagueIds: unknown;
    readonly expiresAt: string;
  };
}

async function ask(
  token: string,
  query = '{ viewer { name roles leagueIds expiresAt } }',
  header = 'authorization',
): Promise<{ readonly status: number; readonly challenge: string | null } & GraphQLAnswer<Viewer>> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [header]: header === 'authorization' ? `Bearer ${token}` : token },
    body: JSON.stringify({ query }),
  });
  const answer = (await response.json()) as GraphQLAnswer<Viewer>;
  return { status: response.status, challenge: response.headers.get('www-authenticate'), ...answer };
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}

describe('a token', () => {
  test('of the issuer lets in by either header, with its name, roles, and end', async () => {
    await start();
    const exp = nowSeconds() + 60;
    const token = await issuer.token({ roles: ['operator', 'viewer', 'other'], exp });
    const expected = {
      name: 'alice',
      roles: ['VIEWER', 'OPERATOR'],
      leagueIds: null,
      expiresAt: new Date(exp * 1_000).toISOString(),
    };
    expect((await ask(token)).data.viewer).toEqual(expected);
    expect((await ask(token, undefined, 'x-api-key')).data.viewer).toEqual(expected);
    expect(issuer.reads()).toBe(1);
  });

  test('and keys stand side by side in either header', async () => {
    const key = await start('', ', keys: true');
    const token = await issuer.token();
    for (const header of ['authorization', 'x-api-key'])
      for (const [credential, name] of [
        [token, 'alice'],
        [key, 'superset'],
      ] as const)
        expect((await ask(credential, undefined, header)).data.viewer.name).toBe(name);
  });

  test('has its keys where the discovery document of the issuer says', async () => {
    await start('algorithms: [ES256]');
    expect((await ask(await issuer.token())).data.viewer.name).toBe('alice');
  });

  test('without a subject is told from one of another name, and has a budget of its own', async () => {
    const jwt = { issuer: issuer.url, jwks: issuer.jwks, audience, claims: { name: 'client_id' } };
    const callers = createCallers(parseConfig(JSON.stringify({ callers: { jwt } }), {}, 'none').callers, {
      dataDirectory: 'none',
      log: logTo(lines),
    });
    await start();
    const idOf = async (claims: Record<string, unknown>) => {
      const headers = new Headers({ authorization: `Bearer ${await issuer.token({ sub: undefined, ...claims })}` });
      return (await callers.identify({ headers, signal: new AbortController().signal })).id;
    };
    const [reports, again, etl] = [
      await idOf({ client_id: 'reports', jti: '1' }),
      await idOf({ client_id: 'reports', jti: '2' }),
      await idOf({ client_id: 'etl' }),
    ];
    expect([again, etl === reports]).toEqual([reports, false]);
    callers.close();
  });

  test('has roles and leagues by configured claims', async () => {
    await start(
      `jwks: "${issuer.jwks}", claims: { name: preferred_username, roles: realm_access.roles, leagues: "https://tics.example/leagues" }, roles: { tics-admins: administrator }`,
    );
    const claims = { preferred_username: 'al', realm_access: { roles: ['tics-admins', 'viewer'] } };
    const limited = await ask(await issuer.token({ ...claims, 'https://tics.example/leagues': ['l1', 'League:l2'] }));
    expect(limited.data.viewer).toMatchObject({
      name: 'al',
      roles: ['ADMINISTRATOR'],
      leagueIds: ['League:l1', 'League:l2'],
    });
    expect(
      (await ask(await issuer.token({ ...claims, 'https://tics.example/leagues': '*' }))).data.viewer,
    ).toMatchObject({
      leagueIds: null,
    });
    const none = await ask(await issuer.token(claims), '{ leagues(first: 5) { totalCount nodes { name } } }');
    expect(none).toMatchObject({ status: 200, data: { leagues: { totalCount: 0, nodes: [] } } });
  });

  test('without a role may do nothing', async () => {
    await start();
    const { status, errors } = await ask(await issuer.token({ roles: ['stranger', 'constructor', '__proto__'] }));
    expect([status, errors?.map(({ extensions }) => extensions?.['code'])]).toEqual([403, ['FORBIDDEN']]);
  });

  const forged = async (claims: object, alg: string, signature: string): Promise<string> => {
    const [, payload] = (await issuer.token(claims as never)).split('.');
    const header = Buffer.from(JSON.stringify({ alg, kid: 'first' })).toString('base64url');
    return `${header}.${payload}.${signature}`;
  };

  test.each<[string, () => Promise<string>]>([
    ['another issuer', () => issuer.token({ iss: 'https://other.example' })],
    ['no issuer', () => issuer.token({ iss: undefined as never })],
    ['another audience', () => issuer.token({ aud: 'other' })],
    ['no audience', () => issuer.token({ aud: undefined as never })],
    ['no end', () => issuer.token({ exp: undefined as never })],
    ['an end that is over', () => issuer.token({ exp: nowSeconds() - 60 })],
    ['a beginning that is to come', () => issuer.token({ nbf: nowSeconds() + 60 })],
    ['another key', async () => issuer.token({}, { key: (await generateKeyPair('ES256')).privateKey })],
    ['an unknown key id', () => issuer.token({}, { kid: 'unknown' })],
    [
      'an algorithm that is not listed',
      async () => issuer.token({}, { alg: 'ES384', key: (await generateKeyPair('ES384')).privateKey }),
    ],
    ['the public key as a secret', async () => issuer.token({}, { alg: 'HS256', key: await issuer.publicKey() })],
    ['the algorithm none', () => forged({}, 'none', '')],
    ['the algorithm None', () => forged({}, 'None', '')],
    ['no signature', () => forged({}, 'ES256', '')],
    ['a payload that is no JSON', () => Promise.resolve('eyJhbGciOiJFUzI1NiJ9.e30x.AAAA')],
  ])('with %s: 401, nothing is sent, and nothing of it is logged', async (_, make) => {
    await start();
    await stage.sandbox.client.clearCalls();
    const token = await make();
    const { status, challenge, data, errors } = await ask(token, '{ leagues { totalCount } }');
    expect([status, challenge, data]).toEqual([401, 'Bearer realm="TICS", error="invalid_token"', undefined]);
    expect(errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED' });
    expect(await stage.sandbox.client.calls()).toEqual([]);
    expect(JSON.stringify([lines, errors])).not.toContain(token.split('.')[1]);
  });

  test('is let in by the tolerance for clocks', async () => {
    await start(`jwks: "${issuer.jwks}", clockToleranceSeconds: 60`);
    expect((await ask(await issuer.token({ exp: nowSeconds() - 10 }))).status).toBe(200);
    expect((await ask(await issuer.token({ nbf: nowSeconds() + 10 }))).status).toBe(200);
    expect((await ask(await issuer.token({ exp: nowSeconds() - 100 }))).status).toBe(401);
  });
});

describe('keys of the issuer', () => {
  test('are read again for a token of a new one, and not for each unknown one', async () => {
    await start();
    expect((await ask(await issuer.token())).status).toBe(200);
    await issuer.rotate();
    const token = await issuer.token();
    // Seldom: each refusal counts towards the limit of an address.
    await expect.poll(async () => (await ask(token)).status, { timeout: 8_000, interval: 250 }).toBe(200);
    const before = issuer.reads();
    const unknown = await Promise.all(Array.from({ length: 20 }, (_, index) => issuer.token({}, { kid: `x${index}` })));
    expect(new Set(await Promise.all(unknown.map(async (one) => (await ask(one)).status)))).toEqual(new Set([401]));
    expect(issuer.reads() - before).toBeLessThan(3);
  });

  test('that can not be read are no reason to refuse: 503; those known go on', async () => {
    await start();
    issuer.isAway = true;
    const token = await issuer.token();
    const { status, errors } = await ask(token);
    expect([status, errors?.[0]?.extensions]).toEqual([503, { code: 'ISSUER_UNAVAILABLE' }]);
    issuer.isAway = false;
    expect((await ask(token)).status).toBe(200);
    issuer.isAway = true;
    expect((await ask(await issuer.token({ sub: 'bob' }))).data.viewer.name).toBe('bob');
  });

  test.each([
    ['no set of keys', '[]'],
    ['a set with something else in it', '{ "keys": [null] }'],
    ['a set that is too long', `{ "keys": [${' '.repeat(1_000_000)}] }`],
  ])('stay as they were while %s is answered in their place', async (_, broken) => {
    await start();
    expect((await ask(await issuer.token())).status).toBe(200);
    issuer.broken = broken;
    const isRead = async (): Promise<boolean> => {
      await ask(await issuer.token({}, { kid: 'unknown' }));
      return lines.some(({ msg }) => msg === 'the keys of an issuer could not be read');
    };
    await expect.poll(isRead, { timeout: 8_000, interval: 250 }).toBe(true);
    expect((await ask(await issuer.token({ sub: 'bob' }))).data.viewer.name).toBe('bob');
  });

  test('that can not be read close a socket, whose client may try again', async () => {
    await start();
    issuer.isAway = true;
    const token = await issuer.token();
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    socket.once('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })),
    );
    expect(await closed).toBe(1013);
  });
});

describe('over WebSocket', () => {
  test('a token is a field of connection_init; one that is not valid closes 4401', async () => {
    await start();
    const open = (Authorization: string) =>
      createClient({
        url: `${server.url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { Authorization },
        retryAttempts: 0,
      });
    const client = open(`Bearer ${await issuer.token()}`);
    const { value } = (await client.iterate({ query: '{ viewer { name } }' }).next()) as { value: unknown };
    expect(value).toEqual({ data: { viewer: { name: 'alice' } } });
    await client.dispose();
    const refused = open(`Bearer ${await issuer.token({ aud: 'other' })}`);
    await expect(refused.iterate({ query: '{ viewer { name } }' }).next()).rejects.toMatchObject({ code: 4401 });
  });
});

describe.each(transports)('a stream over %s', (_, connect) => {
  test('ends with its token, which lets in no more', async () => {
    await start();
    const leagueId = stage.sandbox.world.leagues[0]?.id ?? '';
    const exp = nowSeconds() + 2;
    const token = await issuer.token({ exp });
    const client = connect(server.url, { authorization: `Bearer ${token}` });
    const answers = client.ask<unknown>({
      query: `subscription { leagueInstances(leagueId: "${leagueId}") { status } }`,
    });
    const all = await toEnd(answers);
    expect(all.at(-1)?.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
    client.close();
  });
});

test('a configuration is refused that would trust what nobody signed', () => {
  const faults = (jwt: string): string => {
    try {
      callersOf(`callers: { jwt: ${jwt} }`);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  const valid = 'issuer: "https://a.example", audience: b';
  expect(faults(`{ ${valid} }`)).toBe('');
  expect(faults(`{ ${valid}, algorithms: [none] }`)).toContain('callers.jwt.0.algorithms.0');
  expect(faults(`{ ${valid}, algorithms: [HS256] }`)).toContain('callers.jwt.0.algorithms.0');
  expect(faults(`{ ${valid}, jwks: "http://a.example/keys" }`)).toContain('callers.jwt.0.jwks');
  expect(faults('{ issuer: "https://a.example" }')).toContain('callers.jwt.0.audience');
  expect(faults(`{ ${valid}, roles: { admins: root } }`)).toContain('callers.jwt.0.roles.admins');
});
