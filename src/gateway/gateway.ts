import { setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getOperationAST, GraphQLError, OperationTypeNode, type DocumentNode, type ExecutionResult } from 'graphql';
import { createYoga, type Plugin, type YogaInitialContext, type YogaServerInstance } from 'graphql-yoga';
import type { CacheConfig, TicsConfig, WatchingConfig } from '../config/config.ts';
import { createLoaders, type Caller, type Context, type OperationRecord } from '../graphql/context.ts';
import type { ErrorCode } from '../errors.ts';
import { createHealth, type Readiness } from '../upstream/health.ts';
import { languageOf } from './language.ts';
import type { Logger } from '../telemetry/log.ts';
import { maskError, maskValidation } from './maskErrors.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { addReported, logUpstreamFailures, requestIdOf, watchOperations, type RequestRecord } from './operationLog.ts';
import { schema } from '../graphql/schema.ts';
import { createOpen, type OpenOperation, type SocketOperation } from './webSocketOperations.ts';
import { createLooks } from '../status/polls.ts';
import {
  createWatches,
  upstreamsByAgent,
  type StatusEvent,
  type WatchScope,
  type WatchesOptions,
} from '../status/watches.ts';
import { subscribeAnew, type EventAnswers, type EventContext } from './subscriptionStreams.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { tellProvenance } from './provenance.ts';
import { limitTime } from './timeLimit.ts';
import { readUploads } from './uploads.ts';
import { systemClock, type Clock } from '../upstream/clock.ts';
import { observeAll } from '../upstream/observer.ts';
import { createDeadline, deadlineIn, noDeadline, withoutLimit } from '../upstream/deadline.ts';
import {
  createUpstreams,
  defaultResilience,
  type Planes,
  type PlanesRequest,
  type Resilience,
  type SentWrite,
} from '../upstream/planes.ts';

/** What a gateway is built from; where it listens is the server's. */
export interface GatewayConfig {
  readonly tics: TicsConfig;
  readonly cache?: Partial<CacheConfig>;
  readonly watching?: Partial<WatchingConfig>;
}

/** What the gateway is given from outside, so that tests need no module mocks. */
export interface GatewayDependencies {
  readonly log: Logger;
  /** How upstream calls are made; tests change it. */
  readonly resilience?: Partial<Resilience>;
  /** Time limit of a query as a whole. Mutations have none: each of their calls has its own. */
  readonly operationTimeoutMs?: number;
  /** Where it counts, in place of metrics of its own: those outlive a gateway whose configuration is exchanged. */
  readonly metrics?: Metrics | undefined;
  /** Where traces go; whoever started it ends it. */
  readonly tracing?: Tracing | undefined;
  /** How what is watched is looked at; tests look more often. */
  readonly watching?: Pick<WatchesOptions, 'clock' | 'intervals' | 'random'>;
  /** What waiting is measured by; tests have one that waits for nothing. */
  readonly clock?: Clock;
  /** Who sends a request; throws GatewayError UNAUTHENTICATED. Each operation of a socket is such a request too. */
  readonly identify?: (request: CallerRequest) => Caller | Promise<Caller>;
}

/** What is read of a request besides what it asks for. */
export type CallerRequest = Pick<Request, 'headers' | 'signal'>;

/** What the transport hands along with a request. */
interface ServerContext extends RequestRecord, Progress {
  discardUpload?: () => void;
  /** Once it is parsed. */
  readonly document?: DocumentNode;
}

/** What whoever let an operation in is told of it. */
export type Progress = Pick<SocketOperation, 'streams'>;

/** The gateway without sockets: `fetch` answers requests. */
export interface Gateway {
  readonly yoga: YogaServerInstance<ServerContext, Context>;
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
  /** Answers a request of a Node server. */
  readonly handle: (request: IncomingMessage, response: ServerResponse, progress?: Progress) => Promise<void>;
  /** Takes an operation of a socket, with all the guards of `handle`. */
  readonly open: OpenOperation;
  /** Ends all subscriptions: their callers are told to subscribe again. */
  readonly endStreams: () => void;
  /** What it can serve; see `createHealth`. */
  readonly readiness: (waitMs?: number) => Promise<Readiness>;
  /** What it counts, for `GET /metrics`. */
  readonly metrics: Metrics;
  /** Closes the connections to the planes at once: to be called when all operations have ended. */
  readonly close: () => Promise<void>;
}

/** Until callers have identities of their own, all of them act with the rights of the configured account. */
const anonymous: Caller = {
  upstreamScope: 'anonymous',
  name: 'anonymous',
  roles: ['VIEWER', 'OPERATOR', 'APPROVER', 'ADMINISTRATOR'],
  leagues: 'ALL',
};

/** Keeps what was parsed for whoever makes the context. */
const keepDocument: Plugin<ServerContext> = {
  onParse:
    () =>
    ({ result, extendContext }) =>
      extendContext({ document: result as DocumentNode }),
};

function isOfSubscription({ document, params }: YogaInitialContext & ServerContext): boolean {
  return (
    document !== undefined &&
    getOperationAST(document, params.operationName)?.operation === OperationTypeNode.SUBSCRIPTION
  );
}

/** A proxy must not keep the events of a stream back. */
const letEventsThrough: Plugin<Context, ServerContext> = {
  onResponse: ({ response }) => {
    if (response.headers.get('content-type')?.startsWith('text/event-stream'))
      response.headers.set('x-accel-buffering', 'no');
  },
};

/** Every answer names its request: `X-Request-Id`, the caller's own where it sent one. */
const answerRequestId: Plugin<Context, ServerContext> = {
  onRequest: ({ request, serverContext }) => {
    serverContext.requestId = requestIdOf(request.headers.get('x-request-id'));
  },
  onResponse: ({ response, serverContext }) => {
    if (serverContext.requestId !== undefined) response.headers.set('x-request-id', serverContext.requestId);
  },
};

/**
 * Any page can make a browser send an HTML form here without asking first, mutations too: Yoga would execute it. An upload,
 * the other kind of form, needs a header that no foreign page can set.
 */
const refuseForms: Plugin<Context, ServerContext> = {
  onRequest: ({ request, fetchAPI, ...event }) => {
    if (!/^application\/x-www-form-urlencoded/i.test(request.headers.get('content-type') ?? '')) return;
    const message = 'Send application/json.';
    event.endResponse(
      fetchAPI.Response.json({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] }, { status: 415 }),
    );
  },
};

/** What reading for one event shares with other callers of the same right who are told of it at the same time. */
interface EventReads {
  readonly scope: WatchScope;
  /** Made when something is read, which for most events nothing is. */
  readonly through: () => Pick<Context, 'planes' | 'loaders'>;
  readonly failovers: ErrorCode[];
  /** By the event, since those told first, or again after a gap, are told otherwise of the same. */
  readonly answers: Map<unknown, Map<DocumentNode, EventAnswers>>;
}

function once<Made>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => (made ??= make());
}

/** So long after an event was first read for, what was read is not read again for others who are told of it. */
const shareReadsMs = 500;

/** What an event is of, which is the same object for all who are told of it. */
function subjectOf(event: unknown): object {
  return (event as StatusEvent<object>).state;
}

/**
 * The gateway for a configuration. It listens nowhere: `server` does, and tests call `fetch`.
 *
 * @param config - with `tics` filled in, by the file or by the embedded TICS
 */
export function createGateway(
  { tics, cache, watching: intervals }: GatewayConfig,
  {
    log,
    resilience,
    operationTimeoutMs = 30_000,
    clock = systemClock,
    metrics: given,
    tracing,
    watching = {},
    identify = () => anonymous,
  }: GatewayDependencies,
): Gateway {
  const metrics = given ?? createMetrics();
  const { observer: ofHealth, readiness } = createHealth({
    agentIds: tics.agents.map(({ id }) => id),
    probe: (agentId) => probe(agentId),
  });
  const forAll = observeAll([metrics.observer, ofHealth, logUpstreamFailures(log, null), tracing?.observer ?? {}]);
  const upstreams = createUpstreams(
    tics,
    { ...defaultResilience, cache: { ...defaultResilience.cache, ...cache }, ...resilience },
    forAll,
  );

  const probe = async (agentId?: string): Promise<unknown> => {
    const { space, agent } = upstreams.planes({
      upstreamScope: 'readiness',
      language: tics.language,
      deadline: noDeadline,
      onCall: () => undefined,
      observer: forAll,
    });
    return agentId === undefined ? space.read('getOverview') : (await agent(agentId)).read('getAgentRuntime');
  };

  const watches = createWatches(createLooks(upstreams, { timeoutMs: operationTimeoutMs, observer: forAll }), {
    upstreamsOf: upstreamsByAgent(upstreams.firstAgentOf),
    ...watching,
    intervals: { ...intervals, ...watching.intervals },
  });
  const forgetWatches = metrics.watching(watches.figures);

  /** Runs begin, or end sooner, by these: what is watched there is looked at without waiting. */
  const lookAgain = ({ run, leagueId, instanceId }: SentWrite): void => {
    if (leagueId !== undefined && run !== undefined)
      watches.touch({ leagueId, ...(instanceId !== undefined && { instanceId }) });
  };

  const planesFor = (
    {
      scope,
      usage,
      requestId,
      trace,
    }: Pick<Context, 'scope'> & Pick<Context['operation'], 'usage' | 'requestId' | 'trace'>,
    request: Pick<PlanesRequest, 'deadline'> & Partial<PlanesRequest>,
  ): Planes =>
    upstreams.planes({
      ...request,
      ...scope,
      onWrite: lookAgain,
      onCall: ({ durationMs }) => {
        usage.calls += 1;
        usage.callsMs += durationMs;
      },
      observer: observeAll([
        metrics.observer,
        ofHealth,
        logUpstreamFailures(log, requestId),
        trace?.observer ?? {},
        {
          upstreamCall: () => {
            usage.requests += 1;
            return { headers: {}, end: () => undefined };
          },
        },
      ]),
    });

  const reportTo =
    (reported: GraphQLError[]): Context['report'] =>
    (error, path) =>
      reported.push(new GraphQLError(error.message, { path, originalError: error }));

  const reads = new WeakMap<object, EventReads>();

  /** Callers of one right who are told of a change at once read its objects once, each on a deadline that is nobody's. */
  const readsFor = ({ scope, operation }: Context, subject: object): EventReads => {
    const known = reads.get(subject);
    if (known?.scope.upstreamScope === scope.upstreamScope && known.scope.language === scope.language) return known;
    const failovers: ErrorCode[] = [];
    const through = once(() => {
      const deadline = deadlineIn(operationTimeoutMs);
      const onFailover = (code: ErrorCode) => failovers.push(code);
      const planes = planesFor({ scope, ...operation }, { deadline, onFailover, isUncached: true });
      return { planes, loaders: createLoaders(planes) };
    });
    const made = { scope, through, failovers, answers: new Map() };
    reads.set(subject, made);
    setTimeout(() => reads.delete(subject), shareReadsMs).unref();
    return made;
  };

  const answersTo = (context: Context, event: unknown, document: DocumentNode): EventAnswers => {
    const { answers } = readsFor(context, subjectOf(event));
    const ofEvent = answers.get(event) ?? new Map<DocumentNode, EventAnswers>();
    const ofDocument = ofEvent.get(document) ?? new Map<string, Promise<ExecutionResult>>();
    answers.set(event, ofEvent.set(document, ofDocument));
    return ofDocument;
  };

  const eventContext: EventContext = (context, event) => {
    const { through, failovers } = readsFor(context, subjectOf(event));
    const reported: GraphQLError[] = [];
    return {
      ...context,
      get planes() {
        return through().planes;
      },
      get loaders() {
        return through().loaders;
      },
      report: reportTo(reported),
      operation: { ...context.operation, reported, staleAnswers: [], failovers },
    };
  };

  const createContext = async (
    request: CallerRequest,
    requestId: string,
    isSubscription: boolean,
  ): Promise<Context> => {
    const caller = await identify(request);
    // Each of the caller's streams listens to it: many are no leak.
    if (caller.sessionSignal !== undefined) setMaxListeners(0, caller.sessionSignal);
    const language = languageOf(request.headers.get('accept-language'), tics.language);
    const trace = tracing?.operation(request.headers, requestId);
    const operation: OperationRecord = {
      requestId,
      startedAtMs: performance.now(),
      clientSignal: request.signal,
      usage: { calls: 0, callsMs: 0, requests: 0 },
      reported: [],
      staleAnswers: [],
      failovers: [],
      deadline: isSubscription ? withoutLimit(request.signal) : createDeadline(request.signal),
      ...(trace && { trace }),
    };
    const scope = { upstreamScope: caller.upstreamScope, language };
    const planes = planesFor(
      { scope, ...operation },
      {
        deadline: operation.deadline,
        onStale: (answer) => operation.staleAnswers.push(answer),
        onFailover: (code) => operation.failovers.push(code),
      },
    );
    return {
      caller,
      language,
      timeZone: tics.timeZone,
      clock,
      planes,
      watches,
      scope,
      loaders: createLoaders(planes),
      report: reportTo(operation.reported),
      operation,
    };
  };

  const yoga = createYoga<ServerContext, Context>({
    schema,
    context: (initial) => {
      const isSubscription = isOfSubscription(initial);
      // One too many is refused before anything of it is made, on all transports alike.
      const refusal = isSubscription ? initial.streams?.() : undefined;
      if (refusal !== undefined) throw refusal;
      return createContext(initial.request, requestIdOf(initial.requestId), isSubscription);
    },
    graphqlEndpoint: '/graphql',
    graphiql: false,
    landingPage: false,
    logging: false,
    cors: false,
    multipart: false,
    // Uploads limits bodies, each kind by its own limit.
    maxRequestBodySize: false,
    maskedErrors: { maskError: (error) => maskError(error, log) },
    plugins: [
      refuseForms,
      readUploads,
      maskValidation,
      limitTime(operationTimeoutMs),
      tellProvenance,
      addReported,
      subscribeAnew({ eventContext, answersTo, log, metrics }),
      watchOperations({ log, metrics }),
      keepDocument,
      letEventsThrough,
      answerRequestId,
    ],
  });

  const open = createOpen(yoga, { log, metrics });

  return {
    yoga,
    fetch: async (url, init = {}) => yoga.fetch(new URL(url), init),
    handle: async (request, response, progress = {}) => {
      await yoga(request, response, { ...progress });
    },
    open,
    endStreams: watches.close,
    readiness,
    metrics,
    close: async () => {
      watches.close();
      forgetWatches();
      if (given === undefined) metrics.close();
      await upstreams.close();
    },
  };
}
