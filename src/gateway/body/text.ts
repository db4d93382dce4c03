import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, unzip } from 'node:zlib';
import type { PluginRequest } from '../plugin.ts';
import { bytesOf, lengthOf, maxTextBytes, refuse, tooLarge } from './body.ts';

const inflate = promisify(unzip);
const inflateBrotli = promisify(brotliDecompress);

const decoders = {
  gzip: (bytes: Buffer) => inflate(bytes, { maxOutputLength: maxTextBytes }),
  'x-gzip': (bytes: Buffer) => inflate(bytes, { maxOutputLength: maxTextBytes }),
  deflate: (bytes: Buffer) => inflate(bytes, { maxOutputLength: maxTextBytes }),
  br: (bytes: Buffer) => inflateBrotli(bytes, { maxOutputLength: maxTextBytes }),
};

type Encoding = keyof typeof decoders;

function isEncoding(name: string): name is Encoding {
  return Object.hasOwn(decoders, name);
}

/** The content coding of a body that is not compressed. */
export const identity = 'identity';

/**
 * The `Content-Encoding` of a request.
 *
 * @throws GraphQLError HTTP 415 for others than those that are decoded
 */
export function encodingOf(request: PluginRequest): Encoding | typeof identity {
  const name = (request.headers.get('content-encoding') ?? identity).trim().toLowerCase();
  if (name === identity || isEncoding(name)) return name;
  throw refuse(`Content-Encoding must be one of ${[identity, ...Object.keys(decoders)].join(', ')}.`, 415);
}

/** Collects the chunks of a body, up to the limit of an operation. */
function bodyCollector() {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  return {
    take: (chunk: Uint8Array): void => {
      bytes += chunk.byteLength;
      // Excess bytes are read and dropped: aborting the body would close the connection before the answer is sent.
      if (bytes <= maxTextBytes) chunks.push(chunk);
    },
    collected: (): Buffer => {
      if (bytes > maxTextBytes) throw tooLarge(maxTextBytes);
      const [first] = chunks;
      return chunks.length === 1 && Buffer.isBuffer(first) ? first : Buffer.concat(chunks);
    },
  };
}

/** Reads the body from node:http. As a web stream it would double the cost of a request. */
async function readIncoming(incoming: IncomingMessage): Promise<Buffer> {
  const { take, collected } = bodyCollector();
  await new Promise((resolve, reject) => {
    const brokenOff = (): void => reject(refuse('The body broke off.'));
    incoming.on('data', take).once('end', resolve).once('error', brokenOff).once('aborted', brokenOff);
  });
  return collected();
}

/** The bytes of a body. */
async function readBytes(request: PluginRequest, incoming: IncomingMessage | undefined): Promise<Buffer> {
  if ((lengthOf(request) ?? 0) > maxTextBytes) throw tooLarge(maxTextBytes);
  if (incoming !== undefined) return readIncoming(incoming);
  const { take, collected } = bodyCollector();
  if (request.body !== null) for await (const chunk of bytesOf(request)) take(chunk);
  return collected();
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function isTooLong(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

async function decode(sent: Buffer, encoding: Encoding): Promise<Buffer> {
  try {
    return await decoders[encoding](sent);
  } catch (error) {
    throw isTooLong(error) ? tooLarge(maxTextBytes) : refuse(`The body is not ${encoding}.`);
  }
}

/** Decodes a body strictly: replacement characters would be other names and other SQL. */
export async function readText(request: PluginRequest, incoming: IncomingMessage | undefined): Promise<string> {
  const encoding = encodingOf(request);
  const sent = await readBytes(request, incoming);
  const bytes = encoding === identity ? sent : await decode(sent, encoding);
  try {
    return utf8.decode(bytes);
  } catch {
    throw refuse('The body is not UTF-8.');
  }
}
