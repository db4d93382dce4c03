import {
  getOperationAST,
  getVariableValues,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { Budgets, type BudgetState } from '../../callers/budgets.ts';
import type { Caller } from '../../callers/caller.ts';
import type { LimitsConfig } from '../../config/config.ts';
import { errorCodes, GatewayError } from '../../errors.ts';
import type { Context, OperationRecord } from '../../graphql/context.ts';
import { costOf, type OperationCost } from '../../graphql/cost.ts';
import { agentCalls } from '../../upstream/generated/calls.ts';

export type CostLimits = Pick<LimitsConfig, 'operationCalls' | 'callerCallsPerMinute' | 'cost' | 'resultObjects'>;

/** `X-Cost` asks for the cost: its total, the share of each field, or the cost alone, without executing anything. */
export const costHeader = 'x-cost';

/**
 * Lists in lists are seldom as long as they were asked for. So many times more objects than an answer may hold are let in, and
 * counted while they are executed: what is refused here are cycles, which multiply without end.
 */
const objectsOverestimate = 2_000;

/** Fields that a refusal names. */
const namedFields = 5;

/** Costs of one document that are remembered, by its variables. */
const rememberedCosts = 50;

const costs = new WeakMap<OperationDefinitionNode, Map<string, OperationCost>>();

/** The cost of an operation; undefined where its variables do not fit, which is told when it is executed. */
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

function byPlane({ byCall }: OperationCost): { readonly SPACE: number; readonly AGENT: number } {
  const planes = { SPACE: 0, AGENT: 0 };
  for (const [call, count] of Object.entries(byCall)) planes[call in agentCalls ? 'AGENT' : 'SPACE'] += count;
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
  /** What `X-Cost` asks for. */
  readonly asked: string | null;
}

function told(
  { cost, caller, asked }: AdmittedOperation,
  state: BudgetState | undefined,
  actual: number | null,
): Readonly<Record<string, unknown>> | undefined {
  if (asked === null && caller.isAnonymous) return undefined;
  return {
    requestedQueryCost: cost.calls,
    actualQueryCost: actual,
    ...(state && { throttleStatus: state }),
    unit: 'upstreamCalls',
    byPlane: byPlane(cost),
    ...(asked === 'fields' && { byField: fieldsOf(cost) }),
  };
}

function refusal(code: 'COST_LIMIT' | 'THROTTLED', message: string, cost: OperationCost, retryAfter?: number) {
  const error = new GatewayError(code, message, retryAfter === undefined ? {} : { retryAfter });
  error.extensions['http'] = {
    status: errorCodes[code].httpStatus,
    ...(retryAfter !== undefined && { headers: { 'retry-after': `${retryAfter}` } }),
  };
  error.extensions['cost'] = {
    requestedQueryCost: cost.calls,
    unit: 'upstreamCalls',
    byField: fieldsOf(cost).slice(0, namedFields),
  };
  return error;
}

/** What decides on an operation. */
export interface CostedRequest {
  readonly caller: Caller;
  readonly document: DocumentNode | undefined;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly headers: Headers;
}

/** Keys of one name have one budget, so that rotating them makes no second one. */
function budgetOf({ id, name }: Caller): string {
  return id ?? name;
}

/** Limits what operations cost in upstream calls, by operation and by caller, and tells it. */
export function createCostLimit(schema: GraphQLSchema, limits: CostLimits) {
  const budgets = new Budgets(limits.callerCallsPerMinute);
  const admitted = new WeakMap<OperationRecord, AdmittedOperation>();
  const isEnforced = limits.cost === 'enforce';

  /** @throws GatewayError COST_LIMIT or THROTTLED */
  const takeFrom = (caller: Caller, cost: OperationCost): void => {
    if (isEnforced && cost.objects > limits.resultObjects * objectsOverestimate)
      throw refusal('COST_LIMIT', 'The operation asks for more objects than one answer may have.', cost);
    if (isEnforced && cost.calls > limits.operationCalls)
      throw refusal(
        'COST_LIMIT',
        `The operation costs ${cost.calls} upstream calls, and may cost ${limits.operationCalls}.`,
        cost,
      );
    if (caller.isAnonymous) return;
    const retryAfter = budgets.take(budgetOf(caller), cost.calls);
    if (isEnforced && retryAfter !== undefined)
      throw refusal('THROTTLED', 'You have used up your upstream calls for the moment.', cost, retryAfter);
  };

  /**
   * Lets an operation in, before anything of it is executed.
   *
   * @returns what remembers it for the operation, once there is a record of it
   * @throws GatewayError COST_LIMIT or THROTTLED
   */
  const admit = ({ caller, document, operationName, variables, headers }: CostedRequest) => {
    const operation = document && getOperationAST(document, operationName);
    const cost = operation && knownCost(schema, document, operation, variables ?? {});
    const asked = headers.get(costHeader);
    if (cost && asked !== 'dry-run') takeFrom(caller, cost);
    return (record: OperationRecord): void => {
      if (cost) admitted.set(record, { cost, caller, asked });
    };
  };

  const plugin: Plugin<Context> = {
    onExecute: ({ args, setResultAndStopExecution }) => {
      const { operation } = args.contextValue as Context;
      const known = admitted.get(operation);
      if (known === undefined) return undefined;
      const { caller, cost, asked } = known;
      const extensionOf = (actual: number | null) =>
        told(known, caller.isAnonymous ? undefined : budgets.stateOf(budgetOf(caller)), actual);
      if (asked === 'dry-run') {
        setResultAndStopExecution({ data: null, extensions: { cost: extensionOf(null) } });
        return undefined;
      }
      return {
        onExecuteDone: ({ result, setResult }) => {
          const actual = operation.usage.calls;
          if (!caller.isAnonymous) budgets.correct(budgetOf(caller), actual - cost.calls);
          const extension = extensionOf(actual);
          if (extension === undefined || Symbol.asyncIterator in result) return;
          const answered = result as ExecutionResult;
          setResult({ ...answered, extensions: { ...answered.extensions, cost: extension } });
        },
      };
    },
  };
  return { admit, plugin };
}
