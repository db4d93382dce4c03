import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { parseConfig, type DocumentsConfig } from '../../src/config/config.ts';
import { createDocumentStore } from '../../src/gateway/documentStore.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { makeDirectory } from '../support/directory.ts';
import { configFor, gatewayFor, useStage, type GraphQLAnswer } from '../support/gateway.ts';

const stage = useStage();
const trustedText = 'query Viewer { viewer { name } }';
const otherText = '{ viewer { roles } }';
const named = { viewer: { name: 'anonymous' } };
let directory: string;
let server: GatewayServer;

beforeAll(async () => {
  directory = makeDirectory();
  await writeFile(join(directory, 'persisted-documents.json'), JSON.stringify({ abc123: trustedText }));
});

afterEach(() => server.close());

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** As a configuration file has them. */
function documentsOf(text: string): DocumentsConfig {
  return parseConfig(`documents: ${text}`, {}, join(directory, 'gateway.config.yaml')).documents;
}

async function start(documents = '{}'): Promise<void> {
  const gateway = gatewayFor(configFor(stage.sandbox), {}, { documents: documentsOf(documents) });
  server = await startServer(gateway, { host: '127.0.0.1', port: 0 });
}

interface Answer extends GraphQLAnswer<unknown> {
  readonly status: number;
}

async function post(body: object): Promise<Answer> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, ...((await response.json()) as GraphQLAnswer<unknown>) };
}

async function get(parameters: Readonly<Record<string, string>>): Promise<Answer> {
  const response = await fetch(`${server.url}/graphql?${new URLSearchParams(parameters)}`, {
    headers: { accept: 'application/json' },
  });
  return { status: response.status, ...((await response.json()) as GraphQLAnswer<unknown>) };
}

async function overEvents(body: object): Promise<string> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify(body),
  });
  return response.text();
}

/** The first answer to an operation over WebSocket. */
async function overSocket(payload: object): Promise<{ readonly type: string; readonly payload: unknown }> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  socket.once('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
  return new Promise((resolve) => {
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as { type: string; payload: unknown };
      if (message.type === 'connection_ack')
        return void socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
      resolve(message);
      socket.terminate();
    });
  });
}

function hashed(text: string, version = 1) {
  return { extensions: { persistedQuery: { version, sha256Hash: sha256Of(text) } } };
}

function codeOf({ errors }: GraphQLAnswer<unknown>): unknown {
  return errors?.[0]?.extensions?.['code'];
}

describe('automatic persisted queries', () => {
  test('a hash is not found, then sent with its text, then enough: as Apollo’s clients do', async () => {
    await start();
    const first = await post(hashed(trustedText));
    expect([first.status, first.errors?.[0]?.message, codeOf(first)]).toEqual([
      200,
      'PersistedQueryNotFound',
      'PERSISTED_QUERY_NOT_FOUND',
    ]);
    expect((await post({ query: trustedText, ...hashed(trustedText) })).data).toEqual(named);
    expect((await post(hashed(trustedText))).data).toEqual(named);
    const { extensions } = hashed(trustedText);
    expect((await get({ extensions: JSON.stringify(extensions) })).data).toEqual(named);
    expect(await overEvents(hashed(trustedText))).toContain(JSON.stringify(named));
    expect(await overSocket(hashed(trustedText))).toMatchObject({ type: 'next', payload: { data: named } });
  });

  test('a hash that is not the text’s is refused, and not kept', async () => {
    await start();
    const { status, errors } = await post({ query: otherText, ...hashed(trustedText) });
    expect([status, errors?.[0]?.message]).toEqual([400, 'provided sha does not match query']);
    expect(codeOf(await post(hashed(trustedText)))).toBe('PERSISTED_QUERY_NOT_FOUND');
  });

  test('another version is refused', async () => {
    await start();
    expect(codeOf(await post(hashed(trustedText, 2)))).toBe('BAD_REQUEST');
  });

  test('a mutation by its hash is none for GET', async () => {
    await start();
    const mutation = 'mutation { stopInstance(input: { id: "x" }) { userErrors { code } } }';
    await post({ query: mutation, ...hashed(mutation) });
    expect((await get({ extensions: JSON.stringify(hashed(mutation).extensions) })).status).toBe(405);
  });

  test('switched off, clients are told to send the text', async () => {
    await start('{ automatic: off }');
    const answer = await post(hashed(trustedText));
    expect([answer.status, answer.errors?.[0]?.message, codeOf(answer)]).toEqual([
      200,
      'PersistedQueryNotSupported',
      'PERSISTED_QUERY_NOT_SUPPORTED',
    ]);
    expect((await post({ query: trustedText, ...hashed(trustedText) })).data).toEqual(named);
  });

  test('memory is bounded: the documents used last are kept', async () => {
    await start();
    const { textOf } = createDocumentStore();
    const text = (index: number) => `# ${index} ${'x'.repeat(90_000)}\n{ __typename }`;
    for (let index = 0; index < 200; index += 1) {
      textOf({ query: text(index), ...hashed(text(index)) });
      expect(textOf(hashed(text(0)))).toBe(text(0));
    }
    expect(textOf(hashed(text(199)))).toBe(text(199));
    expect(() => textOf(hashed(text(1)))).toThrow('PersistedQueryNotFound');
  });
});

describe('trusted documents', () => {
  test('run by their hash, over every transport, and by that of their text', async () => {
    await start('{ trusted: persisted-documents.json }');
    for (const reference of [
      { documentId: 'abc123' },
      { documentId: `sha256:${sha256Of(trustedText)}` },
      { extensions: { persistedQuery: { version: 1, sha256Hash: 'abc123' } } },
      hashed(trustedText),
    ]) {
      expect((await post(reference)).data).toEqual(named);
      expect(await overEvents(reference)).toContain(JSON.stringify(named));
      expect(await overSocket(reference)).toMatchObject({ type: 'next', payload: { data: named } });
    }
    expect((await post({ query: otherText })).errors).toBeUndefined();
  });

  test('alone: nothing else is run, over any transport', async () => {
    await start('{ trusted: persisted-documents.json, onlyTrusted: on }');
    expect((await post({ documentId: 'abc123' })).data).toEqual(named);
    expect((await post({ query: trustedText })).data).toEqual(named);
    await stage.sandbox.client.clearCalls();
    for (const other of [
      { query: otherText },
      { query: `${trustedText} ` },
      { query: otherText, documentId: 'abc123' },
      { query: otherText, ...hashed(otherText) },
      { query: otherText, extensions: { persistedQuery: { version: 1, sha256Hash: 'abc123' } } },
      { documentId: 'unknown' },
      { documentId: '__proto__' },
      hashed(otherText),
    ]) {
      const answer = await post(other);
      expect([answer.status, codeOf(answer), answer.data]).toEqual([400, 'DOCUMENT_NOT_TRUSTED', undefined]);
      expect(await overEvents(other)).toContain('DOCUMENT_NOT_TRUSTED');
      expect(await overSocket(other)).toMatchObject({
        type: 'error',
        payload: [{ extensions: { code: 'DOCUMENT_NOT_TRUSTED' } }],
      });
    }
    expect(codeOf(await get({ query: otherText }))).toBe('DOCUMENT_NOT_TRUSTED');
  });

  test('stand in a folder of files too, and in Apollo’s manifest', async () => {
    const folder = join(directory, 'folder');
    await mkdir(folder);
    await writeFile(join(folder, 'viewer.graphql'), trustedText);
    const manifest = { format: 'apollo-persisted-query-manifest', version: 1 };
    await writeFile(
      join(folder, 'manifest.json'),
      JSON.stringify({ ...manifest, operations: [{ id: 'o1', name: 'V', type: 'query', body: otherText }] }),
    );
    await writeFile(join(folder, 'README.md'), 'no document');
    await start('{ trusted: folder, onlyTrusted: on }');
    expect((await post({ documentId: 'viewer' })).data).toEqual(named);
    expect((await post({ documentId: 'o1' })).data).toMatchObject({ viewer: { roles: expect.any(Array) as unknown } });
  });

  test('that can not be read are a fault at the start', async () => {
    await start();
    expect(() => documentsOf('{ trusted: nowhere.json }')).toThrow('documents.trusted');
    expect(() => documentsOf('{ onlyTrusted: on }')).toThrow('documents.trusted');
    await writeFile(join(directory, 'list.json'), '["a"]');
    expect(() => createDocumentStore(documentsOf('{ trusted: list.json }'))).toThrow('documents.trusted');
  });
});
