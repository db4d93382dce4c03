import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { RetryLink } from '@apollo/client/link/retry';
import { createClient } from 'graphql-ws';
import { EventSource } from 'undici';
import { WebSocket } from 'ws';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeDirectory } from '../support/directory.ts';
import { freePort } from '../../ops/freePort.ts';
import { configFor, useStage } from '../support/gateway.ts';
import { bundledGateway, listening, spawnGateway, type GatewayProcess } from '../support/gatewayProcess.ts';

// Each starts processes.
vi.setConfig({ testTimeout: 120_000 });

const stage = useStage();
let directory: string;
let port: number;
let gateway: GatewayProcess | undefined;
/** Clients that wait until the gateway serves again. */
const waiting: (() => void)[] = [];
const endings: (() => unknown)[] = [];

beforeEach(async () => {
  directory = makeDirectory();
  const settings = {
    callers: 'anonymous',
    tics: configFor(stage.sandbox),
    watching: { quickMs: 100, slowestMs: 100, agentQuickMs: 100, agentSlowestMs: 100, longestPauseMs: 100 },
  };
  await writeFile(join(directory, 'gateway.yaml'), JSON.stringify(settings));
  port = await freePort();
  await start();
});

afterEach(() => {
  for (const end of endings.splice(0)) end();
  gateway?.child.kill('SIGKILL');
});

function url(): string {
  return `http://127.0.0.1:${port}`;
}

async function start(): Promise<void> {
  const env = { GATEWAY_CONFIG: join(directory, 'gateway.yaml'), PORT: `${port}` };
  gateway = spawnGateway({ script: await bundledGateway(), env });
  await listening(gateway);
  for (const go of waiting.splice(0)) go();
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  gateway?.child.kill(signal);
  await gateway?.exited;
}

/** What a client was told. */
interface Told {
  readonly kind: string;
  readonly status: string;
  readonly final: boolean;
  readonly gapReason: string | null;
  readonly refetchIds: readonly string[];
  readonly instanceId?: string;
}

const fields = 'kind status final gapReason refetchIds';

/** Subscriptions without a cursor, by what they watch. */
const subscriptions = {
  league: `subscription ($id: ID!) { change: leagueInstances(leagueId: $id) { ${fields} instanceId } }`,
  job: `subscription ($id: ID!, $job: ID) { change: leagueInstances(leagueId: $id, jobId: $job) { ${fields} instanceId } }`,
  run: `subscription ($id: ID!) { change: instanceStatus(id: $id) { ${fields} instanceId } }`,
  agent: `subscription ($id: ID!) { change: agentStatus(id: $id) { ${fields} } }`,
};

interface Operation {
  readonly query: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Subscribes by a client that connects again by itself; answers what it was told so far. */
type Subscribe = (operation: Operation) => readonly Told[];

/** graphql-ws. */
const overSocket: Subscribe = (operation) => {
  const told: Told[] = [];
  const client = createClient({
    url: `${url().replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: () => new Promise((resolve) => waiting.push(resolve)),
  });
  client.subscribe<{ change: Told }>(operation, {
    next: ({ data, errors }) => {
      expect(errors).toBeUndefined();
      if (data) told.push(data.change);
    },
    error: () => undefined,
    complete: () => undefined,
  });
  endings.push(() => client.dispose());
  return told;
};

/** A browser's `EventSource`, which sends the id of its last event. */
const overEventSource: Subscribe = ({ query, variables }) => {
  const told: Told[] = [];
  const address = `${url()}/graphql?${new URLSearchParams({ query, variables: JSON.stringify(variables) }).toString()}`;
  const source = new EventSource(address, { node: { reconnectionTime: 100 } });
  source.addEventListener('next', (event) => {
    const { data: given } = JSON.parse((event as MessageEvent<string>).data) as { data?: { change: Told } | null };
    if (given) told.push(given.change);
  });
  endings.push(() => source.close());
  return told;
};

/** Apollo Client with its own link of retries. */
const overApollo: Subscribe = ({ query, variables }) => {
  const told: Told[] = [];
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([
      new RetryLink({ attempts: () => true, delay: () => 100 }),
      new HttpLink({ uri: `${url()}/graphql` }),
    ]),
  });
  const subscription = client
    .subscribe<{ change: Told }>({ query: gql(query), variables, fetchPolicy: 'no-cache' })
    .subscribe(({ data, error }) => {
      expect(error).toBeUndefined();
      if (data) told.push(data.change);
    });
  endings.push(() => subscription.unsubscribe());
  return told;
};

/** Clients, and the gap that each is told: one that sends a cursor may have missed changes since. */
const clients = [
  [overSocket, null],
  [overEventSource, 'RESTART'],
  [overApollo, null],
] as const;

let used = 0;

/** A run that is under way, among the newest of its league, and does not end by itself soon. */
async function aRun() {
  const runs = stage.sandbox.world.instances.filter(({ runMs }) => runMs > 300_000);
  const run = runs.sort((one, other) => other.startedAtMs - one.startedAtMs)[used];
  used += 1;
  if (run === undefined) throw new Error('the embedded TICS has no runs');
  await stage.sandbox.client.setInstanceStatus(run.id, 'RUNNING');
  const type = stage.sandbox.world.job(run.jobId)?.type.toLowerCase() ?? '';
  return {
    ticsId: run.id,
    id: `Instance:${run.leagueId}/${run.id}`,
    leagueId: `League:${run.leagueId}`,
    jobId: `Job:${run.leagueId}/${type}/${run.jobId}`,
  };
}

test.each(['SIGTERM', 'SIGKILL'] as const)(
  '%s and a start: clients connect again, and are told what ended meanwhile',
  async (signal) => {
    const run = await aRun();
    const agent = `Agent:${stage.sandbox.agents[0]?.id}`;
    await stage.sandbox.client.setAgentStatus(agent.slice('Agent:'.length), 'TRUST');
    const watched = clients.flatMap(([subscribe, gapReason]) =>
      (
        [
          ['league', { id: run.leagueId }, run.leagueId],
          ['job', { id: run.leagueId, job: run.jobId }, run.leagueId],
          ['run', { id: run.id }, run.id],
          ['agent', { id: agent }, agent],
        ] as const
      ).map(([name, variables, refetched]) => ({
        told: subscribe({ query: subscriptions[name], variables }),
        isOfRun: name !== 'agent',
        gap: { gapReason, refetchIds: gapReason === null ? [] : [refetched] },
      })),
    );
    const isWhole = (told: readonly Told[]) => told.some(({ kind }) => kind === 'SNAPSHOT_END');
    await expect.poll(() => watched.every(({ told }) => isWhole(told)), { timeout: 30_000 }).toBe(true);
    for (const { told, isOfRun } of watched)
      expect(told).toContainEqual(
        expect.objectContaining(isOfRun ? { instanceId: run.id, status: 'RUNNING' } : { status: 'ONLINE' }),
      );

    const before = watched.map(({ told }) => told.length);
    await stop(signal);
    await stage.sandbox.client.setInstanceStatus(run.ticsId, 'FAILED');
    await stage.sandbox.client.setAgentStatus(agent.slice('Agent:'.length), 'OFFLINE');
    await start();

    const since = () => watched.map(({ told }, index) => told.slice(before[index]));
    await expect.poll(() => since().every(isWhole), { timeout: 30_000 }).toBe(true);
    for (const [index, told] of since().entries()) {
      expect(told[0]).toMatchObject(watched[index]?.gap ?? {});
      expect(told).toContainEqual(
        expect.objectContaining(
          watched[index]?.isOfRun ? { instanceId: run.id, status: 'FAILED', final: true } : { status: 'OFFLINE' },
        ),
      );
    }
  },
);
