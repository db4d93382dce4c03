import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { Config, TicsConfig } from './config.ts';
import { createSources, type Caller, type Context, type OperationRecord } from './context.ts';
import { createHealth, type Readiness } from './health.ts';
import { languageOf } from './language.ts';
import type { Logger } from './log.ts';
import { maskError, maskValidation } from './mask.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { addReported, logUpstreamFailures, watchOperations, type RequestRecord } from './operations.ts';
import { schema } from './schema.ts';
import type { Tracing } from './tracing.ts';
import { tellProvenance } from './provenance.ts';
import { limitTime } from './timeLimit.ts';
import { readUploads } from './uploads.ts';
import { systemClock, type Clock } from './upstream/clock.ts';
import { observeAll } from './upstream/observer.ts';
import { createDeadline, noDeadline } from './upstream/deadline.ts';
import { createUpstreams, defaultResilience, type Resilience } from './upstream/planes.ts';

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
  /** What waiting is measured by; tests have one that waits for nothing. */
  readonly clock?: Clock;
}

/** What the transport hands along with a request. */
interface ServerContext extends RequestRecord {
  discardUpload?: () => void;
}

/** The gateway without sockets: `fetch` answers requests. */
export interface Gateway {
  readonly yoga: YogaServerInstance<ServerContext, Context>;
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
  /** Answers a request of a Node server. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** What it can serve; see `createHealth`. */
  readonly readiness: (waitMs?: number) => Promise<Readiness>;
  /** What it counts, for `GET /metrics`. */
  readonly metrics: Metrics;
  /** Closes the connections to the planes at once: to be called when all operations have ended. */
  readonly close: () => Promise<void>;
}

/** Until callers have identities of their own, all of them act with the rights of the configured account. */
const anonymous: Caller = {
  rightKey: 'anonymous',
  name: 'anonymous',
  roles: ['VIEWER', 'OPERATOR', 'APPROVER', 'ADMINISTRATOR'],
  leagues: 'ALL',
};

const requestIdForm = /^[\w.-]{1,64}$/;

const requestIdOf = ({ headers }: Request): string => {
  const given = headers.get('x-request-id');
  return given !== null && requestIdForm.test(given) ? given : randomUUID();
};

/** Every answer names its request: `X-Request-Id`, the caller's own where it sent one. */
const answerRequestId: Plugin<Context, ServerContext> = {
  onRequest: ({ request, serverContext }) => {
    serverContext.requestId = requestIdOf(request);
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

/**
 * The gateway for a configuration. It listens nowhere: `server` does, and tests call `fetch`.
 *
 * @param config - with `tics` filled in, by the file or by the embedded TICS
 */
export const createGateway = (
  { tics }: Config & { readonly tics: TicsConfig },
  { log, resilience, operationTimeoutMs = 30_000, clock = systemClock, metrics: given, tracing }: GatewayDependencies,
): Gateway => {
  const metrics = given ?? createMetrics();
  const { observer: ofHealth, readiness } = createHealth({
    agentIds: tics.agents.map(({ id }) => id),
    probe: (agentId) => probe(agentId),
  });
  const forAll = observeAll([metrics.observer, ofHealth, logUpstreamFailures(log, null), tracing?.observer ?? {}]);
  const upstreams = createUpstreams(tics, { ...defaultResilience, ...resilience }, forAll);

  const probe = async (agentId?: string): Promise<unknown> => {
    const { space, agent } = upstreams.planes({
      rightKey: 'readiness',
      language: tics.language,
      deadline: noDeadline,
      observe: () => undefined,
      observer: forAll,
    });
    return agentId === undefined ? space.read('getOverview') : (await agent(agentId)).read('getAgentRuntime');
  };

  const createContext = (request: Request, requestId: string): Context => {
    const language = languageOf(request.headers.get('accept-language'), tics.language);
    const trace = tracing?.operation(request.headers, requestId);
    const operation: OperationRecord = {
      requestId,
      startedAtMs: performance.now(),
      calls: [],
      reported: [],
      kept: [],
      failovers: [],
      deadline: createDeadline(request.signal),
      cost: 0,
      ...(trace && { trace }),
    };
    const countCost = {
      upstreamCall: () => {
        operation.cost += 1;
        return { headers: {}, end: () => undefined };
      },
    };
    const planes = upstreams.planes({
      rightKey: anonymous.rightKey,
      language,
      deadline: operation.deadline,
      kept: (answer) => operation.kept.push(answer),
      failedOver: (code) => operation.failovers.push(code),
      observe: (call) => operation.calls.push(call),
      observer: observeAll([
        metrics.observer,
        ofHealth,
        logUpstreamFailures(log, requestId),
        trace?.observer ?? {},
        countCost,
      ]),
    });
    return {
      caller: anonymous,
      language,
      timeZone: tics.timeZone,
      clock,
      planes,
      sources: createSources(planes),
      report: (error, path) => operation.reported.push(new GraphQLError(error.message, { path, originalError: error })),
      operation,
    };
  };

  const yoga = createYoga<ServerContext, Context>({
    schema,
    context: ({ request, requestId }) => createContext(request, requestId ?? randomUUID()),
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
      watchOperations(log, metrics),
      answerRequestId,
    ],
  });

  return {
    yoga,
    fetch: async (url, init = {}) => yoga.fetch(new URL(url), init),
    handle: async (request, response) => {
      await yoga(request, response);
    },
    readiness,
    metrics,
    close: async () => {
      if (given === undefined) metrics.close();
      await upstreams.close();
    },
  };
};
