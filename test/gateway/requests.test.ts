import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { useStage } from '../support/gateway.ts';

const stage = useStage();

const url = 'http://gateway.test/graphql';
const query = '{ leagues(first: 1) { totalCount } }';

interface Sent {
  readonly status: number;
  readonly type: string;
  readonly codes: readonly unknown[];
  readonly calls: Readonly<Record<string, number>>;
}

/** Posts a body; tells what was answered and which calls it made. */
async function post(body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): Promise<Sent> {
  let sent: Omit<Sent, 'calls'> | undefined;
  const calls = await stage.callsOf(async () => {
    const response = await stage.gateway.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: body as string,
    });
    const { errors = [] } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
    const type = response.headers.get('content-type')?.split(';')[0] ?? '';
    sent = { status: response.status, type, codes: errors.map(({ extensions }) => extensions.code) };
  });
  if (sent === undefined) throw new Error('nothing was answered');
  return { ...sent, calls };
}

const mutation = JSON.stringify({
  query: 'mutation ($input: UpdateLeagueInput!) { updateLeague(input: $input) { userErrors { code } } }',
  variables: { input: { id: 'League:a0a4e24363f3db592ab16d076f5096b9', name: 'x' } },
});

describe('what can be answered is decided before anything is executed', () => {
  test.each([
    'text/html',
    'application/xml',
    'application/json;charset=utf8',
    'application/json;q=0',
    '*/*;q=0',
    'multipart/mixed',
    'image/*',
  ])('Accept: %s', async (accept) => {
    expect(await post(mutation, { accept })).toEqual({
      status: 406,
      type: 'application/json',
      codes: ['BAD_REQUEST'],
      calls: {},
    });
  });

  test.each(['application/json', 'application/graphql-response+json', 'text/plain'])(
    'a subscription with Accept: %s watches nothing',
    async (accept) => {
      const { agents } = stage.sandbox;
      const watch = `subscription { agentStatus(id: "Agent:${agents[0]?.id}") { deployStatusText } }`;
      expect(await post(JSON.stringify({ query: watch }), { accept })).toMatchObject({
        status: 406,
        codes: ['BAD_REQUEST'],
        calls: {},
      });
      expect(await stage.gateway.metrics.text()).toContain('tics_gateway_subscribers 0');
    },
  );

  test.each([
    ['Application/JSON', 'application/json'],
    ['application/json ; charset=utf-8', 'application/json'],
    ['application/json; charset="UTF-8"', 'application/json'],
    ['APPLICATION/GRAPHQL-RESPONSE+JSON', 'application/graphql-response+json'],
    ['application/json;q=0.5, application/graphql-response+json', 'application/graphql-response+json'],
    ['text/html, application/*;q=0.1', 'application/json'],
    ['*/*', 'application/json'],
    ['', 'application/json'],
  ])('Accept: %s is answered with %s', async (accept, type) => {
    expect(await post(JSON.stringify({ query }), { accept })).toMatchObject({ status: 200, type, codes: [] });
  });

  test("Apollo Client's multipart protocol", async () => {
    const [agent] = stage.sandbox.agents;
    const response = await stage.gateway.fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json',
      },
      body: JSON.stringify({ query: `subscription { agentStatus(id: "Agent:${agent?.id}") { deployStatusText } }` }),
    });
    expect(response.headers.get('content-type')).toBe('multipart/mixed; boundary="graphql"; subscriptionSpec="1.0"');
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = '';
    while (!text.includes('payload')) text += new TextDecoder().decode((await reader.read()).value);
    const [head = '', body = ''] = text.split('--graphql')[1]?.split('\r\n\r\n') ?? [];
    expect(head.trim()).toBe('Content-Type: application/json; charset=utf-8');
    expect(JSON.parse(body)).toMatchObject({ payload: { data: { agentStatus: {} } } });
    await reader.cancel();
    await expect.poll(() => stage.gateway.metrics.text()).toContain('tics_gateway_subscribers 0');
  });

  test.each<[string, string, number, object]>([
    ['a query', JSON.stringify({ query: '{ __typename }' }), 200, { data: { __typename: 'Query' } }],
    [
      'a batch',
      JSON.stringify([{ query: '{ __typename }' }]),
      400,
      { errors: [{ extensions: { code: 'BAD_REQUEST' } }] },
    ],
    ['no operation', '{', 400, { errors: [{ extensions: { code: 'BAD_REQUEST' } }] }],
  ])('where only that protocol is accepted %s is answered in it, with its status', async (_, body, status, payload) => {
    const accept = 'multipart/mixed;subscriptionSpec=1.0';
    const headers = { 'content-type': 'application/json', accept };
    const response = await stage.gateway.fetch(url, { method: 'POST', headers, body });
    const [, part = ''] = (await response.text()).split('--graphql');
    expect(response.status).toBe(status);
    expect(JSON.parse(part.split('\r\n\r\n')[1] ?? '')).toMatchObject({ payload });
  });

  test('and JSON is preferred to it where both are, for what is a single result', async () => {
    const accept = 'multipart/mixed;subscriptionSpec=1.0,application/json';
    expect(await post(JSON.stringify({ query }), { accept })).toMatchObject({ status: 200, type: 'application/json' });
  });
});

test.each(['query', 'variables', 'operationName', 'extensions'])(
  'GET with the parameter %s twice is refused: each reader takes another one',
  async (name) => {
    const values = { query: '{__typename}', variables: '{}', operationName: '', extensions: '{}' };
    const parameters = [...Object.entries(values), [name, '']] as string[][];
    const response = await stage.gateway.fetch(`${url}?${new URLSearchParams(parameters)}`);
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { errors: [{ extensions: { code: 'BAD_REQUEST' } }] },
    ]);
  },
);

test.each([
  ['the field', '', '@skip(if: true)'],
  ['the field, by a variable', '($b: Boolean!)', '@include(if: $b)'],
])('a subscription with a condition on %s is refused', async (_, variable, condition) => {
  const watched = `agentStatus(id: "Agent:${stage.sandbox.agents[0]?.id}")`;
  for (const selected of [
    `${watched} ${condition} { deployStatusText }`,
    `... ${condition} { ${watched} { deployStatusText } }`,
    `...F } fragment F on Subscription { ...G ...F } fragment G on Subscription { ${watched} ${condition} { deployStatusText }`,
  ]) {
    const body = JSON.stringify({ query: `subscription ${variable} { ${selected} }`, variables: { b: true } });
    expect(await post(body)).toMatchObject({ status: 400, codes: ['GRAPHQL_VALIDATION_FAILED'], calls: {} });
  }
});

describe('bodies', () => {
  const named = (bytes: number[]) =>
    Buffer.concat([
      Buffer.from('{"query":"{ leagues(first: 1) { totalCount } } # '),
      Buffer.from(bytes),
      Buffer.from('"}'),
    ]);

  test.each([
    ['bytes of no text', named([0xff, 0xfe]), {}, 400],
    ['GBK', named([0xc1, 0xaa, 0xc3, 0xcb]), {}, 400],
    ['half a character', named([0xe8, 0x81]), {}, 400],
    [
      'another charset',
      Buffer.from(JSON.stringify({ query })),
      { 'content-type': 'application/json; charset=gbk' },
      415,
    ],
    [
      'latin1',
      Buffer.from(JSON.stringify({ query })),
      { 'content-type': 'application/json;charset="iso-8859-1"' },
      415,
    ],
    ['no JSON', Buffer.from('{'), {}, 400],
    ['nothing', Buffer.alloc(0), {}, 400],
    ['no gzip', Buffer.from(JSON.stringify({ query })), { 'content-encoding': 'gzip' }, 400],
    ['an unknown encoding', Buffer.from(JSON.stringify({ query })), { 'content-encoding': 'zstd' }, 415],
    ['a bomb', gzipSync(Buffer.alloc(5_000_000, ' ')), { 'content-encoding': 'gzip' }, 413],
    ['XML', Buffer.from('<a/>'), { 'content-type': 'application/xml' }, 415],
    ['plain text', Buffer.from(JSON.stringify({ query })), { 'content-type': 'text/plain' }, 415],
  ])('%s', async (_, body, headers, status) => {
    expect(await post(body, headers)).toMatchObject({ status, codes: ['BAD_REQUEST'], calls: {} });
  });

  test.each([
    ['gzip', gzipSync(JSON.stringify({ query })), { 'content-encoding': 'gzip' }],
    [
      'UTF-8 in capitals',
      Buffer.from(JSON.stringify({ query })),
      { 'content-type': 'Application/JSON; Charset=UTF-8' },
    ],
    [
      'UTF-8 as the reference writes it',
      Buffer.from(JSON.stringify({ query })),
      { 'content-type': 'application/json;charset=utf8' },
    ],
    ['an empty name of the operation', Buffer.from(JSON.stringify({ query, operationName: '' })), {}],
  ])('%s is read', async (_, body, headers) => {
    expect(await post(body, headers)).toMatchObject({ status: 200, codes: [] });
  });

  test('a query string that is not UTF-8', async () => {
    const response = await stage.gateway.fetch(`${url}?query=%7B__typename%7D%23%ff%fe`);
    expect(response.status).toBe(400);
  });
});

describe('documents', () => {
  test.each([
    { extensions: { persistedQuery: { version: 1, sha256Hash: 'a' } } },
    { query: '', extensions: { persistedQuery: { version: 1, sha256Hash: 'a' } } },
    { documentId: 'sha256:a' },
  ])('a hash alone', async (params) => {
    const response = await stage.gateway.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(params),
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }],
    });
  });

  test.each(['{a', '{a:[', '{a(b:[', '...{', '{a:', '{...{', 'query($a:[', '{a(b:{c:'])(
    'many levels of %s are the fault of the caller',
    async (level) => {
      const { codes } = await post(
        JSON.stringify({ query: level.repeat(6_000) })
          .slice(0, 99_000)
          .replace(/"?}?$/, '"}'),
      );
      expect(codes).toEqual(['GRAPHQL_PARSE_FAILED']);
    },
  );

  test('brackets in strings and comments are no levels', async () => {
    const text = `{ leagues(first: 1) { totalCount } } # ${'{'.repeat(1_000)}`;
    expect(await post(JSON.stringify({ query: text }))).toMatchObject({ status: 200, codes: [] });
  });
});

describe('a request that is no GraphQL request is 400 for every media type, and nothing is executed', () => {
  const document = '{ leagues(first: 1) { totalCount } }';

  test.each<[string, unknown]>([
    ['nothing', {}],
    ['null for a document', { query: null }],
    ['an empty document', { query: '' }],
    ['a blank document', { query: ' \n\t' }],
    ['variables alone', { variables: {} }],
    ['a number for a document', { query: 5 }],
    ['a list for a document', { query: [document] }],
    ['an object for a document', { query: { document } }],
    ['a text for variables', { query: document, variables: '{}' }],
    ['a list for variables', { query: document, variables: [] }],
    ['false for variables', { query: document, variables: false }],
    ['a number for a name', { query: document, operationName: 5 }],
    ['an object for a name', { query: document, operationName: {} }],
    ['a text for extensions', { query: document, extensions: 'x' }],
    ['a list for extensions', { query: document, extensions: [] }],
    ['a number for a hash', { documentId: 5 }],
    ['a parameter that there is not', { query: document, id: 'x' }],
    ['one that objects inherit', { query: document, toString: 1 }],
    ['a subscription with a text for variables', { query: 'subscription { a }', variables: 'x' }],
    ['two operations', [{ query: document }, { query: document }]],
    ['none', []],
    ['a number', 1],
  ])('%s', async (_, body) => {
    for (const accept of ['application/json', 'application/graphql-response+json'])
      expect(await post(JSON.stringify(body), { accept })).toEqual({
        status: 400,
        type: accept,
        codes: ['BAD_REQUEST'],
        calls: {},
      });
  });

  test.each([
    ['', 400],
    ['query=', 400],
    ['variables=%7B%7D', 400],
    ['query=%7B__typename%7D&variables=%5B%5D', 400],
    ['query=%7B__typename%7D&variables=%22x%22', 400],
    ['query=%7B__typename%7D&extensions=5', 400],
    ['query=%7B__typename%7D&variables=null', 200],
  ])('GET ?%s: %i', async (parameters, status) => {
    for (const accept of ['application/json', 'application/graphql-response+json', '*/*'])
      expect((await stage.gateway.fetch(`${url}?${parameters}`, { headers: { accept } })).status).toBe(status);
  });

  test('null is as nothing', async () => {
    const body = {
      query: document,
      variables: null,
      operationName: null,
      extensions: null,
      documentId: null,
      id: null,
    };
    expect(await post(JSON.stringify(body))).toMatchObject({ status: 200, codes: [] });
  });

  test('a document is sent beside its hash', async () => {
    const sent = { query: document, documentId: createHash('sha256').update(document).digest('hex') };
    expect(await post(JSON.stringify(sent))).toMatchObject({ status: 200, codes: [] });
  });
});

test.each([
  ['query A { __typename }', 'B'],
  ['query A { __typename } query B { __typename }', ''],
  ['query A { __typename } query B { __typename }', null],
  ['fragment F on Query { __typename }', null],
])('a document without the operation that is asked for says what to do: %s, %s', async (query, operationName) => {
  const { errors } = (await (
    await stage.gateway.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, operationName }),
    })
  ).json()) as { errors: unknown[] };
  expect(errors).toEqual([
    { message: expect.stringContaining('operationName') as string, extensions: { code: 'BAD_REQUEST' } },
  ]);
});
