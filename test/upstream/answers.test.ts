import { type IncomingHttpHeaders } from 'node:http';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createDispatcher } from '../../src/upstream/dispatcher.ts';
import { noDeadline } from '../../src/upstream/deadline.ts';
import { exchange } from '../../src/upstream/exchange.ts';
import { silentObserver } from '../../src/upstream/observer.ts';
import { encodeForm } from '../../src/upstream/form.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { mutate } from '../support/mutate.ts';
import { onlineAgent } from '../support/agents.ts';
import { useUpstreamServers } from '../support/upstreamServer.ts';

const stage = useStage();
const { closeLater, gatewayBefore, planesBefore, serve } = useUpstreamServers(stage);

const leagues = '{ leagues(role: OWNER) { nodes { name } } }';

function runtime() {
  return `{ agent(id: "${onlineAgent(stage).id}") { name runtime { name online } } }`;
}

/** Lets one call be answered with this body under HTTP 200. */
function answers(operationId: string, body: unknown) {
  return stage.sandbox.client.setRules([{ operationId, fault: { kind: 'status', status: 200, body } }]);
}

const refused = { error_code: 'TICS_AGENT.10000012', error_msg: 'not today' };

describe('an error body under HTTP 200', () => {
  test('refuses a read: it is no object without properties, and costs its own field', async () => {
    await answers('getAgentRuntime', refused);
    expect(await stage.ask(runtime())).toMatchObject({
      data: { agent: { name: onlineAgent(stage).name, runtime: null } },
      errors: [
        {
          message: 'getAgentRuntime was refused: not today',
          path: ['agent', 'runtime'],
          extensions: { code: 'UPSTREAM_REFUSED', status: 200, upstreamCode: 'TICS_AGENT.10000012' },
        },
      ],
    });
  });

  test('refuses a list: it is no empty one', async () => {
    await answers('listLeagues', { error_code: 'TICS.SRV.1', error_msg: 'not today' });
    expect(await stage.ask(leagues)).toMatchObject({
      data: { leagues: null },
      errors: [{ extensions: { code: 'UPSTREAM_REFUSED', call: 'listLeagues' } }],
    });
  });

  test.each([
    ['in the shape of both planes', refused],
    ['in the agents’ own shape', { status: 6, message: 'not today' }],
    ['in the agents’ own shape, its number in a string', { status: '6', message: 'not today' }],
  ])('refuses a write: it was not carried out (%s)', async (_, body) => {
    await answers('createSqlJob', body);
    const input = { leagueId: onlineAgent(stage).leagueId, agentId: onlineAgent(stage).id, name: 'refused under 200' };
    const { job, userErrors } = await mutate<{ job: unknown }>(stage, 'createSqlJob', input, 'job { id }');
    expect(job).toBeNull();
    expect(userErrors).toMatchObject([{ code: 'UPSTREAM_REFUSED', message: 'createSqlJob was refused: not today' }]);
  });
});

describe('the agents’ envelope', () => {
  test.each([0, 200, '0', '200'])('with the status %j gives what is in it', async (status) => {
    const data = { agent_name: 'in an envelope', status: 'ONLINE' };
    await answers('getAgentRuntime', { status, message: 'ok', data });
    expect(await stage.ask(runtime())).toMatchObject({
      data: { agent: { runtime: { name: 'in an envelope', online: true } } },
    });
  });

  test('with nothing in it is no object', async () => {
    await answers('getAgentRuntime', { status: 0, data: null });
    expect(await stage.ask(runtime())).toMatchObject({
      errors: [{ path: ['agent', 'runtime'], extensions: { code: 'UPSTREAM_INVALID_ANSWER' } }],
    });
  });
});

describe('what is no list', () => {
  test.each([
    ['an object without rows and total', {}],
    ['rows without an object around them', [{ id: 'a', name: 'bare' }]],
  ])('is no empty list: %s', async (_, body) => {
    await answers('listLeagues', body);
    expect(await stage.ask(leagues)).toMatchObject({
      data: { leagues: null },
      errors: [{ extensions: { code: 'UPSTREAM_INVALID_ANSWER', plane: 'SPACE', call: 'listLeagues' } }],
    });
  });

  test.each([
    ['no rows but a total', { total: 0 }],
    ['null rows and a total', { total: '0', lists: null }],
  ])('is told from an empty one: %s', async (_, body) => {
    await answers('listLeagues', body);
    expect(await stage.ask(leagues)).toEqual({ data: { leagues: { nodes: [] } } });
  });
});

describe('a write that is answered by plain text', () => {
  const update = { path: { league_id: 'a' }, body: { description: 'a' } };
  const writeAnsweredBy = async (body: string) => {
    const planes = await planesBefore((_, response) => response.end(body));
    return planes(noDeadline).space.write('updateLeague', update);
  };

  test.each(['success', ' ok\n'])('was carried out: %j', async (word) => {
    expect(await writeAnsweredBy(word)).toBe(word);
  });

  test.each(['<html>', '{"job_id": "1', '[', '"cut off'])(
    'is in doubt where it is the rest of a document: %s',
    async (rest) => {
      await expect(writeAnsweredBy(rest)).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    },
  );
});

test.each([
  ['createSqlJob', 'leagueId', '/sql-jobs'],
  ['executeSqlJob', 'id', '/execute'],
])('%s that is answered by nothing is in doubt: nobody knows the new id', async (name, key, path) => {
  const { id, leagueId } = onlineAgent(stage);
  const sent: string[] = [];
  const { origin: url } = await serve((request, response) => {
    if (request.method === 'POST') sent.push(request.url ?? '');
    const token = JSON.stringify({ status: 0, data: { token: 't' } });
    request.resume().on('end', () => response.end(request.url?.endsWith('/token') ? token : ''));
  });
  const agents = [{ id, url, user: 'u', password: 'p' }];
  const gateway = gatewayFor({ ...configFor(stage.sandbox), agents });
  closeLater(() => gateway.close());
  const input = key === 'id' ? { id: `Job:${leagueId}/sql/1` } : { leagueId, name: 'answered by nothing' };
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { result: ${name}(input: $input) { userErrors { code call } } }`;
  expect(await askGateway(gateway, query, { input: { ...input, agentId: id } })).toEqual({
    data: { result: { userErrors: [{ code: 'OUTCOME_UNKNOWN', call: name }] } },
  });
  expect(sent.filter((each) => each.endsWith(path))).toHaveLength(1);
});

describe('a refusal', () => {
  const refusedWith = async (status: number, body: string | Buffer) => {
    const gateway = await gatewayBefore((_, response) => response.writeHead(status).end(body));
    return (await askGateway(gateway, leagues)).errors?.[0];
  };

  test('by a redirect is reported as one, whatever its body, and not followed', async () => {
    let asked = 0;
    const gateway = await gatewayBefore(
      (_, response) => {
        asked += 1;
        response.writeHead(307, { location: '/elsewhere' }).end('moved');
      },
      { retries: true },
    );
    expect(await askGateway(gateway, leagues)).toMatchObject({
      errors: [
        {
          message: 'listLeagues was refused: HTTP 307, and redirects are not followed',
          extensions: { code: 'UPSTREAM_REFUSED', status: 307 },
        },
      ],
    });
    expect(asked).toBe(1);
  });

  test.each([
    [{ status: 500, error: 'Internal Server Error', path: '/v1' }, 'Internal Server Error'],
    [{ status: 500, error: 'Internal Server Error', message: 'no such tenant' }, 'no such tenant'],
    [{ status: 500, error: 'Internal Server Error', message: '' }, 'Internal Server Error'],
    [{ error: { code: 500, message: 'no such tenant', title: 'Error' } }, 'no such tenant'],
    [{ error_code: 'APIG.1', error_msg: ' ' }, 'HTTP 500'],
  ])('in the shape %j says what it says', async (body, said) => {
    expect((await refusedWith(500, JSON.stringify(body)))?.message).toBe(`listLeagues was refused: ${said}`);
  });

  test('in bytes that are no text has its status as message', async () => {
    const bytes = Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0xff, 0xfe, 0x4b]);
    expect((await refusedWith(500, bytes))?.message).toBe('listLeagues was refused: HTTP 500');
  });
});

test('a form without a file says how long it is: a server may ask for that', async () => {
  let headers: IncomingHttpHeaders = {};
  let received = '';
  const { origin } = await serve((request, response) => {
    headers = request.headers;
    request.on('data', (chunk: Buffer) => (received += chunk.toString()));
    request.on('end', () => response.end());
  });
  const pool = createDispatcher(origin);
  closeLater(() => pool.destroy());
  const { body, contentType } = encodeForm({ texts: { data_connector: '{"name":"连接器"}' } });
  const form = { plane: 'AGENT', call: 'call', method: 'POST', path: '/', isWrite: true, traceHeaders: {} } as const;
  const request = { ...form, headers: { 'content-type': contentType }, body, timeoutMs: 60_000 };
  await exchange(pool, origin, request, silentObserver, () => undefined);
  expect(headers).not.toHaveProperty('transfer-encoding');
  expect(headers['content-length']).toBe(String(Buffer.byteLength(received)));
  expect(received).toContain('name="data_connector"\r\n\r\n{"name":"连接器"}\r\n--');
});

test('a body is ASCII, whatever it says: the service asks for another header where it holds Chinese', async () => {
  let received = Buffer.alloc(0);
  const gateway = await gatewayBefore((request, response) => {
    request.on('data', (chunk: Buffer) => (received = Buffer.concat([received, chunk])));
    request.on('end', () => response.end(request.method === 'PUT' ? '' : '{}'));
  });
  const input = { id: 'League:a', description: '测试空间 – 😀' };
  const query = 'mutation ($input: UpdateLeagueInput!) { updateLeague(input: $input) { userErrors { message } } }';
  expect(await askGateway(gateway, query, { input })).toEqual({ data: { updateLeague: { userErrors: [] } } });
  expect(Math.max(...received)).toBeLessThan(0x80);
  expect(JSON.parse(received.toString())).toEqual({ description: input.description });
});

describe('the size of an answer', () => {
  test('over 10 MB, it is cut: an error of that branch', async () => {
    const body = { total: 1, lists: [{ league_name: 'x'.repeat(10_100_000) }] };
    await answers('listLeagues', body);
    expect(await stage.ask(leagues)).toMatchObject({
      errors: [{ extensions: { code: 'UPSTREAM_INVALID_ANSWER', plane: 'SPACE', call: 'listLeagues' } }],
    });
  });

  test('below, it is read', async () => {
    const body = { total: 0, lists: [], note: 'x'.repeat(9_000_000) };
    await answers('listLeagues', body);
    expect((await stage.ask(leagues)).errors).toBeUndefined();
  });
});

describe('an encoded answer, which nobody asked for', () => {
  const list = JSON.stringify({ total: 1, lists: [{ id: 'a', name: '联盟 – 😀' }] });
  const encodings: readonly [string, Buffer][] = [
    ['gzip', gzipSync(list)],
    ['x-gzip', gzipSync(list)],
    ['GZIP', gzipSync(list)],
    ['deflate', deflateSync(list)],
    ['deflate', deflateRawSync(list)],
    ['br', brotliCompressSync(list)],
    ['identity', Buffer.from(list)],
    ['', Buffer.from(list)],
    ['gzip, br', brotliCompressSync(gzipSync(list))],
  ];
  const answeredBy = (encoding: string, body: Buffer, status = 200) =>
    gatewayBefore((_, response) => response.writeHead(status, { 'content-encoding': encoding }).end(body));

  test.each(encodings)('is read: %s', async (encoding, body) => {
    expect(await askGateway(await answeredBy(encoding, body), leagues)).toEqual({
      data: { leagues: { nodes: [{ name: '联盟 – 😀' }] } },
    });
  });

  test('that refuses says why', async () => {
    const gateway = await answeredBy('gzip', gzipSync('{"error_msg": "no such tenant"}'), 500);
    expect(await askGateway(gateway, leagues)).toMatchObject({
      errors: [{ message: 'listLeagues was refused: no such tenant' }],
    });
  });

  test.each([
    ['that is cut off', 'gzip', gzipSync(list).subarray(0, 30)],
    ['that is none', 'br', Buffer.from(list)],
    ['that nobody knows', 'zstd', Buffer.from(list)],
    ['with the name of a property of objects', 'constructor', Buffer.from(list)],
    ['over and over', 'gzip, gzip, gzip', gzipSync(gzipSync(gzipSync(list)))],
  ])('%s is no answer', async (_, encoding, body) => {
    expect(await askGateway(await answeredBy(encoding, body), leagues)).toMatchObject({
      errors: [{ message: 'The answer of listLeagues could not be decoded.', extensions: { status: 200 } }],
    });
    const refused = await askGateway(await answeredBy(encoding, body, 503), leagues);
    expect(refused).toMatchObject({ errors: [{ message: 'listLeagues was refused: HTTP 503' }] });
  });

  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
  ])('over 10 MB when it is decoded is cut (%s), and not asked for again', async (encoding, encode) => {
    const body = encode(Buffer.alloc(11_000_000, ' '));
    let asked = 0;
    const gateway = await gatewayBefore(
      (_, response) => {
        asked += 1;
        response.writeHead(200, { 'content-encoding': encoding }).end(body);
      },
      { retries: true },
    );
    expect(await askGateway(gateway, leagues)).toMatchObject({
      errors: [{ message: 'The answer of listLeagues is too large.' }],
    });
    expect(asked).toBe(1);
  });
});
