import type { GraphQLError } from 'graphql';
import type { ReadRows } from '../bi/rows.ts';
import type { ErrorCode, GatewayError } from '../errors.ts';
import { createAgentLoaders } from '../tics/agents/loaders.ts';
import { createAuditLoaders } from '../tics/audit/loaders.ts';
import { createConnectorLoaders } from '../tics/connectors/loaders.ts';
import { createConnectorWrites } from '../tics/connectors/writes.ts';
import { createDatasetLoaders } from '../tics/datasets/loaders.ts';
import { createDatasetWrites } from '../tics/datasets/writes.ts';
import { createInstanceLoaders } from '../tics/instances/loaders.ts';
import { createLearningWrites } from '../tics/jobs/learning/writes.ts';
import { createJobLoaders } from '../tics/jobs/loaders.ts';
import { createSqlJobWrites } from '../tics/jobs/sql/writes.ts';
import { createLeagueLoaders } from '../tics/leagues/loaders.ts';
import { createMembershipNoticeLoaders } from '../tics/notices/membership.ts';
import { createNoticeLoaders } from '../tics/notices/loaders.ts';
import { createStatisticsLoaders } from '../tics/statistics/loaders.ts';
import type { ResultBudget } from './resultBudget.ts';
import type { Caller } from '../callers/caller.ts';
import type { Clock } from '../time.ts';
import type { FinishedOperation } from '../telemetry/metrics/operations.ts';
import type { OperationTrace } from '../telemetry/tracing.ts';
import type { StaleAnswer } from '../upstream/cache.ts';
import type { CacheRead } from '../upstream/observer.ts';
import type { OperationDeadline, Signal } from '../upstream/deadline.ts';
import type { Planes } from '../tics/planes/planes.ts';
import type { WatchScope, Watches } from '../status/types.ts';

/** `X-Language` of the service: the language of its texts. */
export type Language = 'zh-cn' | 'en_us';

/** Upstream usage of an operation so far. */
export interface Usage {
  /** Calls that its fields made. */
  calls: number;
  /** Calls that it has begun and its caller is charged for. */
  charged: number;
  /** Of these, so many are claimed of the caller's budget. */
  claimed: number;
  /** Claims one more, before it begins; undefined: at once. Rejects with COST_LIMIT or THROTTLED. Left out without a budget. */
  claim?: (call: string) => Promise<void> | undefined;
  /** Total duration of these calls. */
  callsMs: number;
  /** Those among them that TICS carried out. */
  succeeded: number;
  /** Requests that were sent upstream for it, repeated ones included. */
  requests: number;
  /** The writing ones among them that have ended. */
  readonly writes: SentRequest[];
}

/** A request that was sent upstream. */
export interface SentRequest {
  /** The contract's operation id. */
  readonly call: string;
  /** The service's own id of the request. */
  readonly upstreamRequestId: string | undefined;
}

/** One mutation of an operation, at its end. */
export interface FinishedMutation {
  readonly name: string;
  readonly input: object;
  /** Keys of what it found or made, and its errors; undefined where it failed altogether. */
  readonly outcome: { readonly userErrors?: readonly { readonly code: ErrorCode }[] } | undefined;
  /** The writes that were sent for it. */
  readonly sent: readonly SentRequest[];
}

/** State of one operation while it runs, logged when it ends. */
export interface OperationRecord {
  readonly requestId: string;
  /** By `performance.now()`. */
  readonly startedAtMs: number;
  /** Aborts when the client disconnects. */
  readonly clientSignal: Signal;
  /** All events of a subscription together. */
  readonly usage: Usage;
  /** Its span, while traces are on. */
  readonly trace?: OperationTrace;
  /** Failures that are added to the answer's `errors`. */
  readonly reported: GraphQLError[];
  /** Cached answers that this operation was served. */
  readonly staleAnswers: StaleAnswer[];
  /** Its reads that went through the cache. */
  readonly reads: CacheRead[];
  /** Why agents answered in the space plane's place, once for each time. */
  readonly failovers: ErrorCode[];
  readonly deadline: OperationDeadline;
  /** Counts the result. */
  readonly result: ResultBudget;
  /** Told of each of its mutations. */
  readonly onMutation?: (mutation: FinishedMutation) => void;
  /** Once it has ended. */
  finished?: FinishedOperation;
}

/** A source's failure that costs rows but not the field; it stands in `errors` all the same. */
export type Report = (error: GatewayError, path: readonly (string | number)[]) => void;

/** The context of every resolver: fresh for each operation and each subscription event. */
export interface Context {
  readonly caller: Caller;
  /** Key of whole answers, by rights: callers with equal ones are answered alike. */
  readonly callerScope: string;
  readonly language: Language;
  /** The service's time zone, in which its days begin and end. */
  readonly timeZone: string;
  /** For waiting. */
  readonly clock: Clock;
  /** Reads the tables for BI tools. */
  readonly readRows: ReadRows;
  /** A subscription releases them, with the loaders, when its stream has begun. */
  planes: Planes;
  /** Streams of status changes, keyed by the caller's `scope`. */
  readonly watches: Watches;
  readonly scope: WatchScope;
  /** Of a subscription: cursor of the last event that its client received, from `Last-Event-ID`. */
  readonly lastEventId: string | undefined;
  /** Batched reads of this operation. A mutation replaces them, so that later reads see what it changed. */
  loaders: Loaders;
  readonly report: Report;
  readonly operation: OperationRecord;
}

/** Makes the loaders and writes of each domain. */
const factories = {
  agents: createAgentLoaders,
  audit: createAuditLoaders,
  connectors: createConnectorLoaders,
  connectorWrites: createConnectorWrites,
  datasets: createDatasetLoaders,
  datasetWrites: createDatasetWrites,
  instances: createInstanceLoaders,
  jobs: createJobLoaders,
  leagues: createLeagueLoaders,
  learningWrites: createLearningWrites,
  membershipNotices: createMembershipNoticeLoaders,
  notices: createNoticeLoaders,
  sqlJobWrites: createSqlJobWrites,
  statistics: createStatisticsLoaders,
};

/** Loaders and writes of all domains, for one operation: nothing is read twice. */
export type Loaders = { readonly [Domain in keyof typeof factories]: ReturnType<(typeof factories)[Domain]> };

/** Made on first use: an operation needs few of them. */
const lazyLoaders = Object.defineProperties(
  {},
  Object.fromEntries(
    Object.entries(factories).map(([domain, make]) => [
      domain,
      {
        get(this: { readonly planes: Planes }) {
          const value = make(this.planes);
          Object.defineProperty(this, domain, { value });
          return value;
        },
      },
    ]),
  ),
);

/** Loaders and writes of all domains over the given planes. */
export function createLoaders(planes: Planes): Loaders {
  return Object.create(lazyLoaders, { planes: { value: planes } }) as Loaders;
}
