import { Readable } from 'node:stream';
import busboy, { type Busboy } from 'busboy';
import type { GraphQLParams } from 'graphql-yoga';
import { GatewayError } from '../../errors.ts';
import { UploadedFile } from '../../upstream/form.ts';
import type { PluginRequest } from '../plugin.ts';
import { bytesOf, isObject, lengthOf, maxFileBytes, maxTextBytes, refuse, tooLarge } from './body.ts';

/** A file, its operation and the multipart framing. */
const maxUploadBytes = maxFileBytes + 2_000_000;

/** Browsers send these headers only after a preflight request, so a foreign page can't upload in a user's name. */
const preflightHeaders = ['graphql-require-preflight', 'apollo-require-preflight', 'x-apollo-operation-name'];

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
export async function readUpload(
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
