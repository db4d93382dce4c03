import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';

/** A caller's file on its way through to an upstream: never held as a whole, and read once. */
export class UploadedFile {
  readonly name: string;
  readonly contentType: string;
  readonly content: Readable;

  constructor(name: string, contentType: string, content: Readable) {
    this.name = name;
    this.contentType = contentType;
    this.content = content;
  }
}

/** A `multipart/form-data` body: texts first, then at most one file (RFC 7578). */
export interface Form {
  readonly texts: Readonly<Record<string, string>>;
  readonly file?: UploadedFile | undefined;
}

/** Names in the header of a part are quoted; what could end the quotes is written as browsers write it. */
const quoted = (name: string): string => `"${name.replace(/["\r\n]/g, (sign) => encodeURIComponent(sign))}"`;

async function* parts({ texts, file }: Form, boundary: string): AsyncGenerator<Uint8Array | string> {
  for (const [name, value] of Object.entries(texts))
    yield `--${boundary}\r\ncontent-disposition: form-data; name=${quoted(name)}\r\n\r\n${value}\r\n`;
  if (file !== undefined) {
    yield `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename=${quoted(file.name)}\r\ncontent-type: ${file.contentType}\r\n\r\n`;
    yield* file.content;
    yield '\r\n';
  }
  yield `--${boundary}--\r\n`;
}

/** Encodes a form as a stream, with the content type that names its boundary. */
export const encodeForm = (form: Form): { readonly contentType: string; readonly body: Readable } => {
  const boundary = `gateway-${randomUUID()}`;
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Readable.from(parts(form, boundary), { objectMode: false }),
  };
};
