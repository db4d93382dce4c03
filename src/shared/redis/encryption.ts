import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** Version of the format. Texts of other versions are left alone. */
const version = '1';
const cipher = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/** Encrypts texts, each bound to the key it is stored under (additional authenticated data). */
export interface Encryption {
  /** Version and key id that this replica writes: the prefix of each text. */
  readonly ownKey: string;
  /** Prefixes that it can read. */
  readonly readableKeys: readonly string[];
  readonly encrypt: (name: string, text: string) => string;
  /** Undefined for a text of another version, of an unknown key, or that was tampered with. */
  readonly decrypt: (name: string, encrypted: string) => string | undefined;
}

function idOf(key: Buffer): string {
  return createHash('sha256').update('key id').update(key).digest('hex').slice(0, 8);
}

/**
 * AES-256-GCM (NIST SP 800-38D) with a random IV for each text.
 *
 * @param encoded - keys in base64; the first encrypts, all of them decrypt
 */
export function createEncryption(encoded: readonly string[]): Encryption {
  const keys = new Map(encoded.map((text) => Buffer.from(text, 'base64')).map((key) => [idOf(key), key]));
  const [[ownId, own] = ['', Buffer.alloc(0)]] = keys;
  return {
    ownKey: `${version}.${ownId}`,
    readableKeys: [...keys.keys()].map((id) => `${version}.${id}`),
    encrypt: (name, text) => {
      const iv = randomBytes(ivBytes);
      const encryptor = createCipheriv(cipher, own, iv).setAAD(Buffer.from(name));
      const encrypted = Buffer.concat([encryptor.update(text, 'utf8'), encryptor.final()]);
      return [version, ownId, Buffer.concat([iv, encryptor.getAuthTag(), encrypted]).toString('base64')].join('.');
    },
    decrypt: (name, text) => {
      const [writtenBy, keyId = '', encoded64 = ''] = text.split('.');
      const key = keys.get(keyId);
      const bytes = Buffer.from(encoded64, 'base64');
      if (writtenBy !== version || key === undefined || bytes.length < ivBytes + tagBytes) return undefined;
      try {
        const decryptor = createDecipheriv(cipher, key, bytes.subarray(0, ivBytes))
          .setAAD(Buffer.from(name))
          .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
        const rest = bytes.subarray(ivBytes + tagBytes);
        return Buffer.concat([decryptor.update(rest), decryptor.final()]).toString('utf8');
      } catch {
        return undefined;
      }
    },
  };
}
