import { randomUUID } from 'node:crypto';
import type { RefreshLease } from '../store/refreshLease.ts';

/** Refreshes that another process, the one that holds the lease, makes for readers of this one. */
export class RemoteRefreshes {
  readonly #lease: RefreshLease;
  /** Readers that wait, by the ids of their requests. */
  readonly #waiting = new Map<string, () => void>();

  constructor(lease: RefreshLease) {
    this.#lease = lease;
  }

  /** Requests a refresh and waits for it. */
  async refresh(): Promise<void> {
    const requestId = randomUUID();
    const refreshed = new Promise<void>((resolve) => this.#waiting.set(requestId, resolve));
    await this.#lease.request(requestId);
    await refreshed;
  }

  /** The refresh of a request is done. */
  finish(requestId: string): void {
    this.#waiting.get(requestId)?.();
    this.#waiting.delete(requestId);
  }

  /** No other process will refresh: this one closes, or holds the lease itself. */
  finishAll(): void {
    for (const requestId of [...this.#waiting.keys()]) this.finish(requestId);
  }
}
