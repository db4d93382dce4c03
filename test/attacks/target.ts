import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket, type ClientOptions } from 'ws';
import { connectTo } from '../support/rawConnection.ts';

/** What an attacker has: the addresses, its own key, and what it could find out about others. */
export interface Target {
  readonly url: string;
  /** A key of a viewer of one league. */
  readonly key: string;
  /** Of a caller of all leagues, who must not be reached by the attacker. */
  readonly bystander: string;
  /** Raw ids: the attacker's league, one of others, and an agent of that one. */
  readonly ownLeague: string;
  readonly foreignLeague: string;
  readonly foreignAgent: string;
}

/** Within this time every attack is answered, or its connection is closed. */
const answeredWithinMs = 15_000;

/** What an HTTP attack is made of; `headers` are written as they are, so that they may stand there twice or with faults. */
export interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: readonly string[];
  readonly body?: string | Buffer;
  /** Default: the host is the gateway's, the key is sent, the length is that of the body. */
  readonly without?: readonly ('host' | 'key' | 'content-length' | 'content-type')[];
}

/** The bytes of a request, after which the connection is to be closed. */
export function bytesOf({ key }: Pick<Target, 'key'>, request: RawRequest): Buffer {
  const { method = 'POST', path = '/graphql', headers = [], body = '', without = [] } = request;
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...(without.includes('host') ? [] : ['Host: localhost']),
    ...(without.includes('key') ? [] : [`X-Api-Key: ${key}`]),
    ...(without.includes('content-length') ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    ...(without.includes('content-type') ? [] : ['Content-Type: application/json']),
    'Connection: close',
    ...headers,
    '',
    '',
  ];
  return Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), Buffer.from(body)]);
}

/** Writes bytes, and answers all that comes until the connection is closed. */
export async function exchange({ url }: Pick<Target, 'url'>, bytes: Buffer | readonly Buffer[]): Promise<string> {
  const connection = connectTo(url).on('error', () => undefined);
  let answer = '';
  connection.on('data', (chunk) => (answer += String(chunk)));
  const [first, ...later] = Array.isArray(bytes) ? (bytes as readonly Buffer[]) : [bytes as Buffer];
  connection.write(first ?? '');
  const isOver = once(connection, 'close');
  // What comes byte by byte, until it is answered.
  void (async () => {
    for (const chunk of later) {
      await wait(300);
      if (connection.destroyed || answer !== '') return;
      connection.write(chunk);
    }
  })();
  await Promise.race([isOver, wait(answeredWithinMs).then(() => (answer += '\r\nNOT CLOSED'))]);
  connection.destroy();
  return answer;
}

/** The peer waits until it was let in, and then goes on. */
export const letIn = Symbol('letIn');

/** One step of a peer of a WebSocket: a text to send, bytes as a frame, or anything else. */
export type Step = string | Buffer | typeof letIn | ((socket: WebSocket) => unknown);

/** How a WebSocket is opened. */
export interface Opening {
  readonly path?: string;
  readonly protocol?: string | readonly string[];
  /** A list is sent in several lines. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

/** Opens a WebSocket, takes the steps, and answers all messages with the code by which it was closed; `open` where it was not. */
export async function converse(
  { url }: Pick<Target, 'url'>,
  steps: readonly Step[],
  { isDone = () => false, ...opening }: Opening & { readonly isDone?: (told: string) => boolean } = {},
): Promise<string> {
  const { path = '/graphql', protocol = 'graphql-transport-ws', headers = {} } = opening;
  // Lists too: ws hands them to node:http.
  const options: ClientOptions = { headers: headers as Record<string, string>, handshakeTimeout: answeredWithinMs };
  const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, protocol as string, options);
  let told = '';
  const ended = new Promise<void>((resolve) => {
    socket.on('error', () => undefined);
    socket.once('unexpected-response', (_, { statusCode }) => {
      told += `HTTP ${statusCode}`;
      socket.terminate();
      resolve();
    });
    socket.on('message', (data: Buffer) => {
      told += `${data.toString()}\n`;
      if (isDone(told)) resolve();
    });
    socket.once('close', (code) => {
      if (!told.startsWith('HTTP')) told += `closed ${code}`;
      resolve();
    });
  });
  const walk = async (): Promise<void> => {
    for (const step of steps) {
      if (step === letIn) while (!/connection_ack|closed/.test(told)) await wait(5);
      else if (typeof step === 'function') step(socket);
      else socket.send(step);
    }
  };
  socket.once('open', () => void walk());
  await Promise.race([ended, wait(answeredWithinMs)]);
  socket.terminate();
  return told;
}

/** The first message of a client that has a key. */
export function initOf(key: string): string {
  return JSON.stringify({ type: 'connection_init', payload: { 'X-Api-Key': key } });
}
