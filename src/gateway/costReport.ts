import type { BudgetState } from '../callers/budgets.ts';
import type { Caller } from '../callers/caller.ts';
import type { LimitsConfig } from '../config/config.ts';
import { errorCodes, GatewayError } from '../errors.ts';
import type { OperationCost } from '../graphql/cost.ts';
import { agentCalls } from '../upstream/generated/calls.ts';

/** Limits on operations, reported in `extensions.cost`. */
const reportedLimits = [
  'operationCalls',
  'callerCallsPerMinute',
  'resultObjects',
  'resultValues',
  'resultBytes',
  'depth',
  'aliases',
  'directives',
  'tokens',
  'operationTimeoutMs',
] as const;

export type CostLimits = Pick<LimitsConfig, 'cost' | (typeof reportedLimits)[number]>;

/** Number of fields listed in a refusal. */
const namedFields = 5;

/** Upstream calls by plane. Sign-ins are no calls of an operation. */
export type CallsByPlane = Record<'SPACE' | 'AGENT', number>;

export function planeOf(call: string): keyof CallsByPlane {
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
    throttleStatus: state,
    unit: 'upstreamCalls',
    byPlane: { SPACE: SPACE + further.SPACE, AGENT: AGENT + further.AGENT },
  };
}

/** An operation and its cost. */
export interface CostedOperation {
  readonly cost: OperationCost;
  readonly caller: Caller;
  /** Value of `X-Cost`. */
  readonly asked: string | null;
  /** Calls claimed during execution: lists of TICS are longer than the query asks for, or a subscription has events. */
  readonly further: CallsByPlane;
}

/**
 * `extensions.cost` of an answer. Undefined for anonymous callers without `X-Cost`.
 *
 * @param actual - the calls that were made; null where nothing was executed
 */
export function reportCost(
  { cost, caller, asked, further }: CostedOperation,
  state: BudgetState | undefined,
  limits: CostLimits,
  actual: number | null,
) {
  if (asked === null) return caller.isAnonymous ? undefined : costExtension(cost, state, actual, further);
  return {
    ...costExtension(cost, state, actual, further),
    requestedObjects: Number.isFinite(cost.objects) ? cost.objects : null,
    limits: Object.fromEntries(reportedLimits.map((name) => [name, limits[name]])),
    ...(asked === 'fields' && { byField: fieldsOf(cost) }),
  };
}

interface RefusedCost {
  readonly cost: OperationCost;
  readonly state: BudgetState | undefined;
  readonly retryAfter?: number | undefined;
}

/** Ends an operation that is under way: its answer has an HTTP status already. */
export function costError(
  code: 'COST_LIMIT' | 'THROTTLED',
  message: string,
  { cost, state, retryAfter }: RefusedCost,
): GatewayError {
  const error = new GatewayError(code, message, retryAfter === undefined ? {} : { retryAfter });
  error.extensions['cost'] = { ...costExtension(cost, state, null), byField: fieldsOf(cost).slice(0, namedFields) };
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
