import type { GraphQLError } from 'graphql';
import type { ErrorCode, GatewayError } from '../errors.ts';
import { createAgentSource } from '../tics/agents/loaders.ts';
import { createAuditSource } from '../tics/audit/loaders.ts';
import { createConnectorSource } from '../tics/connectors/loaders.ts';
import { createConnectorWriteSource } from '../tics/connectors/writes.ts';
import { createDatasetSource } from '../tics/datasets/loaders.ts';
import { createDatasetWrites } from '../tics/datasets/writes.ts';
import { createInstanceSource } from '../tics/instances/loaders.ts';
import { createLearningWriteSource } from '../tics/jobs/learning/writes.ts';
import { createJobSource } from '../tics/jobs/loaders.ts';
import { createSqlJobWrites } from '../tics/jobs/sql/writes.ts';
import { createLeagueSource } from '../tics/leagues/loaders.ts';
import { createMembershipNoticeSource } from '../tics/notices/membership.ts';
import { createNoticeSource } from '../tics/notices/loaders.ts';
import { createStatisticsSource } from '../tics/statistics/loaders.ts';
import type { Clock } from '../upstream/clock.ts';
import type { OperationTrace } from '../telemetry/tracing.ts';
import type { KeptAnswer } from '../upstream/cache.ts';
import type { OperationDeadline } from '../upstream/deadline.ts';
import type { Planes } from '../upstream/planes.ts';
import type { WatchRight, Watches } from '../status/watches.ts';

/** Who asks. Every loader and cache belongs to one `rightKey` and one language. */
export interface Caller {
  /** Whose rights the answers show: equal keys may share answers, different ones never. */
  readonly rightKey: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** The leagues that the caller may see, or all that the account sees. */
  readonly leagues: 'ALL' | readonly string[];
  /** Ends with the right: its token has run out, was renewed with other rights, or was taken back. Streams end with it. */
  readonly right?: AbortSignal;
}

/** What a caller may do, from least to most. */
export type Role = 'VIEWER' | 'OPERATOR' | 'APPROVER' | 'ADMINISTRATOR';

/** `X-Language` of the service: the language of its texts. */
export type Language = 'zh-cn' | 'en_us';

/** What an operation asked of the upstreams so far. */
export interface Usage {
  /** Calls that its fields made. */
  calls: number;
  /** What these calls took, added up. */
  callsMs: number;
  /** Requests that were sent upstream for it, repeated ones included. */
  requests: number;
}

/** What one operation is known by while it runs and in the log afterwards. */
export interface OperationRecord {
  readonly requestId: string;
  /** By `performance.now()`. */
  readonly startedAtMs: number;
  /** Ends with the caller. */
  readonly left: AbortSignal;
  /** All events of a subscription together. */
  readonly usage: Usage;
  /** Its span, while traces are on. */
  readonly trace?: OperationTrace;
  /** Failures that are added to the answer's `errors`. */
  readonly reported: GraphQLError[];
  /** Answers that were not read just now. */
  readonly kept: KeptAnswer[];
  /** Why agents answered in the space plane's place, once for each time. */
  readonly failovers: ErrorCode[];
  readonly deadline: OperationDeadline;
}

/** A source's failure that costs rows but not the field; it stands in `errors` all the same. */
export type Report = (error: GatewayError, path: readonly (string | number)[]) => void;

/** What every resolver is given: fresh for each operation and each subscription event. */
export interface Context {
  readonly caller: Caller;
  readonly language: Language;
  /** The service's time zone, in which its days begin and end. */
  readonly timeZone: string;
  /** For waiting. */
  readonly clock: Clock;
  readonly planes: Planes;
  /** What is told of changes, with the caller's `right`. */
  readonly watches: Watches;
  readonly right: WatchRight;
  /** What was read so far; a mutation puts a fresh one in its place, so that what follows sees what it changed. */
  sources: Sources;
  readonly report: Report;
  readonly operation: OperationRecord;
}

/** How each domain's source is made. */
const makers = {
  agents: createAgentSource,
  audit: createAuditSource,
  connectors: createConnectorSource,
  connectorWrites: createConnectorWriteSource,
  datasets: createDatasetSource,
  datasetWrites: createDatasetWrites,
  instances: createInstanceSource,
  jobs: createJobSource,
  leagues: createLeagueSource,
  learningWrites: createLearningWriteSource,
  membershipNotices: createMembershipNoticeSource,
  notices: createNoticeSource,
  sqlJobWrites: createSqlJobWrites,
  statistics: createStatisticsSource,
};

/** The domains' sources, for one operation: what was read once is not read again. */
export type Sources = { readonly [Domain in keyof typeof makers]: ReturnType<(typeof makers)[Domain]> };

/** Each is made when it is first asked for, since an operation needs few of them. */
const lazySources = Object.defineProperties(
  {},
  Object.fromEntries(
    Object.entries(makers).map(([domain, make]) => [
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

/** One source a domain. */
export function createSources(planes: Planes): Sources {
  return Object.create(lazySources, { planes: { value: planes } }) as Sources;
}
