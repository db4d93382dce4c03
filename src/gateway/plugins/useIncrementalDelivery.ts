import { useDeferStream } from '@graphql-yoga/plugin-defer-stream';
import {
  BREAK,
  getDirectiveValues,
  getOperationAST,
  separateOperations,
  valueFromASTUntyped,
  visit,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  type ValidationRule,
} from 'graphql';
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import { sessionEnded } from '../../callers/session.ts';
import type { Context } from '../../graphql/context.ts';
import type { Logger } from '../../telemetry/log.ts';
import { maskError } from '../maskErrors.ts';
import { withProvenance } from '../provenance.ts';
import { refusal, withoutHttp } from '../refusal.ts';
import { budgetError } from './useResultLimit.ts';

/** One payload of an incremental answer: the first has `data`, all others `incremental`. */
export interface Payload extends ExecutionResult {
  readonly hasNext?: boolean;
  readonly incremental?: readonly IncrementalPart[];
}

/** A deferred fragment, or further items of a streamed list. */
interface IncrementalPart extends ExecutionResult {
  readonly items?: readonly unknown[] | null;
  readonly path?: readonly (string | number)[];
  readonly label?: string;
}

const deferring = new WeakMap<DocumentNode, boolean>();

/** True when a document has `@defer` or `@stream`: its answer may be incremental. */
export function mayBeAnsweredInParts(document: DocumentNode): boolean {
  const known = deferring.get(document);
  if (known !== undefined) return known;
  let isFound = false;
  visit(document, {
    Directive: ({ name }) => {
      isFound ||= name.value === 'defer' || name.value === 'stream';
      return isFound ? BREAK : undefined;
    },
  });
  deferring.set(document, isFound);
  return isFound;
}

/** False where the operation has no `@defer` and `@stream`, or its variables switch all of them off. */
export function isAnsweredInParts(document: DocumentNode, { operationName, variables }: GraphQLParams): boolean {
  const operation = getOperationAST(document, operationName);
  const own = separateOperations(document)[operation?.name?.value ?? ''];
  if (!operation || own === undefined || !mayBeAnsweredInParts(own)) return false;
  const defaults = Object.fromEntries(
    (operation.variableDefinitions ?? []).map(({ variable, defaultValue }) => [
      variable.name.value,
      defaultValue && valueFromASTUntyped(defaultValue),
    ]),
  );
  let isFound = false;
  visit(own, {
    Directive: ({ name, arguments: given = [] }) => {
      if (name.value !== 'defer' && name.value !== 'stream') return undefined;
      const condition = given.find((argument) => argument.name.value === 'if')?.value;
      isFound ||= condition === undefined || valueFromASTUntyped(condition, { ...defaults, ...variables }) !== false;
      return isFound ? BREAK : undefined;
    },
  });
  return isFound;
}

/**
 * A negative `initialCount` would be an internal error of the executor.
 *
 * @throws GatewayError BAD_REQUEST
 */
function refuseNegativeCounts({ document, schema, variableValues }: ExecutionArgs): void {
  const directive = schema.getDirective('stream');
  if (!directive || !mayBeAnsweredInParts(document)) return;
  visit(document, {
    Field: (node) => {
      const { initialCount = 0 } = getDirectiveValues(directive, node, variableValues ?? {}) ?? {};
      if (typeof initialCount !== 'number' || initialCount < 0)
        throw refusal('BAD_REQUEST', 'The argument initialCount of @stream must be 0 or more.');
    },
  });
}

function isBelow(path: readonly (string | number)[] = [], above: readonly (string | number)[] = []): boolean {
  return above.every((key, index) => path[index] === key);
}

/** Adds reported failures to the payload that their path belongs to. */
function withErrors(payload: Payload, errors: readonly GraphQLError[]): Payload {
  if (errors.length === 0) return payload;
  const { incremental } = payload;
  if (incremental === undefined || incremental.length === 0)
    return { ...payload, errors: [...(payload.errors ?? []), ...errors] };
  const places = errors.map(({ path }) =>
    Math.max(
      0,
      incremental.findIndex((part) => isBelow(path, part.path)),
    ),
  );
  return {
    ...payload,
    incremental: incremental.map((part, index) => {
      const own = errors.filter((_, at) => places[at] === index);
      return own.length === 0 ? part : { ...part, errors: [...(part.errors ?? []), ...own] };
    }),
  };
}

/** Replaces a payload by an error when the result is too large or took too long, or when the caller's session has ended. */
function withinBudget(payload: Payload, { caller, operation }: Context): Payload {
  const { data, errors, incremental } = payload;
  if (!operation.result.isStopped)
    for (const part of [{ data, errors }, ...(incremental ?? [])])
      operation.result.takeData([part.data ?? part.items, part.errors]);
  const error = caller.sessionSignal?.aborted ? sessionEnded() : budgetError(operation.result);
  if (error === undefined) return payload;
  return {
    ...payload,
    ...(data !== undefined && { data: null, errors: [error] }),
    ...(incremental && {
      incremental: incremental.map(({ items, ...part }) => ({
        ...part,
        ...(items === undefined ? { data: null } : { items: null }),
        errors: [error],
      })),
    }),
  };
}

/** Masks the errors of later payloads. Yoga masks those of the first. */
function masked(payload: Payload, log: Logger): Payload {
  const { incremental } = payload;
  if (incremental === undefined) return payload;
  return {
    ...payload,
    incremental: incremental.map((part) =>
      part.errors === undefined
        ? part
        : { ...part, errors: part.errors.map((error) => withoutHttp(maskError(error, log))) },
    ),
  };
}

const deferStream = useDeferStream() as Plugin<Context>;

/**
 * The plugin replaces graphql-js's rule on overlapping fields by one with CVE-2023-26144: 4,000 equal fields take 18 s
 * instead of 80 ms. The two differ in the arguments of `@stream` alone. Bundlers append a number to duplicate names.
 */
function isSlow(rule: ValidationRule): boolean {
  return rule.name.startsWith('OverlappingFieldsCanBeMergedRule');
}

/**
 * Answers queries with `@defer` and `@stream` incrementally. Each payload passes the limits, the masking of errors and the
 * provenance of an answer.
 */
export function useIncrementalDelivery(log: Logger): Plugin<Context> {
  return {
    onValidate: (event) =>
      deferStream.onValidate?.({
        ...event,
        // The plugin replaces a rule in this event.
        params: { ...event.params },
        addValidationRule: (rule: ValidationRule) => {
          if (!isSlow(rule)) event.addValidationRule(rule);
        },
      }),
    onExecute: ({ args }) => {
      refuseNegativeCounts(args);
      return {
        onExecuteDone: ({ result }) => {
          if (!(Symbol.asyncIterator in result)) return undefined;
          const context = args.contextValue;
          let sentErrors = 0;
          return {
            onNext: ({ result: next, setResult }) => {
              const { reported } = context.operation;
              const errors = reported.slice(sentErrors);
              sentErrors = reported.length;
              const payload = withinBudget(withErrors(next as Payload, errors), context);
              setResult(withProvenance(masked(payload, log), context));
            },
          };
        },
      };
    },
  };
}
