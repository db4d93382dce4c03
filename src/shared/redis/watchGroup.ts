import type {
  GroupListener,
  Joined,
  LogPosition,
  Publication,
  SharedChange,
  SharedGroup,
  WholeLog,
} from '../watches.ts';
import type { ConcurrencyLimit } from './concurrency.ts';
import type { RedisConnection } from './connection.ts';
import type { Encryption } from './encryption.ts';
import type { Farewells } from './farewells.ts';
import type { Replicas } from './replicas.ts';
import { hashOf, watchKeys, type WatchKeys } from './watchKeys.ts';
import { WatchLease } from './watchLease.ts';
import { WatchLogCipher, type EncryptedLog, type LogReply } from './watchLog.ts';
import { parseMessage, type ChangeMessage, type WatchMessage } from './watchMessages.ts';
import { join, leave, publish, read, touch } from './watchScripts.ts';

/** Interval at which a group reads what lost messages would have told, and its leader renews the expiry of its keys. */
export const checkMs = 30_000;

/** Delay before an unreadable log is read again. */
const retryMs = 10_000;

/** Kept changes per log, for resuming cursors: the largest history of a watch. */
const keptEntries = 500;

/** Options shared by all groups of a replica. */
export interface GroupDependencies {
  readonly connection: RedisConnection;
  readonly replicas: Replicas;
  readonly encryption: Encryption;
  readonly farewells: Farewells;
  readonly joinLimit: ConcurrencyLimit;
  /** See {@link checkMs}. */
  readonly checkMs: number;
  readonly counts: { published: number; applied: number; failovers: number };
  /** A log is of another version or encrypted with another key. It is left alone. */
  readonly onUnreadable: (what: string) => void;
  readonly onClose: (group: WatchGroup) => void;
}

/** One group at this replica. */
export class WatchGroup implements SharedGroup {
  readonly #dependencies: GroupDependencies;
  readonly #listener: GroupListener;
  readonly #keys: WatchKeys;
  readonly #lease: WatchLease;
  readonly #cipher: WatchLogCipher;
  readonly #lifeMs: number;
  readonly #unsubscribe: () => void;
  /** Names of the watches of this replica, by their hashes. */
  readonly #watches = new Map<string, string>();
  /** Encrypted statuses of the last publications that came here. No two publications have the same. */
  readonly #statuses = new Map<string, string>();
  /** Hashes of watches whose logs could not be read, each reported once. */
  readonly #unreadable = new Set<string>();
  #retryAtMs = Infinity;
  #checkAtMs: number;
  #releases = 0;

  constructor(dependencies: GroupDependencies, name: string, rememberMs: number, listener: GroupListener) {
    const { connection, replicas, encryption, farewells, checkMs } = dependencies;
    this.#dependencies = dependencies;
    this.#listener = listener;
    this.#keys = watchKeys(connection, name);
    this.#lease = new WatchLease(connection, replicas, farewells, this.#keys);
    this.#cipher = new WatchLogCipher(encryption);
    this.#lifeMs = rememberMs + 2 * checkMs;
    this.#checkAtMs = performance.now() + checkMs;
    this.#unsubscribe = connection.subscribe(this.#keys.channel, (text) => this.#receive(text));
  }

  get isLeader(): boolean {
    return this.#lease.isOwn;
  }

  async join(watch: string, { epoch, sequence }: LogPosition): Promise<Joined | 'UNREADABLE' | 'LATER' | undefined> {
    const { connection, encryption, replicas, farewells, joinLimit, counts } = this.#dependencies;
    const keys = this.#keys;
    const hash = hashOf(watch);
    const releases = this.#releases;
    this.#watches.set(hash, watch);
    farewells.cancel(this.#leaveOf(hash));
    if (!(await connection.subscribed(keys.channel))) {
      // Changes would be missed.
      this.#retryAtMs = 0;
      return undefined;
    }
    const reply = await joinLimit(async () => {
      if (releases !== this.#releases || !this.#watches.has(hash)) return null;
      farewells.repeat(keys.lease);
      return connection.eval(
        join,
        [keys.lease, replicas.key, keys.watched, ...keys.log(hash)],
        [
          ...[replicas.id, hash, encryption.encrypt(keys.watched, watch), this.#lifeMs, keys.channel],
          ...[encryption.ownKey, ` ${encryption.readableKeys.join(' ')} `, epoch, sequence],
        ],
      );
    });
    if (!Array.isArray(reply)) {
      if (reply !== null) this.#retryLater();
      return undefined;
    }
    const [outcome, lease, failover, ...encrypted] = reply as [string, string, number, ...LogReply];
    if (outcome === 'UNREADABLE') return this.#foundUnreadable(hash);
    if (outcome !== 'JOINED') {
      this.#retryAtMs = 0;
      return 'LATER';
    }
    counts.failovers += failover;
    if (releases !== this.#releases) {
      void this.#lease.giveBack(lease);
      return undefined;
    }
    // States polled under the former lease are not known under this one.
    const isTakenAnew = this.isLeader && this.#lease.value !== lease;
    this.#lease.set(lease);
    if (isTakenAnew) this.reset();
    const log = this.#cipher.decryptLog(keys.watch(hash), encrypted);
    if (log === undefined) return this.#foundUnreadable(hash);
    if (log !== null) this.#unreadable.delete(hash);
    if (this.#watches.has(hash)) this.#statuses.set(hash, encrypted[3]);
    return { isLeader: this.isLeader, log };
  }

  publish(watch: string, change: SharedChange): Promise<Publication | undefined> {
    const hash = hashOf(watch);
    const log = this.#cipher.encryptChange(this.#keys.watch(hash), change);
    const { epoch, sequence, after, isKnown } = change;
    const { status, bodies } = log;
    const message: WatchMessage = { type: 'NEXT', watch: hash, epoch, sequence, after, isKnown, status, bodies };
    return this.#write(hash, ['NEXT', epoch, after, sequence, isKnown ? '1' : '0'], log, message);
  }

  write(watch: string, log: WholeLog): Promise<Publication | undefined> {
    const hash = hashOf(watch);
    const { epoch, sequence, isKnown } = log;
    const encrypted = this.#cipher.encryptLog(this.#keys.watch(hash), log);
    const message: WatchMessage = { type: 'WHOLE', watch: hash };
    return this.#write(hash, ['WHOLE', epoch, 0, sequence, isKnown ? '1' : '0'], encrypted, message);
  }

  async leave(watch: string): Promise<void> {
    const { connection, replicas, farewells } = this.#dependencies;
    const keys = this.#keys;
    const hash = hashOf(watch);
    const { id } = replicas;
    const lease = this.isLeader ? this.#lease.value : '';
    this.#watches.delete(hash);
    this.#statuses.delete(hash);
    await farewells.say(this.#leaveOf(hash), async () =>
      // Under another name, it watches nothing.
      id === replicas.id
        ? connection.eval(
            leave,
            [keys.lease, keys.watched, ...keys.log(hash)],
            [lease, id, hash, this.#lifeMs, keys.channel],
          )
        : true,
    );
  }

  #leaveOf(hash: string): string {
    return `${this.#keys.watched} ${hash}`;
  }

  async remoteWatches(): Promise<readonly string[] | undefined> {
    const { connection, replicas, encryption } = this.#dependencies;
    const { watched } = this.#keys;
    const all = await connection.run((client) => client.hgetall(watched));
    if (all === undefined) return undefined;
    // Read after the watches: the last heartbeat does not know a replica that has just started.
    const alive = await connection.run((client) => client.zrange(replicas.key, '0', '-1'));
    const names = new Set<string>();
    for (const [field, text] of Object.entries(all)) {
      const [replica = '', hash = ''] = field.split(' ');
      if (replica === replicas.id) continue;
      if (alive?.includes(replica) === false) {
        void connection.run((client) => client.hdel(watched, field));
        continue;
      }
      const name = encryption.decrypt(watched, text);
      if (name !== undefined) names.add(name);
      else this.#send({ type: 'REFUSED', watch: hash });
    }
    return [...names];
  }

  requestPoll(watch: string): void {
    this.#send({ type: 'POLL', watch: hashOf(watch) });
  }

  close(): Promise<void> {
    this.#unsubscribe();
    this.#dependencies.onClose(this);
    return this.release();
  }

  release(): Promise<void> {
    this.#releases += 1;
    return this.#lease.release();
  }

  /** This replica has lost its leases. */
  lose(): void {
    this.#lease.lose();
  }

  away(): void {
    void this.#lease.release();
    this.#listener.onAway();
  }

  reset(): void {
    this.#retryAtMs = Infinity;
    this.#listener.onReset();
  }

  /** Called after each heartbeat. */
  beat(hasReplicaLeft: boolean): void {
    const nowMs = performance.now();
    if (nowMs >= this.#retryAtMs) return this.reset();
    if (this.#lease.value === '') return;
    const isCheckDue = nowMs >= this.#checkAtMs;
    if (isCheckDue) this.#checkAtMs = nowMs + this.#dependencies.checkMs;
    if (this.isLeader) {
      if (hasReplicaLeft || isCheckDue) this.#listener.onRemoteWatches();
      if (isCheckDue) void this.#touch();
    } else if (this.#lease.isHolderDead) this.#listener.onFree();
    else if (isCheckDue) void this.#check();
  }

  #send(message: WatchMessage): void {
    void this.#dependencies.connection.run((client) => client.publish(this.#keys.channel, JSON.stringify(message)));
  }

  async #write(
    hash: string,
    position: readonly (string | number)[],
    { status, bodies, latest }: EncryptedLog,
    message: WatchMessage,
  ): Promise<Publication | undefined> {
    const { connection, encryption, counts } = this.#dependencies;
    if (!this.isLeader) return 'LOST';
    const outcome = await connection.eval(
      publish,
      [this.#keys.lease, ...this.#keys.log(hash)],
      [
        ...[this.#lease.value, ...position, status, keptEntries, this.#lifeMs, this.#keys.channel],
        ...[JSON.stringify(message), ` ${encryption.readableKeys.join(' ')} `, bodies.length, ...bodies, ...latest],
      ],
    );
    if (outcome === 'PUBLISHED') counts.published += 1;
    if (outcome === 'UNREADABLE') this.#foundUnreadable(hash);
    if (outcome === undefined) this.#retryLater();
    return outcome as Publication | undefined;
  }

  #receive(text: string): void {
    const message = parseMessage(text);
    if (message === undefined) return;
    const watch = this.#watches.get(message.watch ?? '');
    if (message.type === 'WATCHES') this.#listener.onRemoteWatches();
    else if (message.type === 'FREE') this.#listener.onFree();
    else if (watch === undefined) return;
    else if (message.type === 'POLL') this.#listener.onPollRequest(watch);
    else if (message.type === 'WHOLE') this.#listener.onChange(watch, null);
    else if (message.type === 'REFUSED') this.#refused(message.watch);
    else this.#receiveChange(watch, message);
  }

  #receiveChange(watch: string, message: ChangeMessage): void {
    const change = this.#cipher.decryptChange(this.#keys.watch(message.watch), message);
    if (change === undefined) return this.#refused(message.watch);
    this.#statuses.set(message.watch, message.status);
    if (!this.isLeader) this.#dependencies.counts.applied += change.entries.length;
    this.#listener.onChange(watch, change);
  }

  /** The leader and this replica can't decrypt each other's logs. */
  #refused(hash: string): void {
    if (this.isLeader) return;
    this.#foundUnreadable(hash);
    this.#listener.onAway();
  }

  #foundUnreadable(hash: string): 'UNREADABLE' {
    if (!this.#unreadable.has(hash)) this.#dependencies.onUnreadable('watch');
    this.#unreadable.add(hash);
    this.#retryLater();
    return 'UNREADABLE';
  }

  #retryLater(): void {
    this.#retryAtMs = performance.now() + retryMs;
  }

  async #touch(): Promise<void> {
    const logs = [...this.#watches.keys()].flatMap((hash) => this.#keys.log(hash));
    const held = await this.#dependencies.connection.eval(
      touch,
      [this.#keys.lease, this.#keys.watched, ...logs],
      [this.#lease.value, this.#lifeMs],
    );
    if (held === 0) this.reset();
  }

  /** Finds what lost messages would have told. */
  async #check(): Promise<void> {
    const hashes = [...this.#watches.keys()];
    const keys = [this.#keys.lease, ...hashes.map((hash) => this.#keys.watch(hash))];
    const reply = await this.#dependencies.connection.eval(read, keys, []);
    if (!Array.isArray(reply)) return;
    const [lease, ...statuses] = reply as readonly string[];
    if (lease !== this.#lease.value) this.#listener.onFree();
    for (const [index, hash] of hashes.entries()) {
      const watch = this.#watches.get(hash);
      const known = this.#statuses.get(hash);
      // A watch without a status is being joined.
      if (watch !== undefined && known !== undefined && known !== statuses[index]) this.#listener.onChange(watch, null);
    }
  }
}
