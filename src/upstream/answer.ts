import { isAscii } from 'node:buffer';
import { GatewayError, type ErrorCode, type ErrorDetails, type Plane } from '../errors.ts';
import { decodeContent } from './contentEncoding.ts';
import { parseJson, parseLosslessJson, type Wire } from './json.ts';
import { meaningOf, type CallPurpose } from './refusals.ts';
import { cleanText } from './secrets.ts';
import { integer, record, text } from './wire.ts';

/** An HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Wire;
  /** Length of the body on the wire. */
  readonly bytes: number;
}

/** The call that an answer belongs to. */
export interface AnsweredCall {
  readonly plane: Plane;
  readonly call: string;
  readonly purpose?: CallPurpose | undefined;
  /** The token that it was sent with. Masked in all texts. */
  readonly secret?: string;
  /** A write is never sent twice: an unclear answer is OUTCOME_UNKNOWN. */
  readonly isWrite: boolean;
  /** The answer holds decimals whose digits count. */
  readonly isLossless?: boolean;
}

function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** A longer wait is a wrong clock or unit of a server in between. Timers do not hold more than 24 days. */
const longestRetryAfterSeconds = 3_600;

/** `Retry-After` in seconds, whether it came as seconds or as a date (RFC 9110, 10.2.3). */
function retryAfter(header = ''): number | undefined {
  const isNumber = /^\d+(\.\d+)?$/.test(header);
  // Dates begin with a weekday. `Date.parse` reads nearly any other text with a number as some day.
  if (!isNumber && !/^[a-z]/i.test(header)) return undefined;
  const seconds = isNumber ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(0, Math.ceil(seconds)), longestRetryAfterSeconds);
}

/** Longer texts of an upstream are cut, in errors and log lines. */
const maxTextLength = 1000;
const maxCodeLength = 100;

/** An HTML page of a proxy, or binary data. */
function isUnreadable(body: string): boolean {
  return /^\s*<|\uFFFD/.test(body);
}

/** The first non-blank text. */
function firstText(candidates: readonly Wire[]): string | undefined {
  return candidates.map(text).find((candidate) => candidate?.trim()) ?? undefined;
}

/**
 * The service's code and text, from any of its three error shapes (endpoints, "Errors, tokens, hosts"), or from the default one
 * of web frameworks: `{ status, error, message }`.
 */
function refusalOf(
  body: Wire,
  secret: string | undefined,
): { readonly code: string | undefined; readonly message: string | undefined } {
  const outer = record(body);
  const inner = { ...outer, ...record(outer['error']) };
  const bare = typeof body === 'string' && !isUnreadable(body) ? body : undefined;
  const code = firstText([inner['error_code'], inner['code'], inner['status']]);
  const message = firstText([inner['error_msg'], inner['message'], inner['error'], bare]);
  return {
    code: code && cleanText(code, secret).slice(0, maxCodeLength),
    message: message && cleanText(message, secret).slice(0, maxTextLength),
  };
}

/** The service's request id. Anything but a single word is dropped: it could be an echo of what was sent. */
export function requestIdIn(headers: Answer['headers'], secret?: string): string | undefined {
  const given = first(headers['x-request-id'] ?? headers['x-iam-trace-id']);
  if (given === undefined) return undefined;
  const id = cleanText(given, secret).slice(0, maxCodeLength);
  return /^[\w.:-]+$/.test(id) ? id : undefined;
}

/** The error for an answer that is a refusal, with the service's own code and text. */
export function refusal(
  { plane, call, purpose, secret }: Omit<AnsweredCall, 'isWrite'>,
  { status, headers, body }: Answer,
  code?: ErrorCode,
): GatewayError {
  const said = refusalOf(body, secret);
  const wait = retryAfter(first(headers['retry-after']));
  const requestId = requestIdIn(headers, secret);
  const details: ErrorDetails = {
    plane,
    call,
    status,
    ...(said.code !== undefined && { upstreamCode: said.code }),
    ...(requestId !== undefined && { upstreamRequestId: requestId }),
    ...(wait !== undefined && { retryAfter: wait }),
  };
  const meaning = code ?? meaningOf({ purpose, status, ...said });
  const redirects = status >= 300 && status < 400 ? `HTTP ${status}, and redirects are not followed` : undefined;
  const reason = redirects ?? said.message ?? `HTTP ${status}`;
  const became = meaning === 'OUTCOME_UNKNOWN' ? 'may have been carried out' : 'was refused';
  return new GatewayError(meaning, `${call} ${became}: ${reason}`, details);
}

/** Many writes are answered with a bare word (6.2.2, 7.9.4: "String"). Text that begins like a document is a truncated one. */
function isWord(body: string): boolean {
  return /^\s*[^\s<{["]/.test(body) && !isUnreadable(body);
}

/** A body as text, without a byte order mark (WHATWG Encoding, UTF-8 decode). Most are ASCII, which needs no decoding. */
function textOf(body: Buffer): string {
  if (isAscii(body)) return body.toString('latin1');
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.toString('utf8', 3) : body.toString('utf8');
}

/** Decodes the content encoding. With an error status, a body that can't be decoded counts as empty. */
function decode({ plane, call, isWrite }: AnsweredCall, status: number, headers: Answer['headers'], bytes: Buffer) {
  try {
    return decodeContent(bytes, headers['content-encoding']);
  } catch (error) {
    if (status >= 300) return Buffer.alloc(0);
    const isTooLarge = error instanceof RangeError;
    const message = `The answer of ${call} ${isTooLarge ? 'is too large' : 'could not be decoded'}.`;
    // Without a status there is no retry: the answer would be too large again.
    const details = { plane, call, ...(!isTooLarge && { status }) };
    throw new GatewayError(isWrite ? 'OUTCOME_UNKNOWN' : 'UPSTREAM_INVALID_ANSWER', message, details);
  }
}

/**
 * Parses the body of an answer: undefined when it is empty; the plain text of a refusal or of a written word.
 *
 * @throws GatewayError UPSTREAM_INVALID_ANSWER, or OUTCOME_UNKNOWN for a write, when it is not JSON
 */
export function parseBody(answered: AnsweredCall, status: number, headers: Answer['headers'], bytes: Buffer): Wire {
  const { plane, call, isWrite } = answered;
  const body = textOf(decode(answered, status, headers, bytes));
  if (body.trim() === '') return undefined;
  try {
    return answered.isLossless ? parseLosslessJson(body) : parseJson(body);
  } catch {
    if (status >= 300 || (isWrite && isWord(body))) return body;
    const code = isWrite ? 'OUTCOME_UNKNOWN' : 'UPSTREAM_INVALID_ANSWER';
    throw new GatewayError(code, `The answer of ${call} is not JSON.`, { plane, call, status });
  }
}

/** A refusal has an error status, or an error body with a success status. */
function isRefusal({ status, body }: Answer): boolean {
  return status >= 300 || /[^0]/.test(text(record(body)['error_code']) ?? '');
}

function isSuccess(status: unknown): boolean {
  return [0, 200].includes(integer(status) ?? -1);
}

/**
 * The agent plane's other envelope: a numeric `status` beside `data` or `message`. Any other `status` is a field of the
 * answer itself (7.2.1).
 */
function isEnvelope(body: Wire): boolean {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return false;
  return ('data' in body || 'message' in body) && 'status' in body && integer(body.status) !== null;
}

/** The body without its envelope. */
function unwrap(call: AnsweredCall, answer: Answer): Wire {
  if (isRefusal(answer)) throw refusal(call, answer);
  if (!isEnvelope(answer.body)) return answer.body;
  const { status, data } = record(answer.body);
  if (!isSuccess(status)) throw refusal(call, answer);
  return data;
}

/** Refuses an empty answer or a bare word, which would otherwise pass for an empty list. */
function readBody(call: AnsweredCall, answer: Answer): Wire {
  const body = unwrap(call, answer);
  if (typeof body === 'object' && body !== null) return body;
  throw new GatewayError('UPSTREAM_INVALID_ANSWER', `The answer of ${call.call} is neither an object nor a list.`, {
    plane: call.plane,
    call: call.call,
    status: answer.status,
  });
}

/** The answer to a write. 502 and 504 come from a proxy that lost the service, which may have carried it out. */
function readWritten(call: AnsweredCall, answer: Answer): Wire {
  if (answer.status === 502 || answer.status === 504) throw refusal(call, answer, 'OUTCOME_UNKNOWN');
  try {
    return unwrap(call, answer);
  } catch (error) {
    // A timeout inside the service leaves the same doubt.
    const isLost = error instanceof GatewayError && error.code === 'UPSTREAM_TIMEOUT';
    throw isLost ? refusal(call, answer, 'OUTCOME_UNKNOWN') : error;
  }
}

/**
 * The body of a successful answer. The one place that tells success from refusal.
 *
 * @throws GatewayError with the code of a refusal, UPSTREAM_INVALID_ANSWER for a read whose answer is no object or list,
 *   OUTCOME_UNKNOWN for a write that may have been carried out
 */
export function readAnswer(call: AnsweredCall, answer: Answer): Wire {
  return call.isWrite ? readWritten(call, answer) : readBody(call, answer);
}
