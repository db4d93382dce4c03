import { createHash } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { defaultResilience } from '../../src/tics/planes/upstreams.ts';
import { configFor, gatewayFor, useStage } from '../support/gateway.ts';
import { fingerprintOf, headersOf, signIn, type UserTokens } from '../support/ownTokens.ts';
import { required } from '../support/required.ts';
import { overWebSocket, quick } from '../support/subscribe.ts';

const stage = useStage({ speed: 0 });

let gateway: Gateway;
let server: GatewayServer;
let league: string;
let agent: string;
let run: string;
/** Has a token of IAM and of each agent. */
let all: UserTokens;
/** Has a token of IAM alone. */
let few: UserTokens;

/** All that would keep or join anything, were it the account's. */
const resilience = {
  ...defaultResilience,
  sharing: true,
  cache: { freshMs: 60_000, staleMs: 60_000, staleIfErrorMs: 300_000 },
};

beforeAll(() => {
  const { world } = stage.sandbox;
  const trusted = required(
    world.agents.find(
      ({ id, nodeStatus }) => nodeStatus === 'TRUST' && world.instances.some(({ agentId }) => agentId === id),
    ),
    'agent with runs',
  );
  [league, agent] = [trusted.leagueId, trusted.id];
  run = required(
    world.instances.find(({ agentId }) => agentId === agent),
    'run',
  ).id;
});

beforeEach(async () => {
  gateway = gatewayFor(
    configFor(stage.sandbox),
    { watching: quick, resilience },
    { callers: { passThrough: {}, anonymous: { roles: ['VIEWER'], leagues: 'ALL' } } },
  );
  server = await startServer(gateway, { host: '127.0.0.1', port: 0 });
  const trusted = stage.sandbox.world.agents.filter(({ nodeStatus }) => nodeStatus === 'TRUST').map(({ id }) => id);
  [all, few] = [await signIn(stage.sandbox, trusted), await signIn(stage.sandbox, [])];
});

afterEach(() => server.close());

interface Asked {
  readonly query?: string;
  readonly extensions?: object;
}

type Ask = (asked: Asked, given: UserTokens | undefined) => Promise<string>;

function post(accept: string): Ask {
  return async (asked, given) => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, ...headersOf(given ?? {}) },
      body: JSON.stringify(asked),
    });
    return response.text();
  };
}

const get: Ask = async ({ query = '' }, given) => {
  const response = await fetch(`${server.url}/graphql?query=${encodeURIComponent(query)}`, {
    headers: headersOf(given ?? {}),
  });
  return response.text();
};

/** By its hash, which is made known first. */
const byHash: Ask = async ({ query = '' }, given) => {
  const persistedQuery = { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') };
  const ask = post('application/json');
  await ask({ query, extensions: { persistedQuery } }, given);
  return ask({ extensions: { persistedQuery } }, given);
};

const socket: Ask = async ({ query = '' }, given) => {
  const client = overWebSocket(server.url, headersOf(given ?? {}));
  const stream = client.ask<unknown>({ query });
  const answers: unknown[] = [];
  for (let next = await stream.next(); next !== undefined; next = await stream.next()) answers.push(next);
  client.close();
  return JSON.stringify(answers);
};

const transports: readonly [string, Ask][] = [
  ['JSON', post('application/json')],
  ['server-sent events', post('text/event-stream')],
  ['multipart', post('multipart/mixed')],
  ['GET', get],
  ['a hash', byHash],
  ['WebSocket', socket],
];

function fields(): string {
  return `
  leagues(first: 3) { nodes { name } }
  node(id: "League:${league}") { ... on League { name } }
  agent(id: "${agent}") { connectors(first: 2) { nodes { name } } }
  instance(id: "Instance:${league}/${run}") { listedStatus currentStatus }
  waitForInstance(id: "Instance:${league}/${run}", waitSeconds: 0) { listedStatus }`;
}

test.each(transports)('over %s each call has its caller’s token, and nothing is kept or shared', async (name, ask) => {
  const rest = ['multipart', 'server-sent events', 'WebSocket'].includes(name)
    ? `... @defer { deferred: league(id: "${league}") { agents(first: 2) { nodes { id } } } }`
    : '';
  const query = `{ ${fields()} ${rest} }`;
  const [ofAll = [], ofFew = []] = [all, few].map(({ iam, agents }) =>
    [iam, ...Object.values(agents)].map(fingerprintOf),
  );
  // The account has read it, and holds it: nothing of it may be an answer.
  await ask({ query }, undefined);
  await stage.sandbox.client.clearCalls();
  const answers = await Promise.all([ask({ query }, all), ask({ query }, few)]);
  const calls = await stage.sandbox.client.calls();
  expect(calls.filter(({ token = '' }) => ![...ofAll, ...ofFew].includes(token))).toEqual([]);
  expect(calls.filter(({ plane, token = '' }) => plane === 'agent' && ofFew.includes(token))).toEqual([]);
  for (const own of [ofAll, ofFew])
    expect(calls.some(({ operationId, token = '' }) => operationId === 'listLeagues' && own.includes(token))).toBe(
      true,
    );
  expect(answers.map((answer) => answer.includes('TOKEN_REQUIRED'))).toEqual([false, true]);
});
