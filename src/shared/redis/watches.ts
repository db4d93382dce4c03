import { createHash } from 'node:crypto';
import type {
  GroupListener,
  Joined,
  LogPosition,
  Publication,
  SharedChange,
  SharedEntry,
  SharedGroup,
  SharedLog,
  SharedWatches,
  WholeLog,
} from '../watches.ts';
import type { RedisConnection } from './connection.ts';
import type { Encryption } from './encryption.ts';
import type { Replicas } from './replicas.ts';
import { join, leave, publish, release, touch } from './watchScripts.ts';

/** What is watched is kept from expiring this often. */
export const touchMs = 30_000;

/** What could not be read is tried again after so long. */
const retryMs = 10_000;

/** Changes that are kept, so that a cursor can be resumed; the largest history of a watch. */
const keptEntries = 500;

/** Joins that wait for an answer at a time: thousands of watches may be joined at once, and each has a deadline. */
const joinsAtOnce = 32;

/** What redis watches are made of. */
export interface WatchesOptions {
  readonly connection: RedisConnection;
  readonly replicas: Replicas;
  readonly encryption: Encryption;
  /** A log is of another version, or encrypted by another key. It is left alone. */
  readonly onUnreadable: (what: string) => void;
}

/** What replicas tell one another about a group. Bodies are encrypted. */
type Message =
  | { readonly type: 'WANTED'; readonly watch?: undefined }
  | { readonly type: 'FREE'; readonly watch?: undefined }
  | { readonly type: 'ASKED'; readonly watch: string }
  | { readonly type: 'REFUSED'; readonly watch: string }
  | { readonly type: 'WHOLE'; readonly watch: string }
  | NextMessage;

type NextMessage = Omit<SharedChange, 'entries'> & {
  readonly type: 'NEXT';
  readonly watch: string;
  readonly bodies: readonly string[];
};

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function parseMessage(text: string): Message | undefined {
  try {
    return JSON.parse(text) as Message;
  } catch {
    return undefined;
  }
}

/** Runs so many at a time. */
function createGate(atOnce: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <Value>(work: () => Promise<Value>): Promise<Value> => {
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

interface GroupTools extends WatchesOptions {
  readonly gate: ReturnType<typeof createGate>;
  readonly counts: { published: number; applied: number; failovers: number };
  readonly onClose: (group: Group) => void;
}

/** One group at this replica. */
class Group implements SharedGroup {
  readonly #tools: GroupTools;
  readonly #listener: GroupListener;
  readonly #id: string;
  readonly #unsubscribe: () => void;
  readonly #subscribed: Promise<void>;
  /** By the hash that stands for it there. */
  readonly #watches = new Map<string, string>();
  readonly #unreadable = new Set<string>();
  /** As the server has it: whose it is, by which token. */
  #lease = '';
  readonly #lifeMs: number;
  #retryAtMs = Infinity;
  #touchAtMs = 0;

  constructor(tools: GroupTools, name: string, rememberMs: number, listener: GroupListener) {
    this.#tools = tools;
    this.#listener = listener;
    this.#id = hashOf(name);
    this.#lifeMs = rememberMs + 2 * touchMs;
    const { connection } = tools;
    this.#unsubscribe = connection.subscribe(this.#channel, (text) => this.#receive(text));
    this.#subscribed = connection.subscribed(this.#channel);
  }

  get isLeader(): boolean {
    return this.#holder === this.#tools.replicas.id;
  }

  async join(watch: string, { epoch, sequence }: LogPosition): Promise<Joined | 'UNREADABLE' | 'LATER' | undefined> {
    const { connection, encryption, replicas, gate, counts } = this.#tools;
    const hash = hashOf(watch);
    this.#watches.set(hash, watch);
    const name = this.#nameOf(hash);
    await this.#subscribed;
    const reply = await gate(() =>
      connection.eval(
        join,
        [this.#key('lease'), replicas.key, this.#key('wanted'), ...this.#keysOf(hash)],
        [
          ...[replicas.id, hash, encryption.encrypt(this.#key('wanted'), watch), this.#lifeMs, this.#channel],
          ...[encryption.ownKey, ` ${encryption.readableKeys.join(' ')} `, epoch, sequence],
        ],
      ),
    );
    if (!Array.isArray(reply)) {
      this.#retryAtMs = performance.now() + retryMs;
      return undefined;
    }
    const [outcome, lease, failover, ...log] = reply as [string, string, number, ...LogReply];
    if (outcome === 'UNREADABLE') return this.#foundUnreadable(name);
    if (outcome !== 'JOINED') {
      this.#retryAtMs = 0;
      return 'LATER';
    }
    this.#lease = lease;
    counts.failovers += failover;
    const read = this.#readLog(name, log);
    return read === undefined ? this.#foundUnreadable(name) : { isLeader: this.isLeader, log: read };
  }

  publish(watch: string, { epoch, sequence, after, isKnown, status, entries }: SharedChange) {
    const hash = hashOf(watch);
    const name = this.#nameOf(hash);
    const { encryption } = this.#tools;
    const bodies = entries.map(({ body }) => encryption.encrypt(name, body));
    const told = encryption.encrypt(name, status);
    const message: Message = { type: 'NEXT', watch: hash, epoch, sequence, after, isKnown, status: told, bodies };
    const latest = entries.flatMap(({ subject }, index) => [hashOf(subject), bodies[index] ?? '']);
    return this.#write(hash, ['NEXT', epoch, after, sequence, isKnown ? '1' : '0', told], bodies, latest, message);
  }

  write(watch: string, { epoch, sequence, isKnown, status, entries, latest }: WholeLog) {
    const hash = hashOf(watch);
    const name = this.#nameOf(hash);
    const { encryption } = this.#tools;
    const bodyOf = ({ body }: SharedEntry): string => encryption.encrypt(name, body);
    return this.#write(
      hash,
      ['WHOLE', epoch, 0, sequence, isKnown ? '1' : '0', encryption.encrypt(name, status)],
      entries.map(bodyOf),
      latest.flatMap((entry) => [hashOf(entry.subject), bodyOf(entry)]),
      { type: 'WHOLE', watch: hash },
    );
  }

  async leave(watch: string): Promise<void> {
    const { connection, replicas } = this.#tools;
    const hash = hashOf(watch);
    this.#watches.delete(hash);
    await connection.eval(
      leave,
      [this.#key('lease'), this.#key('wanted'), ...this.#keysOf(hash)],
      [this.isLeader ? this.#lease : '', replicas.id, hash, this.#lifeMs, this.#channel],
    );
  }

  async wanted(): Promise<readonly string[]> {
    const { connection, replicas, encryption } = this.#tools;
    const all = await connection.run((client) => client.hgetall(this.#key('wanted')));
    // Asked after that: a replica that has just come is not known from the last heartbeat.
    const alive = await connection.run((client) => client.zrange(replicas.key, '0', '-1'));
    const others = new Set<string>();
    for (const [field, text] of Object.entries(all ?? {})) {
      const [replica = '', hash = ''] = field.split(' ');
      if (replica === replicas.id) continue;
      if (alive?.includes(replica) === false) {
        void connection.run((client) => client.hdel(this.#key('wanted'), field));
        continue;
      }
      const watch = encryption.decrypt(this.#key('wanted'), text);
      if (watch !== undefined) others.add(watch);
      else this.#send({ type: 'REFUSED', watch: hash });
    }
    return [...others];
  }

  askPoll(watch: string): void {
    this.#send({ type: 'ASKED', watch: hashOf(watch) });
  }

  close(): Promise<void> {
    this.#unsubscribe();
    this.#tools.onClose(this);
    return this.release();
  }

  async release(): Promise<void> {
    const lease = this.isLeader ? this.#lease : '';
    this.#lease = '';
    if (lease !== '') await this.#tools.connection.eval(release, [this.#key('lease')], [lease, this.#channel]);
  }

  /** Leases are this replica's no more. */
  lose(): void {
    this.#lease = '';
  }

  away(): void {
    this.lose();
    this.#listener.onAway();
  }

  reset(): void {
    this.#retryAtMs = Infinity;
    this.#listener.onReset();
  }

  /** After each heartbeat. */
  beat(hasReplicaLeft: boolean): void {
    const nowMs = performance.now();
    if (nowMs >= this.#retryAtMs) return this.reset();
    if (this.#lease === '') return;
    if (this.isLeader) {
      if (hasReplicaLeft) this.#listener.onWanted();
      if (nowMs >= this.#touchAtMs) void this.#touch(nowMs);
    } else if (this.#tools.replicas.isDead(this.#holder)) this.#listener.onFree();
  }

  get #holder(): string {
    return this.#lease.slice(0, this.#lease.indexOf(' '));
  }

  get #channel(): string {
    return this.#key('channel');
  }

  #key(...parts: readonly string[]): string {
    return this.#tools.connection.key('watches', this.#id, ...parts);
  }

  #nameOf(hash: string): string {
    return this.#key('watch', hash);
  }

  #keysOf(hash: string): readonly string[] {
    const name = this.#nameOf(hash);
    return [name, `${name}:log`, `${name}:latest`];
  }

  #send(message: Message): void {
    void this.#tools.connection.run((client) => client.publish(this.#channel, JSON.stringify(message)));
  }

  async #write(
    hash: string,
    head: readonly (string | number)[],
    bodies: readonly string[],
    latest: readonly string[],
    message: Message,
  ): Promise<Publication | undefined> {
    const { connection, encryption, counts } = this.#tools;
    if (!this.isLeader) return 'LOST';
    const outcome = await connection.eval(
      publish,
      [this.#key('lease'), ...this.#keysOf(hash)],
      [
        ...[this.#lease, ...head, keptEntries, this.#lifeMs, this.#channel, JSON.stringify(message)],
        ...[` ${encryption.readableKeys.join(' ')} `, bodies.length, ...bodies, ...latest],
      ],
    );
    if (outcome === 'PUBLISHED') counts.published += 1;
    if (outcome === 'UNREADABLE') this.#foundUnreadable(this.#nameOf(hash));
    if (outcome === undefined) this.#retryAtMs = performance.now() + retryMs;
    return outcome as Publication | undefined;
  }

  #foundUnreadable(name: string): 'UNREADABLE' {
    if (!this.#unreadable.has(name)) this.#tools.onUnreadable('watch');
    this.#unreadable.add(name);
    this.#retryAtMs = performance.now() + retryMs;
    return 'UNREADABLE';
  }

  /** Undefined where it can't be read, null where there is none. */
  #readLog(name: string, [epoch, sequence, isKnown, status, entries, latest]: LogReply): SharedLog | null | undefined {
    if (epoch === '') return null;
    const ofSubjects: readonly string[] = latest === 0 ? [] : latest;
    const decrypt = (text: string) => this.#tools.encryption.decrypt(name, text);
    const texts = [status, ...entries, ...ofSubjects].map(decrypt);
    if (texts.includes(undefined)) return undefined;
    this.#unreadable.delete(name);
    const [told = '', ...bodies] = texts as string[];
    return {
      ...{ epoch, sequence: Number(sequence), isKnown: isKnown === 1, status: told },
      entries: bodies.slice(0, entries.length),
      latest: latest === 0 ? undefined : bodies.slice(entries.length),
    };
  }

  #receive(text: string): void {
    const message = parseMessage(text);
    if (message === undefined) return;
    const watch = this.#watches.get(message.watch ?? '');
    if (message.type === 'WANTED') this.#listener.onWanted();
    else if (message.type === 'FREE') this.#listener.onFree();
    else if (watch === undefined) return;
    else if (message.type === 'ASKED') this.#listener.onAsked(watch);
    else if (message.type === 'WHOLE') this.#listener.onChange(watch, null);
    else if (message.type === 'REFUSED') this.#refused(message.watch);
    else this.#receiveNext(watch, message);
  }

  #receiveNext(watch: string, { watch: hash, status: told, bodies: texts, ...change }: NextMessage): void {
    const { encryption, counts } = this.#tools;
    const name = this.#nameOf(hash);
    const [status, ...bodies] = [told, ...texts].map((body) => encryption.decrypt(name, body));
    if (status === undefined || bodies.includes(undefined)) return this.#refused(hash);
    if (!this.isLeader) counts.applied += bodies.length;
    const entries = (bodies as string[]).map((body) => ({ subject: '', body }));
    this.#listener.onChange(watch, { ...change, status, entries });
  }

  /** The leader and this replica can't read one another. */
  #refused(hash: string): void {
    if (this.isLeader) return;
    this.#foundUnreadable(this.#nameOf(hash));
    this.#listener.onAway();
  }

  async #touch(nowMs: number): Promise<void> {
    this.#touchAtMs = nowMs + touchMs;
    const { connection } = this.#tools;
    const keys = [...this.#watches.keys()].flatMap((hash) => this.#keysOf(hash));
    const held = await connection.eval(
      touch,
      [this.#key('lease'), this.#key('wanted'), ...keys],
      [this.#lease, this.#lifeMs],
    );
    if (held === 0) this.reset();
  }
}

type LogReply = readonly [
  epoch: string,
  sequence: string,
  isKnown: number,
  status: string,
  entries: readonly string[],
  latest: readonly string[] | 0,
];

export function createWatches(options: WatchesOptions): SharedWatches {
  const { connection, replicas } = options;
  const groups = new Set<Group>();
  const counts = { published: 0, applied: 0, failovers: 0 };
  const gate = createGate(joinsAtOnce);
  const written = connection.key('watches', 'written');
  let isReset = false;
  let known = replicas.count;

  replicas.onLost(() => {
    isReset = true;
    groups.forEach((group) => group.lose());
  });
  connection.onReturn(() => {
    isReset = true;
    void replicas.beat();
  });
  connection.onHealth(() => {
    if (connection.awayReason !== undefined) groups.forEach((group) => group.away());
  });
  replicas.onBeat(() => {
    const hasReplicaLeft = replicas.count < known;
    known = replicas.count;
    const wasReset = isReset;
    isReset = false;
    groups.forEach((group) => (wasReset ? group.reset() : group.beat(hasReplicaLeft)));
  });

  return {
    open: (name, rememberMs, listener) => {
      const group = new Group(
        { ...options, gate, counts, onClose: (closed) => void groups.delete(closed) },
        name,
        rememberMs,
        listener,
      );
      groups.add(group);
      return group;
    },
    tellWrite: (text) => {
      const encrypted = options.encryption.encrypt(written, text);
      void connection.run((client) => client.publish(written, `${replicas.id} ${encrypted}`));
    },
    onWrite: (listener) =>
      connection.subscribe(written, (message) => {
        const [replica, encrypted = ''] = message.split(' ');
        const text = replica === replicas.id ? undefined : options.encryption.decrypt(written, encrypted);
        if (text !== undefined) listener(text);
      }),
    pollingReplicas: () => (connection.awayReason === undefined ? 1 : replicas.share.replicas),
    figures: () => ({ ...counts, leases: [...groups].filter(({ isLeader }) => isLeader).length }),
  };
}
