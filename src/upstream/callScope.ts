import type { Deadline } from './deadline.ts';
import type { Observer, UpstreamName } from './observer.ts';
import type { Credentials } from './tokens.ts';

/** The operation that calls are made for. */
export interface CallScope {
  /** Whose token is used: answers are kept and shared within it alone. */
  readonly upstreamScope: string;
  readonly language: string;
  readonly deadline: Deadline;
  readonly observer: Observer;
  /** Nothing that was read before, and no read under way, stands in for a read. */
  readonly isUncached?: boolean;
  /** In place of the account's. */
  readonly credentials?: ((upstream: UpstreamName) => Credentials) | undefined;
}
