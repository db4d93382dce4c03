import type { BudgetState } from '../callers/budgets.ts';
import type { Caller } from '../callers/caller.ts';
import { callerShareOf, type LimitsConfig } from '../config/config.ts';
import { errorCodes, GatewayError } from '../errors.ts';
import { maxVisits, type OperationCost } from '../graphql/cost.ts';
import { agentCalls } from '../upstream/generated/calls.ts';
import { maxTextBytes } from './body/body.ts';
import { maxNesting } from './plugins/useNestingLimit.ts';
import { arrivesWithinMs } from './plugins/useRequestBody.ts';

/**
 * Nested lists are seldom as long as their `first` allows, so the estimate may exceed the limit of a result by this factor.
 * What is refused here are cycles, which multiply without end; objects are counted during execution.
 */
export const objectsOverestimate = 2_000;

export function maxRequestedObjects({ resultObjects }: Pick<LimitsConfig, 'resultObjects'>): number {
  return resultObjects * objectsOverestimate;
}

/** Limits on callers and operations, reported in `extensions.cost`. */
function reportedLimits({ upstreamConnections: _, cost: __, ...limits }: LimitsConfig) {
  return {
    requestedObjects: maxRequestedObjects(limits),
    selections: maxVisits,
    nesting: maxNesting,
    bodyBytes: maxTextBytes,
    bodyTimeoutMs: arrivesWithinMs,
    callerOperations: callerShareOf(limits.operations),
    callerSubscriptions: callerShareOf(limits.subscriptions),
    ...limits,
  };
}

/** Number of fields listed in a refusal. */
const namedFields = 5;

/** Upstream calls by plane. Sign-ins are no calls of an operation. */
type CallsByPlane = Record<'SPACE' | 'AGENT', number>;

function planeOf(call: string): keyof CallsByPlane {
  return call in agentCalls ? 'AGENT' : 'SPACE';
}

/** Calls claimed while an operation is executed, by call. */
export type FurtherCalls = ReadonlyMap<string, number>;

export const nothingFurther: FurtherCalls = new Map();

function byPlane({ byCall }: OperationCost, further: FurtherCalls): CallsByPlane {
  const planes = { SPACE: 0, AGENT: 0 };
  for (const [call, count] of Object.entries(byCall)) planes[planeOf(call)] += count;
  for (const [call, count] of further) planes[planeOf(call)] += count;
  return planes;
}

/** Fields by their cost, the most expensive first. */
function fieldsOf(
  { byField, fieldOf }: OperationCost,
  further: FurtherCalls,
): readonly { readonly field: string; readonly calls: number }[] {
  const sums: Record<string, number> = { ...byField };
  for (const [call, count] of further) {
    const field = fieldOf(call) ?? call;
    sums[field] = (sums[field] ?? 0) + count;
  }
  return Object.entries(sums)
    .map(([field, calls]) => ({ field, calls }))
    .sort((one, other) => other.calls - one.calls);
}

function costExtension(
  cost: OperationCost,
  state: BudgetState | undefined,
  actual: number | null,
  further: FurtherCalls,
) {
  const { SPACE, AGENT } = byPlane(cost, further);
  return {
    requestedQueryCost: SPACE + AGENT,
    actualQueryCost: actual,
    throttleStatus: state,
    unit: 'upstreamCalls',
    byPlane: { SPACE, AGENT },
  };
}

/** An operation and its cost. */
export interface CostedOperation {
  readonly cost: OperationCost;
  readonly caller: Caller;
  /** Value of `X-Cost`. */
  readonly asked: string | null;
  /** Calls claimed during execution: lists of TICS are longer than the query asks for, or a subscription has events. */
  further: FurtherCalls;
}

/**
 * `extensions.cost` of an answer. Undefined for anonymous callers without `X-Cost`.
 *
 * @param actual - the calls that were made; null where nothing was executed
 */
export function reportCost(
  { cost, caller, asked, further }: CostedOperation,
  state: BudgetState | undefined,
  limits: LimitsConfig,
  actual: number | null,
) {
  if (asked === null) return caller.isAnonymous ? undefined : costExtension(cost, state, actual, further);
  return {
    ...costExtension(cost, state, actual, further),
    requestedObjects: Number.isFinite(cost.objects) ? cost.objects : null,
    limits: reportedLimits(limits),
    ...(asked === 'fields' && { byField: fieldsOf(cost, further) }),
  };
}

interface RefusedCost {
  readonly cost: OperationCost;
  readonly state: BudgetState | undefined;
  readonly retryAfter?: number | undefined;
  readonly further?: FurtherCalls;
}

/** Ends an operation that is under way: its answer has an HTTP status already. */
export function costError(
  code: 'COST_LIMIT' | 'THROTTLED',
  message: string,
  { cost, state, retryAfter, further = nothingFurther }: RefusedCost,
): GatewayError {
  const error = new GatewayError(code, message, retryAfter === undefined ? {} : { retryAfter });
  error.extensions['cost'] = {
    ...costExtension(cost, state, null, further),
    byField: fieldsOf(cost, further).slice(0, namedFields),
  };
  return error;
}

/** Refuses an operation before it is executed. */
export function costRefusal(
  code: 'COST_LIMIT' | 'THROTTLED',
  message: string,
  { cost, state, retryAfter }: RefusedCost,
): GatewayError {
  const error = costError(code, message, { cost, state, retryAfter });
  error.extensions['http'] = {
    status: errorCodes[code].httpStatus,
    ...(retryAfter !== undefined && { headers: { 'retry-after': `${retryAfter}` } }),
  };
  return error;
}
