import { brotliDecompressSync, inflateRawSync, unzipSync, type ZlibOptions } from 'node:zlib';

/** Limit of the size of an answer, encoded and decoded. Long lists are paged. */
export const maxAnswerBytes = 10_000_000;

/** No service nests more encodings. */
const maxEncodings = 2;

const limit: ZlibOptions = { maxOutputLength: maxAnswerBytes };

/** Some servers send `deflate` without the zlib header that RFC 9110, 8.4.1.2 demands; with it, the low half byte is 8. */
function inflate(body: Buffer): Buffer {
  return ((body[0] ?? 0) & 0x0f) === 8 ? unzipSync(body, limit) : inflateRawSync(body, limit);
}

const decoders: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: (body) => unzipSync(body, limit),
  'x-gzip': (body) => unzipSync(body, limit),
  deflate: inflate,
  br: (body) => brotliDecompressSync(body, limit),
  identity: (body) => body,
};

/**
 * Decodes the `Content-Encoding` of an answer (RFC 9110, 8.4). The gateway asks for none, but proxies before the service compress
 * anyway. Synchronous, so that only one decoded answer is in memory at a time.
 *
 * @throws RangeError when the decoded body is longer than {@link maxAnswerBytes}, Error when it can't be decoded
 */
export function decodeContent(body: Buffer, contentEncoding: string | readonly string[] | undefined): Buffer {
  if (contentEncoding === undefined || body.length === 0) return body;
  const names = String(contentEncoding)
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  if (names.length > maxEncodings) throw new Error('too many content encodings');
  return names.reduceRight((encoded, name) => {
    const decode = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
    if (decode === undefined) throw new Error('unknown content encoding');
    return decode(encoded);
  }, body);
}
