import type { RedisConnection } from './connection.ts';
import type { Farewells } from './farewells.ts';
import type { Replicas } from './replicas.ts';
import type { WatchKeys } from './watchKeys.ts';
import { release } from './watchScripts.ts';

/** The lease of a group, `<replica> <token> <key>` as the server has it. The replica that holds it polls for all. */
export class WatchLease {
  readonly #connection: RedisConnection;
  readonly #replicas: Replicas;
  readonly #farewells: Farewells;
  readonly #keys: WatchKeys;
  #value = '';

  constructor(connection: RedisConnection, replicas: Replicas, farewells: Farewells, keys: WatchKeys) {
    this.#connection = connection;
    this.#replicas = replicas;
    this.#farewells = farewells;
    this.#keys = keys;
  }

  /** Empty while this replica knows of no lease. */
  get value(): string {
    return this.#value;
  }

  /** This replica holds it. */
  get isOwn(): boolean {
    return this.#holder === this.#replicas.id;
  }

  get isHolderDead(): boolean {
    return this.#replicas.isDead(this.#holder);
  }

  set(value: string): void {
    this.#value = value;
  }

  /** Another replica may hold it by now. */
  lose(): void {
    this.#value = '';
  }

  /** Releases it, if this replica holds it. */
  release(): Promise<void> {
    const value = this.#value;
    this.#value = '';
    return this.giveBack(value);
  }

  /** Releases the given lease, if it is this replica's. */
  async giveBack(value: string): Promise<void> {
    if (holderOf(value) !== this.#replicas.id) return;
    await this.#farewells.say(this.#keys.lease, async () =>
      // Under another name, it has none.
      holderOf(value) === this.#replicas.id
        ? this.#connection.eval(release, [this.#keys.lease], [value, this.#keys.channel])
        : true,
    );
  }

  get #holder(): string {
    return holderOf(this.#value);
  }
}

function holderOf(lease: string): string {
  return lease.slice(0, lease.indexOf(' '));
}
