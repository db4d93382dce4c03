import { randomUUID } from 'node:crypto';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import { GraphQLError, getOperationAST, type ExecutionResult } from 'graphql';
import type { Config, TicsConfig } from './config.ts';
import { createSources, type Caller, type Context, type Language } from './context.ts';
import type { Logger } from './log.ts';
import { maskError } from './mask.ts';
import { schema } from './schema.ts';
import type { CallRecord } from './upstream/rest.ts';
import { createUpstreams } from './upstream/planes.ts';

/** What the gateway is given from outside, so that tests need no module mocks. */
export interface GatewayDependencies {
  readonly log: Logger;
}

/** The gateway without sockets: `fetch` answers requests. */
export interface Gateway {
  readonly yoga: YogaServerInstance<object, Context>;
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
  /** Closes the connections to the planes once what is in flight has ended. */
  readonly close: () => Promise<void>;
}

/** What one operation is known by while it runs: for its log line, and for failures that cost rows only. */
interface OperationRecord {
  readonly requestId: string;
  readonly startedAtMs: number;
  readonly calls: CallRecord[];
  readonly reported: GraphQLError[];
}

const records = new WeakMap<Context, OperationRecord>();

/** Until callers have identities of their own, all of them act with the rights of the configured account. */
const anonymous: Caller = {
  rightKey: 'anonymous',
  name: 'anonymous',
  roles: ['VIEWER', 'OPERATOR', 'APPROVER', 'ADMINISTRATOR'],
  leagues: 'ALL',
};

/** The service's texts come in two languages: the first of them that `Accept-Language` names (RFC 9110, 12.5.4). */
export const languageOf = (acceptLanguage: string | null, otherwise: Language): Language => {
  const ranges = (acceptLanguage ?? '')
    .split(',')
    .map((range) => {
      const [tag = '', quality = 'q=1'] = range.trim().split(/\s*;\s*/);
      return { tag: tag.toLowerCase(), quality: Number(quality.replace(/^q=/, '')) || 0 };
    })
    .filter(({ quality }) => quality > 0)
    .sort((one, other) => other.quality - one.quality);
  const first = ranges.find(({ tag }) => /^(zh|en)\b/.test(tag));
  if (first === undefined) return otherwise;
  return first.tag.startsWith('zh') ? 'zh-cn' : 'en_us';
};

/** One JSON line an operation: who, what, how long, and what it cost upstream. */
const logOperations = (log: Logger): Plugin<Context> => ({
  onExecute: ({ args: { contextValue, document, operationName } }) => {
    const record = records.get(contextValue);
    const operation = getOperationAST(document, operationName);
    return {
      onExecuteDone: ({ result }) => {
        if (record === undefined || Symbol.asyncIterator in result) return;
        const { errors = [] } = result;
        log.info(
          {
            requestId: record.requestId,
            caller: contextValue.caller.name,
            operation: operation?.name?.value ?? null,
            kind: operation?.operation ?? null,
            durationMs: Math.round(performance.now() - record.startedAtMs),
            upstreamCalls: record.calls.length,
            upstreamMs: Math.round(record.calls.reduce((sum, { durationMs }) => sum + durationMs, 0)),
            outcome: errors.length === 0 ? 'OK' : 'ERRORS',
            errorCodes: [...new Set(errors.map(({ extensions }) => extensions['code']))],
          },
          'operation',
        );
      },
    };
  },
});

/** Adds failures that cost rows but not their field (a source of a merged list) to the answer's `errors`. */
const addReported: Plugin<Context> = {
  onExecute: ({ args: { contextValue } }) => ({
    onExecuteDone: ({ result, setResult }) => {
      const reported = records.get(contextValue)?.reported ?? [];
      if (reported.length > 0 && !(Symbol.asyncIterator in result))
        setResult({ ...result, errors: [...(result.errors ?? []), ...reported] } satisfies ExecutionResult);
    },
  }),
};

const addRequestId: Plugin<Context> = {
  onResponse: ({ response, serverContext }) => {
    const { requestId } = serverContext as { requestId?: string };
    if (requestId !== undefined) response.headers.set('x-request-id', requestId);
  },
};

const requestIdForm = /^[\w.-]{1,64}$/;

/**
 * The gateway for a configuration. It listens nowhere: `server` does, and tests call `fetch`.
 *
 * @param config - with `tics` filled in, by the file or by the embedded TICS
 */
export const createGateway = (
  config: Config & { readonly tics: TicsConfig },
  { log }: GatewayDependencies,
): Gateway => {
  const upstreams = createUpstreams(config.tics);

  const createContext = (request: Request, serverContext: { requestId?: string }): Context => {
    const language = languageOf(request.headers.get('accept-language'), config.tics.language);
    const given = request.headers.get('x-request-id');
    const requestId = given !== null && requestIdForm.test(given) ? given : randomUUID();
    serverContext.requestId = requestId;
    const record: OperationRecord = { requestId, startedAtMs: performance.now(), calls: [], reported: [] };
    const planes = upstreams.planes({ language, signal: request.signal, observe: (call) => record.calls.push(call) });
    const context: Context = {
      caller: anonymous,
      language,
      timeZone: config.tics.timeZone,
      planes,
      sources: createSources(planes),
      report: (error, path) =>
        record.reported.push(new GraphQLError(error.message, { path, extensions: error.extensions })),
    };
    records.set(context, record);
    return context;
  };

  const yoga = createYoga<object, Context>({
    schema,
    context: (initial) => createContext(initial.request, initial as { requestId?: string }),
    graphqlEndpoint: '/graphql',
    landingPage: false,
    logging: false,
    cors: false,
    multipart: false,
    maskedErrors: { maskError: (error) => maskError(error, log) },
    plugins: [addReported, logOperations(log), addRequestId],
  });

  return {
    yoga,
    fetch: async (url, init = {}) => yoga.fetch(new URL(url), init),
    close: upstreams.close,
  };
};
