import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { systemCode, type ErrorCode } from '../errors.ts';

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

/** A path that is only read: probes, metrics. */
export type AnswerRead = (response: ServerResponse) => void | Promise<void>;

/**
 * Answers a path that is only read.
 *
 * @param read - undefined where nothing is at the path
 * @param hint - what the listener has, for requests that it does not answer
 */
export function answerRead(
  request: IncomingMessage,
  response: ServerResponse,
  read: AnswerRead | undefined,
  hint: string,
): void | Promise<void> {
  if (read === undefined)
    return answerError(request, response, 404, `Nothing is at this path. ${hint}`, { code: 'NOT_FOUND' });
  if (request.method === 'GET' || request.method === 'HEAD') return read(response);
  response.setHeader('allow', 'GET, HEAD');
  return answerError(request, response, 405, `This path is only read. ${hint}`, { code: 'BAD_REQUEST' });
}

/** Answers on a connection that has no response object, and closes it. */
export function answerOnConnection(
  connection: Duplex,
  status: string,
  message: string,
  extensions: ErrorExtensions,
): void {
  const body = JSON.stringify({ errors: [{ message, extensions }] });
  connection.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  // Does not wait for a peer that keeps its side open or keeps sending.
  connection.once('finish', () => connection.destroy());
}

/** Statuses of requests that Node.js can't read; all others are 400. */
const unreadable: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers are too large. Send shorter ones.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['413 Payload Too Large', 'The chunk extensions are too large. Send none.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time. Send it again.'],
};

/** Answers what is no HTTP request. A connection that an answer was written to before is closed without one. */
export function answerUnreadable(error: Error, connection: Duplex & { readonly bytesWritten?: number }): void {
  const code = systemCode(error);
  // A connection that has failed, or whose TLS handshake has, takes no answer.
  const isAnswerable = /^(HPE|ERR_HTTP)_/.test(code) && connection.writable && connection.bytesWritten === 0;
  if (!isAnswerable) return void connection.destroy();
  const [status, message] = unreadable[code] ?? ['400 Bad Request', 'This is no HTTP request. Send HTTP/1.1.'];
  answerOnConnection(connection, status, message, { code: 'BAD_REQUEST' });
}
