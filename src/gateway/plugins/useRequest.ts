import type { DocumentNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../../graphql/context.ts';
import type { GatewayPlugin } from '../plugin.ts';
import { requestIdOf, type RequestRecord } from '../operationLog.ts';

/** Puts the parsed document into the context. */
export const useDocument: Plugin<{ readonly document?: DocumentNode }> = {
  onParse:
    () =>
    ({ result, extendContext }) =>
      extendContext({ document: result as DocumentNode }),
};

/** Tells proxies not to buffer streams. */
export const useUnbufferedEvents: Plugin<Context> = {
  onResponse: ({ response }) => {
    if (!/^(text\/event-stream|multipart\/mixed)/.test(response.headers.get('content-type') ?? '')) return;
    response.headers.set('x-accel-buffering', 'no');
    // `connection` is up to the server, which may have to close the connection.
    response.headers.delete('connection');
  },
};

/** Sets `X-Request-Id` on every answer. */
export const useRequestId: GatewayPlugin<RequestRecord> = {
  onRequest: ({ request, serverContext }) => {
    serverContext.requestId = requestIdOf(request.headers.get('x-request-id'));
  },
  onResponse: ({ response, serverContext }) => {
    if (serverContext.requestId !== undefined) response.headers.set('x-request-id', serverContext.requestId);
  },
};
