import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHeaders } from '../callers/caller.ts';
import { LightSignal, type Signal } from '../upstream/deadline.ts';
import type { PluginRequest } from './plugin.ts';

class IncomingHeaders implements RequestHeaders {
  readonly #headers: IncomingHttpHeaders;

  constructor(headers: IncomingHttpHeaders) {
    this.#headers = headers;
  }

  get(name: string): string | null {
    // Yoga ignores empty headers as well.
    const value = this.#headers[name] || null;
    return Array.isArray(value) ? value.join(', ') : value;
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }
}

/** A request of node:http, as plugins see it. */
export class IncomingRequest implements PluginRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: RequestHeaders;
  /** Aborts when the client disconnects before the answer. */
  readonly signal: Signal;
  /** Bodies are read from the request of node:http. */
  readonly body = null;

  constructor(incoming: IncomingMessage, outgoing: ServerResponse) {
    this.method = incoming.method ?? '';
    this.url = incoming.url ?? '';
    this.headers = new IncomingHeaders(incoming.headers);
    const left = new LightSignal();
    this.signal = left;
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) left.abort();
    });
  }
}
