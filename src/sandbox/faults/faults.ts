import type { ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';

/** A way for a call to go wrong. */
export type Fault =
  /** Another status in place of the answer; without a body, the plane's own error shape. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfter?: string;
      readonly body?: unknown;
      readonly code?: string;
      readonly message?: string;
    }
  /** The connection is reset: before anything is done, or with half of the answer sent. */
  | { readonly kind: 'reset'; readonly at: 'before' | 'midAnswer' }
  /** The answer comes little by little. */
  | { readonly kind: 'slowDrip'; readonly bytesPerSecond: number }
  /** A complete HTTP answer whose JSON ends in the middle. */
  | { readonly kind: 'truncated' }
  /** A complete HTTP answer that is not JSON at all. */
  | { readonly kind: 'malformed' }
  /** A page of a proxy in place of the answer, with the answer's status. */
  | { readonly kind: 'wrongContentType'; readonly contentType?: string }
  /** Nothing is ever answered. */
  | { readonly kind: 'hang' };

/** An answer ready to be written. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const page = Buffer.from('<html><head><title>Welcome</title></head><body>Please sign in</body></html>');

const dripIntervalMs = 50;

function write(response: ServerResponse, { status, headers, body }: WireAnswer): void {
  response.writeHead(status, { ...headers, 'content-length': body.byteLength });
  response.end(body);
}

function drip(response: ServerResponse, { status, headers, body }: WireAnswer, bytesPerSecond: number): void {
  const step = Math.max(1, Math.round((bytesPerSecond * dripIntervalMs) / 1000));
  let sent = 0;
  response.writeHead(status, { ...headers, 'content-length': body.byteLength });
  response.flushHeaders();
  const timer = setInterval(() => {
    response.write(body.subarray(sent, sent + step));
    sent += step;
    if (sent < body.byteLength) return;
    clearInterval(timer);
    response.end();
  }, dripIntervalMs);
  response.once('close', () => clearInterval(timer));
}

/** Writes an answer, or what the fault makes of it. */
export function send(response: ServerResponse, answer: WireAnswer, fault: Fault | undefined): void {
  const half = answer.body.subarray(0, Math.floor(answer.body.byteLength / 2));
  switch (fault?.kind) {
    case undefined:
    case 'status':
      return write(response, answer);
    case 'truncated':
      return write(response, { ...answer, body: half });
    case 'malformed':
      return write(response, { ...answer, body: Buffer.from('{"total": 1, "lists": [ {"id": } ]') });
    case 'wrongContentType':
      return write(response, { ...answer, headers: { 'content-type': fault.contentType ?? 'text/html' }, body: page });
    case 'slowDrip':
      return drip(response, answer, fault.bytesPerSecond);
    case 'reset':
      // An empty answer has no middle: none of it arrives.
      if (answer.body.byteLength === 0) return reset(response);
      response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.byteLength });
      // The reset must not overtake what was written.
      response.write(half, () => reset(response));
      return;
    case 'hang':
      return;
  }
}

/** Breaks the connection of an answer off: by a TCP reset, or under TLS, where Node has none, by closing it unfinished. */
export function reset(response: ServerResponse): void {
  const { socket } = response;
  if (socket === null) return;
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}
