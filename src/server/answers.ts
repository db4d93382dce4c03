import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorCode } from '../errors.ts';

/** What an error says beside its message. */
export interface ErrorExtensions {
  readonly code: ErrorCode;
  readonly retryAfter?: number;
}

/** Answers JSON that nobody keeps. */
export function answerJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
  response.end(JSON.stringify(body));
}

/** An error in the form of GraphQL, for clients that read nothing else. */
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

/** There is nothing at this path. */
export function answerNothing(response: ServerResponse, message: string): void {
  return answerJson(response, 404, { errors: [{ message }] });
}
