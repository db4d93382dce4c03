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

/** JDBC drivers are a few megabytes. */
export const maxFileBytes = 64_000_000;

/** Operations of the largest clients are a few kilobytes. */
export const maxTextBytes = 100_000;

/** A file, its operation and the multipart framing. */
const maxUploadBytes = maxFileBytes + 2_000_000;

/** Browsers send these headers only after a preflight request, so a foreign page can't upload in a user's name. */
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

/** `Content-Length`; undefined for chunked bodies. */
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

/** Puts the file at the path in `map`: one file, one path below `variables`, which holds null. */
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
  // Own properties only: never a prototype.
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
      // Busboy reports a field of exactly `fieldSize` bytes as truncated.
      limits: { fields: 2, fieldSize: maxTextBytes + 1, fileSize: maxFileBytes + 1 },
    });
  } catch {
    throw refuse('The content type multipart/form-data must name a boundary.');
  }
}

/**
 * Reads an operation with a file (GraphQL multipart request specification): `operations` and `map` first, then one file.
 * The file is not read here: its consumer streams it on.
 *
 * @param untilAnswered - receives a function that discards the rest of the body, to be called when the request is answered:
 *   an unread body would block its connection
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
      // Decoding replaced invalid bytes: the text would be other names and other SQL.
      if (text.includes('\uFFFD')) reject(refuse(`The part ${name} is not UTF-8.`));
      texts.set(name, text);
    });
    form.on('file', (part, content, { filename, mimeType }) => {
      // The consumer of the file gets the error from the stream. Without a consumer it would be an unhandled error and end
      // the process.
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
    form.on('error', () => reject(refuse('The body is not a complete multipart/form-data.')));
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

/** Body readers by media type. */
const readers: Readonly<
  Record<string, (request: PluginRequest, incoming: IncomingMessage | undefined) => Promise<GraphQLParams>>
> = {
  'application/json': readJson,
  'application/graphql': async (request, incoming) => ({ query: await readText(request, incoming) }),
};

/** Refuses query strings that are not UTF-8. Yoga would also report invalid JSON in one as an internal error. */
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

/**
 * A stalled body would keep its place among the running requests. Files may take longer, once their operation has arrived.
 */
const arrivesWithinMs = 10_000;

/** Rejects when the body takes too long. */
function inTime<Sent>(sent: Promise<Sent>): Promise<Sent> {
  return within(sent, arrivesWithinMs, () => {
    throw refuse(`The operation did not arrive within ${arrivesWithinMs} ms.`, 408, { connection: 'close' });
  });
}

/** The part of the request's context that bodies need. */
export interface BodyContext {
  /** The request of node:http; missing for `fetch`. */
  readonly req?: IncomingMessage;
  /** Discards the rest of an upload. */
  discardUpload?: () => void;
  /** Parameters that the JSON front has already parsed. */
  readonly received?: unknown;
}

/** Reads bodies of operations and uploads. Limits their size and time. */
export const useRequestBody: GatewayPlugin<BodyContext> = {
  onRequestParse: ({ request, serverContext, setRequestParser }) => {
    const { received } = serverContext;
    if (received !== undefined) return setRequestParser(() => Promise.resolve(received as GraphQLParams));
    if (request.method !== 'POST') return refuseBrokenQuery(request);
    const { type, parameters } = parseMediaType(request.headers.get('content-type') ?? '');
    if ((parameters.get('charset') ?? 'utf-8').toLowerCase() !== 'utf-8')
      throw refuse('The charset must be utf-8.', 415);
    if (type === 'multipart/form-data') {
      if (encodingOf(request) !== identity) throw refuse('Uploads can’t have a Content-Encoding.', 415);
      return setRequestParser((received) =>
        inTime(
          readUpload(received, (discardRest) => {
            serverContext.discardUpload = discardRest;
          }),
        ),
      );
    }
    const read = readers[type];
    // Also refuses HTML forms: any page can make a browser send one without a preflight request, mutations included.
    if (read === undefined)
      throw refuse('Send the operation as JSON, with the header Content-Type: application/json.', 415);
    setRequestParser((received) => inTime(read(received, serverContext.req)));
  },
  onResponse: ({ serverContext }) => serverContext.discardUpload?.(),
};
