import type { Deadline } from './deadline.ts';
import type { Observer, UpstreamName } from './observer.ts';
import type { Credentials } from './tokens.ts';

/** The operation that a call belongs to. */
export interface CallScope {
  /** Whose token is used. Reads are cached and shared within this scope only. */
  readonly upstreamScope: string;
  readonly language: string;
  readonly deadline: Deadline;
  readonly observer: Observer;
  /** Reads neither use the cache nor join a read in flight. */
  readonly isUncached?: boolean;
  /** No caller waits for the answers: calls with a waiting caller go first when an upstream is at its limit. */
  readonly isBackground?: boolean;
  /**
   * Admits a call before it begins; undefined: at once. Called for each one, also for those that the cache answers. Rejects with
   * a GatewayError when the operation may make no more calls.
   */
  readonly admit?: ((call: string) => Promise<void> | undefined) | undefined;
  /** Default: those of the configured account. */
  readonly credentials?: ((upstream: UpstreamName) => Credentials) | undefined;
}
