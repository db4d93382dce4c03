import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { GatewayError, systemCode, type ErrorCode } from '../errors.ts';
import { parseBody, type Answer, requestIdIn } from './answer.ts';
import { answerBuffers } from './buffers.ts';
import type { Observer, OutgoingRequest, RequestEnd } from './observer.ts';

/** One HTTP request to an upstream. */
export interface ExchangeRequest extends OutgoingRequest {
  /** Path and query. */
  readonly path: string;
  /** Its trace headers are added when it is sent. */
  readonly headers: Record<string, string>;
  readonly body?: string | Readable | undefined;
  /** A write is never sent twice: where its answer is missing, it may have been carried out. */
  readonly isWrite: boolean;
  /** The answer holds decimals whose digits count. */
  readonly isLossless?: boolean;
  readonly timeoutMs: number;
}

/** Receives the result of an exchange: either `onResult` or `onFailure` is called, once. */
export interface ExchangeReceiver<Result> {
  /**
   * Reads the answer, once.
   *
   * @throws GatewayError when it is a refusal or unusable
   */
  readonly readAnswer: (answer: Answer) => Result;
  readonly onResult: (result: Result, bytes: number) => void;
  readonly onFailure: (error: unknown) => void;
}

const tlsCodes = /^(CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_SSL_)/;

/** The TLS errors that end a handshake. ERR_SSL_… can also break a connection in use. */
const handshakeCodes = /^(CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/**
 * Failures to connect: nothing was sent. Without UND_ERR_DESTROYED, which requests in flight also get when their pool is closed.
 */
const unsentCodes =
  /^(ADDRESS_REFUSED|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|UND_ERR_CLOSED)$/;

/** A write that failed to connect was not carried out; one that failed later may have been. */
function isUncertain(error: unknown): boolean {
  return !unsentCodes.test(systemCode(error)) && !handshakeCodes.test(systemCode(error));
}

function uncertain({ plane, call }: ExchangeRequest): GatewayError {
  const message = `${call} was not answered: it may have been carried out.`;
  return new GatewayError('OUTCOME_UNKNOWN', message, { plane, call });
}

/** A failure of the transport as the caller's error, which does not name addresses. */
function transportFailure(error: unknown, request: ExchangeRequest): GatewayError {
  // From the stream of an upload.
  if (error instanceof GatewayError) return error;
  const { plane, call, isWrite } = request;
  const failed = (code: ErrorCode, message: string) => new GatewayError(code, message, { plane, call });
  if (isWrite && isUncertain(error)) return uncertain(request);
  if (tlsCodes.test(systemCode(error)))
    return failed('AGENT_CERTIFICATE', `The certificate of the server of ${call} is not trusted.`);
  if (systemCode(error) === 'ADDRESS_REFUSED')
    return failed('AGENT_ADDRESS', `The address policy forbids the address of ${call}.`);
  if (systemCode(error) === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
    return failed('UPSTREAM_INVALID_ANSWER', `The answer of ${call} is too large.`);
  return failed('UPSTREAM_UNREACHABLE', `The connection for ${call} failed.`);
}

/** What an observer sees of a failure. */
function endOf(error: unknown): Omit<RequestEnd, 'durationMs'> {
  if (!(error instanceof GatewayError)) return { outcome: 'ABORTED' };
  const { status, upstreamCode, upstreamRequestId } = error.details;
  return { outcome: error.code, status, upstreamCode, upstreamRequestId };
}

/** Ends requests that no caller waits for. One error for all: each new one would capture a stack. */
const stopped = new Error('The caller no longer waits for this answer.');

/**
 * One HTTP request and its answer, within `timeoutMs`. Redirects are not followed. Ends once: with the answer read, with a
 * failure, or by {@link cancel}.
 *
 * Failures are GatewayErrors: UPSTREAM_TIMEOUT, UPSTREAM_UNREACHABLE, AGENT_CERTIFICATE, AGENT_ADDRESS, UPSTREAM_INVALID_ANSWER,
 * those of the receiver's `readAnswer`, and OUTCOME_UNKNOWN for a write that may have been carried out.
 */
export class Exchange<Result> implements Dispatcher.DispatchHandler {
  readonly #request: ExchangeRequest;
  readonly #observer: Observer;
  readonly #receiver: ExchangeReceiver<Result>;
  readonly #startedAtMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #controller: Dispatcher.DispatchController | undefined;
  #status: number | undefined;
  #headers: Answer['headers'] = {};
  #hasEnded = false;

  constructor(request: ExchangeRequest, observer: Observer, receiver: ExchangeReceiver<Result>) {
    this.#request = request;
    this.#observer = observer;
    this.#receiver = receiver;
    this.#timer = setTimeout(() => this.#timeUp(), request.timeoutMs);
  }

  send(dispatcher: Dispatcher, origin: string): void {
    const { method, path, body = null, headers, traceHeaders } = this.#request;
    this.#observer.requestStart(this.#request);
    try {
      dispatcher.dispatch({ origin, method, path, headers: Object.assign(headers, traceHeaders), body }, this);
    } catch (error) {
      this.onResponseError(undefined, error);
    }
  }

  /**
   * Ends it: no caller waits any more.
   *
   * @returns the reason, or OUTCOME_UNKNOWN for a write that has begun to be sent
   */
  cancel(reason: unknown): unknown {
    const isInDoubt = this.#request.isWrite && this.#controller !== undefined;
    const error = isInDoubt ? uncertain(this.#request) : reason;
    if (this.#end(endOf(error))) this.#controller?.abort(stopped);
    return error;
  }

  #timeUp(): void {
    const { plane, call, timeoutMs } = this.#request;
    const message = `${call} did not answer within ${timeoutMs} ms.`;
    const error = this.cancel(new GatewayError('UPSTREAM_TIMEOUT', message, { plane, call }));
    this.#receiver.onFailure(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Cancelled while it waited for a connection: nothing is sent.
    if (this.#hasEnded) controller.abort(stopped);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Answer['headers']): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#hasEnded) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    answerBuffers.add(controller, chunk.length);
  }

  onResponseEnd(): void {
    if (this.#hasEnded) return;
    const [first] = this.#chunks;
    const bytes = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    const status = this.#status ?? 0;
    let result: Result;
    try {
      const body = parseBody(this.#request, status, this.#headers, bytes);
      result = this.#receiver.readAnswer({ status, headers: this.#headers, body, bytes: bytes.length });
    } catch (error) {
      return this.#fail(error, { ...endOf(error), status });
    }
    this.#end({
      outcome: 'OK',
      status,
      ...(this.#request.isWrite && { upstreamRequestId: requestIdIn(this.#headers) }),
    });
    this.#receiver.onResult(result, bytes.length);
  }

  onResponseError(_: unknown, cause: unknown): void {
    if (this.#hasEnded) return;
    const error = transportFailure(cause, this.#request);
    this.#fail(error, { outcome: error.code, reason: systemCode(cause) || undefined });
  }

  #fail(error: unknown, end: Omit<RequestEnd, 'durationMs'>): void {
    this.#end(end);
    this.#receiver.onFailure(error);
  }

  /** False when it has ended already. */
  #end(end: Omit<RequestEnd, 'durationMs'>): boolean {
    if (this.#hasEnded) return false;
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    if (this.#controller !== undefined && this.#bytes > 0) answerBuffers.release(this.#controller, this.#bytes);
    this.#observer.requestEnd(this.#request, { durationMs: performance.now() - this.#startedAtMs, ...end });
    return true;
  }
}

/** {@link Exchange} as a promise: sends a request and waits for its answer. No caller can cancel it. */
export function exchange<Result>(
  dispatcher: Dispatcher,
  origin: string,
  request: ExchangeRequest,
  observer: Observer,
  readAnswer: (answer: Answer) => Result,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    new Exchange(request, observer, { readAnswer, onResult: resolve, onFailure: reject }).send(dispatcher, origin);
  });
}
