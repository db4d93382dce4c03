import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ErrorName } from '../contract/errors.ts';
import type { UploadedFile } from '../contract/handler.ts';

export interface ParsedBody {
  readonly bytes: Buffer;
  /** JSON, or multipart parts by name: text or `UploadedFile`. */
  readonly value: unknown;
  /** As the contract describes it: files are text. */
  readonly checked: unknown;
  readonly error?: ErrorName;
  readonly detail?: string;
}

const maximumBytes = 256 * 1024 * 1024;

async function collect(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.byteLength;
    if (length <= maximumBytes) chunks.push(chunk);
  }
  return length <= maximumBytes ? Buffer.concat(chunks) : undefined;
}

async function readParts(bytes: Buffer, contentType: string): Promise<ParsedBody> {
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } }).formData();
  const value: Record<string, string | UploadedFile> = {};
  const checked: Record<string, string> = {};
  for (const [name, part] of form) {
    if (typeof part === 'string') {
      value[name] = part;
      checked[name] = part;
      continue;
    }
    const file = new Uint8Array(await part.arrayBuffer());
    const sha256 = createHash('sha256').update(file).digest('hex');
    value[name] = { fileName: part.name, contentType: part.type, bytes: file, sha256 };
    checked[name] = `${part.name}, ${part.type}, ${file.byteLength} bytes, sha256 ${sha256}`;
  }
  return { bytes, value, checked };
}

/** Reads and parses a request's body. Failures become the error to answer. */
export async function readBody(request: IncomingMessage, expected: string | undefined): Promise<ParsedBody> {
  const bytes = await collect(request);
  const nothing = { bytes: bytes ?? Buffer.alloc(0), value: undefined, checked: undefined };
  if (bytes === undefined) return { ...nothing, error: 'tooLarge' };
  if (bytes.byteLength === 0) return nothing;
  const contentType = request.headers['content-type'] ?? '';
  const wrong = (detail: string): ParsedBody => ({ ...nothing, error: 'requestInvalid', detail });
  if (expected !== undefined && !contentType.startsWith(expected)) return wrong(`content-type must be ${expected}`);
  try {
    if (contentType.startsWith('multipart/form-data')) return await readParts(bytes, contentType);
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return { bytes, value, checked: value };
  } catch {
    return wrong('the body cannot be read');
  }
}

function isSecret(name: string): boolean {
  return /password|secret|token|^sk$/i.test(name);
}

/** Masks passwords, also in JSON strings. */
export function maskSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskSecrets);
  if (typeof value === 'string' && value.startsWith('{')) {
    try {
      return JSON.stringify(maskSecrets(JSON.parse(value)));
    } catch {
      return value;
    }
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => [
      name,
      isSecret(name) && typeof held === 'string' ? '***' : maskSecrets(held),
    ]),
  );
}
