import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import busboy from 'busboy';
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import type { Context } from './context.ts';
import { GatewayError } from './errors.ts';
import { UploadedFile } from './upstream/form.ts';

/** A JDBC driver has a few megabytes. */
const maxFileBytes = 64_000_000;

/** The same as for operations without a file. */
const maxTextBytes = 100_000;

/** A browser sends this header only after the server has allowed it, so a foreign page can't upload in a user's name. */
const preflightHeader = 'graphql-require-preflight';

const refuse = (message: string): GatewayError => new GatewayError('BAD_REQUEST', message);

const parseJson = (name: string, text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Answered below.
  }
  throw refuse(`The part ${name} must hold a JSON object.`);
};

/** Puts the file where `map` says: one file, one place below `variables`, which holds null. */
const place = (
  operations: Record<string, unknown>,
  map: Record<string, unknown>,
  part: string,
  file: UploadedFile,
): void => {
  const paths = map[part];
  const [path, ...others]: unknown[] = Array.isArray(paths) ? paths : [];
  const steps = typeof path === 'string' ? path.split('.') : [];
  const last = steps.pop();
  if (last === undefined || others.length > 0 || steps[0] !== 'variables')
    throw refuse('The part map must name one place below variables for the file.');
  let target: unknown = operations;
  for (const step of steps)
    target =
      typeof target === 'object' && target !== null && Object.hasOwn(target, step)
        ? (target as Record<string, unknown>)[step]
        : undefined;
  if (typeof target !== 'object' || target === null || (target as Record<string, unknown>)[last] !== null)
    throw refuse('The place that map names must hold null.');
  (target as Record<string, unknown>)[last] = file;
};

/**
 * Reads an operation with a file (GraphQL multipart request specification): `operations` and `map` first, then one file, which
 * is not read here but streamed on by whoever uses it.
 */
const readUpload = (request: Request, keep: (file: UploadedFile) => void): Promise<GraphQLParams> =>
  new Promise((resolve, reject) => {
    if (!request.headers.has(preflightHeader)) return reject(refuse(`An upload needs the header ${preflightHeader}.`));
    if (request.body === null) return reject(refuse('The request has no body.'));
    const texts: Record<string, string> = {};
    const form = busboy({
      headers: { 'content-type': request.headers.get('content-type') ?? '' },
      defParamCharset: 'utf8',
      limits: { fields: 2, files: 1, fieldSize: maxTextBytes, fileSize: maxFileBytes },
    });
    const attempt = (work: () => GraphQLParams): void => {
      try {
        resolve(work());
      } catch (error) {
        reject(error as Error);
      }
    };
    form.on('field', (name, text, { valueTruncated }) => {
      if (valueTruncated) reject(refuse(`The part ${name} is longer than ${maxTextBytes} bytes.`));
      texts[name] = text;
    });
    form.on('file', (part, content, { filename = 'file', mimeType }) => {
      const file = new UploadedFile(filename, mimeType, content);
      keep(file);
      content.once('limit', () =>
        content.destroy(new GatewayError('INVALID_INPUT', `The file is larger than ${maxFileBytes} bytes.`)),
      );
      attempt(() => {
        const { operations, map } = texts;
        if (operations === undefined || map === undefined)
          throw refuse('The parts operations and map must come before the file.');
        const params = parseJson('operations', operations);
        place(params, parseJson('map', map), part, file);
        return params;
      });
    });
    form.once('close', () => attempt(() => parseJson('operations', texts['operations'] ?? '')));
    form.once('error', () => reject(refuse('The body is no multipart/form-data.')));
    Readable.fromWeb(request.body as ReadableStream).pipe(form);
  });

/** Takes operations with a file. A file that nobody wanted is read to its end, so that the connection stays usable. */
export const readUploads: Plugin<Context, { uploadedFile?: UploadedFile }> = {
  onRequestParse: ({ request, serverContext, setRequestParser }) => {
    if (!request.headers.get('content-type')?.startsWith('multipart/form-data')) return;
    setRequestParser((received) =>
      readUpload(received, (file) => {
        serverContext.uploadedFile = file;
      }),
    );
  },
  onResponse: ({ serverContext }) => {
    const { content } = serverContext.uploadedFile ?? {};
    if (content?.readableEnded === false && !content.destroyed) content.resume();
  },
};
