import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { roleNames } from './caller.ts';

const key = z.strictObject({
  id: z.string().min(1),
  name: z.string().min(1).max(100),
  /** Of the key's text, hexadecimal. The text itself is kept nowhere. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  roles: z.array(z.enum(roleNames)).min(1),
  leagues: z.union([z.literal('ALL'), z.array(z.string().regex(/^[0-9A-Za-z_-]{1,64}$/)).min(1)]),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
});

/** An API key, as it is kept. */
export type ApiKey = Readonly<z.output<typeof key>>;

const keyFile = z.strictObject({ keys: z.array(key) });

/** Properties of a new key. Several keys may share a name: the old and the new one during a rotation. */
export type KeyRequest = Pick<ApiKey, 'name' | 'roles' | 'leagues' | 'expiresAt'>;

/** Bytes of a key: 256 random bits. */
const keyBytes = 32;

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Creates a key. Only this answer contains its text. The prefix lets scanners find leaked keys. */
export function createKey(
  request: KeyRequest,
  nowMs: number = Date.now(),
): { readonly text: string; readonly key: ApiKey } {
  const text = `tics_${randomBytes(keyBytes).toString('base64url')}`;
  return {
    text,
    key: {
      id: randomBytes(4).toString('hex'),
      ...request,
      sha256: hashOf(text),
      createdAt: new Date(nowMs).toISOString(),
      revokedAt: null,
    },
  };
}

/**
 * Reads a file of keys.
 *
 * @throws Error that names the first fault, without values
 */
export function parseKeys(text: string): readonly ApiKey[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new Error('The file of keys is not JSON.');
  }
  const { data, error } = keyFile.safeParse(content);
  if (data !== undefined) return data.keys;
  throw new Error(`The file of keys has a fault at ${error.issues[0]?.path.join('.') || 'its top'}.`);
}

export function writeKeys(keys: readonly ApiKey[]): string {
  return `${JSON.stringify({ keys }, null, 2)}\n`;
}

/** True while a key lets in. */
export function isValid({ expiresAt, revokedAt }: ApiKey, nowMs: number): boolean {
  return revokedAt === null && (expiresAt === null || Date.parse(expiresAt) > nowMs);
}
