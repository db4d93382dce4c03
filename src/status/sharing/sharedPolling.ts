import type { Clock } from '../../time.ts';
import type { Polling } from '../registry.ts';
import type { AnyState, WatchSharing } from '../types.ts';
import type { Watch } from '../watch.ts';
import { PollingGroup } from './pollingGroup.ts';

/** Options of `createSharedPolling`. */
export interface SharedPollingOptions {
  readonly sharing: WatchSharing;
  readonly clock: Clock;
  readonly rememberMs: number;
  readonly watchRemote: (key: string) => () => void;
}

/** Groups of watches that replicas poll in turn. */
export class SharedPolling {
  readonly #options: SharedPollingOptions;
  readonly #groups = new Map<string, PollingGroup>();

  constructor(options: SharedPollingOptions) {
    this.#options = options;
  }

  /**
   * Polls a watch, here or at another replica.
   *
   * @param groupKey - equal for watches that are polled together
   * @param begin - starts polling here
   */
  start<State extends AnyState>(groupKey: string, key: string, watch: Watch<State>, begin: () => Polling): Polling {
    const { sharing, ...options } = this.#options;
    const found = this.#groups.get(groupKey);
    const group =
      found ??
      new PollingGroup(JSON.stringify([sharing.upstream, groupKey]), {
        shared: sharing.watches,
        ...options,
        onEmpty: () => {
          if (this.#groups.get(groupKey) === group) this.#groups.delete(groupKey);
        },
      });
    this.#groups.set(groupKey, group);
    // States are shared as JSON, so the group never reads their type.
    return group.add(key, watch as unknown as Watch<AnyState>, begin);
  }
}
