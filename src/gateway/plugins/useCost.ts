import {
  getOperationAST,
  getVariableValues,
  OperationTypeNode,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { BudgetState, CallBudgets } from '../../callers/budgets.ts';
import type { Caller } from '../../callers/caller.ts';
import { createBudgets } from '../../callers/replicaBudgets.ts';
import type { LimitsConfig } from '../../config/config.ts';
import { errorCodes, GatewayError } from '../../errors.ts';
import type { Context, OperationRecord, Usage } from '../../graphql/context.ts';
import { costOf, type OperationCost } from '../../graphql/cost.ts';
import { agentCalls } from '../../upstream/generated/calls.ts';
import { mapMaybePromise } from '../../maybePromise.ts';
import type { SharedBudgets } from '../../shared/budgets.ts';
import type { GatewayPlugin } from '../plugin.ts';
import type { Identified } from './useIdentity.ts';

/** Limits on operations, reported in `extensions.cost`. */
const reportedLimits = [
  ...(['operationCalls', 'callerCallsPerMinute', 'resultObjects', 'resultValues', 'resultBytes'] as const),
  ...(['depth', 'aliases', 'directives', 'tokens', 'operationTimeoutMs'] as const),
];

export type CostLimits = Pick<LimitsConfig, 'cost' | (typeof reportedLimits)[number]>;

/** `X-Cost` asks for the cost: its total, the share of each field, or the cost alone, without executing anything. */
export const costHeader = 'x-cost';

/**
 * Nested lists are seldom as long as their `first` allows, so the estimate may exceed the limit of a result by this factor.
 * What is refused here are cycles, which multiply without end; objects are counted during execution.
 */
const objectsOverestimate = 2_000;

/** Number of fields listed in a refusal. */
const namedFields = 5;

/** Costs cached per document, one for each set of variables. */
const rememberedCosts = 50;

const costs = new WeakMap<OperationDefinitionNode, Map<string, OperationCost>>();

/** The cost of an operation. Undefined for invalid variables, which execution reports. */
function knownCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): OperationCost | undefined {
  const known = costs.get(operation) ?? new Map<string, OperationCost>();
  costs.set(operation, known);
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  if (coerced === undefined) return undefined;
  const key = JSON.stringify(coerced, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  const cost = known.get(key) ?? costOf(schema, document, operation, coerced);
  if (known.size >= rememberedCosts) known.clear();
  known.set(key, cost);
  return cost;
}

/** Upstream calls by plane. Sign-ins are no calls of an operation. */
type CallsByPlane = Record<'SPACE' | 'AGENT', number>;

function planeOf(call: string): keyof CallsByPlane {
  return call in agentCalls ? 'AGENT' : 'SPACE';
}

function byPlane({ byCall }: OperationCost): CallsByPlane {
  const planes = { SPACE: 0, AGENT: 0 };
  for (const [call, count] of Object.entries(byCall)) planes[planeOf(call)] += count;
  return planes;
}

/** Fields by their cost, the most expensive first. */
function fieldsOf({ byField }: OperationCost): readonly { readonly field: string; readonly calls: number }[] {
  return Object.entries(byField)
    .map(([field, calls]) => ({ field, calls }))
    .sort((one, other) => other.calls - one.calls);
}

interface AdmittedOperation {
  readonly cost: OperationCost;
  readonly caller: Caller;
  /** Value of `X-Cost`. */
  readonly asked: string | null;
  /** Calls reserved in the caller's budget. */
  taken: number;
  /** Calls claimed during execution: lists of TICS are longer than the query asks for, or a subscription has events. */
  readonly further: CallsByPlane;
  readonly kind: OperationTypeNode;
}

const nothingFurther: Readonly<CallsByPlane> = { SPACE: 0, AGENT: 0 };

function costExtension(
  cost: OperationCost,
  state: BudgetState | undefined,
  actual: number | null,
  further = nothingFurther,
) {
  const { SPACE, AGENT } = byPlane(cost);
  return {
    requestedQueryCost: cost.calls + further.SPACE + further.AGENT,
    actualQueryCost: actual,
    ...(state && { throttleStatus: state }),
    unit: 'upstreamCalls',
    byPlane: { SPACE: SPACE + further.SPACE, AGENT: AGENT + further.AGENT },
  };
}

/** `extensions.cost` of an answer. Undefined for anonymous callers without `X-Cost`. */
function extensionOf(
  { cost, caller, asked, further }: AdmittedOperation,
  state: BudgetState | undefined,
  limits: CostLimits,
  actual: number | null,
) {
  if (asked === null && caller.isAnonymous) return undefined;
  return {
    ...costExtension(cost, state, actual, further),
    ...(asked !== null && {
      requestedObjects: Number.isFinite(cost.objects) ? cost.objects : null,
      limits: Object.fromEntries(reportedLimits.map((name) => [name, limits[name]])),
    }),
    ...(asked === 'fields' && { byField: fieldsOf(cost) }),
  };
}

interface RefusedCost {
  readonly cost: OperationCost;
  readonly state: BudgetState | undefined;
  readonly retryAfter?: number | undefined;
}

/** The end of an operation that is under way: its answer has an HTTP status already. */
function refusalOf(
  code: 'COST_LIMIT' | 'THROTTLED',
  message: string,
  { cost, state, retryAfter }: RefusedCost,
): GatewayError {
  const error = new GatewayError(code, message, retryAfter === undefined ? {} : { retryAfter });
  error.extensions['cost'] = { ...costExtension(cost, state, null), byField: fieldsOf(cost).slice(0, namedFields) };
  return error;
}

/** The refusal of an operation before it is executed. */
function refusal(
  code: 'COST_LIMIT' | 'THROTTLED',
  message: string,
  { cost, state, retryAfter }: RefusedCost,
): GatewayError {
  const error = refusalOf(code, message, { cost, state, retryAfter });
  error.extensions['http'] = {
    status: errorCodes[code].httpStatus,
    ...(retryAfter !== undefined && { headers: { 'retry-after': `${retryAfter}` } }),
  };
  return error;
}

/** Input of the admission. */
export interface CostedRequest {
  readonly caller: Caller;
  readonly document: DocumentNode | undefined;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly headers: Pick<Headers, 'get'>;
  /** Address of the client, if known. */
  readonly address?: string | undefined;
}

/** Keys with one name share a budget: rotating a key does not add a second one. */
function budgetOf({ id, name }: Caller): string {
  return id ?? name;
}

/** Limit of token hashes remembered as accepted by TICS. */
const mostAcceptedTokens = 10_000;

/** Budgets of callers, reported in headers (draft-ietf-httpapi-ratelimit-headers). */
class CallerBudgets {
  readonly #budgets: CallBudgets;
  readonly #acceptedTokens = new Set<string>();

  constructor(perMinute: number, shared: SharedBudgets | undefined) {
    this.#budgets = createBudgets(perMinute, 'upstreamCalls', shared);
  }

  /**
   * The caller whose budget pays. Anyone can invent tokens of TICS, each with a budget of its own, so a token that TICS has
   * not accepted yet is charged to the client's address.
   */
  payerOf(caller: Caller, address = 'unknown'): Caller {
    const { tokens } = caller;
    if (tokens === undefined || this.#acceptedTokens.has(tokens.hash)) return caller;
    return { ...caller, id: JSON.stringify(['address', address]) };
  }

  /** Remembers that TICS accepted the caller's tokens. */
  accept({ tokens }: Caller): void {
    if (tokens === undefined) return;
    this.#acceptedTokens.add(tokens.hash);
    const [oldest] = this.#acceptedTokens;
    if (this.#acceptedTokens.size > mostAcceptedTokens && oldest !== undefined) this.#acceptedTokens.delete(oldest);
  }

  /**
   * Reserves calls. Returns the seconds to wait if too few are left, and reserves none then. Anonymous callers have no
   * budget.
   */
  take(caller: Caller, calls: number): ReturnType<CallBudgets['take']> {
    return caller.isAnonymous ? undefined : this.#budgets.take(budgetOf(caller), calls);
  }

  /** Refreshes what is left without reserving anything. */
  look(caller: Caller): number | Promise<number> {
    return mapMaybePromise(this.take(caller, 0), () => 0);
  }

  correct(caller: Caller, calls: number): void {
    if (!caller.isAnonymous) this.#budgets.correct(budgetOf(caller), calls);
  }

  stateOf(caller: Caller): BudgetState | undefined {
    return caller.isAnonymous ? undefined : this.#budgets.stateOf(budgetOf(caller));
  }

  close(): void {
    this.#budgets.close();
  }

  /** Calls left, and the seconds until the budget is full again. */
  headersFor(caller: Caller): readonly (readonly [string, string])[] {
    const state = this.stateOf(caller);
    if (state === undefined) return [];
    const { maximumAvailable, currentlyAvailable } = state;
    const fullInSeconds = Math.ceil(((maximumAvailable - currentlyAvailable) / Math.max(1, maximumAvailable)) * 60);
    return [
      ['ratelimit-policy', `"upstreamCalls";q=${maximumAvailable};w=60`],
      ['ratelimit', `"upstreamCalls";r=${currentlyAvailable};t=${fullInSeconds}`],
    ];
  }
}

const usedUp = 'You have used up your upstream calls for the moment.';

function tooManyCalls(most: number): string {
  return `The operation has made ${most} upstream calls, as many as one may: lists of TICS are longer than it asks for.`;
}

const askForFewer = 'Ask for fewer with `first`, or in several operations.';

interface CostRules {
  readonly budgets: CallerBudgets;
  readonly limits: CostLimits;
}

/**
 * Reserves the calls of an operation in its caller's budget.
 *
 * @returns the reserved calls; a promise if other replicas must be asked
 * @throws GatewayError COST_LIMIT or THROTTLED
 */
function reserve(caller: Caller, cost: OperationCost, { budgets, limits }: CostRules): number | Promise<number> {
  const isEnforced = limits.cost === 'enforce';
  const state = budgets.stateOf(caller);
  if (isEnforced && cost.objects > limits.resultObjects * objectsOverestimate)
    throw refusal('COST_LIMIT', `More objects than one answer may have. ${askForFewer}`, { cost, state });
  const { operationCalls } = limits;
  // Waiting does not help an operation that costs more than the whole budget.
  const most = caller.isAnonymous ? operationCalls : Math.min(operationCalls, limits.callerCallsPerMinute);
  if (isEnforced && cost.calls > most) {
    const message = `The operation costs ${cost.calls} upstream calls, and may cost ${most}. ${askForFewer}`;
    throw refusal('COST_LIMIT', message, { cost, state });
  }
  return mapMaybePromise(budgets.take(caller, cost.calls), (retryAfter) => {
    if (retryAfter === undefined) return cost.calls;
    if (!isEnforced) return 0;
    throw refusal('THROTTLED', usedUp, { cost, state: budgets.stateOf(caller), retryAfter });
  });
}

/**
 * Claims one more call of an operation, before it is sent. Mutations would be left half done: theirs are charged at the end. A
 * subscription claims those of its events, without end.
 *
 * @returns undefined where it may be sent at once; else a promise that rejects with COST_LIMIT or THROTTLED
 */
function claimFurther(
  known: AdmittedOperation,
  usage: Usage,
  call: string,
  { budgets, limits }: CostRules,
): Promise<void> | undefined {
  const { kind, caller, cost } = known;
  const isEnforced = limits.cost === 'enforce';
  const refuse = (code: 'COST_LIMIT' | 'THROTTLED', message: string, retryAfter?: number) =>
    refusalOf(code, message, { cost, state: budgets.stateOf(caller), retryAfter });
  if (isEnforced && kind === OperationTypeNode.QUERY && usage.charged > limits.operationCalls)
    return Promise.reject(refuse('COST_LIMIT', tooManyCalls(limits.operationCalls)));
  const grant = (taken: number): undefined => {
    known.taken += taken;
    known.further[planeOf(call)] += 1;
    usage.claimed += 1;
  };
  if (!isEnforced || kind === OperationTypeNode.MUTATION) return grant(0);
  const refused = budgets.take(caller, 1);
  if (refused === undefined) return grant(1);
  return Promise.resolve(refused).then((retryAfter) => {
    if (retryAfter !== undefined) throw refuse('THROTTLED', usedUp, retryAfter);
    grant(1);
  });
}

/** The limit of what operations cost. */
export type CostLimit = ReturnType<typeof createCostLimit>;

/**
 * Limits the upstream calls of an operation and of a caller, and reports them in `extensions.cost` and `RateLimit` headers.
 */
export function createCostLimit(schema: GraphQLSchema, limits: CostLimits, shared?: SharedBudgets) {
  const budgets = new CallerBudgets(limits.callerCallsPerMinute, shared);
  const admitted = new WeakMap<OperationRecord, AdmittedOperation>();

  const extensionFor = (known: AdmittedOperation, actual: number | null) =>
    extensionOf(known, budgets.stateOf(known.caller), limits, actual);

  /**
   * Admits an operation before it is executed.
   *
   * @returns a function that attaches the admission to the operation's record; a promise if other replicas must be asked
   * @throws GatewayError COST_LIMIT or THROTTLED
   */
  const admit = ({ caller: sender, address, document, operationName, variables, headers }: CostedRequest) => {
    const caller = budgets.payerOf(sender, address);
    const operation = document && getOperationAST(document, operationName);
    const cost = operation ? knownCost(schema, document, operation, variables ?? {}) : undefined;
    const asked = headers.get(costHeader);
    const remember =
      (taken: number) =>
      (record: OperationRecord): void => {
        if (!operation || cost === undefined) return;
        const further = { SPACE: 0, AGENT: 0 };
        const known: AdmittedOperation = { cost, caller, asked, taken, further, kind: operation.operation };
        admitted.set(record, known);
        record.usage.claimed = cost.calls;
        record.usage.claim = (call) => claimFurther(known, record.usage, call, { budgets, limits });
      };
    if (cost === undefined) return remember(0);
    const taken = asked === 'dry-run' ? budgets.look(caller) : reserve(caller, cost, { budgets, limits });
    return mapMaybePromise(taken, remember);
  };

  const plugin: GatewayPlugin<Identified & { readonly address?: string | undefined }> = {
    onExecute: ({ args, setResultAndStopExecution }) => {
      const { operation } = args.contextValue;
      const known = admitted.get(operation);
      if (known === undefined) return undefined;
      const { caller, asked } = known;
      const { usage } = operation;
      if (asked === 'dry-run') {
        setResultAndStopExecution({ data: null, extensions: { cost: extensionFor(known, null) } });
        return undefined;
      }
      const settle = (): void => {
        budgets.correct(caller, usage.charged - known.taken);
        if (usage.succeeded > 0) budgets.accept(caller);
      };
      return {
        onExecuteDone: ({ result, setResult }) => {
          if (Symbol.asyncIterator in result) return { onEnd: settle };
          settle();
          const extension = extensionFor(known, usage.charged);
          if (extension === undefined) return undefined;
          const answered = result as ExecutionResult;
          setResult({ ...answered, extensions: { ...answered.extensions, cost: extension } });
          return undefined;
        },
      };
    },
    onResponse: ({ response, serverContext: { caller, address } }) => {
      const budgetHeaders = caller ? budgets.headersFor(budgets.payerOf(caller, address)) : [];
      for (const [name, value] of budgetHeaders) response.headers.set(name, value);
    },
  };
  /** Subscriptions that ask for their cost alone. */
  const streamPlugin: Plugin<Context> = {
    onSubscribe: ({ args, setResultAndStopExecution }) => {
      const known = admitted.get(args.contextValue.operation);
      if (known?.asked === 'dry-run')
        setResultAndStopExecution({ data: null, extensions: { cost: extensionFor(known, null) } });
    },
  };

  return { admit, plugin, streamPlugin, close: () => budgets.close() };
}
