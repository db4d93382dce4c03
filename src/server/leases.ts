import type { Gateway } from '../gateway/gateway.ts';

/** A gateway and the number of requests that use it. */
interface Lease {
  readonly gateway: Gateway;
  inFlight: number;
  isRetired: boolean;
}

/** A gateway that a request uses. */
export interface TakenGateway {
  readonly gateway: Gateway;
  /** The request has ended. */
  readonly leave: () => void;
}

/** The current gateway, and replaced ones until their last request has ended. */
export class GatewayLeases {
  #current: Lease;
  readonly #leases: Set<Lease>;
  readonly #closing = new Set<Promise<void>>();

  constructor(gateway: Gateway) {
    this.#current = { gateway, inFlight: 0, isRetired: false };
    this.#leases = new Set([this.#current]);
  }

  get current(): Gateway {
    return this.#current.gateway;
  }

  take(): TakenGateway {
    const lease = this.#current;
    lease.inFlight += 1;
    return { gateway: lease.gateway, leave: () => this.#leave(lease) };
  }

  /** Makes another gateway the current one. Ends subscriptions of the old one: their clients subscribe again. */
  exchange(gateway: Gateway): void {
    const old = this.#current;
    this.#current = { gateway, inFlight: 0, isRetired: false };
    this.#leases.add(this.#current);
    old.isRetired = true;
    old.gateway.endStreams();
    if (old.inFlight === 0) this.#close(old);
  }

  cutOperations(): void {
    for (const { gateway } of this.#leases) gateway.cutOperations();
  }

  /** Closes the current gateway and the replaced ones. */
  async close(): Promise<void> {
    this.#current.isRetired = true;
    this.#close(this.#current);
    await Promise.all(this.#closing);
  }

  #leave(lease: Lease): void {
    lease.inFlight -= 1;
    if (lease.isRetired && lease.inFlight === 0) this.#close(lease);
  }

  #close(lease: Lease): void {
    this.#leases.delete(lease);
    const closing = lease.gateway.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
