import { getEventListeners } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { describe, expect, test } from 'vitest';
import { startTcpProxy } from '../../bench/faultProxy.ts';
import type { GatewayError } from '../../src/errors.ts';
import type { Answer } from '../../src/upstream/answer.ts';
import { answerBuffers } from '../../src/upstream/buffers.ts';
import { noDeadline, type Deadline } from '../../src/upstream/deadline.ts';
import { createDispatcher } from '../../src/upstream/dispatcher.ts';
import { Exchange, type ExchangeRequest } from '../../src/upstream/exchange.ts';
import { silentObserver } from '../../src/upstream/observer.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { logTo } from '../support/log.ts';
import { mutate } from '../support/mutate.ts';
import { useUpstreamServers } from '../support/upstreamServer.ts';

const stage = useStage();
const { closeLater, gatewayBefore, planesBefore, serve } = useUpstreamServers(stage);

function poolFor(origin: string) {
  const pool = createDispatcher(origin);
  closeLater(() => pool.destroy());
  return pool;
}

function requestOf(more: Partial<ExchangeRequest> = {}): ExchangeRequest {
  return {
    plane: 'SPACE',
    call: 'call',
    method: 'GET',
    path: '/',
    headers: {},
    traceHeaders: {},
    isWrite: false,
    timeoutMs: 60_000,
    ...more,
  };
}

/** An exchange under way, and its answer as it came. */
function begin(pool: Dispatcher, origin: string, more: Partial<ExchangeRequest> = {}) {
  let sent: Exchange<Answer> | undefined;
  const answer = new Promise<Answer>((onResult, onFailure) => {
    sent = new Exchange(requestOf(more), silentObserver, { readAnswer: (received) => received, onResult, onFailure });
    sent.send(pool, origin);
  });
  return { answer, cancel: (reason: unknown) => sent?.cancel(reason) };
}

const leagues = '{ leagues(role: OWNER) { nodes { name } } }';

describe('one request', () => {
  test('leaves nothing behind, neither on its caller’s signal nor a timer', async () => {
    const { signal } = new AbortController();
    const planes = await planesBefore((_, response) => response.end('{}'));
    const read = () => planes({ ...noDeadline, signal }).space.read('getOverview');
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    await read();
    const before = timers();
    for (let time = 0; time < 20; time += 1) await read();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(timers()).toBeLessThan(before + 10);
  });

  test('of a caller who has left is not sent', async () => {
    let received = 0;
    const planes = await planesBefore((_, response) => {
      received += 1;
      response.end('{}');
    });
    const signal = AbortSignal.abort(new Error('left'));
    await expect(planes({ ...noDeadline, signal }).space.read('getOverview')).rejects.toThrow('left');
    expect(received).toBe(0);
  });

  test('goes where it was sent: a redirect is a refusal, and is not followed', async () => {
    let followed = 0;
    const elsewhere = await serve((_, response) => {
      followed += 1;
      response.end('{}');
    });
    const gateway = await gatewayBefore((_, response) =>
      response.writeHead(302, { location: elsewhere.origin }).end('{}'),
    );
    const { errors } = await askGateway(gateway, leagues);
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_REFUSED', status: 302 } }]);
    expect(followed).toBe(0);
  });

  test('shares 128 connections with all others', async () => {
    let open = 0;
    let most = 0;
    const { server, origin } = await serve((_, response) => void setTimeout(() => response.end('{}'), 50));
    server.on('connection', (connection) => {
      most = Math.max(most, (open += 1));
      connection.once('close', () => (open -= 1));
    });
    const pool = poolFor(origin);
    await Promise.all(Array.from({ length: 200 }, () => begin(pool, origin).answer));
    expect(most).toBe(128);
  });
});

describe('an answer', () => {
  test.each([
    ['nothing', ''],
    ['blanks', ' \r\n'],
    ['null', 'null'],
    ['a word', '"leagues"'],
    ['a number', '5'],
  ])('of %s is no empty list', async (_, body) => {
    const gateway = await gatewayBefore((_, response) => response.end(body));
    expect(await askGateway(gateway, leagues)).toMatchObject({
      errors: [{ extensions: { code: 'UPSTREAM_INVALID_ANSWER', plane: 'SPACE', call: 'listLeagues', status: 200 } }],
    });
    expect(await gateway.metrics.text()).toContain(
      'tics_gateway_upstream_requests_total{plane="SPACE",call="listLeagues",status="200",outcome="UPSTREAM_INVALID_ANSWER"} 1',
    );
  });

  test('shorter than it says is a broken connection', async () => {
    const gateway = await gatewayBefore((_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"total": 0');
      setTimeout(() => response.destroy(), 10);
    });
    expect(await askGateway(gateway, leagues)).toMatchObject({
      errors: [{ extensions: { code: 'UPSTREAM_UNREACHABLE' } }],
    });
  });

  test('that is too large is not asked for again', async () => {
    let asked = 0;
    const gateway = await gatewayBefore(
      (_, response) => {
        asked += 1;
        response.end(Buffer.alloc(10_100_000, ' '));
      },
      { retries: true },
    );
    expect(await askGateway(gateway, leagues)).toMatchObject({
      errors: [{ extensions: { code: 'UPSTREAM_INVALID_ANSWER' } }],
    });
    expect(asked).toBe(1);
  });

  test.each([
    ['in seconds', '7', 7],
    ['as a date', new Date(Date.now() + 3_600_000).toUTCString(), 3_600],
    ['as a date that is over', 'Wed, 21 Oct 2015 07:28:00 GMT', 0],
    ['as something else', 'soon', undefined],
    ['as a fraction', '120.5', 121],
    ['as a number below zero', '-5', undefined],
    ['as a list', '5, 10', undefined],
    // Longer than timers hold, and than an Int: it is an hour.
    ['longer than anybody waits', '99999999999999999999', 3_600],
    ['until a year far away', 'Fri, 31 Dec 9999 23:59:59 GMT', 3_600],
  ])('says %s how long to wait', async (_, header, seconds) => {
    const gateway = await gatewayBefore((_, response) => response.writeHead(429, { 'retry-after': header }).end('{}'));
    const { errors } = await askGateway(gateway, leagues);
    const told = errors?.[0]?.extensions?.['retryAfter'] as number | undefined;
    if (seconds === undefined || seconds < 60) expect(told).toBe(seconds);
    else expect(Math.abs((told ?? 0) - seconds)).toBeLessThan(60);
  });
});

describe('a refusal', () => {
  const refusedWith = async (body: string, headers = {}) => {
    const gateway = await gatewayBefore((_, response) => response.writeHead(500, headers).end(body));
    const { errors } = await askGateway(gateway, leagues);
    return errors?.[0];
  };

  test('in plain text has that text as its message', async () => {
    expect((await refusedWith('no such tenant'))?.message).toBe('listLeagues was refused: no such tenant');
  });

  test('that is a page of a proxy has its status as message', async () => {
    const page = '\n<html><body>planted-host:8443 is away</body></html>';
    expect((await refusedWith(page))?.message).toBe('listLeagues was refused: HTTP 500');
  });

  test('of any length is shortened', async () => {
    const long = 'x'.repeat(9_000);
    const error = await refusedWith(JSON.stringify({ error_code: long, error_msg: long }), { 'x-request-id': long });
    expect(error?.message.length).toBeLessThan(1_100);
    expect(String(error?.extensions?.['upstreamCode']).length).toBe(100);
    expect(String(error?.extensions?.['upstreamRequestId']).length).toBe(100);
  });
});

describe('a write that was not sent is said to have changed nothing', () => {
  const trusted = () => stage.sandbox.world.agents.find(({ nodeStatus }) => nodeStatus === 'TRUST');
  const create = () =>
    mutate<object>(stage, 'createSqlJob', { leagueId: trusted()?.leagueId, agentId: trusted()?.id, name: 'not sent' });

  test('where nobody listens', async () => {
    await create();
    const id = trusted()?.id ?? '';
    await stage.sandbox.client.setAgentListening(id, false);
    expect((await create()).userErrors).toMatchObject([{ code: 'UPSTREAM_UNREACHABLE' }]);
    await stage.sandbox.client.setAgentListening(id, true);
  });

  test('where the connection is not agreed on within 5 s', async () => {
    const agent = trusted();
    const proxy = await startTcpProxy(() => agent?.consolePort ?? 0, {
      seed: '1',
      latency: { leastMs: 0, meanMoreMs: 0 },
    });
    closeLater(() => proxy.close());
    proxy.setHanging(true);
    const tics = configFor(stage.sandbox);
    const url = `https://127.0.0.1:${proxy.port()}`;
    const gateway = gatewayFor(
      { ...tics, agents: tics.agents.filter(({ id }) => id === agent?.id).map((known) => ({ ...known, url })) },
      { resilience: { callTimeoutMs: 9_000 } },
    );
    closeLater(() => gateway.close());
    const answer = await askGateway(
      gateway,
      'mutation ($input: CreateSqlJobInput!) { createSqlJob(input: $input) { userErrors { code } } }',
      { input: { leagueId: agent?.leagueId, agentId: agent?.id, name: 'not sent' } },
    );
    expect(answer).toMatchObject({ data: { createSqlJob: { userErrors: [{ code: 'UPSTREAM_UNREACHABLE' }] } } });
  });

  test('where another certificate is shown', async () => {
    await create();
    await stage.sandbox.client.renewCertificate(trusted()?.id ?? '');
    expect((await create()).userErrors).toMatchObject([{ code: 'AGENT_CERTIFICATE' }]);
  });
});

describe('a write that may have been sent is said to be in doubt', () => {
  const write = (pool: Dispatcher, origin: string, more: Partial<ExchangeRequest> = {}) =>
    begin(pool, origin, { method: 'POST', body: '{}', isWrite: true, ...more });

  test('when its caller leaves', async () => {
    const received = { resolve: (): void => undefined };
    const arrived = new Promise<void>((resolve) => (received.resolve = resolve));
    const { origin } = await serve(() => received.resolve());
    const { cancel } = write(poolFor(origin), origin);
    await arrived;
    expect(cancel(new Error('left'))).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  });

  test('when the time is up', async () => {
    const { origin } = await serve(() => undefined);
    await expect(write(poolFor(origin), origin, { timeoutMs: 50 }).answer).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
    });
  });

  test('when the answer is no JSON', async () => {
    const { origin } = await serve((_, response) => response.end('<html>'));
    await expect(write(poolFor(origin), origin).answer).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  });

  test('when the gateway ends in the middle of it', async () => {
    const received = { resolve: (): void => undefined };
    const arrived = new Promise<void>((resolve) => (received.resolve = resolve));
    const { origin } = await serve(() => received.resolve());
    const pool = poolFor(origin);
    const failed = expect(write(pool, origin).answer).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    await arrived;
    await wait(0);
    await pool.destroy();
    await failed;
  });
});

describe('why no connection came about stands in the log line', () => {
  const reasonsAt = async (spaceUrl: string) => {
    const lines: Readonly<Record<string, unknown>>[] = [];
    const gateway = gatewayFor({ ...configFor(stage.sandbox), spaceUrl }, { log: logTo(lines) });
    closeLater(() => gateway.close());
    const { errors } = await askGateway(gateway, leagues);
    const failures = lines.filter(({ msg, call }) => msg === 'upstream call failed' && call === 'listLeagues');
    return {
      codes: errors?.map(({ extensions }) => extensions?.['code']),
      reasons: failures.map(({ reason }) => reason),
    };
  };

  test('once while it lasts, and again after it was over', async () => {
    const refuse = (request: IncomingMessage): void => {
      request.socket.resetAndDestroy();
    };
    let answer: RequestListener = refuse;
    const { origin } = await serve((request, response) => answer(request, response));
    const lines: Readonly<Record<string, unknown>>[] = [];
    const log = logTo(lines);
    const gateway = gatewayFor(
      { ...configFor(stage.sandbox), spaceUrl: origin },
      { log, resilience: { retries: false, cache: { freshMs: 0, staleMs: 0, staleIfErrorMs: 0 } } },
    );
    closeLater(() => gateway.close());
    const askTimes = async (times: number): Promise<void> => {
      for (let time = 0; time < times; time += 1) await askGateway(gateway, leagues);
    };
    await askTimes(3);
    answer = (_, response) => response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    await askTimes(2);
    answer = refuse;
    await askTimes(2);
    const told = lines.filter(({ plane, level }) => plane === 'SPACE' && level !== 'debug');
    const failed = { level: 'warn', msg: 'upstream call failed', reason: 'ECONNRESET' };
    expect(told).toMatchObject([failed, { level: 'info', msg: 'upstream answers again', failures: 3 }, failed]);
  });

  test('a name that nobody knows', async () => {
    const { codes, reasons } = await reasonsAt('http://nobody.invalid');
    expect(codes).toEqual(['UPSTREAM_UNREACHABLE']);
    expect(reasons[0]).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
  });

  test('a port where nobody listens', async () => {
    const { server, origin } = await serve(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    expect(await reasonsAt(origin)).toMatchObject({ codes: ['UPSTREAM_UNREACHABLE'], reasons: ['ECONNREFUSED'] });
  });

  test('a connection that breaks', async () => {
    const { origin } = await serve((request) => request.socket.resetAndDestroy());
    expect(await reasonsAt(origin)).toMatchObject({ reasons: ['ECONNRESET'] });
  });

  test('a certificate, by the code of its fault', async () => {
    const url = configFor(stage.sandbox).agents[0]?.url ?? '';
    expect(await reasonsAt(url)).toMatchObject({
      codes: ['AGENT_CERTIFICATE'],
      reasons: [expect.stringMatching(/^(DEPTH_ZERO_)?SELF_SIGNED_CERT$|^UNABLE_TO_|^ERR_TLS_/)],
    });
  });

  test('a server that speaks no TLS', async () => {
    const { origin } = await serve(() => undefined);
    const { reasons } = await reasonsAt(origin.replace('http:', 'https:'));
    expect(reasons[0]).toMatch(/^(ERR_SSL_|EPROTO|ECONNRESET)/);
  });

  test('an answer is no reason', async () => {
    const { origin } = await serve((_, response) => response.writeHead(500).end());
    expect(await reasonsAt(origin)).toMatchObject({ codes: ['UPSTREAM_FAILED'], reasons: [null] });
  });
});

describe('bytes that are buffered of all answers together', () => {
  test.each([
    ['of 9 MB, which are read', 9_000_000, undefined],
    ['over 10 MB, which are cut', 10_100_000, 'UPSTREAM_INVALID_ANSWER'],
  ])('are bounded while 12 come at once %s', async (_, length, code) => {
    const body = Buffer.concat([Buffer.from('{"total": 0}'), Buffer.alloc(length - 12, ' ')]);
    const planes = await planesBefore((_, response) => response.end(body), { callTimeoutMs: 60_000 });
    let most = 0;
    const sampling = setInterval(() => (most = Math.max(most, answerBuffers.bytes)), 1);
    const reads = await Promise.allSettled(
      Array.from({ length: 12 }, (_, offset) =>
        planes(noDeadline).space.read('listAgents', { query: { offset, limit: 100 } }),
      ),
    );
    clearInterval(sampling);
    const codes = reads.map((read) => (read.status === 'rejected' ? (read.reason as GatewayError).code : undefined));
    expect(new Set(codes)).toEqual(new Set([code]));
    expect(most).toBeLessThan(32_000_000);
    expect(answerBuffers.bytes).toBe(0);
  });

  test('are forgotten with answers that nobody waits for, and those held back come to their end', async () => {
    const body = Buffer.concat([Buffer.from('{"total": 0}'), Buffer.alloc(9_000_000, ' ')]);
    const planes = await planesBefore((_, response) => response.end(body), { callTimeoutMs: 60_000 });
    const leaving = new AbortController();
    const read = (deadline: Deadline, offset: number) =>
      planes(deadline).space.read('listAgents', { query: { offset, limit: 100 } });
    const left = Array.from({ length: 10 }, (_, offset) => read({ ...noDeadline, signal: leaving.signal }, offset));
    const stayed = Array.from({ length: 10 }, (_, offset) => read(noDeadline, 100 + offset));
    const settled = Promise.allSettled(left);
    while (answerBuffers.bytes < 16_000_000) await new Promise(setImmediate);
    leaving.abort(new Error('left'));
    await settled;
    expect(await Promise.all(stayed)).toEqual(Array(10).fill({ total: 0 }));
    expect(answerBuffers.bytes).toBe(0);
  });
});

test.each(['\\ud800', 'a\\udc00b', '\\udc00\\ud800'])(
  'an id of upstream with a lone surrogate (%s) is an object that is not found, no failure of the gateway',
  async (id) => {
    const paths: string[] = [];
    const lines: Readonly<Record<string, unknown>>[] = [];
    const { origin } = await serve((request, response) => {
      paths.push(request.url ?? '');
      if (request.url?.includes('league-info')) response.end(`{"total": 1, "lists": [{"id": "${id}", "name": "n"}]}`);
      else response.writeHead(404).end('{}');
    });
    const gateway = gatewayFor({ ...configFor(stage.sandbox), spaceUrl: origin }, { log: logTo(lines) });
    closeLater(() => gateway.close());
    const answer = await askGateway(gateway, '{ leagues(role: OWNER) { nodes { id name settings { description } } } }');
    expect(answer).toMatchObject({ data: { leagues: { nodes: [{ name: 'n', settings: null }] } } });
    expect(answer.errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['NOT_FOUND']);
    expect(paths.some((path) => path.includes('%EF%BF%BD'))).toBe(true);
    expect(lines.filter(({ msg }) => msg === 'internal error')).toEqual([]);
  },
);
