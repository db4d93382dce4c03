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
