import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { runKeyCommand } from '../../src/callers/keyCommand.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { makeKeys, type Keys } from '../support/callers.ts';
import { configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { logTo } from '../support/log.ts';
import { connectTo } from '../support/rawConnection.ts';
import { required } from '../support/required.ts';
import { overEvents, overWebSocket, quick, toEnd, transports } from '../support/subscribe.ts';

const stage = useStage();
let keys: Keys;
let server: GatewayServer;
let lines: Readonly<Record<string, unknown>>[];

async function start(anonymous = false): Promise<string> {
  lines = [];
  const gateway = gatewayFor(
    configFor(stage.sandbox),
    { watching: quick, log: logTo(lines) },
    {
      callers: { keys: {}, ...(anonymous && { anonymous: { roles: ['VIEWER'], leagues: 'ALL' } }) },
      dataDirectory: keys.dataDirectory,
    },
  );
  server = await startServer(gateway, { host: '127.0.0.1', port: 0 });
  return server.url;
}

beforeEach(() => {
  keys = makeKeys();
});

afterEach(() => server.close());

function ask(url: string, headers: HeadersInit = {}, query = '{ viewer { name roles leagueIds expiresAt } }') {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: Object.assign({ 'content-type': 'application/json' }, headers),
    body: JSON.stringify({ query }),
  });
}

async function nameOf(response: Response): Promise<string | undefined> {
  return ((await response.json()) as { data?: { viewer: { name: string } } }).data?.viewer.name;
}

describe('a key', () => {
  test('lets in by either header, and viewer tells what it is good for', async () => {
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const { text } = keys.add('superset', ['VIEWER'], { leagues: ['league1'], expiresAt });
    const url = await start();
    const ways: HeadersInit[] = [
      { 'x-api-key': text },
      { authorization: `Bearer ${text}` },
      { authorization: `bearer ${text}` },
    ];
    for (const headers of ways)
      expect(await (await ask(url, headers)).json()).toEqual({
        data: { viewer: { name: 'superset', roles: ['VIEWER'], leagueIds: ['League:league1'], expiresAt } },
      });
  });

  test.each([
    ['no key', {}, 'Bearer realm="TICS"'],
    ['a wrong key', { 'x-api-key': 'tics_wrong' }, 'Bearer realm="TICS", error="invalid_token"'],
    ['an empty key', { 'x-api-key': '' }, 'Bearer realm="TICS"'],
    ['another scheme', { authorization: 'Basic eDp5' }, 'Bearer realm="TICS", error="invalid_token"'],
  ])('%s: 401 with a challenge, and nothing is sent', async (_, headers, challenge) => {
    keys.add('superset', ['VIEWER']);
    const url = await start();
    await stage.sandbox.client.clearCalls();
    for (const query of [
      '{ leagues { totalCount } }',
      '{ nonsense',
      '{ nothing }',
      '{ __schema { types { name } } }',
    ]) {
      const response = await ask(url, headers, query);
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, challenge]);
      expect(response.headers.get('x-request-id')).toBeTruthy();
      const { errors, data } = (await response.json()) as { errors: { extensions: object }[]; data?: unknown };
      expect([data, errors.map(({ extensions }) => extensions)]).toEqual([undefined, [{ code: 'UNAUTHENTICATED' }]]);
    }
    expect(await stage.sandbox.client.calls()).toEqual([]);
  });

  test('that is wrong is no anonymous caller', async () => {
    const url = await start(true);
    expect(await nameOf(await ask(url))).toBe('anonymous');
    expect((await ask(url, { 'x-api-key': 'tics_wrong' })).status).toBe(401);
  });

  test('may be one of two while they are rotated; a revoked or an expired one lets nobody in', async () => {
    const [old, fresh] = [keys.add('superset', ['VIEWER']), keys.add('superset', ['VIEWER'])];
    const ended = keys.add('late', ['VIEWER'], { expiresAt: new Date(Date.now() - 1).toISOString() });
    keys.revoke(keys.add('gone', ['VIEWER']).id);
    const url = await start();
    expect(await nameOf(await ask(url, { 'x-api-key': old.text }))).toBe('superset');
    expect(await nameOf(await ask(url, { 'x-api-key': fresh.text }))).toBe('superset');
    expect((await ask(url, { 'x-api-key': ended.text })).status).toBe(401);
  });

  test('is taken over from the file, and a file with a fault changes nothing', async () => {
    const first = keys.add('first', ['VIEWER']);
    const url = await start();
    const second = keys.add('second', ['VIEWER']);
    await expect.poll(async () => (await ask(url, { 'x-api-key': second.text })).status, { timeout: 5_000 }).toBe(200);
    await writeFile(join(keys.dataDirectory, 'keys.json'), '{ "keys": [{ "id": 1 }] }');
    await expect
      .poll(() => lines.map(({ msg }) => msg), { timeout: 5_000 })
      .toContain('keys refused: the old ones stay');
    expect(await nameOf(await ask(url, { 'x-api-key': first.text }))).toBe('first');
  });

  test('is kept as its hash alone, for the owner alone', async () => {
    const { text } = keys.add('superset', ['VIEWER']);
    const url = await start();
    await (await ask(url, { 'x-api-key': text })).text();
    const file = join(keys.dataDirectory, 'keys.json');
    expect(await readFile(file, 'utf8')).not.toContain(text);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(lines)).not.toContain(text);
  });
});

describe('over WebSocket', () => {
  const open = (url: string, connectionParams: Record<string, unknown>, headers: Record<string, string> = {}) =>
    createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: class extends WebSocket {
        constructor(address: string, protocols: string) {
          super(address, protocols, { headers });
        }
      },
      connectionParams,
      retryAttempts: 0,
    });

  test.each(['X-Api-Key', 'x-api-key', 'Authorization', 'authorization'])(
    '%s is a field of connection_init',
    async (field) => {
      const { text } = keys.add('superset', ['VIEWER']);
      const url = await start();
      const client = open(url, { [field]: field.toLowerCase() === 'authorization' ? `Bearer ${text}` : text });
      const { value } = (await client.iterate({ query: '{ viewer { name } }' }).next()) as { value: unknown };
      expect(value).toEqual({ data: { viewer: { name: 'superset' } } });
      await client.dispose();
    },
  );

  test('a header of the upgrade is as good, and a field goes before it', async () => {
    const { text } = keys.add('superset', ['VIEWER']);
    const url = await start();
    const byHeader = overWebSocket(url, { 'x-api-key': text });
    expect(await byHeader.ask({ query: '{ viewer { name } }' }).next()).toEqual({
      data: { viewer: { name: 'superset' } },
    });
    byHeader.close();
    const wrong = open(url, { 'x-api-key': 'tics_wrong' }, { 'x-api-key': text });
    await expect(wrong.iterate({ query: '{ viewer { name } }' }).next()).rejects.toMatchObject({ code: 4401 });
  });

  test('without a key the socket is closed: 4401', async () => {
    const url = await start();
    await expect(overWebSocket(url).ask({ query: '{ __typename }' }).next()).rejects.toMatchObject({ code: 4401 });
  });
});

describe.each(transports)('a stream over %s', (_, connect) => {
  test('ends with its key, which is revoked; another key’s goes on', async () => {
    const [bad, good] = [keys.add('bad', ['VIEWER']), keys.add('good', ['VIEWER'])];
    const url = await start();
    const watch = (text: string) => connect(url, { 'x-api-key': text });
    const [one, other] = [watch(bad.text), watch(good.text)];
    const [agent] = stage.sandbox.agents;
    const operation = {
      query: 'subscription ($id: ID!) { agentStatus(id: $id) { status } }',
      variables: { id: agent?.id },
    };
    const [ofBad, ofGood] = [one.ask(operation), other.ask(operation)];
    await Promise.all([ofBad.next(), ofGood.next()]);
    keys.revoke(bad.id);
    const answers = await toEnd(ofBad);
    expect(answers.at(-1)?.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
    expect((await ask(url, { 'x-api-key': good.text })).status).toBe(200);
    one.close();
    other.close();
  });
});

describe.each(transports)('a run that is watched over %s', (_, connect) => {
  test.each([
    ['its league is taken away from the key', { leagues: ['another'] }, 'NOT_FOUND'],
    ['the key’s roles are changed', { roles: ['OPERATOR' as const] }, undefined],
  ])('is told no more when %s; the key’s new rights hold then', async (__, change, code) => {
    const { world } = stage.sandbox;
    const { id, leagueId } = required(world.instances[0], 'run');
    const key = keys.add('changed', ['VIEWER'], { leagues: [leagueId] });
    const client = connect(await start(), { 'x-api-key': key.text });
    const watched = { query: `subscription { instanceStatus(id: "Instance:${leagueId}/${id}") { status } }` };
    const { next } = client.ask<unknown>(watched);
    expect((await next())?.errors).toBeUndefined();
    keys.change(key.id, change);
    await toEnd({ next, leave: () => Promise.resolve() }).catch(() => undefined);
    client.close();
    const again = connect(server.url, { 'x-api-key': key.text });
    const first = await again.ask<unknown>(watched).next();
    expect(first?.errors?.[0]?.extensions?.['code']).toBe(code);
    again.close();
  });
});

test('a stream in parts of multipart ends within a second of its key’s revocation, and says why', async () => {
  const { id } = required(stage.sandbox.world.leagues[0], 'league');
  const key = keys.add('in parts', ['VIEWER']);
  await start();
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'multipart/mixed;subscriptionSpec=1.0',
      'x-api-key': key.text,
    },
    body: JSON.stringify({ query: `subscription { leagueInstances(leagueId: "${id}") { status } }` }),
  });
  const reader = required(response.body, 'body').getReader();
  await reader.read();
  keys.revoke(key.id);
  let told = '';
  for (let part = await reader.read(); !part.done; part = await reader.read())
    told += Buffer.from(part.value).toString();
  expect(told).toContain('"UNAUTHENTICATED"');
});

describe('a query that lasts ends with its key:', () => {
  const waiting = (run: string) => `{ waitForInstance(id: "${run}", waitSeconds: 60) { status } }`;
  const deferred = (run: string) => `{ viewer { name } ... @defer ${waiting(run)} }`;

  test.each([
    ['application/json', waiting],
    ['text/event-stream', waiting],
    ['text/event-stream', deferred],
    ['multipart/mixed;deferSpec=20220824', deferred],
  ])('%s', async (accept, queryOf) => {
    const { world, client } = stage.sandbox;
    const { id, leagueId } = required(
      world.instances.find(({ status }) => status === 'RUNNING'),
      'run',
    );
    await client.setSpeed(0);
    const key = keys.add('waiting', ['VIEWER']);
    const url = await start();
    await client.clearCalls();
    const answer = fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, 'x-api-key': key.text },
      body: JSON.stringify({ query: queryOf(`Instance:${leagueId}/${id}`) }),
    }).then((response) => response.text());
    await client.waitForCalls(1, { operationId: 'getInstanceStatus' });
    keys.revoke(key.id);
    expect(await answer).toContain('"UNAUTHENTICATED"');
    expect(await answer).not.toContain('RUNNING');
  });
});

test('a key that is revoked while its request arrives lets in nothing', async () => {
  const key = keys.add('slow', ['ADMINISTRATOR']);
  const url = await start();
  const body = JSON.stringify({ query: 'mutation { updateLeague(input: { id: "x" }) { userErrors { code } } }' });
  const connection = connectTo(url);
  let told = '';
  connection.on('data', (chunk) => (told += String(chunk)));
  connection.write(
    `POST /graphql HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: ${key.text}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 9)}`,
  );
  await expect.poll(() => connection.bytesWritten).toBeGreaterThan(100);
  // The server has read the headers once it answers another request.
  await (await ask(url, { 'x-api-key': key.text })).text();
  keys.revoke(key.id);
  await expect.poll(() => lines.filter(({ msg }) => msg === 'keys taken over').length).toBeGreaterThan(0);
  connection.write(body.slice(9));
  await expect.poll(() => told).toContain('"UNAUTHENTICATED"');
  expect(told).toMatch(/^HTTP\/1\.1 401/);
  expect(lines).toContainEqual(expect.objectContaining({ msg: 'audit', outcome: 'REFUSED' }));
  connection.destroy();
});

test('server-sent events without a key: 401', async () => {
  const url = await start();
  await expect(overEvents(url).ask({ query: '{ viewer { name } }' }).next()).rejects.toMatchObject({
    response: { status: 401 },
  });
});

describe('the command key', () => {
  const run = async (...args: string[]) => {
    const written: string[] = [];
    const code = await runKeyCommand(args, { directory: keys.dataDirectory, write: (text) => written.push(text) });
    return { code, text: written.join('') };
  };

  test('makes a key, lists it without its text, and revokes it', async () => {
    const made = await run(
      'create',
      '--name',
      'superset',
      '--role',
      'viewer',
      '--league',
      'League:l1',
      '--expires',
      '90d',
    );
    const [key = ''] = made.text.split('\n');
    expect([made.code, Buffer.from(key.replace('tics_', ''), 'base64url').length]).toEqual([0, 32]);
    const url = await start();
    expect(await (await ask(url, { 'x-api-key': key }, '{ viewer { name leagueIds } }')).json()).toEqual({
      data: { viewer: { name: 'superset', leagueIds: ['League:l1'] } },
    });
    const listed = (await run('list')).text;
    expect(listed).toContain('superset  viewer  l1');
    expect(listed).not.toContain(key);
    expect((await run('revoke', listed.slice(0, 8))).code).toBe(0);
    await expect.poll(async () => (await ask(url, { 'x-api-key': key })).status, { timeout: 5_000 }).toBe(401);
  });

  test.each([
    [['create', '--role', 'viewer']],
    [['create', '--name', 'x']],
    [['create', '--name', 'x', '--role', 'king']],
    [['create', '--name', 'x', '--role', 'viewer', '--league', '../x']],
    [['create', '--name', 'x', '--role', 'viewer', '--expires', '2001-01-01']],
    [['create', '--name', 'x', '--role', 'viewer', '--secret', 'x']],
    [['create', '--name', 'x', '--role', 'viewer', '--sql']],
    [['create', '--name', 'x', '--role', 'viewer', '--expires', '20270-01-31']],
    [['create', '--name', 'x', '--role', 'viewer', 'operator']],
    [['revoke', 'nothing']],
    [['nothing']],
  ])('%j is refused with its usage', async (args) => {
    await start();
    expect(await run(...args)).toMatchObject({ code: 2, text: expect.stringContaining('usage: key create') as string });
    expect((await run('list')).text).toBe('');
  });

  test('changes the file while no other one does, and passes over a lock that was left behind', async () => {
    await start();
    const path = join(keys.dataDirectory, 'keys.json');
    const lock = `${path}.lock`;
    keys.add('first', ['VIEWER']);
    await writeFile(lock, '');
    const made = run('create', '--name', 'second', '--role', 'viewer');
    keys.add('of the other one', ['VIEWER']);
    await rm(lock);
    expect((await made).code).toBe(0);
    expect((await run('list')).text).toMatch(/first.*\n.*of the other one.*\n.*second/);
    await writeFile(lock, '');
    await utimes(lock, 0, 0);
    expect((await run('create', '--name', 'third', '--role', 'viewer')).code).toBe(0);
    expect(await readdir(keys.dataDirectory)).toEqual(['keys.json']);
  });

  test('revokes one key at a time: of several ids none is passed over in silence', async () => {
    await start();
    const ids = [keys.add('a', ['VIEWER']), keys.add('b', ['VIEWER'])].map(({ id }) => id);
    expect(await run('revoke', ...ids)).toMatchObject({ code: 2 });
    expect((await run('list')).text).not.toContain('revoked');
  });
});
