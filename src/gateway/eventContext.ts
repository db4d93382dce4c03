import type { DocumentNode, ExecutionResult, GraphQLError } from 'graphql';
import type { ErrorCode } from '../errors.ts';
import { createLoaders, type Context } from '../graphql/context.ts';
import { ResultBudget } from '../graphql/resultBudget.ts';
import type { StatusEvent } from '../status/types.ts';
import { deadlineIn } from '../upstream/deadline.ts';
import { reportTo } from './operationContext.ts';
import type { OperationPlanes } from './operationPlanes.ts';

/** Results of a document for one event, by operation name and variables. */
export type EventResults = Map<string, Promise<ExecutionResult>>;

/** Contexts and results of subscription events. */
export interface EventContexts {
  /** The context of one event, derived from the subscription's. */
  readonly contextOf: (context: Context, event: unknown) => Context;
  /** Results that subscribers with equal scopes share for the same event: thousands can watch one run. */
  readonly resultsOf: (context: Context, event: unknown, document: DocumentNode) => EventResults;
}

/** Reads that subscribers with equal scopes share for one change. */
interface EventReads {
  readonly callerScope: string;
  readonly language: Context['language'];
  /** Created on first use: most events read nothing. */
  readonly read: () => Pick<Context, 'planes' | 'loaders'>;
  readonly failovers: ErrorCode[];
  /** By event, not by state: first events and events after a gap differ. */
  readonly results: Map<unknown, Map<DocumentNode, EventResults>>;
}

/** Reads for one change are shared for this long. */
const shareReadsMs = 500;

function once<Made>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => (made ??= make());
}

/** The state of an event, which is the same object for all its subscribers. */
function stateOf(event: unknown): object {
  return (event as StatusEvent<object>).state;
}

/**
 * A subscription keeps one context for all its events, whose loaders would go stale: each event gets its own. Subscribers with
 * equal scopes share the reads for a change, on a deadline that belongs to none of them.
 */
export function createEventContexts(planes: OperationPlanes, timeoutMs: number): EventContexts {
  const reads = new WeakMap<object, EventReads>();

  const readsFor = ({ caller, scope, callerScope, language, operation }: Context, event: unknown): EventReads => {
    const state = stateOf(event);
    const known = reads.get(state);
    if (known?.callerScope === callerScope && known.language === language) return known;
    const failovers: ErrorCode[] = [];
    const read = once(() => {
      const deadline = deadlineIn(timeoutMs);
      const failover = (code: ErrorCode) => failovers.push(code);
      const through = planes({ caller, scope, ...operation }, { deadline, isUncached: true }, { failover });
      return { planes: through, loaders: createLoaders(through) };
    });
    const made = { callerScope, language, read, failovers, results: new Map() };
    reads.set(state, made);
    setTimeout(() => reads.delete(state), shareReadsMs).unref();
    return made;
  };

  return {
    contextOf: (context, event) => {
      const { read, failovers } = readsFor(context, event);
      const reported: GraphQLError[] = [];
      return {
        ...context,
        get planes() {
          return read().planes;
        },
        get loaders() {
          return read().loaders;
        },
        report: reportTo(reported),
        operation: {
          ...context.operation,
          reported,
          staleAnswers: [],
          reads: [],
          failovers,
          result: new ResultBudget(context.operation.result.limits),
        },
      };
    },
    resultsOf: (context, event, document) => {
      const { results } = readsFor(context, event);
      const ofEvent = results.get(event) ?? new Map<DocumentNode, EventResults>();
      const ofDocument = ofEvent.get(document) ?? new Map<string, Promise<ExecutionResult>>();
      results.set(event, ofEvent.set(document, ofDocument));
      return ofDocument;
    },
  };
}
