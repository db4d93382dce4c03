import { afterAll, beforeAll, describe } from 'vitest';
import { openBi, type Bi, type BiOptions } from '../../src/bi/bi.ts';
import type { Engine } from '../../src/bi/model/ddl.ts';
import { createReferringWrites } from '../../src/bi/refresh/references.ts';
import { openDuckDb } from '../../src/bi/store/duckdb.ts';
import { openPostgres } from '../../src/bi/store/postgres.ts';
import type { Store, TableChange } from '../../src/bi/store/store.ts';
import { parseConfig, type BiConfig } from '../../src/config/config.ts';
import type { GatewayDependencies } from '../../src/gateway/gateway.ts';
import type { SandboxOptions } from '../../src/sandbox/start.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { postgresBin, startPostgres, type PostgresServer } from '../support/postgres.ts';
import { configFor, gatewayFor, useStage, type GraphQLAnswer, type Stage } from '../support/gateway.ts';

/** A gateway that serves tables, before an embedded TICS. */
export interface BiStage extends Stage {
  readonly bi: Bi;
  readonly url: string;
  /** Asks for a path. */
  readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Response>;
  /** Asks GraphQL over HTTP. */
  readonly graphql: <Data>(
    query: string,
    variables?: Readonly<Record<string, unknown>>,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<GraphQLAnswer<Data>>;
  /** The JSON of an answer, which must be 200. */
  readonly json: <Answer = Readonly<Record<string, unknown>>>(
    path: string,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>;
}

/** Days of the world, which the usual one has nine times as many of: reading them is most of what starting costs. */
const worldDays = 10;

/** Starts all of it for a test file with a changed configuration of BI, and reads the tables once; they change when a test refreshes them. */
export function useBi(
  {
    watching,
    world = {},
    ...changed
  }: Partial<BiOptions & Pick<GatewayDependencies, 'watching'> & { readonly world: SandboxOptions }> = {},
  config: () => Partial<BiConfig> = () => ({}),
): BiStage {
  const stage = useStage({ nowMs: Date.now(), days: worldDays, ...world });
  let bi: Bi;
  let server: GatewayServer;
  beforeAll(async () => {
    const { identify } = changed;
    const gateway = gatewayFor(configFor(stage.sandbox), {
      readRows: (...query) => bi.readRows(...query),
      onRuns: (runs) => bi.onRuns(runs),
      ...(identify && { identify }),
      ...(watching && { watching }),
    });
    bi = await openBi({
      config: { ...parseConfig('', {}, 'none').bi, historyDays: worldDays + 2, callsPerSecond: 10_000, ...config() },
      dataDirectory: 'none',
      timeZone: 'Asia/Shanghai',
      planes: gateway.planes,
      identify: gateway.identify,
      log: createLog('fatal'),
      ...changed,
    });
    server = await startServer(gateway, { host: '127.0.0.1', port: 0, bi: bi.handle });
    await stage.sandbox.client.setSpeed(0);
    await bi.refresher.readAll();
  }, 60_000);
  afterAll(async () => {
    await server.close();
    await bi.close();
  });
  const get: BiStage['get'] = (path, headers = {}) => fetch(`${server.url}${path}`, { headers, redirect: 'manual' });
  const json = async <Answer>(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer> => {
    const response = await get(path, headers);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${text}`);
    return JSON.parse(text) as Answer;
  };
  const graphql: BiStage['graphql'] = async (query, variables = {}, headers = {}) => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as never;
  };
  return Object.defineProperties({ get, json, graphql } as unknown as BiStage, {
    ...Object.getOwnPropertyDescriptors(stage),
    bi: { get: () => bi },
    url: { get: () => server.url },
  });
}

/** Describes the same of both engines, each with the rows of some changes and what these refer to. */
export function describeEngines(
  name: string,
  changes: readonly TableChange[],
  describeStore: (store: () => Store, engine: Engine) => void,
): void {
  let store: Store;
  const fill = async (opened: Store): Promise<void> => {
    store = opened;
    await createReferringWrites(store)(changes);
  };

  describe(`${name}, by the embedded engine`, () => {
    beforeAll(async () => fill(await openDuckDb()));
    afterAll(() => store.close());
    describeStore(() => store, 'duckdb');
  });

  // Needs Debian's package postgresql.
  describe.skipIf(postgresBin === undefined)(`${name}, by Postgres`, () => {
    let postgres: PostgresServer;
    beforeAll(async () => {
      postgres = await startPostgres(postgresBin ?? '');
      await fill(await openPostgres(postgres.url));
    }, 60_000);
    afterAll(async () => {
      await store.close();
      await postgres.close();
    });
    describeStore(() => store, 'postgres');
  });
}
