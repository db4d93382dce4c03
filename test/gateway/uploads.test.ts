import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { maxFileBytes, maxTextBytes } from '../../src/gateway/body/body.ts';
import { askGateway, configFor, gatewayFor, useStage, type GraphQLAnswer } from '../support/gateway.ts';
import { collectGarbage } from '../support/garbage.ts';
import { askWithFile, bodyEnd, bodyOf, partHead, partsOf, uploadHeaders, type Part } from '../support/upload.ts';
import { connectTo } from '../support/rawConnection.ts';

const stage = useStage();

interface Payload {
  readonly connector: { readonly ticsId: string } | null;
  readonly userErrors: readonly { readonly code: string; readonly field: readonly string[] | null }[];
}

type Answer = GraphQLAnswer<{ createConnector: Payload } | null | undefined>;

const query = `mutation ($input: CreateConnectorInput!) {
  createConnector(input: $input) { connector { ticsId } userErrors { code message field } }
}`;

function agentId() {
  return stage.sandbox.world.agents.find(({ nodeStatus }) => nodeStatus === 'TRUST')?.id ?? '';
}

let made = 0;
function newInput(agent = agentId()) {
  return {
    agentId: agent,
    name: `uploaded ${(made += 1)}`,
    authType: 'PWD',
    settings: {
      mysql: { jdbcUrl: 'jdbc:mysql://10.0.0.8:3306', password: 'planted-secret', driver: null as null | string },
    },
  };
}

const path = 'variables.input.settings.mysql.driver';
const jar: Omit<Part, 'name'> = { fileName: 'mysql.jar', content: 'PK' };
function parts(more: Partial<Omit<Part, 'name'>> = {}): readonly Part[] {
  return partsOf({ query, variables: { input: newInput() } }, path, { ...jar, ...more });
}
function operations(): Part {
  return {
    name: 'operations',
    content: JSON.stringify({ query, variables: { input: newInput() } }),
  };
}
function map(places: unknown): Part {
  return { name: 'map', content: JSON.stringify(places) };
}
const file: Part = { name: '0', ...jar };

/** Bytes that no compression and no repetition make smaller than they look. */
function bytesOf(length: number): Buffer {
  const block = createHash('sha512').update('driver').digest();
  return Buffer.alloc(length, block);
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
async function saved() {
  return stage.sandbox.client.calls({ operationId: 'saveConnector' });
}
async function sentFile() {
  return ((await saved()).at(-1)?.body as { file?: string } | undefined)?.file;
}

describe('over gateway.fetch', () => {
  test('a file arrives as it was, under its name', async () => {
    const content = bytesOf(3_000_001);
    const answer = await askWithFile<Answer['data']>(stage.gateway, query, { input: newInput() }, path, {
      fileName: '驱动 8.jar',
      content,
    });
    expect(answer).toMatchObject({ data: { createConnector: { userErrors: [] } } });
    expect(await sentFile()).toContain('驱动 8.jar, ');
    expect(await sentFile()).toContain(`${content.byteLength} bytes, sha256 ${sha256Of(content)}`);
  });

  test('an operation without a file may come as a form too', async () => {
    const response = await stage.gateway.fetch('http://gateway.test/graphql', {
      method: 'POST',
      headers: { ...uploadHeaders },
      body: bodyOf([{ name: 'operations', content: JSON.stringify({ query: '{ __typename }' }) }, map({})]),
    });
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  });

  test('a text is no file', async () => {
    const input = { ...newInput(), settings: { mysql: { jdbcUrl: 'jdbc:mysql://x', driver: 'planted-secret' } } };
    const { errors } = await askGateway(stage.gateway, query, { input });
    expect(errors).toMatchObject([{ extensions: { code: 'INVALID_ARGUMENT' } }]);
    expect(JSON.stringify(errors)).not.toContain('planted-secret');
    expect(await saved()).toEqual([]);
  });

  test('one file is sent on once: a second field that uses it is refused', async () => {
    const twice = `mutation ($input: CreateConnectorInput!) {
      one: createConnector(input: $input) { userErrors { code field } }
      two: createConnector(input: $input) { userErrors { code field } }
    }`;
    const { data } = await askWithFile(stage.gateway, twice, { input: newInput() }, path, jar);
    expect(data).toEqual({
      one: { userErrors: [] },
      two: { userErrors: [{ code: 'INVALID_INPUT', field: ['settings', 'mysql', 'driver'] }] },
    });
    expect(await saved()).toHaveLength(1);
  });
});

describe('over HTTP', () => {
  let server: GatewayServer;
  beforeAll(async () => {
    server = await startServer(gatewayFor(configFor(stage.sandbox)), { host: '127.0.0.1', port: 0 });
  });
  afterEach(async () => {
    // Whatever a test did, the server goes on answering.
    const response = await post({ query: '{ __typename }' });
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  });
  afterAll(() => server.close());

  const post = (body: object): Promise<Response> =>
    fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  const upload = async (sent: readonly Part[] | Buffer, headers = uploadHeaders) => {
    const body = Buffer.isBuffer(sent) ? sent : bodyOf(sent);
    const response = await request(`${server.url}/graphql`, { method: 'POST', headers, body });
    return { status: response.statusCode, answer: (await response.body.json()) as Answer };
  };

  test('a driver of several megabytes arrives as it was', async () => {
    const content = bytesOf(8_000_000);
    expect(await upload(parts({ content }))).toMatchObject({
      status: 200,
      answer: { data: { createConnector: { connector: {}, userErrors: [] } } },
    });
    expect(await sentFile()).toBe(
      `mysql.jar, application/java-archive, ${content.byteLength} bytes, sha256 ${sha256Of(content)}`,
    );
    expect(await saved()).toHaveLength(1);
  });

  test('an empty file arrives as one', async () => {
    await upload(parts({ content: '' }));
    expect(await sentFile()).toContain(' 0 bytes, ');
  });

  test('a file at the limit goes through, and a longer one ends the call', async () => {
    expect((await upload(parts({ content: bytesOf(maxFileBytes) }))).answer).toMatchObject({
      data: { createConnector: { userErrors: [] } },
    });
    expect(await sentFile()).toContain(` ${maxFileBytes} bytes, `);
    const { world } = stage.sandbox;
    const { length } = world.connectorsOfAgent(agentId());
    expect((await upload(parts({ content: bytesOf(maxFileBytes + 1) }))).answer).toMatchObject({
      data: {
        createConnector: {
          connector: null,
          userErrors: [{ code: 'INVALID_INPUT', field: ['settings', 'mysql', 'driver'] }],
        },
      },
    });
    expect(world.connectorsOfAgent(agentId())).toHaveLength(length);
  });

  const { 'graphql-require-preflight': _, ...withoutPreflight } = uploadHeaders;

  test.each(['apollo-require-preflight', 'x-apollo-operation-name'])('with %s in its place is read', async (header) => {
    expect((await upload(parts(), { ...withoutPreflight, [header]: 'x' })).status).toBe(200);
  });

  test.each([
    ['without the preflight header', withoutPreflight],
    ['without a boundary', { ...uploadHeaders, 'content-type': 'multipart/form-data' }],
    ['in capitals without the header', { 'content-type': 'Multipart/Form-Data; boundary=x' }],
  ])('%s: refused, and nothing is sent', async (_, headers) => {
    const { status, answer } = await upload(parts(), headers);
    expect(status).toBe(400);
    expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
    expect(await saved()).toEqual([]);
  });

  const wrongForms: readonly [what: string, form: () => readonly Part[]][] = [
    ['the file before the others', () => [file, operations(), map({ 0: [path] })]],
    ['the file before map', () => [operations(), file, map({ 0: [path] })]],
    ['no operations', () => [map({ 0: [path] }), file]],
    ['operations that are no JSON', () => [{ name: 'operations', content: '{' }, map({ 0: [path] }), file]],
    ['operations that are a list', () => [{ name: 'operations', content: '[{}]' }, map({ 0: [path] }), file]],
    [
      'operations that are too long',
      () => [{ name: 'operations', content: 'x'.repeat(maxTextBytes + 1) }, map({}), file],
    ],
    ['map that is no object', () => [operations(), map([path]), file]],
    ['an empty map', () => [operations(), map({}), file]],
    ['a map for another part', () => [operations(), map({ 1: [path] }), file]],
    ['a map for two files', () => [operations(), map({ 0: [path], 1: [path] }), file]],
    ['a map to two places', () => [operations(), map({ 0: [path, 'variables.input.name'] }), file]],
    ['a map to no place', () => [operations(), map({ 0: [] }), file]],
    ['a map to something that is no path', () => [operations(), map({ 0: [1] }), file]],
    ['nothing at all', () => []],
  ];
  test.each(wrongForms)('%s: refused, and nothing is sent', async (_, form) => {
    const { status, answer } = await upload(form());
    expect(status).toBe(400);
    expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
    expect(JSON.stringify(answer)).not.toContain('planted-secret');
    expect(await saved()).toEqual([]);
  });

  test.each([
    'query',
    'variables',
    'extensions.file',
    'variables.input.nothing',
    'variables.input.name',
    'variables.input.name.0',
    'variables.input.settings.mysql',
    'variables.input.settings.mysql.driver.more',
    'variables..driver',
    '',
    '__proto__.polluted',
    '__proto__.variables',
    'variables.__proto__',
    'variables.__proto__.polluted',
    'variables.__proto__.__proto__',
    'variables.constructor.prototype.polluted',
    'variables.input.__proto__.polluted',
    'variables.input.toString.polluted',
    'constructor.prototype.polluted',
  ])('a map to %j: refused, and no prototype is touched', async (place) => {
    const { status, answer } = await upload([operations(), map({ 0: [place] }), file]);
    expect(status).toBe(400);
    expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(await saved()).toEqual([]);
  });

  test.each([
    ['extensions.file', { extensions: { file: null } }],
    ['operationName', { operationName: null }],
  ])('a map to %s, which holds null too, is refused: it is no variable', async (place, more) => {
    const content = JSON.stringify({ query: '{ __typename }', ...more });
    const { status, answer } = await upload([{ name: 'operations', content }, map({ 0: [place] }), file]);
    expect(status).toBe(400);
    expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
  });

  test('an operation that is too long is refused, also where what is left of it is an operation', async () => {
    const content = JSON.stringify({ query: '{ __typename }' }).padEnd(maxTextBytes + 1);
    expect((await upload([{ name: 'operations', content }, map({})])).status).toBe(400);
    expect((await upload([{ name: 'operations', content: content.slice(0, -1) }, map({})])).status).toBe(200);
  });

  test('of texts, two are read: what comes behind them counts for nothing', async () => {
    const other: Part = { name: 'other', content: 'x' };
    expect((await upload([other, operations(), map({ 0: [path] }), file])).status).toBe(400);
    expect(await saved()).toEqual([]);
  });

  test('a file before its operation is refused with the order of parts', async () => {
    const { answer } = await upload([operations(), file, map({ 0: [path] })]);
    expect(answer.errors?.[0]?.message).toBe('The parts operations and map must come before the file.');
  });

  test('a form that ends in the file before anybody has begun to read it ends the call', async () => {
    const gateway = gatewayFor(configFor(stage.sandbox));
    const cold = await startServer(gateway, { host: '127.0.0.1', port: 0 });
    await stage.sandbox.client.setRules([{ operationId: 'createAgentToken', latencyMs: 300 }]);
    const { body } = await request(`${cold.url}/graphql`, {
      method: 'POST',
      headers: uploadHeaders,
      body: bodyOf(parts({ content: bytesOf(2_000) })).subarray(0, -1_000),
    });
    expect(await body.json()).toMatchObject({
      data: { createConnector: { connector: null, userErrors: [{ code: 'BAD_REQUEST' }] } },
    });
    await cold.close();
  });

  test('own properties with the names of prototypes stay properties', async () => {
    const named = `{"query":"{ __typename }","variables":{"__proto__":null,"constructor":{"prototype":null}}}`;
    for (const place of ['variables.__proto__', 'variables.constructor.prototype'])
      expect(
        (await upload([{ name: 'operations', content: named }, map({ 0: [place] }), { ...file, name: '0' }])).answer,
      ).toEqual({ data: { __typename: 'Query' } });
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    for (const name of ['__proto__', 'constructor'])
      expect((await upload([operations(), map({ [name]: [path] }), { ...file, name }])).answer).toMatchObject({
        data: { createConnector: { userErrors: [] } },
      });
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test.each([
    [
      'the document is wrong',
      { query: '{ nothing }', variables: { input: { settings: { mysql: { driver: null } } } } },
      400,
    ],
    [
      'the document is no GraphQL',
      { query: '{', variables: { input: { settings: { mysql: { driver: null } } } } },
      400,
    ],
    [
      'no field takes it',
      { query: '{ __typename }', variables: { input: { settings: { mysql: { driver: null } } } } },
      200,
    ],
    ['a rule is broken', { query, variables: { input: { ...newInput('a'), name: '' } } }, 200],
    ['the agent is not known', { query, variables: { input: newInput('elsewhere') } }, 200],
  ])('a big file that nobody wants, because %s, goes by', async (_, operation, status) => {
    const socket = connectTo(server.url);
    const content = bodyOf(partsOf(operation, path, { ...jar, content: bytesOf(12_000_000) }));
    const asked = (body: Uint8Array, headers: Readonly<Record<string, string>>) =>
      Buffer.concat([
        Buffer.from(
          `POST /graphql HTTP/1.1\r\nhost: localhost\r\n${Object.entries(headers)
            .map(([name, value]) => `${name}: ${value}\r\n`)
            .join('')}content-length: ${body.byteLength}\r\n\r\n`,
        ),
        body,
      ]);
    let received = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
    // The second request stands behind the whole file, on the same connection.
    socket.write(asked(content, uploadHeaders));
    socket.write(asked(Buffer.from('{"query":"{ second: __typename }"}'), { 'content-type': 'application/json' }));
    while (!received.includes('"second"')) await once(socket, 'data');
    socket.destroy();
    expect(received).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(await saved()).toEqual([]);
  });

  test('a file that is too long for anybody goes by where nobody wants it', async () => {
    const operation = { query: '{ __typename }', variables: { file: null } };
    const content = bytesOf(maxFileBytes + 1_000_000);
    const { answer } = await upload(partsOf(operation, 'variables.file', { ...jar, content }));
    expect(answer).toEqual({ data: { __typename: 'Query' } });
  });

  test('a form that ends in the file ends the call: nothing is made', async () => {
    const whole = bodyOf(parts({ content: bytesOf(2_000_000) }));
    const { length } = stage.sandbox.world.connectorsOfAgent(agentId());
    expect((await upload(whole.subarray(0, 1_000_000))).answer).toMatchObject({
      data: {
        createConnector: {
          connector: null,
          userErrors: [{ code: 'BAD_REQUEST', field: ['settings', 'mysql', 'driver'] }],
        },
      },
    });
    expect(stage.sandbox.world.connectorsOfAgent(agentId())).toHaveLength(length);
  });

  test('a caller may leave before the file has arrived', async () => {
    const whole = bodyOf(parts());
    const leaving = httpRequest(`${server.url}/graphql`, {
      method: 'POST',
      headers: { ...uploadHeaders, 'content-length': whole.byteLength },
    });
    leaving.on('error', () => undefined);
    await new Promise<void>((resolve) => leaving.write(whole.subarray(0, 100), () => resolve()));
    const closed = new Promise((resolve) => leaving.once('close', resolve));
    leaving.destroy();
    await closed;
    expect(await saved()).toEqual([]);
  });

  test.each([
    ['with its length', (text: string) => Buffer.from(text)],
    ['in pieces', (text: string) => Readable.from([Buffer.from(text)])],
  ])('operations without a file are limited too, sent %s', async (_, bodyFor) => {
    const send = async (more: number) => {
      const text = JSON.stringify({ query: '{ __typename }' });
      const { statusCode, body } = await request(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: bodyFor(text + ' '.repeat(more - text.length)),
      });
      return { statusCode, answer: await body.json() };
    };
    expect(await send(maxTextBytes)).toEqual({ statusCode: 200, answer: { data: { __typename: 'Query' } } });
    expect(await send(maxTextBytes + 1)).toMatchObject({
      statusCode: 413,
      answer: { errors: [{ extensions: { code: 'BAD_REQUEST' } }] },
    });
  });

  test.each([
    ['a body that says its length', 'content-type: application/json\r\ncontent-length: 100', '{"query":'],
    ['a body in pieces', 'content-type: application/json\r\ntransfer-encoding: chunked', '5\r\n{"que\r\n'],
    [
      'an upload',
      `content-type: ${uploadHeaders['content-type']}\r\ngraphql-require-preflight: 1\r\ncontent-length: 9999`,
      `${partHead({ name: 'operations' })}{"query"`,
    ],
  ])('%s that stands still before its operation is there gives its place back', async (_, headers, begun) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const connection = connectTo(server.url);
      let received = '';
      connection.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
      const closed = once(connection, 'close');
      connection.write(`POST /graphql HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n\r\n${begun}`);
      while (received === '') {
        vi.advanceTimersByTime(1_000);
        await new Promise(setImmediate);
      }
      await closed;
      expect(received).toMatch(/^HTTP\/1.1 408 /);
      expect(received).toContain('"code":"BAD_REQUEST"');
    } finally {
      vi.useRealTimers();
    }
  });

  test('a chunked body that is too long is not buffered', async () => {
    const piece = Buffer.alloc(100_000, ' ');
    const held = (): number => {
      collectGarbage();
      return process.memoryUsage().arrayBuffers;
    };
    const before = held();
    let heldAtEnd = 0;
    const body = Readable.from(
      (function* () {
        for (let sent = 0; sent < 1_000; sent += 1) yield piece;
        heldAtEnd = held();
      })(),
    );
    const response = await request(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    await response.body.dump();
    expect(response.statusCode).toBe(413);
    expect(heldAtEnd - before).toBeLessThan(50_000_000);
  });

  test('an upload takes longer than any other call', async () => {
    const patient = gatewayFor(configFor(stage.sandbox), { resilience: { callTimeoutMs: 300 } });
    await stage.sandbox.client.setRules([{ operationId: 'saveConnector', latencyMs: 900 }]);
    await askGateway(patient, `{ agent(id: "${agentId()}") { runtime { __typename } } }`);
    const { data } = await askWithFile<Answer['data']>(patient, query, { input: newInput() }, path, jar);
    expect(data).toMatchObject({ createConnector: { userErrors: [] } });
    await patient.close();
  });

  test('an upload that says how much too large it is, is refused at once', async () => {
    const { status, answer } = await upload(parts({ content: bytesOf(maxFileBytes + 3_000_000) }));
    expect(status).toBe(413);
    expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
    expect(await saved()).toEqual([]);
  });

  test('an agent that refuses before it has read the file: its refusal comes back', async () => {
    await stage.sandbox.client.setRules([
      { operationId: 'saveConnector', fault: { kind: 'status', status: 403, message: 'not you' } },
    ]);
    expect((await upload(parts({ content: bytesOf(5_000_000) }))).answer).toMatchObject({
      data: { createConnector: { userErrors: [{ code: 'FORBIDDEN' }] } },
    });
  });
});

describe('on its way', () => {
  /** The file as an agent received it. */
  interface Seen {
    bytes: number;
    /** Resolves when the request has ended: true if it was complete. */
    readonly ended: Promise<boolean>;
  }

  /** An agent that counts received bytes without buffering them; calls `onChunk` with the count. */
  const withCountingAgent = async (
    onChunk: (bytes: number) => void,
    work: (url: string, seen: Seen) => Promise<void>,
  ): Promise<void> => {
    let end: (isComplete: boolean) => void = () => undefined;
    const seen: Seen = { bytes: 0, ended: new Promise((resolve) => (end = resolve)) };
    const agent = createServer((incoming, response) => {
      const answer = (body: object) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (incoming.url?.includes('/user/token')) {
        const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
        incoming.resume().once('end', () => answer({ status: 0, data: { token: 't', expire_time: expiresAt } }));
        return;
      }
      if (incoming.method === 'GET') return void answer({ lists: [], total: 0 });
      incoming.on('data', (chunk: Buffer) => onChunk((seen.bytes += chunk.byteLength)));
      incoming.once('end', () => answer({ connector_id: 'c1' }));
      incoming.once('close', () => end(incoming.complete));
    });
    await new Promise<void>((resolve) => agent.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(agent.address() as AddressInfo).port}`;
    const tics = { ...configFor(stage.sandbox), agents: [{ id: 'counting', url, user: 'u', password: 'p' }] };
    const server = await startServer(gatewayFor(tics), { host: '127.0.0.1', port: 0 });
    try {
      await work(server.url, seen);
      const alive = await fetch(`${server.url}/graphql?query={__typename}`);
      expect(await alive.json()).toEqual({ data: { __typename: 'Query' } });
    } finally {
      await server.close();
      agent.closeAllConnections();
      await new Promise((resolve) => agent.close(resolve));
    }
  };

  /** A body whose file is generated while it is sent; calls `onGiven` with the bytes so far. */
  function* madeOnTheWay(fileBytes: number, onGiven: (bytes: number) => void): Generator<Buffer> {
    const variables = { input: newInput('counting') };
    yield bodyOf([{ name: 'operations', content: JSON.stringify({ query, variables }) }, map({ 0: [path] })]).subarray(
      0,
      -bodyEnd.length,
    );
    yield Buffer.from(`\r\n${partHead({ name: '0', fileName: 'big.jar' })}`);
    const chunk = bytesOf(100_000);
    for (let given = 0; given < fileBytes; given += chunk.byteLength) {
      onGiven(given + chunk.byteLength);
      yield chunk;
    }
    yield Buffer.from(bodyEnd);
  }

  test('50 MB are never buffered as a whole: bytes received and not yet sent stay few', async () => {
    const fileBytes = 50_000_000;
    const mayBeHeld = 12_000_000;
    let given = 0;
    let mostHeld = 0;
    await withCountingAgent(
      (received) => {
        mostHeld = Math.max(mostHeld, given - received);
      },
      async (url, seen) => {
        const body = Readable.from(madeOnTheWay(fileBytes, (bytes) => (given = bytes)));
        const response = await request(`${url}/graphql`, { method: 'POST', headers: uploadHeaders, body });
        expect(await response.body.json()).toMatchObject({ data: { createConnector: { userErrors: [] } } });
        expect(seen.bytes).toBeGreaterThan(fileBytes);
        expect(seen.bytes).toBeLessThan(fileBytes + 2_000);
        expect(await seen.ended).toBe(true);
        expect(mostHeld).toBeLessThan(mayBeHeld);
      },
    );
  });

  test('a caller who leaves during the file aborts the call to the agent', async () => {
    const leaving = new AbortController();
    await withCountingAgent(
      (received) => {
        if (received > 1_000_000) leaving.abort();
      },
      async (url, seen) => {
        const body = Readable.from(madeOnTheWay(50_000_000, () => undefined));
        await expect(
          request(`${url}/graphql`, { method: 'POST', headers: uploadHeaders, body, signal: leaving.signal }),
        ).rejects.toThrow();
        expect(await seen.ended).toBe(false);
        expect(seen.bytes).toBeLessThan(50_000_000);
      },
    );
  });

  test('a file without a known length that is too long ends the call to the agent before its end', async () => {
    await withCountingAgent(
      () => undefined,
      async (url, seen) => {
        const body = Readable.from(madeOnTheWay(maxFileBytes + 5_000_000, () => undefined));
        const response = await request(`${url}/graphql`, { method: 'POST', headers: uploadHeaders, body });
        expect(await response.body.json()).toMatchObject({
          data: {
            createConnector: { userErrors: [{ code: 'INVALID_INPUT', field: ['settings', 'mysql', 'driver'] }] },
          },
        });
        expect(await seen.ended).toBe(false);
      },
    );
  });
});
