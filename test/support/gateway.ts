import { afterAll, beforeAll, beforeEach } from 'vitest';
import { createAccounts } from '../../src/upstream/tokens.ts';
import type { TicsConfig } from '../../src/config/config.ts';
import {
  createGateway,
  type Gateway,
  type GatewayConfig,
  type GatewayDependencies,
} from '../../src/gateway/gateway.ts';
import { createLog } from '../../src/telemetry/log.ts';
import type { Resilience } from '../../src/tics/planes/upstreams.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/start.ts';

/** One error of an answer. */
export interface AnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** An answer of the gateway; `data` is whatever the operation selected. */
export interface GraphQLAnswer<Data> {
  readonly data: Data;
  readonly errors?: readonly AnswerError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** A gateway before an embedded TICS, both fresh for a test file. */
export interface Stage {
  readonly sandbox: Sandbox;
  readonly gateway: Gateway;
  /** Executes an operation and answers data and errors. */
  readonly ask: <Data = Record<string, never>>(
    query: string,
    variables?: Readonly<Record<string, unknown>>,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<GraphQLAnswer<Data>>;
  /** Executes an operation, which must have no errors, and answers its data. */
  readonly data: <Data>(query: string, variables?: Readonly<Record<string, unknown>>) => Promise<Data>;
  /** The calls received while `work` ran, by operation id, without sign-ins and without finding agents. */
  readonly callsOf: (work: () => Promise<unknown>) => Promise<Readonly<Record<string, number>>>;
}

/** The instant at which the embedded TICS of the tests starts, so that its world is always the same. */
export const nowMs = Date.UTC(2026, 5, 1, 4);

/** The gateway's configuration for an embedded TICS, all of whose agents it has the accounts of. */
export function configFor({ spaceUrl, iamUrl, projectId, region, account, agents }: Sandbox): TicsConfig {
  return {
    spaceUrl,
    iamUrl,
    projectId,
    region,
    account,
    language: 'en_us',
    timeZone: 'Asia/Shanghai',
    // Where the embedded space plane says that its agents are.
    agentNetworks: ['127.0.0.0/8'],
    agents: agents.map(({ id, url, user, password, certificate }) => ({ id, url, user, password, certificate })),
  };
}

/** Each call sent once and nothing kept, so that tests can count calls and see failures as they come. */
const plain: Partial<Resilience> = {
  retries: false,
  sharing: false,
  cache: { freshMs: 0, staleMs: 0, staleIfErrorMs: 0 },
};

/** A gateway for a configuration of TICS, silent unless something is wrong. */
export function gatewayFor(
  tics: TicsConfig,
  dependencies: Partial<GatewayDependencies> = {},
  config: Partial<GatewayConfig> = {},
): Gateway {
  return createGateway(
    { tics, ...config },
    {
      log: createLog('fatal'),
      accounts: createAccounts(dependencies.shared?.signIns),
      ...dependencies,
      resilience: { ...plain, ...dependencies.resilience },
    },
  );
}

/** Asks a gateway over its `fetch`. */
export async function askGateway<Data>(
  gateway: Gateway,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<GraphQLAnswer<Data>> {
  const response = await gateway.fetch('http://gateway.test/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as GraphQLAnswer<Data>;
}

/** Starts both for a test file. Rules and recorded calls are emptied before each test. */
export function useStage(options: SandboxOptions = {}): Stage {
  let sandbox: Sandbox;
  let gateway: Gateway;
  beforeAll(async () => {
    sandbox = await startSandbox({ nowMs, ...options });
    gateway = gatewayFor(configFor(sandbox));
  });
  beforeEach(async () => {
    await sandbox.client.clearRules();
    await sandbox.client.clearCalls();
  });
  afterAll(async () => {
    await gateway.close();
    const faults = await sandbox.client.contractFaults();
    await sandbox.close();
    if (faults.length > 0) throw new Error(`the embedded TICS broke the contract: ${JSON.stringify(faults, null, 2)}`);
  });
  const ask: Stage['ask'] = (query, variables, headers) => askGateway(gateway, query, variables, headers);
  return {
    get sandbox() {
      return sandbox;
    },
    get gateway() {
      return gateway;
    },
    ask,
    data: async <Data>(query: string, variables?: Readonly<Record<string, unknown>>) => {
      const answer = await ask<Data>(query, variables);
      if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors, null, 2));
      return answer.data;
    },
    callsOf: async (work) => {
      await sandbox.client.clearCalls();
      await work();
      const { createToken, createAgentToken, ...calls } = await sandbox.client.countCalls();
      return calls;
    },
  };
}
