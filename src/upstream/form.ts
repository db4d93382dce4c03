import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { GatewayError } from '../errors.ts';

/** A caller's file that is streamed to an upstream. It is never held as a whole, so it can be sent once. */
export class UploadedFile {
  readonly name: string;
  readonly contentType: string;
  #content: Readable | undefined;

  constructor(name: string, contentType: string, content: Readable) {
    this.name = name;
    this.contentType = contentType;
    this.#content = content;
  }

  /**
   * The file's bytes, for one reader. Iterating throws a GatewayError when the upload breaks off.
   *
   * @throws GatewayError INVALID_INPUT when they were taken before
   */
  take(): AsyncIterable<Uint8Array> {
    const content = this.#content;
    if (content === undefined)
      throw new GatewayError('INVALID_INPUT', 'A file can be sent once: another field of this operation has used it.');
    this.#content = undefined;
    return whole(content);
  }
}

async function* whole(content: Readable): AsyncGenerator<Uint8Array> {
  const bytes: AsyncIterable<Uint8Array> = content;
  try {
    yield* bytes;
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw new GatewayError('BAD_REQUEST', 'The upload broke off before the end of the file. Send it again.');
  }
}

/** A `multipart/form-data` body: texts first, then at most one file (RFC 7578). */
export interface Form {
  readonly texts: Readonly<Record<string, string>>;
  readonly file?: UploadedFile | undefined;
}

/** Quotes a name for the header of a part. Escapes as browsers do. */
function quoted(name: string): string {
  return `"${name.replace(/["\r\n]/g, (sign) => encodeURIComponent(sign))}"`;
}

async function* around(
  head: string,
  content: AsyncIterable<Uint8Array>,
  tail: string,
): AsyncGenerator<Uint8Array | string> {
  yield head;
  yield* content;
  yield tail;
}

/**
 * Encodes a form, with the content type that names its boundary. With a file it is a stream of unknown length; without one it is
 * a text, so that its length is sent: a server may demand that (reference 8.2, 411).
 *
 * @throws GatewayError INVALID_INPUT when the file was used before
 */
export function encodeForm({ texts, file }: Form): { readonly contentType: string; readonly body: Readable | string } {
  const boundary = `gateway-${randomUUID()}`;
  const contentType = `multipart/form-data; boundary=${boundary}`;
  const head = Object.entries(texts)
    .map(([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name=${quoted(name)}\r\n\r\n${value}\r\n`)
    .join('');
  const tail = `--${boundary}--\r\n`;
  if (file === undefined) return { contentType, body: head + tail };
  const fileHead = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename=${quoted(file.name)}\r\ncontent-type: ${file.contentType}\r\n\r\n`;
  return {
    contentType,
    body: Readable.from(around(head + fileHead, file.take(), `\r\n${tail}`), { objectMode: false }),
  };
}
