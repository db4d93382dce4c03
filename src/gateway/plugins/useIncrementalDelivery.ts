import { useDeferStream } from '@graphql-yoga/plugin-defer-stream';
import {
  BREAK,
  getDirectiveValues,
  visit,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  type ValidationRule,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../../graphql/context.ts';
import type { Logger } from '../../telemetry/log.ts';
import { maskError } from '../maskErrors.ts';
import { withProvenance } from '../provenance.ts';
import { refusal, withoutHttp } from '../refusal.ts';
import { budgetError } from './useResultLimit.ts';

/** One of the payloads of an answer in parts: the first has `data`, all others `incremental`. */
export interface Payload extends ExecutionResult {
  readonly hasNext?: boolean;
  readonly incremental?: readonly IncrementalPart[];
}

/** What was deferred, or further items of a list that is streamed. */
interface IncrementalPart extends ExecutionResult {
  readonly items?: readonly unknown[] | null;
  readonly path?: readonly (string | number)[];
  readonly label?: string;
}

const deferring = new WeakMap<DocumentNode, boolean>();

/** True when a document has `@defer` or `@stream`: it may be answered in parts. */
export function isAnsweredInParts(document: DocumentNode): boolean {
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

/**
 * The executor takes another beginning of a stream for a fault of its own.
 *
 * @throws GatewayError BAD_REQUEST
 */
function refuseNegativeCounts({ document, schema, variableValues }: ExecutionArgs): void {
  const directive = schema.getDirective('stream');
  if (!directive || !isAnsweredInParts(document)) return;
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

/** Puts failures that stand beside data into the part that they belong to. */
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

/** Nothing of a result that is too large, or took too long, is answered: an error stands in its place. */
function withinBudget(payload: Payload, { operation }: Context): Payload {
  const { data, incremental } = payload;
  if (!operation.result.isStopped)
    for (const part of [{ data }, ...(incremental ?? [])]) operation.result.takeData(part.data ?? part.items);
  const error = budgetError(operation.result);
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

/** Errors of parts: those of the first payload are masked by Yoga. */
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
 * The plugin's rule on fields that overlap takes 18 s for 4,000 equal fields, graphql-js's 80 ms (it has CVE-2023-26144). It
 * differs in looking at the arguments of `@stream` alone. A bundler numbers names that come twice.
 */
function isSlow(rule: ValidationRule): boolean {
  return rule.name.startsWith('OverlappingFieldsCanBeMergedRule');
}

/**
 * Answers queries with `@defer` and `@stream` in parts, as they come: each part has the limits, the masked errors and the
 * provenance of an answer.
 */
export function useIncrementalDelivery(log: Logger): Plugin<Context> {
  return {
    onValidate: (event) =>
      deferStream.onValidate?.({
        ...event,
        // The plugin exchanges a rule here.
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
              const payload = withErrors(withinBudget(next as Payload, context), errors);
              setResult(withProvenance(masked(payload, log), context));
            },
          };
        },
      };
    },
  };
}
