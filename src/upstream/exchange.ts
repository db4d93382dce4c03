import { isAscii } from 'node:buffer';
import type { Readable } from 'node:stream';
import { errors, type Dispatcher } from 'undici';
import { GatewayError, type ErrorCode, type ErrorDetails, type Plane } from '../errors.ts';
import { parseJson, type Wire } from './json.ts';
import { meaningOf } from './refusals.ts';
import { cleanText } from './secrets.ts';
import { onAbort } from './waiting.ts';
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

/** The time is up. Its name alone is read. */
function timeout({ timeoutMs }: Exchange): Error {
  const error = new Error(`No answer within ${timeoutMs} ms.`);
  error.name = 'TimeoutError';
  return error;
}

function uncertain({ plane, call }: Pick<Exchange, 'plane' | 'call'>): GatewayError {
  return new GatewayError('OUTCOME_UNKNOWN', `No answer came to ${call}: it may have been carried out.`, {
    plane,
    call,
  });
}

/** Any failure to exchange, as the error that the caller reads. The reason itself may name addresses: it stays inside. */
function failure(error: unknown, { plane, call, timeoutMs, isWrite }: Exchange): GatewayError {
  if (error instanceof GatewayError) return error;
  const failed = (code: ErrorCode, message: string) => new GatewayError(code, message, { plane, call });
  if (isWrite === true && isUncertain(error)) return uncertain({ plane, call });
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
  return {
    code: code && cleanText(code).slice(0, longestCode),
    message: message && cleanText(message).slice(0, longestText),
  };
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

/** Receives the answer to one request. Completes once: with the answer, with a failure, or when nobody waits any more. */
class AnswerReceiver implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange;
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (error: unknown) => void;
  readonly #stopListening: () => void;
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: Answer['headers'] = {};
  #isComplete = false;

  constructor(exchange: Exchange, resolve: (answer: Answer) => void, reject: (error: unknown) => void) {
    this.#exchange = exchange;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(() => this.#stop(timeout(exchange)), exchange.timeoutMs);
    this.#stopListening = onAbort(exchange.signal, () => this.#stop(exchange.signal.reason));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It waited for a connection longer than its caller: nothing of it is sent.
    if (this.#isComplete) controller.abort(stopped);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Answer['headers']): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.#complete()) return;
    const [first] = this.#chunks;
    const body = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    try {
      const parsed = parse(this.#exchange, this.#status, textOf(body));
      this.#resolve({ status: this.#status, headers: this.#headers, body: parsed, bytes: body.length });
    } catch (error) {
      this.#reject(error);
    }
  }

  onResponseError(_: unknown, error: unknown): void {
    if (this.#complete()) this.#reject(failure(error, this.#exchange));
  }

  /** Nobody waits any more, or the time is up. */
  #stop(reason: unknown): void {
    if (!this.#complete()) return;
    const { signal, isWrite } = this.#exchange;
    // A write is in doubt once it has begun to be sent. Otherwise a caller that has left is given its own reason.
    const isInDoubt = isWrite === true && this.#controller !== undefined;
    if (isInDoubt) this.#reject(uncertain(this.#exchange));
    else this.#reject(signal.aborted ? reason : failure(reason, { ...this.#exchange, isWrite: false }));
    this.#controller?.abort(stopped);
  }

  /** False when it was complete already. */
  #complete(): boolean {
    if (this.#isComplete) return false;
    this.#isComplete = true;
    clearTimeout(this.#timer);
    this.#stopListening();
    return true;
  }
}

/** Ends requests that nobody waits for. One for all: making an error for each costs a stack. */
const stopped = new Error('Nobody waits for this answer any more.');

/** A body as text, without a byte order mark (WHATWG Encoding, UTF-8 decode). ASCII, as most are, is a copy of its bytes. */
function textOf(body: Buffer): string {
  if (isAscii(body)) return body.toString('latin1');
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.toString('utf8', 3) : body.toString('utf8');
}

/**
 * Sends one request and reads the whole answer, within `timeoutMs`. Redirects are not followed. When the caller of a read
 * leaves, the signal's own reason is thrown.
 *
 * @throws GatewayError UPSTREAM_TIMEOUT, UPSTREAM_UNREACHABLE, AGENT_CERTIFICATE or UPSTREAM_INVALID_ANSWER, and for a write
 *   that may have been carried out OUTCOME_UNKNOWN. An answer with an error status is answered, not thrown.
 */
export function send(dispatcher: Dispatcher, origin: string, exchange: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method, path, headers, body = null, signal } = exchange;
    // Left before anything was sent.
    if (signal.aborted) return reject(signal.reason as Error);
    const receiver = new AnswerReceiver(exchange, resolve, reject);
    try {
      dispatcher.dispatch({ origin, method, path, headers, body }, receiver);
    } catch (error) {
      receiver.onResponseError(undefined, error);
    }
  });
}
