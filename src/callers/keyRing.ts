import { setMaxListeners } from 'node:events';
import { timingSafeEqual } from 'node:crypto';
import type { Caller } from './caller.ts';
import { hashOf, isValid, type ApiKey } from './keys.ts';

/** `setTimeout` waits no longer than this. */
const longestTimerMs = 2_147_483_647;

interface Session {
  readonly key: ApiKey;
  readonly caller: Caller;
  readonly hash: Buffer;
  readonly end: AbortController;
  timer?: NodeJS.Timeout;
}

/** The keys that let in at the moment. */
export class KeyRing {
  readonly #upstreamScope: string;
  readonly #byHash = new Map<string, Session>();

  constructor(upstreamScope: string) {
    this.#upstreamScope = upstreamScope;
  }

  /** Takes over keys as they now are. Sessions of keys that are revoked, changed or gone end. */
  replace(keys: readonly ApiKey[]): void {
    const nowMs = Date.now();
    const valid = new Map(keys.filter((key) => isValid(key, nowMs)).map((key) => [key.sha256, key]));
    for (const [sha256, session] of this.#byHash)
      if (JSON.stringify(valid.get(sha256)) === JSON.stringify(session.key)) valid.delete(sha256);
      else this.#end(sha256, session);
    for (const key of valid.values()) this.#begin(key);
  }

  /** The caller of a key; undefined for a text that is no valid key. Only hashes are compared, in constant time. */
  callerOf(text: string): Caller | undefined {
    const sha256 = hashOf(text);
    const session = this.#byHash.get(sha256);
    if (session === undefined || !timingSafeEqual(session.hash, Buffer.from(sha256))) return undefined;
    return isValid(session.key, Date.now()) ? session.caller : undefined;
  }

  /** Ends all sessions. */
  close(): void {
    for (const [sha256, session] of this.#byHash) this.#end(sha256, session);
  }

  #begin(key: ApiKey): void {
    const { name, roles, leagues, expiresAt, sha256 } = key;
    const end = new AbortController();
    // Every stream and socket of the caller listens to it.
    setMaxListeners(0, end.signal);
    const caller: Caller = {
      upstreamScope: this.#upstreamScope,
      name,
      roles,
      leagues,
      ...(expiresAt !== null && { expiresAt }),
      sessionSignal: end.signal,
    };
    const session: Session = { key, caller, hash: Buffer.from(sha256), end };
    this.#byHash.set(sha256, session);
    this.#endInTime(sha256, session);
  }

  #endInTime(sha256: string, session: Session): void {
    const { expiresAt } = session.key;
    if (expiresAt === null) return;
    const waitMs = Date.parse(expiresAt) - Date.now();
    if (waitMs <= 0) return this.#end(sha256, session);
    session.timer = setTimeout(() => this.#endInTime(sha256, session), Math.min(waitMs, longestTimerMs)).unref();
  }

  #end(sha256: string, { end, timer }: Session): void {
    clearTimeout(timer);
    this.#byHash.delete(sha256);
    end.abort();
  }
}
