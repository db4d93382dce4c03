import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { GatewayError } from '../errors.ts';

/** A caller's file on its way through to an upstream: never held as a whole, so it can be sent on once. */
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
   * The file's bytes, for one reader, who fails with a GatewayError when the file does not come to its end.
   *
   * @throws GatewayError INVALID_INPUT when they were taken before.
   */
  take(): AsyncIterable<Uint8Array> {
    const content = this.#content;
    if (content === undefined)
      throw new GatewayError('INVALID_INPUT', 'A file is sent on once: another field of this operation has taken it.');
    this.#content = undefined;
    return whole(content);
  }
}

async function* whole(content: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* content as AsyncIterable<Uint8Array>;
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

/** Names in the header of a part are quoted; what could end the quotes is written as browsers write it. */
const quoted = (name: string): string => `"${name.replace(/["\r\n]/g, (sign) => encodeURIComponent(sign))}"`;

async function* parts(
  { texts, file }: Form,
  content: AsyncIterable<Uint8Array> | undefined,
  boundary: string,
): AsyncGenerator<Uint8Array | string> {
  for (const [name, value] of Object.entries(texts))
    yield `--${boundary}\r\ncontent-disposition: form-data; name=${quoted(name)}\r\n\r\n${value}\r\n`;
  if (file !== undefined && content !== undefined) {
    yield `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename=${quoted(file.name)}\r\ncontent-type: ${file.contentType}\r\n\r\n`;
    yield* content;
    yield '\r\n';
  }
  yield `--${boundary}--\r\n`;
}

/**
 * Encodes a form as a stream, with the content type that names its boundary.
 *
 * @throws GatewayError INVALID_INPUT when the file was sent on before.
 */
export const encodeForm = (form: Form): { readonly contentType: string; readonly body: Readable } => {
  const boundary = `gateway-${randomUUID()}`;
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Readable.from(parts(form, form.file?.take(), boundary), { objectMode: false }),
  };
};
