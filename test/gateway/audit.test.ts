import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseConfig, type LimitsConfig } from '../../src/config/config.ts';
import { startServer } from '../../src/server/server.ts';
import { auditFields } from '../../src/telemetry/logFields.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { makeKeys, type Keys } from '../support/callers.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { logTo } from '../support/log.ts';
import { required } from '../support/required.ts';
import { overWebSocket, toEnd } from '../support/subscribe.ts';
import { askWithFile } from '../support/upload.ts';

const stage = useStage({ speed: 0 });
let gateway: Gateway;
let keys: Keys;
let lines: Readonly<Record<string, unknown>>[];
let spaceUrl: string;
let stopProxy: () => void;

/** Stands before the space plane and names requests, as the service does. */
async function startProxy(): Promise<void> {
  const forward = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { host, connection, 'content-length': length, 'transfer-encoding': encoding, ...headers } = request.headers;
    const answer = await fetch(`${stage.sandbox.spaceUrl}${request.url}`, {
      method: request.method ?? 'GET',
      headers: headers as Record<string, string>,
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    });
    response.writeHead(answer.status, { 'content-type': 'application/json', 'x-request-id': `tics-${request.method}` });
    response.end(Buffer.from(await answer.arrayBuffer()));
  };
  const server = createServer((request, response) => void forward(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  spaceUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  stopProxy = () => server.close();
}

beforeEach(async () => {
  await startProxy();
  keys = makeKeys();
  lines = [];
  gateway = gatewayFor(
    { ...configFor(stage.sandbox), spaceUrl },
    { log: logTo(lines) },
    { callers: { keys: {} }, dataDirectory: keys.dataDirectory, auditFile: 'on' },
  );
});

afterEach(async () => {
  await gateway.close();
  stopProxy();
});

async function ask(mutation: string, key: string): Promise<unknown> {
  return askGateway(gateway, `mutation { ${mutation} }`, {}, { 'x-api-key': key, 'x-request-id': 'r1' });
}

function audited(): readonly Readonly<Record<string, unknown>>[] {
  return lines.filter(({ msg }) => msg === 'audit');
}

async function inFile(): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const text = await readFile(join(keys.dataDirectory, 'audit.ndjson'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

function league(): { readonly id: string } {
  return required(stage.sandbox.world.leagues[0], 'league');
}

function update(id: string): string {
  return `updateLeague(input: { id: "${id}", description: "planted text" }) { userErrors { code } }`;
}

describe('each mutation', () => {
  test('is a line: who, what, on which object, outcome, request, and the service’s own id', async () => {
    const { text } = keys.add('ops', ['ADMINISTRATOR']);
    gateway = await reopened();
    await ask(update(league().id), text);
    const [line] = audited();
    expect(line).toMatchObject({
      level: 'info',
      requestId: 'r1',
      caller: 'ops',
      roles: ['ADMINISTRATOR'],
      mutation: 'updateLeague',
      objects: [league().id],
      outcome: 'DONE',
      errorCodes: [],
      calls: ['updateLeague'],
      upstreamRequestIds: ['tics-PUT'],
    });
    expect(Object.keys(line ?? {}).sort()).toEqual([...Object.keys(auditFields), 'level', 'msg', 'time'].sort());
  });

  test('of several is a line of its own, and a refused one says why', async () => {
    const { text } = keys.add('ops', ['ADMINISTRATOR']);
    gateway = await reopened();
    await ask(`a: ${update(league().id)} b: ${update('nosuchleague')} c: ${update('not an id;')}`, text);
    expect(audited().map(({ outcome, objects, errorCodes }) => ({ outcome, objects, errorCodes }))).toEqual([
      { outcome: 'DONE', objects: [league().id], errorCodes: [] },
      { outcome: 'REFUSED', objects: ['nosuchleague'], errorCodes: [expect.any(String)] },
      { outcome: 'REFUSED', objects: [], errorCodes: ['INVALID_INPUT'] },
    ]);
  });

  test('whose answer was lost says that it may have been carried out', async () => {
    const { text } = keys.add('ops', ['ADMINISTRATOR']);
    gateway = await reopened();
    await stage.sandbox.client.setRules([{ operationId: 'updateLeague', fault: { kind: 'status', status: 502 } }]);
    await ask(update(league().id), text);
    expect(audited()).toMatchObject([{ outcome: 'UNKNOWN', errorCodes: ['OUTCOME_UNKNOWN'] }]);
  });

  test('that its caller may not send is a line too', async () => {
    const { text } = keys.add('looker', ['VIEWER']);
    gateway = await reopened();
    await ask(update(league().id), text);
    expect(audited()).toMatchObject([
      { caller: 'looker', mutation: 'updateLeague', outcome: 'REFUSED', errorCodes: ['FORBIDDEN'], calls: [] },
    ]);
  });

  test.each([
    ['an input with a fault', 'mutation { updateLeague(input: { planted: 1 }) { userErrors { code } } }'],
    ['a fault in a fragment', 'mutation { ...F } fragment F on Mutation { updateLeague(input: {}) { nothing } }'],
    [
      'a variable that does not fit',
      'mutation ($id: ID!) { updateLeague(input: { id: $id }) { userErrors { code } } }',
    ],
  ])('that is refused for %s is a line too', async (_, query) => {
    const { text } = keys.add('editor', ['ADMINISTRATOR']);
    gateway = await reopened();
    await askGateway(gateway, query, {}, { 'x-api-key': text });
    expect(audited()).toMatchObject([{ caller: 'editor', mutation: 'updateLeague', outcome: 'REFUSED', calls: [] }]);
  });

  test('that is sent by GET is a line too, and one of thousands of fields is no more', async () => {
    const { text } = keys.add('editor', ['ADMINISTRATOR']);
    gateway = await reopened();
    const names = Array.from({ length: 2_000 }, () => 'deleteJob').join(' ');
    const query = encodeURIComponent(`mutation { ${names} }`);
    const { status } = await gateway.fetch(`http://gateway.test/graphql?query=${query}`, {
      headers: { 'x-api-key': text },
    });
    expect(status).toBe(405);
    expect(audited()).toMatchObject([{ mutation: 'deleteJob', outcome: 'REFUSED', errorCodes: ['BAD_REQUEST'] }]);
  });

  test.each([
    ['an answer that its caller does not accept', {}, '', { accept: 'image/png' }],
    ['parts that its caller does not accept', {}, '... @defer { __typename }', { accept: 'application/json' }],
    ['its cost', { operationCalls: 0 }, '', {}],
    ['its aliases', { aliases: 2 }, 'a: __typename b: __typename c: __typename', {}],
    ['its depth', { depth: 2 }, 'x: updateLeague(input: { id: "a" }) { league { owner { name } } }', {}],
    ['its directives', { directives: 2 }, '__typename @skip(if: true) @include(if: true) @skip(if: true)', {}],
  ])('that is refused for %s is a line too', async (_, limits, more, headers: Readonly<Record<string, string>>) => {
    const { text } = keys.add('editor', ['ADMINISTRATOR']);
    gateway = await reopened({ ...parseConfig('', {}, 'none').limits, ...limits });
    const query = `mutation { updateLeague(input: { id: "${league().id}" }) { userErrors { code } } ${more} }`;
    const response = await gateway.fetch('http://gateway.test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': text, ...headers },
      body: JSON.stringify({ query }),
    });
    expect(await response.json()).not.toHaveProperty('data');
    expect(audited()).toContainEqual(
      expect.objectContaining({ caller: 'editor', mutation: 'updateLeague', outcome: 'REFUSED', calls: [] }),
    );
  });

  test('over WebSocket, by its hash, or of a throttled caller leaves exactly one line; a dry run none', async () => {
    const { text } = keys.add('ops', ['ADMINISTRATOR']);
    const { limits } = parseConfig('', {}, 'none');
    const query = `mutation ($input: UpdateLeagueInput!) {
      updateLeague(input: $input) { league { settings { description } partners { totalCount } } userErrors { code } }
    }`;
    const variables = { input: { id: league().id, description: 'planted text' } };
    const outcomes = () => audited().map(({ outcome, errorCodes }) => [outcome, errorCodes]);
    const headers = { 'content-type': 'application/json', 'x-api-key': text };
    const post = async (body: object, more = {}): Promise<string> => {
      const options = {
        method: 'POST',
        headers: { ...headers, ...more },
        body: JSON.stringify({ variables, ...body }),
      };
      return (await fetch(`${server.url}/graphql`, options)).text();
    };
    const overSocket = async (): Promise<void> => {
      const client = overWebSocket(server.url, { 'x-api-key': text });
      await toEnd(client.ask({ query, variables })).catch(() => undefined);
      client.close();
    };
    let server = await startServer(await reopened(limits), { host: '127.0.0.1', port: 0 });
    await post({ query }, { 'x-cost': 'dry-run' });
    expect(outcomes()).toEqual([]);
    await overSocket();
    expect(outcomes()).toEqual([['DONE', []]]);
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    // Nobody knows what an unknown hash is of.
    await post({ extensions });
    expect(outcomes()).toHaveLength(1);
    await post({ query, extensions });
    await post({ extensions });
    expect(outcomes()).toEqual([1, 2, 3].map(() => ['DONE', []]));
    await server.close();

    // As much as it costs, so that none is left.
    server = await startServer(await reopened({ ...limits, callerCallsPerMinute: 4 }), { host: '127.0.0.1', port: 0 });
    await post({ query });
    await post({ query });
    await overSocket();
    expect(outcomes().slice(3)).toEqual([
      ['DONE', []],
      ['REFUSED', ['THROTTLED']],
      ['REFUSED', ['THROTTLED']],
    ]);
    await server.close();
    const written = JSON.stringify([lines, await inFile()]);
    for (const secret of ['planted', text]) expect(written).not.toContain(secret);
  });

  test('queries are none', async () => {
    const { text } = keys.add('looker', ['VIEWER']);
    gateway = await reopened();
    await askGateway(gateway, '{ viewer { name } }', {}, { 'x-api-key': text });
    expect(audited()).toEqual([]);
  });
});

/** Keys are taken over at the start. */
async function reopened(limits?: LimitsConfig): Promise<Gateway> {
  await gateway.close();
  return gatewayFor(
    { ...configFor(stage.sandbox), spaceUrl },
    { log: logTo(lines) },
    { callers: { keys: {} }, dataDirectory: keys.dataDirectory, auditFile: 'on', ...(limits && { limits }) },
  );
}

describe('the file', () => {
  test('is only appended to, has the same lines, and is the owner’s alone', async () => {
    const { text } = keys.add('ops', ['ADMINISTRATOR']);
    gateway = await reopened();
    await ask(update(league().id), text);
    const before = await readFile(join(keys.dataDirectory, 'audit.ndjson'), 'utf8');
    gateway = await reopened();
    await ask(update(league().id), text);
    expect((await readFile(join(keys.dataDirectory, 'audit.ndjson'), 'utf8')).startsWith(before)).toBe(true);
    expect((await inFile()).map(({ time, ...line }) => line)).toEqual(
      audited().map(({ time, level, msg, ...line }) => line),
    );
    expect((await stat(join(keys.dataDirectory, 'audit.ndjson'))).mode & 0o777).toBe(0o600);
  });

  test('and the log have no secret', async () => {
    const { text } = keys.add('ops', ['ADMINISTRATOR']);
    gateway = await reopened();
    const agent = required(
      stage.sandbox.world.agents.find(({ nodeStatus }) => nodeStatus === 'TRUST'),
      'agent',
    );
    await askWithFile(
      gateway,
      'mutation ($input: CreateConnectorInput!) { createConnector(input: $input) { userErrors { code message } } }',
      {
        input: {
          agentId: agent.id,
          name: 'c',
          authType: 'PWD',
          settings: {
            mysql: {
              jdbcUrl: 'jdbc:mysql://192.0.2.1:3306',
              driverName: 'mysql.jar',
              userName: 'u',
              password: 'planted-password-1',
              driver: null,
            },
          },
        },
      },
      'variables.input.settings.mysql.driver',
      { fileName: 'mysql.jar', content: Buffer.from('PK planted driver') },
      { 'x-api-key': text },
    );
    await ask(`stopInstance(input: { id: "planted secret in an id" }) { userErrors { code } }`, text);
    expect(audited()).toMatchObject([
      { mutation: 'createConnector', objects: [agent.id], calls: ['saveConnector'] },
      { mutation: 'stopInstance', outcome: 'REFUSED', objects: [] },
    ]);
    const written = JSON.stringify([lines, await inFile()]);
    for (const secret of ['planted', text]) expect(written).not.toContain(secret);
  });
});
