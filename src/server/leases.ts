import type { Gateway } from '../gateway/gateway.ts';

/** A gateway, and how many requests it is answering. */
interface Lease {
  readonly gateway: Gateway;
  inFlight: number;
  isRetired: boolean;
}

/** A gateway in use by one request. */
export interface TakenGateway {
  readonly gateway: Gateway;
  /** The request has ended. */
  readonly leave: () => void;
}

/** The gateway that takes requests, and earlier ones that still answer theirs. */
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

  /** Sends requests to another gateway from now on. Subscribers subscribe again, and find it. */
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

  /** Closes all; resolves once those that were replaced are closed too. */
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
