import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasTics, readConfig, type Config } from '../../src/config/config.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { createReloadable, type ReloadableGateway } from '../../src/server/reload.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { createAccounts } from '../../src/upstream/tokens.ts';
import { makeDirectory } from '../support/directory.ts';
import { configFor, useStage } from '../support/gateway.ts';
import { overEvents, toEnd } from '../support/subscribe.ts';

const stage = useStage();
let directory: string;
let file: string;
let gateway: ReloadableGateway;
let server: GatewayServer;
let lines: Readonly<Record<string, unknown>>[];
let built: number;
let closed: number;
let failing: boolean;

function write(change: (config: ReturnType<typeof fileFor>) => object = (config) => config): Promise<void> {
  return writeFile(file, JSON.stringify(change(fileFor())));
}

function fileFor() {
  const { agents, account, ...tics } = configFor(stage.sandbox);
  return {
    port: 0,
    callers: 'anonymous',
    tics: { ...tics, account: { ...account, password: '${file:password}' }, agents: agents.slice(0, 1) },
  };
}

beforeEach(async () => {
  directory = makeDirectory();
  file = join(directory, 'gateway.yaml');
  await writeFile(join(directory, 'password'), `${stage.sandbox.account.password}\n`);
  await write();
  const read = (): Config => readConfig({ GATEWAY_CONFIG: file });
  const config = read();
  if (!hasTics(config)) throw new Error('tics is missing');
  lines = [];
  built = 0;
  closed = 0;
  failing = false;
  const log = createLog('info');
  for (const level of ['info', 'warn', 'error'] as const)
    log[level] = (...[fields, msg]: unknown[]) =>
      void lines.push(typeof fields === 'string' ? { level, msg: fields } : { level, msg, ...(fields as object) });
  const metrics = createMetrics();
  const accounts = createAccounts();
  const build = (from: Parameters<typeof createGateway>[0]) => {
    built += 1;
    const made = createGateway(from, { log: createLog('fatal'), metrics, accounts });
    if (failing) throw new Error('planted-secret');
    const close = async (): Promise<void> => {
      await made.close();
      closed += 1;
    };
    return { ...made, close };
  };
  gateway = createReloadable({ file: config, config, read, build, metrics, log });
  server = await startServer(gateway, { host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  await server.close();
  await stage.sandbox.client.change({ kind: 'account', password: stage.sandbox.account.password });
});

async function ask(query: string) {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as { data?: unknown; errors?: { extensions: { code: string } }[] };
}
const leagues = '{ leagues(role: OWNER, first: 1) { totalCount } }';
function aRuntime(index: number) {
  return `{ agent(id: "${stage.sandbox.agents[index]?.id}") { runtime { online } } }`;
}

test('a changed password file is used to sign in, and counters continue', async () => {
  expect((await ask(leagues)).errors).toBeUndefined();
  await stage.sandbox.client.change({ kind: 'account', password: 'another one' });
  await stage.sandbox.client.expireTokens();
  await writeFile(join(directory, 'password'), 'another one\n');
  expect(await gateway.reload()).toBe('RELOADED');
  expect((await ask(leagues)).errors).toBeUndefined();
  expect(lines).toEqual([
    expect.objectContaining({ level: 'info', msg: 'configuration taken over', keys: ['tics'], status: 'ready' }),
  ]);
  expect(JSON.stringify(lines)).not.toContain('another one');
  expect(await gateway.metrics.text()).toContain(
    'tics_gateway_operations_total{operation="unnamed",kind="query",outcome="OK"} 2',
  );
});

test('an account that has changed signs in anew, although the old token lives', async () => {
  await ask(leagues);
  await stage.sandbox.client.change({ kind: 'account', password: 'another one' });
  await writeFile(join(directory, 'password'), 'another one\n');
  await stage.sandbox.client.clearCalls();
  expect(await gateway.reload()).toBe('RELOADED');
  expect((await ask(leagues)).errors).toBeUndefined();
  expect((await stage.sandbox.client.countCalls())['createToken']).toBe(1);
});

test('an agent that is added is asked, one that is removed no longer', async () => {
  const second = configFor(stage.sandbox).agents.slice(1, 2);
  await write((config) => ({ ...config, tics: { ...config.tics, agents: second } }));
  expect(await gateway.reload()).toBe('RELOADED');
  expect(Object.keys((await gateway.readiness()).agents)).toEqual(second.map(({ id }) => id));
  const { errors } = await ask(aRuntime(0));
  expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['AGENT_UNAVAILABLE']);
});

test('an account that is configured as before goes on with its token', async () => {
  expect((await ask(leagues)).errors).toBeUndefined();
  await stage.sandbox.client.clearCalls();
  await write((config) => ({ ...config, tics: { ...config.tics, agents: configFor(stage.sandbox).agents } }));
  expect(await gateway.reload()).toBe('RELOADED');
  expect((await ask(leagues)).errors).toBeUndefined();
  expect((await stage.sandbox.client.countCalls())['createToken']).toBeUndefined();
});

test('an account that was refused is not tried again because something else has changed', async () => {
  const [first, second] = configFor(stage.sandbox).agents;
  const withAgents = (...agents: object[]) =>
    write((config) => ({ ...config, tics: { ...config.tics, agents } })).then(() => gateway.reload());
  const agentId = first?.id ?? '';
  const signIns = async () => (await stage.sandbox.client.calls({ operationId: 'createAgentToken', agentId })).length;
  await withAgents();
  await stage.sandbox.client.clearCalls();
  await withAgents({ ...first, password: 'a wrong one' });
  await withAgents({ ...first, password: 'a wrong one' }, second ?? {});
  expect((await ask(aRuntime(0))).errors?.[0]?.extensions.code).toBe('SIGN_IN_REFUSED');
  expect(await signIns()).toBe(1);
  await withAgents(first ?? {});
  expect((await ask(aRuntime(0))).errors).toBeUndefined();
  // The token of the right one still lives.
  expect(await signIns()).toBe(1);
});

test('cache lifetimes are reloaded, and earlier reloads stay', async () => {
  const [agent] = configFor(stage.sandbox).agents;
  const only = { cache: { freshMs: 60_000 }, agents: [agent] };
  await write((config) => ({ ...config, tics: { ...config.tics, agents: only.agents } }));
  await gateway.reload();
  await write((config) => ({ ...config, cache: only.cache, tics: { ...config.tics, agents: only.agents } }));
  expect(await gateway.reload()).toBe('RELOADED');
  expect(lines.at(-1)).toMatchObject({ keys: ['cache'] });
  await ask(leagues);
  await stage.sandbox.client.clearCalls();
  await ask(leagues);
  expect(await stage.sandbox.client.calls({ operationId: 'listLeagues' })).toEqual([]);
  await write((config) => ({ ...config, tics: { ...config.tics, agents: only.agents } }));
  await gateway.reload();
  await ask(leagues);
  await ask(leagues);
  expect(await stage.sandbox.client.calls({ operationId: 'listLeagues' })).toHaveLength(2);
});

test('removing an agent with an open breaker resets its breaker metric', async () => {
  const { id = '' } = configFor(stage.sandbox).agents[0] ?? {};
  const state = `tics_gateway_breaker_state{upstream="${id}",state="OPEN"}`;
  await stage.sandbox.client.setAgentListening(id, false);
  for (let call = 0; call < 10; call += 1) await ask(aRuntime(0));
  expect(await gateway.metrics.text()).toContain(`${state} 1`);
  await write((config) => ({ ...config, tics: { ...config.tics, agents: [] } }));
  await gateway.reload();
  expect(await gateway.metrics.text()).toContain(`${state} 0`);
  await stage.sandbox.client.setAgentListening(id, true);
});

test('operations in flight finish by the old one, whose connections are closed only then', async () => {
  await stage.sandbox.client.setRules([{ operationId: 'listLeagues', latencyMs: 400 }]);
  const inFlight = ask(leagues);
  await stage.sandbox.client.waitForCalls(1, { operationId: 'listLeagues' });
  await write((config) => ({ ...config, tics: { ...config.tics, agents: [] } }));
  expect(await gateway.reload()).toBe('RELOADED');
  expect((await gateway.readiness()).agents).toEqual({});
  expect(closed).toBe(0);
  expect((await inFlight).errors).toBeUndefined();
  await expect.poll(() => closed).toBe(1);
});

test('one that can’t be built is refused, and the old one stays', async () => {
  failing = true;
  await write((config) => ({ ...config, tics: { ...config.tics, agents: [] } }));
  expect(await gateway.reload()).toBe('REFUSED');
  expect(lines).toMatchObject([{ level: 'error', msg: 'internal error' }]);
  expect((await ask(leagues)).errors).toBeUndefined();
});

test('close waits until replaced gateways are closed too', async () => {
  await write((config) => ({ ...config, tics: { ...config.tics, agents: [] } }));
  await gateway.reload();
  await server.close();
  expect(closed).toBe(2);
});

test('subscriptions end with RECONNECT, and reach the new gateway', async () => {
  const client = overEvents(server.url);
  const [agent] = stage.sandbox.agents;
  const watch = () =>
    client.ask({ query: `subscription { agentStatus(id: "Agent:${agent?.id}") { deployStatusText } }` });
  const events = watch();
  expect(await events.next()).not.toHaveProperty('errors');
  await write((config) => ({ ...config, tics: { ...config.tics, language: 'zh-cn' } }));
  expect(await gateway.reload()).toBe('RELOADED');
  expect(await toEnd(events)).toMatchObject([{ errors: [{ extensions: { code: 'RECONNECT' } }] }]);
  expect(await watch().next()).not.toHaveProperty('errors');
  client.close();
});

test('one with faults is refused with all of them, and the old one stays', async () => {
  await write((config) => ({ ...config, port: 99_999, tics: { ...config.tics, language: 'fr', timeZone: 'Mars' } }));
  expect(await gateway.reload()).toBe('REFUSED');
  const [line] = lines as { level: string; faults: { path: string }[] }[];
  expect(line?.level).toBe('error');
  expect(line?.faults.map(({ path }) => path).sort()).toEqual(['port', 'tics.language', 'tics.timeZone']);
  expect(lines).toHaveLength(1);
  expect(built).toBe(1);
  expect((await ask(leagues)).errors).toBeUndefined();
});

test('a secret that is gone is a fault too', async () => {
  await rm(join(directory, 'password'));
  expect(await gateway.reload()).toBe('REFUSED');
  expect(lines[0]?.['faults']).toEqual([{ path: 'tics.account.password', expected: 'the path of a readable file' }]);
});

test('settings that need a restart are reported, and the rest is reloaded', async () => {
  await write((config) => ({ ...config, port: 4001, host: '::1', tics: { ...config.tics, language: 'zh-cn' } }));
  expect(await gateway.reload()).toBe('RELOADED');
  expect(lines.map(({ level, keys }) => ({ level, keys }))).toEqual([
    { level: 'warn', keys: ['port', 'host'] },
    { level: 'info', keys: ['tics'] },
  ]);
});

test('without tics the configured one stays: the embedded TICS starts at the beginning or not at all', async () => {
  await write(() => ({ port: 0, callers: 'anonymous' }));
  expect(await gateway.reload()).toBe('UNCHANGED');
  expect(lines[0]).toMatchObject({ level: 'warn', keys: ['tics'] });
  expect((await ask(leagues)).errors).toBeUndefined();
});

test('nothing is built for a file that is the same; two reloads never run at once', async () => {
  expect(await gateway.reload()).toBe('UNCHANGED');
  expect(built).toBe(1);
  await write((config) => ({ ...config, tics: { ...config.tics, language: 'zh-cn' } }));
  expect(await Promise.all([gateway.reload(), gateway.reload(), gateway.reload()])).toEqual([
    'RELOADED',
    'RELOADED',
    'RELOADED',
  ]);
  expect(built).toBe(2);
});

describe('one by which an upstream that answers would not any more is refused, and the old one stays', () => {
  const withAgent = (change: object) =>
    write((config) => ({ ...config, tics: { ...config.tics, agents: [{ ...config.tics.agents[0], ...change }] } }));

  test.each<[string, () => Promise<void>, 'SPACE' | 'AGENT']>([
    ['a wrong password of the account', () => writeFile(join(directory, 'password'), 'a wrong one'), 'SPACE'],
    ['a wrong password of an agent', () => withAgent({ password: 'a wrong one' }), 'AGENT'],
    ['a wrong user of an agent', () => withAgent({ user: 'nobody' }), 'AGENT'],
    ['an address where nobody listens', () => withAgent({ url: 'https://127.0.0.1:1' }), 'AGENT'],
  ])('%s', async (_, change, plane) => {
    const lost = plane === 'SPACE' ? plane : configFor(stage.sandbox).agents[0]?.id;
    await change();
    expect(await gateway.reload()).toBe('REFUSED');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: 'error',
      msg: 'configuration refused: upstreams that answer would not any more',
      keys: ['tics'],
    });
    expect(Object.keys(lines[0]?.['lost'] as object)).toEqual([lost]);
    expect(JSON.stringify(lines)).not.toContain('a wrong one');
    expect((await ask(leagues)).errors).toBeUndefined();
    expect((await ask(aRuntime(0))).errors).toBeUndefined();
    expect(closed).toBe(1);
  });
});

test('an agent that is added and does not answer is taken over, and the log warns', async () => {
  const [first, second] = configFor(stage.sandbox).agents;
  const agents = [first, { ...second, password: 'a wrong one' }];
  await write((config) => ({ ...config, tics: { ...config.tics, agents } }));
  expect(await gateway.reload()).toBe('RELOADED');
  expect(lines[0]).toMatchObject({ level: 'info', agents: { [second?.id ?? '']: { reason: 'SIGN_IN_REFUSED' } } });
});

test('an account that did not answer before may be exchanged for another that does not', async () => {
  await stage.sandbox.client.change({ kind: 'account', password: 'unknown to the gateway' });
  await write((config) => ({ ...config, tics: { ...config.tics, agents: [] } }));
  await writeFile(join(directory, 'password'), 'a wrong one');
  await gateway.reload();
  await writeFile(join(directory, 'password'), 'another wrong one');
  await gateway.reload();
  await writeFile(join(directory, 'password'), 'unknown to the gateway');
  expect(await gateway.reload()).toBe('RELOADED');
});

test('limits are taken over', async () => {
  await write((config) => ({ ...config, limits: { depth: 1 } }));
  expect(await gateway.reload()).toBe('RELOADED');
  expect(gateway.config().limits.depth).toBe(1);
  expect((await ask(leagues)).errors).toBeDefined();
});

test('TLS is switched on with a restart only', async () => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048 });
  await write((config) => ({ ...config, tls: { certificate: cert, key } }));
  expect(await gateway.reload()).toBe('UNCHANGED');
  expect(lines[0]).toMatchObject({ level: 'warn', keys: ['tls'] });
  expect(JSON.stringify(lines)).not.toContain('PRIVATE KEY');
});
