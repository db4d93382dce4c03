import type { ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';

/** Ways in which a call can fail. */
export type Fault =
  /** Answers another status. Without a body, in the plane's error format. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfter?: string;
      readonly body?: unknown;
      readonly code?: string;
      readonly message?: string;
    }
  /** Resets the connection before the call is handled, or after half of the answer. */
  | { readonly kind: 'reset'; readonly at: 'before' | 'midAnswer' }
  /** Sends the answer slowly. */
  | { readonly kind: 'slowDrip'; readonly bytesPerSecond: number }
  /** Valid HTTP, JSON cut in the middle. */
  | { readonly kind: 'truncated' }
  /** Valid HTTP, invalid JSON. */
  | { readonly kind: 'malformed' }
  /** An HTML page, as from a proxy, with the status of the answer. */
  | { readonly kind: 'wrongContentType'; readonly contentType?: string }
  /** Never answers. */
  | { readonly kind: 'hang' };

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

/** Sends an answer, altered by a fault. */
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
      // An empty body has no half to send.
      if (answer.body.byteLength === 0) return reset(response);
      response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.byteLength });
      // The reset must not overtake the data.
      response.write(half, () => reset(response));
      return;
    case 'hang':
      return;
  }
}

/** Resets the connection. TLS sockets cannot be reset: they are closed without close_notify. */
export function reset(response: ServerResponse): void {
  const { socket } = response;
  if (socket === null) return;
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}
