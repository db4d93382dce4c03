import { timingSafeEqual } from 'node:crypto';
import type { Caller } from './caller.ts';
import { hashOf, isValid, type ApiKey } from './keys.ts';
import { Session } from './session.ts';

interface KeySession {
  readonly key: ApiKey;
  readonly caller: Caller;
  readonly hash: Buffer;
  readonly session: Session;
}

/** The keys that let in at the moment. */
export class KeyRing {
  readonly #upstreamScope: string;
  readonly #byHash = new Map<string, KeySession>();

  constructor(upstreamScope: string) {
    this.#upstreamScope = upstreamScope;
  }

  /** Takes over keys as they now are. Sessions of keys that are revoked, changed or gone end. */
  replace(keys: readonly ApiKey[]): void {
    const nowMs = Date.now();
    const valid = new Map(keys.filter((key) => isValid(key, nowMs)).map((key) => [key.sha256, key]));
    for (const [sha256, { key, session }] of this.#byHash)
      if (JSON.stringify(valid.get(sha256)) === JSON.stringify(key)) valid.delete(sha256);
      else session.end();
    for (const key of valid.values()) this.#begin(key);
  }

  /** The caller of a key; undefined for a text that is no valid key. Only hashes are compared, in constant time. */
  callerOf(text: string): Caller | undefined {
    const sha256 = hashOf(text);
    const known = this.#byHash.get(sha256);
    if (known === undefined || !timingSafeEqual(known.hash, Buffer.from(sha256))) return undefined;
    return isValid(known.key, Date.now()) ? known.caller : undefined;
  }

  /** Ends all sessions. */
  close(): void {
    for (const { session } of this.#byHash.values()) session.end();
  }

  #begin(key: ApiKey): void {
    const { name, roles, leagues, expiresAt, sha256 } = key;
    const session = new Session(expiresAt === null ? Infinity : Date.parse(expiresAt));
    const caller: Caller = {
      upstreamScope: this.#upstreamScope,
      name,
      roles,
      leagues,
      ...(expiresAt !== null && { expiresAt }),
      sessionSignal: session.signal,
    };
    this.#byHash.set(sha256, { key, caller, hash: Buffer.from(sha256), session });
    session.signal.addEventListener('abort', () => this.#byHash.delete(sha256), { once: true });
  }
}
