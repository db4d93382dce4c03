import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorCode } from '../errors.ts';

/** `extensions` of an error. */
export interface ErrorExtensions {
  readonly code: ErrorCode;
  readonly retryAfter?: number;
}

/** Sends JSON with `Cache-Control: no-store`. */
export function answerJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
  response.end(JSON.stringify(body));
}

/** Sends an error as a GraphQL result: GraphQL clients parse nothing else. */
export function answerError(
  { headers: { accept } }: IncomingMessage,
  response: ServerResponse,
  status: number,
  message: string,
  extensions: ErrorExtensions,
): void {
  return answerJson(
    response,
    status,
    { errors: [{ message, extensions }] },
    {
      ...(accept?.includes('application/graphql-response+json') && {
        'content-type': 'application/graphql-response+json',
      }),
      ...(extensions.retryAfter !== undefined && { 'retry-after': `${extensions.retryAfter}` }),
    },
  );
}

/** 404. */
export function answerNothing(response: ServerResponse, message: string): void {
  return answerJson(response, 404, { errors: [{ message }] });
}
