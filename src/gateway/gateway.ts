import type { ReadRows } from '../bi/rows.ts';
import type { Caller, CallerRequest, Identify } from '../callers/caller.ts';
import { payerIdOf } from '../callers/callerBudgets.ts';
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
import { createPolls, reportPolls, type OnRuns } from '../status/polling/polls.ts';
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
import { AnswerCache } from './answerCache.ts';
import { createContextFactory, type ServerContext } from './contextFactory.ts';
import { createOperationContext, withoutTables } from './operationContext.ts';
import { useOperationLog } from './operationLog.ts';
import { createOperationPlanes } from './operationPlanes.ts';
import { trustedCertificates } from './trustedCertificates.ts';
import { useAuditedRefusals } from './plugins/useAuditedRefusals.ts';
import { createCostLimit } from './plugins/useCost.ts';
import type { GatewayPlugin } from './plugin.ts';
import { useHiddenSchema, useHiddenSchemaOfStreams } from './plugins/useHiddenSchema.ts';
import { useNegotiation } from './plugins/useNegotiation.ts';
import { identifyValid, useIdentity, type PayerIdOf } from './plugins/useIdentity.ts';
import { useIncrementalDelivery } from './plugins/useIncrementalDelivery.ts';
import { useRequestId } from './plugins/useRequest.ts';
import { useSharing } from './plugins/useSharing.ts';
import { useProvenance } from './provenance.ts';
import { useSubscriptions } from './subscriptionStreams.ts';
import { createUpstreamLog } from './upstreamLog.ts';
import { RunningOperations } from './runningOperations.ts';
import { createSocketOperations, type OpenOperation } from './webSocketOperations.ts';

/** Configuration of a gateway. Where it listens is up to the server. */
export interface GatewayConfig {
  readonly tics: TicsConfig;
  /** Default: everyone has all rights of the account. */
  readonly callers?: CallersConfig | undefined;
  readonly dataDirectory?: string;
  readonly documents?: DocumentsConfig | undefined;
  /** `on`: mutations are also audited in a file of the data directory. */
  readonly auditFile?: 'on' | 'off' | undefined;
  /** `off`: refuses introspection, and errors suggest no names. */
  readonly introspection?: 'on' | 'off' | undefined;
  readonly cache?: Partial<CacheConfig>;
  readonly sharing?: 'on' | 'off';
  readonly watching?: Partial<WatchingConfig>;
  readonly limits?: Partial<LimitsConfig>;
}

export type { CallerRequest } from '../callers/caller.ts';

/** Dependencies, injected so that tests need no module mocks. */
export interface GatewayDependencies {
  readonly log: Logger;
  /** Overrides how upstream calls are made; for tests. */
  readonly resilience?: Partial<Resilience>;
  /** Overrides the configured time limit of operations. */
  readonly operationTimeoutMs?: number;
  /** Metrics that survive a reload of the configuration. Default: its own. */
  readonly metrics?: Metrics | undefined;
  /** Tracing. Its owner closes it. */
  readonly tracing?: Tracing | undefined;
  /** Overrides polling intervals; for tests. */
  readonly watching?: Pick<WatchesOptions, 'clock' | 'intervals' | 'random'>;
  /** Overrides the clock; for tests. */
  readonly clock?: Clock;
  /** What replicas share. Default: nothing. Its owner closes it. */
  readonly shared?: Shared | undefined;
  /** Tokens and sign-ins that survive a reload of the configuration. */
  readonly accounts?: Accounts | undefined;
  /** Reads the tables for BI tools. Default: there are none. */
  readonly readRows?: ReadRows | undefined;
  /** Receives states of runs that subscriptions poll with the account of the gateway. Must not throw. */
  readonly onRuns?: OnRuns | undefined;
  /** Tests have one that is full. */
  readonly queue?: Queue;
  /** Authenticates a request, and each operation of a WebSocket. @throws GatewayError UNAUTHENTICATED */
  readonly identify?: Identify;
}

/** Readiness, with the health of what replicas share. That does not change `status`. */
export interface GatewayReadiness extends Readiness {
  readonly redis?: SharedHealth;
}

/** A gateway without listening sockets. */
export interface Gateway extends Fronts {
  /** Opens an operation of a WebSocket. Passes the same guards as `handle`. */
  readonly open: OpenOperation;
  /** Authenticates a request. @throws GatewayError UNAUTHENTICATED */
  readonly identify: (request: CallerRequest) => Caller | Promise<Caller>;
  /** Both planes with the rights of `tics.account`, for reads outside of operations. Bypasses the cache. */
  readonly planes: (deadline: Deadline) => Planes;
  /** Ends all subscriptions with RECONNECT. */
  readonly endStreams: () => void;
  /** Makes running queries and mutations answer at once, with errors for missing fields. */
  readonly cutOperations: () => void;
  /** See `createHealth`. */
  readonly readiness: (waitMs?: number) => Promise<GatewayReadiness>;
  /** For `GET /metrics`. */
  readonly metrics: Metrics;
  /** Closes the connections to the planes at once. Call it when all operations have ended. */
  readonly close: () => Promise<void>;
}

/** Equal at replicas whose reads and polls are the same: the service, and the account that they are sent with. */
function upstreamOf({ spaceUrl, iamUrl, projectId, account, agents }: TicsConfig): string {
  const { password: _, ...named } = account;
  return JSON.stringify([spaceUrl, iamUrl, projectId, named, agents.map(({ id, user }) => [id, user])]);
}

/** The upstreams of a gateway, their health, and the watches that poll them. */
function createServices(
  { tics, cache, sharing, watching: intervals, limits, dataDirectory = 'data' }: GatewayConfig,
  { log, resilience, tracing, accounts, shared, watching = {}, onRuns }: GatewayDependencies,
  { metrics, timeoutMs }: { readonly metrics: Metrics; readonly timeoutMs: number },
) {
  const agentIds = tics.agents.map(({ id }) => id);
  metrics.observer.begin(agentIds);
  const { observer: health, readiness } = createHealth({
    agentIds,
    probe: (agentId) => probe(agentId),
    shared: shared?.probes,
  });
  const upstreamLog = createUpstreamLog(log);
  const observer = new Observers([metrics.observer, health, upstreamLog(null), tracing?.observer ?? {}]);
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

  const ownPlanes = (request: Omit<PlanesRequest, 'language' | 'observer'>): Planes =>
    upstreams.planes({ ...request, language: tics.language, observer });

  const probe = async (agentId?: string): Promise<unknown> => {
    const { space, agent } = ownPlanes({ upstreamScope: 'readiness', deadline: noDeadline });
    return agentId === undefined ? space.read('getOverview') : (await agent(agentId)).read('getAgentRuntime');
  };

  const polls = createPolls(upstreams, { timeoutMs, observer });
  const watches = createWatches(onRuns === undefined ? polls : reportPolls(polls, onRuns), {
    upstreamsOf: upstreamsByAgent(upstreams.firstAgentOf),
    ...watching,
    intervals: { ...intervals, ...watching.intervals },
    sharing: shared && { watches: shared.watches, upstream: upstreamOf(tics) },
  });

  /** After a write that starts or stops runs, polls them at once. */
  const onWrite = ({ run, leagueId, instanceId }: SentWrite): void => {
    if (leagueId !== undefined && run !== undefined)
      watches.pollNow({ leagueId, ...(instanceId !== undefined && { instanceId }) });
  };
  const planes = createOperationPlanes({ upstreams, onWrite, upstreamLog, metrics, health, timeoutMs });
  return { upstreams, readiness, watches, planes, ownPlanes };
}

/** Tests can leave limits out: documents are not limited then. */
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
 * Creates the gateway for a configuration. It does not listen: `server` does, and tests call `fetch`.
 *
 * @param config - with `tics` filled in, by the file or by the embedded TICS
 */
export function createGateway(config: GatewayConfig, dependencies: GatewayDependencies): Gateway {
  const { log, clock = systemClock, tracing, shared, metrics = createMetrics() } = dependencies;
  const timeoutMs = timeoutOf(config, dependencies);
  const { dataDirectory = 'data' } = config;
  const callers = createCallers(config.callers, { dataDirectory, log, shared: shared?.keys });
  const identify = (request: CallerRequest) => identifyValid(dependencies.identify ?? callers.identify, request);
  const { upstreams, readiness, watches, planes, ownPlanes } = createServices(config, dependencies, {
    metrics,
    timeoutMs,
  });
  const stopCounting = metrics.watching(watches.figures);
  const { language, timeZone } = config.tics;
  const isSharing = dependencies.resilience?.sharing ?? config.sharing !== 'off';
  const documents = createDocumentStore(config.documents);
  const audit = createAudit(log, config.auditFile === 'on' ? dataDirectory : undefined);
  const createContext = createOperationContext({
    readRows: dependencies.readRows ?? withoutTables,
    audit,
    language,
    timeZone,
    planes,
    watches,
    clock,
    tracing,
    resultLimits: resultLimitsOf(config),
  });

  const cost = isComplete(config.limits) ? createCostLimit(schema, config.limits, shared?.budgets) : undefined;
  const payer: PayerIdOf = cost?.payerIdOf ?? payerIdOf;
  const running = new RunningOperations();
  const reports = { log, metrics };

  const { freshMs, epoch } = upstreams.cached;
  const answerCache = freshMs > 0 ? new AnswerCache(freshMs, epoch) : undefined;

  /** Both fronts have these. */
  const plugins: readonly GatewayPlugin<ServerContext>[] = [
    ...guards(timeoutMs, running, documents, dependencies.queue ?? new ExecutionQueue(), config.limits),
    ...(config.introspection === 'off' ? [useHiddenSchema] : []),
    useAuditedRefusals(audit),
    ...(cost ? [cost.plugin] : []),
    useProvenance,
    useOperationLog(reports),
    useNegotiation,
    useRequestId,
    useIdentity(identify, payer, log),
    ...(isSharing ? [useSharing({ language, timeoutMs, reports, writes: shared?.writes, answerCache })] : []),
  ];

  const fronts = createFronts({
    plugins,
    streamPlugins: [
      ...(cost ? [cost.streamPlugin] : []),
      ...(config.introspection === 'off' ? [useHiddenSchemaOfStreams] : []),
      useIncrementalDelivery(log),
      useSubscriptions({ events: createEventContexts(planes, timeoutMs), log, metrics }),
    ],
    contextFactory: createContextFactory({ createContext, audit, cost }),
    log,
  });

  return {
    ...fronts,
    open: createSocketOperations(fronts.yoga, { log, metrics, identify, payerIdOf: payer, documents }),
    identify,
    planes: (deadline) => ownPlanes({ upstreamScope: 'bi', deadline, isUncached: true, isBackground: true }),
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
