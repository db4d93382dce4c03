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
import { CallerBudgets, payerIdOf } from '../../callers/callerBudgets.ts';
import type { Caller } from '../../callers/caller.ts';
import type { LimitsConfig } from '../../config/config.ts';
import type { Context, OperationRecord, Usage } from '../../graphql/context.ts';
import { costOf, maxVisits, type OperationCost } from '../../graphql/cost.ts';
import { mapMaybePromise } from '../../maybePromise.ts';
import type { SharedBudgets } from '../../shared/budgets.ts';
import {
  costError,
  costRefusal,
  maxRequestedObjects,
  nothingFurther,
  reportCost,
  type CostedOperation,
} from '../costReport.ts';
import type { GatewayPlugin } from '../plugin.ts';
import type { Identified, PayerIdOf } from './useIdentity.ts';

/** `X-Cost` asks for the cost: its total, the share of each field, or the cost alone, without executing anything. */
export const costHeader = 'x-cost';

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

interface AdmittedOperation extends CostedOperation {
  /** Calls reserved in the caller's budget. */
  taken: number;
  readonly kind: OperationTypeNode;
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

const usedUp = 'You have used up your upstream calls for the moment.';

function tooManyCalls(most: number): string {
  return `The operation has made ${most} upstream calls, as many as one may: lists of TICS are longer than it asks for.`;
}

const askForFewer = 'Ask for fewer with `first`, or in several operations.';

interface CostRules {
  readonly budgets: CallerBudgets;
  readonly limits: LimitsConfig;
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
  if (isEnforced && cost.objects > maxRequestedObjects(limits)) {
    const asked = Number.isFinite(cost.objects)
      ? `for ${cost.objects} objects, and may ask for ${maxRequestedObjects(limits)}`
      : `for more than ${maxVisits} fields and ids, those of fragments counted wherever they are spread`;
    throw costRefusal('COST_LIMIT', `The operation asks ${asked}. ${askForFewer}`, { cost, state });
  }
  const { operationCalls } = limits;
  // Waiting does not help an operation that costs more than the whole budget.
  const most = caller.isAnonymous ? operationCalls : Math.min(operationCalls, limits.callerCallsPerMinute);
  if (isEnforced && cost.calls > most) {
    const message = `The operation costs ${cost.calls} upstream calls, and may cost ${most}. ${askForFewer}`;
    throw costRefusal('COST_LIMIT', message, { cost, state });
  }
  return mapMaybePromise(budgets.take(caller, cost.calls), (retryAfter) => {
    if (retryAfter === undefined) return cost.calls;
    if (!isEnforced) return 0;
    throw costRefusal('THROTTLED', usedUp, { cost, state: budgets.stateOf(caller), retryAfter });
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
    costError(code, message, { cost, further: known.further, state: budgets.stateOf(caller), retryAfter });
  if (isEnforced && kind === OperationTypeNode.QUERY && usage.charged > limits.operationCalls)
    return Promise.reject(refuse('COST_LIMIT', tooManyCalls(limits.operationCalls)));
  const grant = (taken: number): undefined => {
    known.taken += taken;
    known.further = new Map(known.further).set(call, (known.further.get(call) ?? 0) + 1);
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

/** Each answer to a caller with a key passes here: see docs/decisions/025. */
function withCost({ errors, data, extensions }: ExecutionResult, cost: unknown): ExecutionResult {
  const reported = { cost, ...extensions };
  return errors === undefined ? { data, extensions: reported } : { errors, data, extensions: reported };
}

/** The limit of what operations cost. */
export type CostLimit = ReturnType<typeof createCostLimit>;

/**
 * Limits the upstream calls of an operation and of a caller, and reports them in `extensions.cost` and `RateLimit` headers.
 */
export function createCostLimit(schema: GraphQLSchema, limits: LimitsConfig, shared?: SharedBudgets) {
  const budgets = new CallerBudgets(limits.callerCallsPerMinute, shared);
  const admitted = new WeakMap<OperationRecord, AdmittedOperation>();

  const extensionFor = (known: AdmittedOperation, actual: number | null) =>
    reportCost(known, budgets.stateOf(known.caller), limits, actual);

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
        const kind = operation.operation;
        const known: AdmittedOperation = { cost, caller, asked, taken, kind, further: nothingFurther };
        admitted.set(record, known);
        record.usage.claimed = cost.calls;
        record.usage.claim = (call) => claimFurther(known, record.usage, call, { budgets, limits });
      };
    if (cost === undefined) return remember(0);
    const taken = asked === 'dry-run' ? budgets.refresh(caller) : reserve(caller, cost, { budgets, limits });
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
      const chargeActual = (): void => {
        budgets.correct(caller, usage.charged - known.taken);
        if (usage.succeeded > 0) budgets.accept(caller);
      };
      return {
        onExecuteDone: ({ result, setResult }) => {
          if (Symbol.asyncIterator in result) return { onEnd: chargeActual };
          chargeActual();
          const extension = extensionFor(known, usage.charged);
          if (extension === undefined) return undefined;
          setResult(withCost(result, extension));
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

  const payerIn: PayerIdOf = (caller, address) => payerIdOf(budgets.payerOf(caller, address));
  return { admit, payerIdOf: payerIn, plugin, streamPlugin, close: () => budgets.close() };
}
