import type { Readable } from 'node:stream';
import { errors, type Dispatcher } from 'undici';
import { GatewayError, type ErrorCode, type ErrorDetails, type Plane } from '../errors.ts';
import { parseJson, type Wire } from './json.ts';
import { meaningOf } from './refusals.ts';
import { record, text } from './wire.ts';

/** One HTTP request to an upstream. */
export interface Exchange {
  readonly plane: Plane;
  /** The contract's operation id, for errors and logs. */
  readonly call: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
  /** A write is never sent twice, and what became of it must be told when its answer is missing. */
  readonly isWrite?: boolean;
  readonly timeoutMs: number;
  /** Ends with the caller's own request. */
  readonly signal: AbortSignal;
}

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Wire;
  /** How long the answer was on the wire. */
  readonly bytes: number;
}

const tlsCodes = /^(CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_SSL_)/;

/** Those of them that end a handshake; ERR_SSL_… can also break a connection that was in use. */
const handshakeCodes = /^(CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/**
 * Failures before anything was sent: no connection came about. UND_ERR_DESTROYED is none of them: requests that were under way
 * when the pool ended have it as well.
 */
const unsentCodes =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|UND_ERR_CLOSED)$/;

function codeIn(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/**
 * Whether a write that failed like this may have been carried out all the same. What no connection was made for was not;
 * anything else may have been.
 */
function isUncertain(error: unknown): boolean {
  return !unsentCodes.test(codeIn(error)) && !handshakeCodes.test(codeIn(error));
}

const timeoutNames = /^(AbortError|TimeoutError|HeadersTimeoutError|BodyTimeoutError)$/;

/** Any failure to exchange, as the error that the caller reads. The reason itself may name addresses: it stays inside. */
function failure(error: unknown, { plane, call, timeoutMs, isWrite }: Exchange): GatewayError {
  if (error instanceof GatewayError) return error;
  const failed = (code: ErrorCode, message: string) => new GatewayError(code, message, { plane, call });
  if (isWrite === true && isUncertain(error))
    return failed('OUTCOME_UNKNOWN', `No answer came to ${call}: it may have been carried out.`);
  if (tlsCodes.test(codeIn(error)))
    return failed('AGENT_CERTIFICATE', `The server of ${call} showed a certificate that is not trusted.`);
  if (error instanceof Error && timeoutNames.test(error.name))
    return failed('UPSTREAM_TIMEOUT', `${call} did not answer within ${timeoutMs} ms.`);
  if (error instanceof errors.ResponseExceededMaxSizeError)
    return failed('UPSTREAM_INVALID_ANSWER', `The answer of ${call} is too large.`);
  return failed('UPSTREAM_UNREACHABLE', `No connection for ${call}, or it broke.`);
}

function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** `Retry-After` in seconds, whether it came as seconds or as a date (RFC 9110, 10.2.3). */
function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined;
}

/** What an upstream says goes into answers and log lines: so much of it. */
const longestText = 1000;
const longestCode = 100;

/** A page of a proxy, or bytes that are no text: nothing that anybody could read. */
function isUnreadable(body: string): boolean {
  return /^\s*<|\uFFFD/.test(body);
}

/** The first of these that is text and not blank. */
function firstText(candidates: readonly Wire[]): string | undefined {
  return candidates.map(text).find((candidate) => candidate?.trim()) ?? undefined;
}

/**
 * The service's code and text, from any error shape of the three (endpoints, "Errors, tokens, hosts"), or from the one that
 * frameworks have by themselves: `{ status, error, message }`.
 */
function refusalOf(body: Wire): { readonly code: string | undefined; readonly message: string | undefined } {
  const outer = record(body);
  const inner = { ...outer, ...record(outer['error']) };
  const bare = typeof body === 'string' && !isUnreadable(body) ? body : undefined;
  const code = firstText([inner['error_code'], inner['code'], inner['status']]);
  const message = firstText([inner['error_msg'], inner['message'], inner['error'], bare]);
  return { code: code?.slice(0, longestCode), message: message?.slice(0, longestText) };
}

/** Whether an answer refuses what was asked: by its status, or by an error body under a status that says otherwise. */
export function isRefusal({ status, body }: Answer): boolean {
  return status >= 300 || /[^0]/.test(text(record(body)['error_code']) ?? '');
}

/** The error for an answer that is a refusal, with the service's own code and text. */
export function refusal(
  { plane, call }: Pick<Exchange, 'plane' | 'call'>,
  { status, headers, body }: Answer,
  code?: ErrorCode,
): GatewayError {
  const said = refusalOf(body);
  const wait = retryAfter(first(headers['retry-after']));
  const requestId = first(headers['x-request-id'] ?? headers['x-iam-trace-id'])?.slice(0, longestCode);
  const details: ErrorDetails = {
    plane,
    call,
    status,
    ...(said.code !== undefined && { upstreamCode: said.code }),
    ...(requestId !== undefined && { upstreamRequestId: requestId }),
    ...(wait !== undefined && { retryAfter: wait }),
  };
  const meaning = code ?? meaningOf({ call, status, ...said });
  const redirects = status >= 300 && status < 400 ? `HTTP ${status}, and redirects are not followed` : undefined;
  const reason = redirects ?? said.message ?? `HTTP ${status}`;
  const became = meaning === 'OUTCOME_UNKNOWN' ? 'may have been carried out' : 'was refused';
  return new GatewayError(meaning, `${call} ${became}: ${reason}`, details);
}

/** Many writes are answered by a word alone (6.2.2, 7.9.4: "String"); one that begins like a document is the rest of one. */
function isWord(body: string): boolean {
  return /^\s*[^\s<{["]/.test(body) && !isUnreadable(body);
}

function parse(exchange: Exchange, status: number, body: string): Wire {
  if (body.trim() === '') return undefined;
  try {
    return parseJson(body);
  } catch {
    if (status >= 300 || (exchange.isWrite && isWord(body))) return body;
    const code = exchange.isWrite ? 'OUTCOME_UNKNOWN' : 'UPSTREAM_INVALID_ANSWER';
    throw new GatewayError(code, `The answer of ${exchange.call} is not JSON.`, {
      plane: exchange.plane,
      call: exchange.call,
      status,
    });
  }
}

/**
 * Work that ends with the caller or after the time limit. Not `AbortSignal.any([signal, AbortSignal.timeout(ms)])`: Node 20
 * collects the timeout as garbage while nothing but the combination needs it, and then it never comes.
 */
async function limited<Value>(
  { signal, timeoutMs }: Exchange,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  signal.throwIfAborted();
  const limit = new AbortController();
  const leave = (): void => limit.abort(signal.reason);
  const timer = setTimeout(() => limit.abort(new DOMException('The time is up.', 'TimeoutError')), timeoutMs);
  signal.addEventListener('abort', leave, { once: true });
  // undici looks at the signal only once there is a connection: a server that hangs in the handshake would be waited for.
  const ended = new Promise<never>((_, reject) => {
    limit.signal.addEventListener('abort', () => reject(limit.signal.reason as Error), { once: true });
  });
  try {
    return await Promise.race([work(limit.signal), ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', leave);
  }
}

/**
 * Sends one request and reads the whole answer, within `timeoutMs`. Redirects are not followed. When the caller of a read
 * leaves, the signal's own reason is thrown.
 *
 * @throws GatewayError UPSTREAM_TIMEOUT, UPSTREAM_UNREACHABLE, AGENT_CERTIFICATE or UPSTREAM_INVALID_ANSWER, and for a write
 *   that may have been carried out OUTCOME_UNKNOWN. An answer with an error status is answered, not thrown.
 */
export async function send(dispatcher: Dispatcher, origin: string, exchange: Exchange): Promise<Answer> {
  try {
    return await limited(exchange, async (signal) => {
      const { statusCode, headers, body } = await dispatcher.request({
        origin,
        method: exchange.method,
        path: exchange.path,
        headers: exchange.headers,
        ...(exchange.body !== undefined && { body: exchange.body }),
        signal,
      });
      const text = await body.text();
      return { status: statusCode, headers, body: parse(exchange, statusCode, text), bytes: text.length };
    });
  } catch (error) {
    if (exchange.signal.aborted && exchange.isWrite !== true) throw error;
    throw failure(error, exchange);
  }
}
