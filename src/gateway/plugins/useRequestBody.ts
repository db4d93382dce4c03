import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { promisify } from 'node:util';
import { brotliDecompress, unzip } from 'node:zlib';
import busboy, { type Busboy } from 'busboy';
import { GraphQLError } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import { GatewayError } from '../../errors.ts';
import { within } from '../../time.ts';
import { parseMediaType } from '../mediaTypes.ts';
import type { GatewayPlugin, PluginRequest } from '../plugin.ts';
import { UploadedFile } from '../../upstream/form.ts';

/** A JDBC driver has a few megabytes. */
export const maxFileBytes = 64_000_000;

/** Operations: those of the largest pages have some kilobytes. */
export const maxTextBytes = 100_000;

/** A file with its operation, and room for what stands between them. */
const maxUploadBytes = maxFileBytes + 2_000_000;

/** A browser sends these headers only after the server has allowed them, so a foreign page can't upload in a user's name. */
const preflightHeaders = ['graphql-require-preflight', 'apollo-require-preflight', 'x-apollo-operation-name'];

function refuse(message: string, status = 400, headers: Readonly<Record<string, string>> = {}): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status, headers } } });
}

function tooLarge(maxBytes: number): GraphQLError {
  return refuse(`The request is larger than ${maxBytes} bytes. Send less at once.`, 413);
}

function bytesOf(request: PluginRequest): AsyncIterable<Uint8Array> {
  return request.body as ReadableStream<Uint8Array>;
}

/** How large a body says it is; undefined where it comes in pieces of unknown number. */
function lengthOf({ headers }: PluginRequest): number | undefined {
  const length = headers.get('content-length');
  return length === null ? undefined : Number(length);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function parseJson(name: string, text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '');
    if (isObject(value) && !Array.isArray(value)) return value;
  } catch {
    // Answered below.
  }
  throw refuse(`The part ${name} must hold a JSON object.`);
}

/** Puts the file where `map` says: one file, one place below `variables`, which holds null. */
function place(
  operations: Record<string, unknown>,
  map: Record<string, unknown>,
  part: string,
  file: UploadedFile,
): void {
  const [first, ...otherFiles] = Object.entries(map);
  const [named, paths] = first ?? [];
  const [path, ...otherPlaces] = Array.isArray(paths) ? (paths as unknown[]) : [];
  if (named !== part || otherFiles.length > 0 || typeof path !== 'string' || otherPlaces.length > 0)
    throw refuse('The part map must name one file, which follows it, and one place for it.');
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  // Only own properties are followed: what JSON.parse made, never a prototype.
  const target = steps.reduce<unknown>(
    (place, step) => (isObject(place) && Object.hasOwn(place, step) ? place[step] : undefined),
    operations,
  );
  if (steps[0] !== 'variables' || !isObject(target) || target[last] !== null)
    throw refuse('The part map must name a place below variables, and null must stand there.');
  target[last] = file;
}

function openForm(contentType: string): Busboy {
  try {
    return busboy({
      headers: { 'content-type': contentType },
      defParamCharset: 'utf8',
      // Busboy takes what is as long as its limit for too long.
      limits: { fields: 2, fieldSize: maxTextBytes + 1, fileSize: maxFileBytes + 1 },
    });
  } catch {
    throw refuse('The content type multipart/form-data must name a boundary.');
  }
}

/**
 * Reads an operation with a file (GraphQL multipart request specification): `operations` and `map` first, then one file, which
 * is not read here but streamed on by whoever takes it.
 *
 * @param untilAnswered - is given what lets the rest of the body go by, for when the request is answered: a body that stands
 *   still would block its connection
 */
async function readUpload(
  request: PluginRequest,
  untilAnswered: (discardRest: () => void) => void,
): Promise<GraphQLParams> {
  if (!preflightHeaders.some((name) => request.headers.has(name)))
    throw refuse(`An upload needs the header ${preflightHeaders[0]}.`);
  if (request.body === null) throw refuse('The request has no body.');
  if ((lengthOf(request) ?? 0) > maxUploadBytes) throw tooLarge(maxUploadBytes);
  const form = openForm(request.headers.get('content-type') ?? '');
  const body = Readable.from(bytesOf(request), { objectMode: false });
  const discardRest = (): void => {
    body.unpipe(form);
    body.resume();
  };
  untilAnswered(discardRest);

  return new Promise<GraphQLParams>((resolve, reject) => {
    const texts = new Map<string, string>();
    const answer = (work: () => GraphQLParams): void => {
      try {
        resolve(work());
      } catch (error) {
        reject(error instanceof Error ? error : refuse('The body can not be read.'));
      }
    };
    form.on('field', (name, text, { valueTruncated }) => {
      if (valueTruncated) reject(refuse(`A part is longer than ${maxTextBytes} bytes.`));
      // Read leniently, bytes that are not UTF-8 would be other names and other SQL.
      if (text.includes('\uFFFD')) reject(refuse(`The part ${name} is not UTF-8.`));
      texts.set(name, text);
    });
    form.on('file', (part, content, { filename, mimeType }) => {
      // The reader of the file receives the error. Without a reader yet, it must not end the process as an unhandled one.
      content.on('error', () => undefined);
      content.once('limit', () =>
        content.destroy(new GatewayError('INVALID_INPUT', `The file is larger than ${maxFileBytes} bytes.`)),
      );
      answer(() => {
        if (!texts.has('operations') || !texts.has('map'))
          throw refuse('The parts operations and map must come before the file.');
        const operations = parseJson('operations', texts.get('operations'));
        const file = new UploadedFile(filename || 'file', mimeType, content);
        place(operations, parseJson('map', texts.get('map')), part, file);
        return operations;
      });
    });
    form.once('close', () => answer(() => parseJson('operations', texts.get('operations'))));
    form.on('error', () => reject(refuse('The body is no complete multipart/form-data.')));
    body.once('error', () => form.destroy(refuse('The body broke off.')));
    body.pipe(form);
  });
}

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

const identity = 'identity';

function encodingOf(request: PluginRequest): Encoding | typeof identity {
  const name = (request.headers.get('content-encoding') ?? identity).trim().toLowerCase();
  if (name === identity || isEncoding(name)) return name;
  throw refuse(`Content-Encoding must be one of ${[identity, ...Object.keys(decoders)].join(', ')}.`, 415);
}

/** Takes the chunks of a body, which are at most as many bytes as an operation may have. */
function bodyCollector() {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  return {
    take: (chunk: Uint8Array): void => {
      bytes += chunk.byteLength;
      // The rest is read and let go: a body that is broken off takes the answer's connection with it.
      if (bytes <= maxTextBytes) chunks.push(chunk);
    },
    collected: (): Buffer => {
      if (bytes > maxTextBytes) throw tooLarge(maxTextBytes);
      const [first] = chunks;
      return chunks.length === 1 && Buffer.isBuffer(first) ? first : Buffer.concat(chunks);
    },
  };
}

/** The body of a Node server's request. Read as a web stream, it costs as much as all else that is done with the request. */
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

/** The text of a body. Bytes that are not UTF-8 are refused: read leniently, they would be other names and other SQL. */
async function readText(request: PluginRequest, incoming: IncomingMessage | undefined): Promise<string> {
  const encoding = encodingOf(request);
  const sent = await readBytes(request, incoming);
  const bytes = encoding === identity ? sent : await decode(sent, encoding);
  try {
    return utf8.decode(bytes);
  } catch {
    throw refuse('The body is not UTF-8.');
  }
}

const whatToSend = 'Send {"query": "…"}, and what else belongs to the operation.';

async function readJson(request: PluginRequest, incoming: IncomingMessage | undefined): Promise<GraphQLParams> {
  const text = await readText(request, incoming);
  let params: unknown;
  try {
    params = JSON.parse(text);
  } catch {
    throw refuse(text === '' ? `The request has no body. ${whatToSend}` : `The body is not JSON. ${whatToSend}`);
  }
  if (!isObject(params) || Array.isArray(params))
    throw refuse('The body must be a JSON object: one operation a request.');
  return params;
}

/** Readers of the kinds of bodies, by media type. */
const readers: Readonly<
  Record<string, (request: PluginRequest, incoming: IncomingMessage | undefined) => Promise<GraphQLParams>>
> = {
  'application/json': readJson,
  'application/graphql': async (request, incoming) => ({ query: await readText(request, incoming) }),
};

/** A query string that is not UTF-8 would be read as other names too, and Yoga takes what is no JSON in it for a fault of its own. */
function refuseBrokenQuery(request: PluginRequest): void {
  const query = request.url.slice(request.url.indexOf('?') + 1 || Infinity);
  try {
    decodeURIComponent(query);
  } catch {
    throw refuse('The query string is not UTF-8.');
  }
  const parameters = new URLSearchParams(query);
  for (const name of ['variables', 'extensions'])
    try {
      JSON.parse(parameters.get(name) || 'null');
    } catch {
      throw refuse(`The parameter ${name} of the query string is not JSON.`);
    }
}

/** An operation that stands still on its way would keep the place of another one. A file may take longer, behind its operation. */
const arrivesWithinMs = 10_000;

/** What is sent, unless it takes too long. */
function inTime<Sent>(sent: Promise<Sent>): Promise<Sent> {
  return within(sent, arrivesWithinMs, () => {
    throw refuse(`The operation did not arrive within ${arrivesWithinMs} ms.`, 408, { connection: 'close' });
  });
}

/** What of a request's context concerns its body. */
export interface BodyContext {
  /** Node's own request, where a Node server has it. */
  readonly req?: IncomingMessage;
  /** Lets the rest of an upload go by. */
  discardUpload?: () => void;
  /** The parameters, where the other front has read them already. */
  readonly received?: unknown;
}

/** Reads bodies: operations, and operations with a file. Limits them in size and in time. */
export const useRequestBody: GatewayPlugin<BodyContext> = {
  onRequestParse: ({ request, serverContext, setRequestParser }) => {
    const { received } = serverContext;
    if (received !== undefined) return setRequestParser(() => Promise.resolve(received as GraphQLParams));
    if (request.method !== 'POST') return refuseBrokenQuery(request);
    const { type, parameters } = parseMediaType(request.headers.get('content-type') ?? '');
    if ((parameters.get('charset') ?? 'utf-8').toLowerCase() !== 'utf-8')
      throw refuse('The charset must be utf-8.', 415);
    if (type === 'multipart/form-data') {
      if (encodingOf(request) !== identity) throw refuse('An upload has no Content-Encoding.', 415);
      return setRequestParser((received) =>
        inTime(
          readUpload(received, (discardRest) => {
            serverContext.discardUpload = discardRest;
          }),
        ),
      );
    }
    const read = readers[type];
    // HTML forms among them: any page can make a browser send one here without asking first, mutations too.
    if (read === undefined)
      throw refuse('Send the operation as JSON, with the header Content-Type: application/json.', 415);
    setRequestParser((received) => inTime(read(received, serverContext.req)));
  },
  onResponse: ({ serverContext }) => serverContext.discardUpload?.(),
};
