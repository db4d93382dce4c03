import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
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
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
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

/** Answers GET and HEAD: probes, metrics. */
export type AnswerRead = (response: ServerResponse) => void | Promise<void>;

/**
 * Answers a path that has GET and HEAD only.
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
  return answerError(request, response, 405, `This path answers GET and HEAD only. ${hint}`, { code: 'BAD_REQUEST' });
}

/** An answer is on its way for at most this long: a peer that reads nothing, or keeps sending, is not waited for. */
const lingerMs = 1_000;

/** An error for {@link answerOnConnection}. */
export interface ConnectionAnswer {
  /** Code and reason, such as `404 Not Found`. */
  readonly status: string;
  readonly message: string;
  readonly extensions: ErrorExtensions;
  readonly headers?: Readonly<Record<string, string>>;
  /** The request was HEAD. */
  readonly isHead?: boolean;
}

/** Answers on a connection that has no response object, and closes it. */
export function answerOnConnection(
  connection: Duplex,
  { status, message, extensions, headers = {}, isHead = false }: ConnectionAnswer,
): void {
  const body = JSON.stringify({ errors: [{ message, extensions }] });
  const fields = {
    connection: 'close',
    ...headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  connection.end(`HTTP/1.1 ${status}\r\n${head.join('')}\r\n${isHead ? '' : body}`);
  // Reads on: closing with bytes unread resets the connection, and the peer may lose the answer (RFC 9112, 9.6).
  connection.resume();
  setTimeout(() => connection.destroy(), lingerMs).unref();
}

/** Statuses of requests that Node.js can't read; all others are 400. */
const unreadable: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers are too large. Send shorter ones.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['413 Payload Too Large', 'The chunk extensions are too large. Send none.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time. Send it again.'],
};

/** Calls back once nothing is being answered on the connection. */
export type AfterAnswers = (connection: Duplex, next: () => void) => void;

/** Answers what Node.js can't read. A connection that an answer was written to before is closed without one. */
function answerUnreadable(code: string, connection: Socket): void {
  // What comes after the first error is not read any more.
  if (connection.writableEnded && !connection.destroyed) return;
  if (!connection.writable || connection.bytesWritten > 0) return void connection.destroy();
  const [status, message] = unreadable[code] ?? ['400 Bad Request', 'This is no HTTP request. Send HTTP/1.1.'];
  answerOnConnection(connection, { status, message, extensions: { code: 'BAD_REQUEST' } });
}

/**
 * Says `100 Continue` when the body begins to be read: what is refused by its headers is answered without it (RFC 9110, 10.1.1). Node
 * would say it before anybody has looked at them.
 */
function continueOnceRead(request: IncomingMessage, response: ServerResponse): void {
  const read = request._read.bind(request);
  request._read = (size) => {
    request._read = read;
    // What nobody wanted is discarded after the answer.
    if (!response.headersSent) response.writeContinue();
    read(size);
  };
}

/** Answers what Node.js does not hand over as a request: with a code, as everything else. */
export function answerOddRequests(server: Server, afterAnswers: AfterAnswers = (_, next) => next()): void {
  server.on('clientError', (error: Error, connection: Socket) => {
    const code = systemCode(error);
    // A connection that has failed, or whose TLS handshake has, takes no answer.
    if (!/^(HPE|ERR_HTTP)_/.test(code)) return connection.destroy();
    return afterAnswers(connection, () => answerUnreadable(code, connection));
  });
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    continueOnceRead(request, response);
    server.emit('request', request, response);
  });
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) =>
    answerError(request, response, 417, 'Only the expectation 100-continue is supported. Send none.', {
      code: 'BAD_REQUEST',
    }),
  );
  server.on('connect', (_, connection: Duplex) => {
    connection.on('error', () => connection.destroy());
    afterAnswers(connection, () =>
      answerOnConnection(connection, {
        status: '405 Method Not Allowed',
        message: 'This is no proxy. Send GraphQL operations to /graphql, by POST.',
        extensions: { code: 'BAD_REQUEST' },
        headers: { allow: 'GET, HEAD, POST' },
      }),
    );
  });
}
