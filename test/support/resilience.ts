import { afterEach } from 'vitest';
import type { TicsConfig } from '../../src/config/config.ts';
import type { Gateway, GatewayDependencies } from '../../src/gateway/gateway.ts';
import type { Fault, Rule } from '../../src/sandbox/client.ts';
import { defaultResilience, type Resilience } from '../../src/tics/planes/upstreams.ts';
import { askGateway, configFor, gatewayFor, type GraphQLAnswer, type Stage } from './gateway.ts';
import { required } from './required.ts';
import { countCalls } from './calls.ts';
import { onlineAgent } from './agents.ts';

const off: Resilience = {
  ...defaultResilience,
  retries: false,
  sharing: false,
  cache: { freshMs: 0, staleMs: 0, staleIfErrorMs: 0 },
};

type Setting = Partial<Resilience> & Pick<GatewayDependencies, 'operationTimeoutMs'>;

/** An operation that takes one call of the space plane, `listLeagues`. */
export const leaguesQuery = '{ leagues(role: OWNER) { nodes { name } } }';

/** An operation that takes one call of an agent, `getAgentRuntime`. */
export function runtimeQuery(agentId: string): string {
  return `{ agent(id: "${agentId}") { runtime { __typename } } }`;
}

/** An operation that writes on the space plane. */
export const updateLeagueMutation =
  'mutation ($input: UpdateLeagueInput!) { updateLeague(input: $input) { userErrors { code } } }';

/** Faults after which a read is sent again. */
export const transientFaults: readonly [string, Fault][] = [
  ['a reset', { kind: 'reset', at: 'before' }],
  ['a reset in mid-answer', { kind: 'reset', at: 'midAnswer' }],
  ['a truncated answer', { kind: 'truncated' }],
  ['502', { kind: 'status', status: 502 }],
  ['503', { kind: 'status', status: 503 }],
  ['429', { kind: 'status', status: 429 }],
];

/** An answer with the extensions for stale data and failovers. */
export type AnswerWithExtensions = GraphQLAnswer<object> & {
  readonly extensions?: {
    readonly stale?: readonly object[];
    readonly failovers?: readonly object[];
  };
};

/** The codes of an answer's errors. */
export function codesOf({ errors = [] }: GraphQLAnswer<unknown>): readonly unknown[] {
  return errors.map(({ extensions }) => extensions?.['code']);
}

/** Asks a gateway; the answer shows its extensions. */
export async function ask(gateway: Gateway, query: string, variables = {}): Promise<AnswerWithExtensions> {
  return askGateway<object>(gateway, query, variables);
}

/** Gateways before the embedded TICS of a test file, with faults of its calls; all are closed after each test. */
export function useFaults(stage: Stage) {
  const opened: { close: () => unknown }[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((open) => open.close()));
  });
  return {
    /** Closes something after the test. */
    closeLater: (open: { close: () => unknown }): void => void opened.push(open),
    /** A gateway without retries, cache and deadline but those of the setting. */
    gatewayWith: ({ operationTimeoutMs, ...resilience }: Setting, change: Partial<TicsConfig> = {}): Gateway => {
      const gateway = gatewayFor(
        { ...configFor(stage.sandbox), ...change },
        { resilience: { ...off, ...resilience }, ...(operationTimeoutMs !== undefined && { operationTimeoutMs }) },
      );
      opened.push(gateway);
      return gateway;
    },
    /** Adds a fault to the calls of one operation. */
    addFault: (operationId: string, fault: Fault, more: Partial<Rule> = {}): Promise<void> =>
      stage.sandbox.client.addRules([{ operationId, fault, ...more }]),
    /** Counts the calls of one operation that the embedded TICS received. */
    countCalls: (operationId: string) => countCalls(stage, operationId),
    /** The first agent that works. */
    onlineAgent: () => onlineAgent(stage),
    /** The id of a league that the account owns. */
    ownLeagueId: (): string => required(stage.sandbox.world.leaguesOfRole('OWNER')[0], 'own league').id,
  };
}
