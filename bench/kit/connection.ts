import { connect, type Socket } from 'node:net';

/** An answer: its status, the wait it asks for, and its body. */
export interface HttpAnswer {
  readonly status: number;
  readonly retryAfterSeconds: number;
  readonly body: Buffer;
}

const headEnd = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('0\r\n\r\n');

/** Joins the chunks of a chunked body. */
function unchunked(body: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = body.indexOf('\r\n', at);
    const size = parseInt(body.toString('latin1', at, lineEnd), 16);
    if (!(size > 0)) return Buffer.concat(chunks);
    chunks.push(body.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}

/**
 * One connection that sends prepared bytes and reads answers, one at a time. Does no more than a load generator needs, so that
 * it stays cheaper than anything it measures.
 */
export class Connection {
  readonly #port: number;
  #socket: Socket | undefined;
  #chunks: Buffer[] = [];
  #received = 0;
  /** Bytes of the whole answer, once its head has come; -1 for a chunked one. */
  #expected: number | undefined;
  #bodyAt = 0;
  #settle: ((answer: HttpAnswer | undefined) => void) | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends a request. Answers undefined when the connection is closed before the answer is complete. */
  send(request: Buffer): Promise<HttpAnswer | undefined> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#chunks = [];
      this.#received = 0;
      this.#expected = undefined;
      (this.#socket ??= this.#open()).write(request);
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  #open(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = undefined;
      this.#finish(undefined);
    });
    return socket;
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#received += chunk.length;
    if (this.#expected === undefined) this.#readHead();
    const isComplete =
      this.#expected === -1
        ? Buffer.concat(this.#chunks.slice(-2)).subarray(-lastChunk.length).equals(lastChunk)
        : this.#expected !== undefined && this.#received >= this.#expected;
    if (isComplete) this.#complete();
  }

  #readHead(): void {
    const bytes = this.#join();
    const end = bytes.indexOf(headEnd);
    if (end < 0) return;
    this.#bodyAt = end + headEnd.length;
    const head = bytes.toString('latin1', 0, end);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    this.#expected = length === undefined ? -1 : this.#bodyAt + Number(length);
  }

  #join(): Buffer {
    const [first] = this.#chunks;
    const bytes = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    this.#chunks = [bytes];
    return bytes;
  }

  #complete(): void {
    const bytes = this.#join();
    const head = bytes.toString('latin1', 0, this.#bodyAt);
    const rest = bytes.subarray(this.#bodyAt);
    this.#finish({
      status: Number(head.slice(9, 12)),
      retryAfterSeconds: Number(/\r\nretry-after: *(\d+)/i.exec(head)?.[1] ?? 0),
      body: this.#expected === -1 ? unchunked(rest) : rest,
    });
  }

  #finish(answer: HttpAnswer | undefined): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(answer);
  }
}

/** The bytes of a request on a connection that is kept. */
export function requestBytes(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): Buffer {
  const lines = Object.entries({
    host: '127.0.0.1',
    ...(body !== '' && { 'content-type': 'application/json', 'content-length': `${Buffer.byteLength(body)}` }),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from([`${method} ${path} HTTP/1.1`, ...lines, '', body].join('\r\n'));
}
