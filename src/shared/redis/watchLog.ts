import type { SharedChange, SharedEntry, SharedLog, WholeLog } from '../watches.ts';
import type { Encryption } from './encryption.ts';
import { hashOf } from './watchKeys.ts';
import type { ChangeMessage } from './watchMessages.ts';

/** A log as the join script returns it. `latest` is 0 when the entries alone bring the reader up to date. */
export type LogReply = readonly [
  epoch: string,
  sequence: string,
  isKnown: number,
  status: string,
  entries: readonly string[],
  latest: readonly string[] | 0,
];

/** The encrypted part of a log, as the publish script takes it. */
export interface EncryptedLog {
  readonly status: string;
  readonly bodies: readonly string[];
  /** Hashes of subjects, each followed by its latest entry. */
  readonly latest: readonly string[];
}

/** Encrypts and decrypts the logs of watches, each bound to its watch. */
export class WatchLogCipher {
  readonly #encryption: Encryption;

  constructor(encryption: Encryption) {
    this.#encryption = encryption;
  }

  encryptChange(name: string, { status, entries }: SharedChange): EncryptedLog {
    const bodies = entries.map(({ body }) => this.#encryption.encrypt(name, body));
    return {
      status: this.#encryption.encrypt(name, status),
      bodies,
      latest: entries.flatMap(({ subject }, index) => [hashOf(subject), bodies[index] ?? '']),
    };
  }

  encryptLog(name: string, { status, entries, latest }: WholeLog): EncryptedLog {
    const encrypt = ({ body }: SharedEntry): string => this.#encryption.encrypt(name, body);
    return {
      status: this.#encryption.encrypt(name, status),
      bodies: entries.map(encrypt),
      latest: latest.flatMap((entry) => [hashOf(entry.subject), encrypt(entry)]),
    };
  }

  /** Undefined where it cannot be decrypted. */
  decryptChange(name: string, { watch: _, type: __, bodies, ...message }: ChangeMessage): SharedChange | undefined {
    const texts = this.#decryptAll(name, [message.status, ...bodies]);
    if (texts === undefined) return undefined;
    const [status = '', ...decrypted] = texts;
    return { ...message, status, entries: decrypted.map((body) => ({ subject: '', body })) };
  }

  /** Undefined where it cannot be decrypted, null where none is kept. */
  decryptLog(name: string, [epoch, sequence, isKnown, encrypted, entries, latest]: LogReply) {
    if (epoch === '') return null;
    const texts = this.#decryptAll(name, [encrypted, ...entries, ...(latest === 0 ? [] : latest)]);
    if (texts === undefined) return undefined;
    const [status = '', ...bodies] = texts;
    return {
      epoch,
      sequence: Number(sequence),
      isKnown: isKnown === 1,
      status,
      entries: bodies.slice(0, entries.length),
      latest: latest === 0 ? undefined : bodies.slice(entries.length),
    } satisfies SharedLog;
  }

  #decryptAll(name: string, encrypted: readonly string[]): readonly string[] | undefined {
    const texts = encrypted.map((text) => this.#encryption.decrypt(name, text));
    return texts.every((text) => text !== undefined) ? texts : undefined;
  }
}
