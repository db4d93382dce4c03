import type { IncomingMessage, ServerResponse } from 'node:http';
import { createYoga, type GraphQLParams, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { Context } from '../graphql/context.ts';
import { schema } from '../graphql/schema.ts';
import type { Logger } from '../telemetry/log.ts';
import { IncomingRequest } from './incomingRequest.ts';
import { Handover, JsonFront } from './jsonFront.ts';
import type { InitialContext, ContextFactory, Progress, ServerContext } from './contextFactory.ts';
import { maskError } from './maskErrors.ts';
import type { GatewayPlugin } from './plugin.ts';
import { useDocument, useUnbufferedEvents } from './plugins/useRequest.ts';

/** Answers requests over HTTP. */
export interface Fronts {
  readonly yoga: YogaServerInstance<ServerContext, Context>;
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
  /** Answers a request of a Node server. */
  readonly handle: (request: IncomingMessage, response: ServerResponse, progress?: Progress) => Promise<void>;
}

/** Disabled in Yoga: the server answers pages and CORS, and `useRequestBody` reads bodies with a limit each. */
const withoutExtras = {
  graphqlEndpoint: '/graphql',
  graphiql: false,
  landingPage: false,
  logging: false,
  cors: false,
  multipart: false,
  maxRequestBodySize: false,
} as const;

/** True if the JSON front has read the body and run the hooks before execution. A request that it did not read has none. */
function haveHooksRun({ received }: Pick<ServerContext, 'received'>): boolean {
  return received !== undefined;
}

/** Skips the hooks that the JSON front has run before it handed the request over: caller and request id are known. */
function afterHandover(plugin: GatewayPlugin<ServerContext>): GatewayPlugin<ServerContext> {
  return {
    ...plugin,
    onRequest: (event) => (haveHooksRun(event.serverContext) ? undefined : plugin.onRequest?.(event)),
    onParams: (event) => (haveHooksRun(event.context) ? undefined : plugin.onParams?.(event)),
  };
}

/** JSON over POST has a front of its own; Yoga answers the rest. Both run the same plugins, except those of streams. */
export function createFronts({
  plugins,
  streamPlugins,
  contextFactory,
  log,
}: {
  readonly plugins: readonly GatewayPlugin<ServerContext>[];
  readonly streamPlugins: readonly Plugin<Context>[];
  readonly contextFactory: ContextFactory;
  readonly log: Logger;
}): Fronts {
  const mask = (error: unknown): Error => maskError(error, log);
  const yoga = createYoga<ServerContext, Context>({
    schema,
    context: contextFactory,
    ...withoutExtras,
    maskedErrors: { maskError: mask },
    plugins: [...streamPlugins, ...plugins.map(afterHandover), useDocument, useUnbufferedEvents],
  });
  const jsonFront = new JsonFront<ServerContext & { params?: GraphQLParams }>({
    schema,
    plugins,
    documentsOf: (context) => yoga.getEnveloped(context),
    contextOf: (initial) => contextFactory(initial as InitialContext),
    maskError: mask,
  });
  return {
    yoga,
    fetch: async (url, init) => {
      const request = new Request(url, init);
      const server: ServerContext = {};
      const answer = await jsonFront.answer(request, server);
      return answer instanceof Handover
        ? yoga.fetch(request, { ...server, received: answer.received })
        : new Response(answer.body.toString(), { status: answer.status, headers: answer.fields });
    },
    handle: async (request, response, progress = {}) => {
      const server: ServerContext = { req: request, ...progress };
      const answer = await jsonFront.answer(new IncomingRequest(request, response), server);
      if (answer instanceof Handover) await yoga(request, response, { ...server, received: answer.received });
      else answer.writeTo(response);
    },
  };
}
