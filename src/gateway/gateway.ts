import type { ReadRows } from '../bi/rows.ts';
import type { Caller, CallerRequest, Identify } from '../callers/caller.ts';
import { createCallers } from '../callers/callers.ts';
import type {
  CacheConfig,
  CallersConfig,
  DocumentsConfig,
  LimitsConfig,
  TicsConfig,
  WatchingConfig,
} from '../config/config.ts';
import { defaultResultLimits, type ResultLimits } from '../graphql/resultBudget.ts';
import { schema } from '../graphql/schema.ts';
import type { SharedHealth } from '../shared/health.ts';
import type { Shared } from '../shared/shared.ts';
import { createPolls } from '../status/polling/polls.ts';
import type { WatchesOptions } from '../status/types.ts';
import { createWatches, upstreamsByAgent } from '../status/watches.ts';
import type { Logger } from '../telemetry/log.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { systemClock, type Clock } from '../time.ts';
import { noDeadline, type Deadline } from '../upstream/deadline.ts';
import type { Accounts } from '../upstream/tokens.ts';
import { createHealth, type Readiness } from '../upstream/health.ts';
import { Observers, type SentWrite } from '../upstream/observer.ts';
import type { Planes, PlanesRequest } from '../tics/planes/planes.ts';
import { createUpstreams, defaultResilience, type Resilience } from '../tics/planes/upstreams.ts';
import { createAudit } from './audit.ts';
import { createDocumentStore } from './documentStore.ts';
import { createEventContexts } from './eventContext.ts';
import { ExecutionQueue, type Queue } from './executionQueue.ts';
import { createFronts, type Fronts } from './fronts.ts';
import { guards } from './guards.ts';
import { KeptAnswers } from './keptAnswers.ts';
import { createContextFactory, type ServerContext } from './contextFactory.ts';
import { createOperationContext, withoutTables } from './operationContext.ts';
import { useOperationLog } from './operationLog.ts';
import { createOperationPlanes } from './operationPlanes.ts';
import { trustedCertificates } from './trustedCertificates.ts';
import { useAuditedRefusals } from './plugins/useAuditedRefusals.ts';
import { createCostLimit } from './plugins/useCost.ts';
import type { GatewayPlugin } from './plugin.ts';
import { useHiddenSchema } from './plugins/useHiddenSchema.ts';
import { useNegotiation } from './plugins/useNegotiation.ts';
import { identifyValid, useIdentity } from './plugins/useIdentity.ts';
import { useIncrementalDelivery } from './plugins/useIncrementalDelivery.ts';
import { useReportedErrors } from './plugins/useReportedErrors.ts';
import { useRequestId } from './plugins/useRequest.ts';
import { useSharing } from './plugins/useSharing.ts';
import { useProvenance } from './provenance.ts';
import { useSubscriptions } from './subscriptionStreams.ts';
import { logUpstreamFailures } from './upstreamLog.ts';
import { RunningOperations } from './runningOperations.ts';
import { createSocketOperations, type OpenOperation } from './webSocketOperations.ts';

/** What a gateway is built from; where it listens is the server's. */
export interface GatewayConfig {
  readonly tics: TicsConfig;
  /** Without it everyone is let in, with all rights of the account. */
  readonly callers?: CallersConfig | undefined;
  readonly dataDirectory?: string;
  readonly documents?: DocumentsConfig | undefined;
  /** `on`: mutations are told in a file of the data directory too. */
  readonly auditFile?: 'on' | 'off' | undefined;
  /** `off`: callers can't read the schema, and wrong names are answered without suggestions. */
  readonly introspection?: 'on' | 'off' | undefined;
  readonly cache?: Partial<CacheConfig>;
  readonly sharing?: 'on' | 'off';
  readonly watching?: Partial<WatchingConfig>;
  readonly limits?: Partial<LimitsConfig>;
}

export type { CallerRequest } from '../callers/caller.ts';

/** What the gateway is given from outside, so that tests need no module mocks. */
export interface GatewayDependencies {
  readonly log: Logger;
  /** How upstream calls are made; tests change it. */
  readonly resilience?: Partial<Resilience>;
  /** Time limit of an operation, in place of the configured one. */
  readonly operationTimeoutMs?: number;
  /** Where it counts, in place of metrics of its own: those outlive a gateway whose configuration is exchanged. */
  readonly metrics?: Metrics | undefined;
  /** Where traces go; whoever started it ends it. */
  readonly tracing?: Tracing | undefined;
  /** How often subscriptions poll; tests poll more often. */
  readonly watching?: Pick<WatchesOptions, 'clock' | 'intervals' | 'random'>;
  /** Tests have one that waits for nothing. */
  readonly clock?: Clock;
  /** What it shares with other replicas; left out, it stands alone. Whoever opened it closes it. */
  readonly shared?: Shared | undefined;
  /** What is remembered of accounts, where it outlives this gateway. */
  readonly accounts?: Accounts | undefined;
  /** Reads the tables for BI tools; left out, there are none. */
  readonly readRows?: ReadRows | undefined;
  /** Tests have one that is full. */
  readonly queue?: Queue;
  /** Who sends a request; throws GatewayError UNAUTHENTICATED. Each operation of a socket is such a request too. */
  readonly identify?: Identify;
}

/** What it can serve, and whether it acts as one with other replicas. It is ready either way. */
export interface GatewayReadiness extends Readiness {
  readonly redis?: SharedHealth;
}

/** The gateway without sockets: `fetch` answers requests. */
export interface Gateway extends Fronts {
  /** Takes an operation of a socket, with all the guards of `handle`. */
  readonly open: OpenOperation;
  /** Finds out who sends a request. @throws GatewayError UNAUTHENTICATED */
  readonly identify: (request: CallerRequest) => Caller | Promise<Caller>;
  /** Both planes with the rights of `tics.account`, for reads that no operation asks for. Nothing is answered from a cache. */
  readonly planes: (deadline: Deadline) => Planes;
  /** Ends all subscriptions: their callers are told to subscribe again. */
  readonly endStreams: () => void;
  /** Has queries and mutations under way answer at once, with errors for what has not come. */
  readonly cutOperations: () => void;
  /** What it can serve; see `createHealth`. */
  readonly readiness: (waitMs?: number) => Promise<GatewayReadiness>;
  /** What it counts, for `GET /metrics`. */
  readonly metrics: Metrics;
  /** Closes the connections to the planes at once: to be called when all operations have ended. */
  readonly close: () => Promise<void>;
}

/** Equal at replicas whose reads and polls are the same: the service, and the account that they are sent with. */
function upstreamOf({ spaceUrl, iamUrl, projectId, account, agents }: TicsConfig): string {
  const { password: _, ...named } = account;
  return JSON.stringify([spaceUrl, iamUrl, projectId, named, agents.map(({ id, user }) => [id, user])]);
}

/** The upstreams of a gateway, what is known of their health, and the watches that poll them. */
function createServices(
  { tics, cache, sharing, watching: intervals, limits, dataDirectory = 'data' }: GatewayConfig,
  { log, resilience, tracing, accounts, shared, watching = {} }: GatewayDependencies,
  { metrics, timeoutMs }: { readonly metrics: Metrics; readonly timeoutMs: number },
) {
  const agentIds = tics.agents.map(({ id }) => id);
  metrics.observer.begin(agentIds);
  const { observer: health, readiness } = createHealth({
    agentIds,
    probe: (agentId) => probe(agentId),
  });
  const observer = new Observers([metrics.observer, health, logUpstreamFailures(log, null), tracing?.observer ?? {}]);
  const upstreams = createUpstreams(
    tics,
    {
      ...defaultResilience,
      ...(limits?.upstreamConnections !== undefined && { connections: limits.upstreamConnections }),
      cache: { ...defaultResilience.cache, ...cache },
      sharing: sharing !== 'off',
      trusted: trustedCertificates(tics, dataDirectory, log),
      ...(accounts && { accounts }),
      writes: shared?.writes,
      ...resilience,
    },
    observer,
  );

  const ownPlanes = (request: Pick<PlanesRequest, 'upstreamScope' | 'deadline' | 'isUncached'>): Planes =>
    upstreams.planes({ ...request, language: tics.language, observer });

  const probe = async (agentId?: string): Promise<unknown> => {
    const { space, agent } = ownPlanes({ upstreamScope: 'readiness', deadline: noDeadline });
    return agentId === undefined ? space.read('getOverview') : (await agent(agentId)).read('getAgentRuntime');
  };

  const watches = createWatches(createPolls(upstreams, { timeoutMs, observer }), {
    upstreamsOf: upstreamsByAgent(upstreams.firstAgentOf),
    ...watching,
    intervals: { ...intervals, ...watching.intervals },
    sharing: shared && { watches: shared.watches, upstream: upstreamOf(tics) },
  });

  /** Runs begin, or end sooner, by some writes: they are polled at once. */
  const onWrite = ({ run, leagueId, instanceId }: SentWrite): void => {
    if (leagueId !== undefined && run !== undefined)
      watches.pollNow({ leagueId, ...(instanceId !== undefined && { instanceId }) });
  };
  const planes = createOperationPlanes({ upstreams, onWrite, log, metrics, health });
  return { upstreams, readiness, watches, planes, ownPlanes };
}

/** Limits as the configuration has them. Tests may leave them out: nothing of documents is limited then. */
function isComplete(limits: GatewayConfig['limits']): limits is LimitsConfig {
  return limits?.operationCalls !== undefined;
}

function resultLimitsOf({ limits }: GatewayConfig): ResultLimits {
  const { objects, values, bytes } = defaultResultLimits;
  return {
    objects: limits?.resultObjects ?? objects,
    values: limits?.resultValues ?? values,
    bytes: limits?.resultBytes ?? bytes,
  };
}

/** Time limit of an operation as a whole. */
const defaultTimeoutMs = 30_000;

function timeoutOf({ limits }: GatewayConfig, { operationTimeoutMs }: GatewayDependencies): number {
  return operationTimeoutMs ?? limits?.operationTimeoutMs ?? defaultTimeoutMs;
}

/**
 * The gateway for a configuration. It listens nowhere: `server` does, and tests call `fetch`.
 *
 * @param config - with `tics` filled in, by the file or by the embedded TICS
 */
export function createGateway(config: GatewayConfig, dependencies: GatewayDependencies): Gateway {
  const { log, clock = systemClock, tracing, shared, metrics = createMetrics() } = dependencies;
  const operationTimeoutMs = timeoutOf(config, dependencies);
  const { dataDirectory = 'data' } = config;
  const callers = createCallers(config.callers, { dataDirectory, log, shared: shared?.keys });
  const identify = (request: CallerRequest) => identifyValid(dependencies.identify ?? callers.identify, request);
  const { upstreams, readiness, watches, planes, ownPlanes } = createServices(config, dependencies, {
    metrics,
    timeoutMs: operationTimeoutMs,
  });
  const stopCounting = metrics.watching(watches.figures);
  const { language, timeZone } = config.tics;
  const isSharing = dependencies.resilience?.sharing ?? config.sharing !== 'off';
  const documents = createDocumentStore(config.documents);
  const audit = createAudit(log, config.auditFile === 'on' ? dataDirectory : undefined);
  const createContext = createOperationContext({
    readRows: dependencies.readRows ?? withoutTables,
    ...{ audit, language, timeZone, planes, watches, clock, tracing },
    resultLimits: resultLimitsOf(config),
  });

  const cost = isComplete(config.limits) ? createCostLimit(schema, config.limits, shared?.budgets) : undefined;
  const running = new RunningOperations();

  const { freshMs, epoch } = upstreams.cached;
  const kept = freshMs > 0 ? new KeptAnswers(freshMs, epoch) : undefined;

  /** Both fronts have these. */
  const plugins: readonly GatewayPlugin<ServerContext>[] = [
    ...guards(operationTimeoutMs, running, documents, dependencies.queue ?? new ExecutionQueue(), config.limits),
    ...(config.introspection === 'off' ? [useHiddenSchema] : []),
    useAuditedRefusals(audit),
    ...(cost ? [cost.plugin] : []),
    useProvenance,
    useReportedErrors,
    useOperationLog({ log, metrics }),
    useNegotiation,
    useRequestId,
    useIdentity(identify, log),
    ...(isSharing
      ? [
          useSharing({
            language,
            timeoutMs: operationTimeoutMs,
            reports: { log, metrics },
            writes: shared?.writes,
            kept,
          }),
        ]
      : []),
  ];

  const fronts = createFronts({
    plugins,
    streamPlugins: [
      useIncrementalDelivery(log),
      useSubscriptions({ events: createEventContexts(planes, operationTimeoutMs), log, metrics }),
    ],
    contextFactory: createContextFactory({ createContext, audit, cost }),
    log,
  });

  return {
    ...fronts,
    open: createSocketOperations(fronts.yoga, { log, metrics, identify, documents }),
    identify,
    planes: (deadline) => ownPlanes({ upstreamScope: 'bi', deadline, isUncached: true }),
    endStreams: watches.close,
    cutOperations: () => running.cut(),
    readiness: async (waitMs) => ({ ...(await readiness(waitMs)), ...(shared && { redis: shared.health() }) }),
    metrics,
    close: async () => {
      watches.close();
      callers.close();
      cost?.close();
      stopCounting();
      if (dependencies.metrics === undefined) metrics.close();
      await upstreams.close();
    },
  };
}
