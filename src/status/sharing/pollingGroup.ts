import type { Joined, SharedChange, SharedGroup, SharedWatches } from '../../shared/watches.ts';
import type { Clock } from '../../time.ts';
import type { Polling } from '../registry.ts';
import type { AnyState } from '../types.ts';
import type { Change } from '../broadcast.ts';
import type { Watch } from '../watch.ts';
import { RemoteWatches } from './remoteWatches.ts';
import { formatEntry, formatStatus, parseEntry, parseLog, parseStatus } from './logText.ts';

/** A watch of any kind of state, which is shared as JSON. */
type AnyWatch = Watch<AnyState>;
type AnyChange = Change<AnyState>;
type Status = Omit<AnyChange, 'entries'>;

/** A join under way. */
interface Join {
  /** The log has changed since it was watched here: an error that has ended it is one of these polls. */
  readonly hasChanged: boolean;
  /** Changes that came meanwhile. The answer may be older. */
  readonly missed: (SharedChange | null)[];
}

/** A watch of the group that has subscribers at this replica, or at others while this one polls for them. */
interface Member {
  readonly key: string;
  readonly watch: AnyWatch;
  readonly begin: () => Polling;
  polling: Polling | undefined;
  /** It has read the whole shared log. */
  isJoined: boolean;
  /** The latest join. Replies to earlier ones are ignored. */
  join: Join | undefined;
  /** Polled by this replica alone since it joined last. */
  hasPolledAlone: boolean;
  /** The shared log is this replica's. */
  isWritten: boolean;
  status: Status;
  /** Changes that are not published yet. */
  unpublished: AnyChange[];
  isPublishing: boolean;
  requestedAtMs: number;
}

type Mode = 'WAITING' | 'FOLLOWING' | 'LEADING' | 'ALONE';

/** Shortest interval between requests for a poll to the replica that polls. */
const requestEveryMs = 1_000;

/** Options of a group. */
export interface PollingGroupOptions {
  readonly shared: SharedWatches;
  readonly clock: Clock;
  /** How long cursors can be resumed. */
  readonly rememberMs: number;
  /** Watches for the subscribers of other replicas, until the returned function is called. */
  readonly watchRemote: (key: string) => () => void;
  /** The last watch has ended. */
  readonly onEmpty: () => void;
}

/**
 * Watches that are polled together, by one replica at a time: the one that holds the lease. It publishes the changes that its
 * polls find; all replicas, itself included, deliver them to their subscribers in the order of publication. While the holder of
 * the lease is unknown, each replica polls for its own subscribers.
 */
export class PollingGroup {
  readonly #options: PollingGroupOptions;
  readonly #group: SharedGroup;
  readonly #members = new Map<string, Member>();
  readonly #remoteWatches: RemoteWatches;
  #mode: Mode = 'WAITING';
  /** Replies to publications of an earlier round are ignored. */
  #round = 0;

  constructor(name: string, options: PollingGroupOptions) {
    this.#options = options;
    this.#group = options.shared.open(name, options.rememberMs, {
      onChange: (key, change) => this.#onChange(key, change),
      onFree: () => this.#onFree(),
      onRemoteWatches: () => this.#refreshRemoteWatches(),
      onPollRequest: (key) => this.#onPollRequest(key),
      onAway: () => this.#pollAlone(),
      onReset: () => this.#joinAll(),
    });
    this.#remoteWatches = new RemoteWatches(() => this.#group.remoteWatches(), {
      watch: options.watchRemote,
      isWatched: (key) => this.#members.has(key),
    });
  }

  /** Polls the watch, or has another replica poll it. */
  add(key: string, watch: AnyWatch, begin: () => Polling): Polling {
    const member: Member = {
      key,
      watch,
      begin,
      polling: undefined,
      status: {},
      unpublished: [],
      join: undefined,
      isJoined: false,
      hasPolledAlone: false,
      isWritten: false,
      isPublishing: false,
      requestedAtMs: -Infinity,
    };
    this.#members.set(key, member);
    watch.shared.wait();
    if (this.#mode === 'ALONE') this.#beginAlone(member);
    else void this.#join(member);
    return { reschedule: () => this.#reschedule(member), stop: () => this.#remove(member) };
  }

  #reschedule(member: Member): void {
    if (member.polling !== undefined) return member.polling.reschedule();
    const nowMs = this.#options.clock.nowMs();
    if (this.#mode !== 'FOLLOWING' || !member.isJoined || nowMs - member.requestedAtMs < requestEveryMs) return;
    member.requestedAtMs = nowMs;
    this.#group.requestPoll(member.key);
  }

  #remove(member: Member): void {
    member.polling?.stop();
    member.watch.shared.publishTo(undefined);
    if (this.#members.get(member.key) !== member) return;
    this.#members.delete(member.key);
    void this.#group.leave(member.key);
    const [next] = this.#members.values();
    // Its join may take the lease.
    if (member.join !== undefined && next !== undefined && next.join === undefined) void this.#join(next);
    if (next !== undefined) return;
    this.#round += 1;
    // A running read of other replicas' watches belongs to the former group.
    this.#mode = 'WAITING';
    this.#remoteWatches.release();
    this.#options.onEmpty();
    void this.#group.close();
  }

  async #join(member: Member, hasChanged = false): Promise<void> {
    const { shared } = member.watch;
    const join: Join = { hasChanged: hasChanged || member.join?.hasChanged === true, missed: [] };
    member.join = join;
    member.isJoined = false;
    const { epoch, sequence } = shared.position();
    const joined = await this.#group.join(member.key, { epoch, sequence });
    if (member.join !== join || this.#members.get(member.key) !== member) return;
    member.join = undefined;
    if (joined === 'LATER') return;
    if (joined === 'UNREADABLE' || joined === undefined) return this.#pollAlone();
    const position = shared.position();
    // It was polled meanwhile, or a publication is under way: the reply starts at an outdated position.
    if (member.isPublishing || position.epoch !== epoch || position.sequence !== sequence)
      return this.#join(member, join.hasChanged);
    this.#takeOver(member, joined, join);
    // It may have ended by now.
    if (this.#members.get(member.key) !== member) return;
    if (joined.isLeader) this.#lead(member);
    else this.#follow(member, join);
  }

  /** Adopts the shared log, unless this replica knows newer states. */
  #takeOver(member: Member, { isLeader, log }: Joined, { hasChanged }: Join): void {
    const { shared } = member.watch;
    const own = shared.position();
    const isNewer = isLeader && member.hasPolledAlone && own.sequence > 0 && log?.epoch !== own.epoch;
    member.isWritten = log !== null && !isNewer;
    member.isJoined = true;
    member.hasPolledAlone = false;
    // What others delivered under this epoch is unknown: a publication may have come about though it was not answered.
    if (log === null && isLeader) shared.fork();
    if (log === null || isNewer) return;
    const { knownAt, ending, ...rest } = parseStatus<AnyState>(log.status);
    // A watch that failed for good is polled again for a new subscriber. One that has ended is not.
    const hasEnded = ending !== undefined && (ending.error === undefined || hasChanged);
    member.status = {
      ...rest,
      ...((log.isKnown || hasEnded) && knownAt !== undefined && { knownAt }),
      ...(hasEnded && { ending }),
    };
    shared.adopt(parseLog(log), member.status);
  }

  /** All others join again when one of them finds another holder of the lease. */
  #enter(mode: Mode, found: Member): void {
    if (this.#mode === mode) return;
    this.#mode = mode;
    for (const member of this.#members.values()) {
      if (mode === 'FOLLOWING') this.#stopPolling(member);
      if (member !== found && member.join === undefined) void this.#join(member);
    }
  }

  #lead(member: Member): void {
    this.#enter('LEADING', member);
    this.#refreshRemoteWatches();
    // The next poll finds unpublished changes again.
    this.#stopPolling(member);
    member.watch.shared.rewind();
    member.watch.shared.publishTo((change) => this.#publish(member, change));
    member.polling = member.begin();
  }

  #follow(member: Member, { missed }: Join): void {
    this.#enter('FOLLOWING', member);
    this.#remoteWatches.release();
    for (const change of missed) this.#onChange(member.key, change);
  }

  #refreshRemoteWatches(): void {
    void this.#remoteWatches.refresh(() => this.#mode === 'LEADING');
  }

  #stopPolling(member: Member): void {
    member.polling?.stop();
    member.polling = undefined;
    member.unpublished = [];
    member.watch.shared.publishTo(undefined);
  }

  #joinAll(): void {
    this.#round += 1;
    if (this.#mode === 'LEADING') this.#mode = 'WAITING';
    for (const member of this.#members.values()) void this.#join(member);
  }

  /** Nobody holds the lease: the first replica to join takes it. The answer to a join under way may name the former holder. */
  #onFree(): void {
    const [member] = this.#members.values();
    if (member !== undefined && (this.#mode === 'FOLLOWING' || member.join !== undefined)) void this.#join(member);
  }

  #onPollRequest(key: string): void {
    const member = this.#mode === 'LEADING' ? this.#members.get(key) : undefined;
    member?.watch.pollForSubscriber();
    member?.polling?.reschedule();
  }

  #onChange(key: string, change: SharedChange | null): void {
    const member = this.#members.get(key);
    if (member?.join !== undefined) return void member.join.missed.push(change);
    if (member?.isJoined !== true || this.#mode !== 'FOLLOWING') return;
    const { epoch, sequence } = member.watch.shared.position();
    if (change === null || change.epoch !== epoch || change.after > sequence) return void this.#join(member, true);
    member.status = parseStatus(change.status);
    const entries = change.entries.map(({ body }) => parseEntry<AnyState>(epoch, body));
    member.watch.shared.deliver({ ...member.status, entries });
  }

  #publish(member: Member, change: AnyChange): void {
    member.unpublished.push(change);
    void this.#drain(member);
  }

  /** One command at a time, so that they arrive in order. */
  async #drain(member: Member): Promise<void> {
    if (member.isPublishing) return;
    member.isPublishing = true;
    // While it joins again, what its polls find follows on a log that may be gone.
    while (member.unpublished.length > 0 && this.#mode === 'LEADING' && member.isJoined) {
      const round = this.#round;
      const changes = [...member.unpublished];
      const status = changes.reduce(statusAfter, member.status);
      const outcome = await this.#send(member, changes, status);
      if (round !== this.#round) continue;
      if (outcome === 'PUBLISHED') {
        member.unpublished = member.unpublished.slice(changes.length);
        member.isWritten = true;
        member.status = status;
        changes.forEach((change) => member.watch.shared.deliver(change));
      } else if (outcome === 'EXPIRED') member.isWritten = false;
      else if (outcome === 'LOST') {
        member.unpublished = [];
        this.#joinAll();
      } else this.#pollAlone();
    }
    member.isPublishing = false;
  }

  #send({ key, watch, isWritten }: Member, changes: readonly AnyChange[], status: Status) {
    const { epoch, sequence: after, latest, entries: delivered } = watch.shared.log();
    const entries = changes.flatMap((change) => change.entries);
    const next = {
      epoch,
      sequence: after + entries.length,
      status: formatStatus(status),
      isKnown: changes.some(({ knownAt }) => knownAt !== undefined) || (!isWritten && watch.shared.isKnown()),
    };
    if (isWritten) return this.#group.publish(key, { ...next, after, entries: entries.map(formatEntry) });
    return this.#group.write(key, {
      ...next,
      latest: [...latest, ...entries].map(formatEntry),
      entries: [...delivered, ...entries].map(formatEntry),
    });
  }

  /** The holder of the lease is unknown, or the kept log cannot be read. Other replicas go on without this one. */
  #pollAlone(): void {
    void this.#group.release();
    // Replies to joins from before the release say nothing about the lease.
    for (const member of this.#members.values()) member.join = undefined;
    if (this.#mode === 'ALONE') return;
    this.#mode = 'ALONE';
    this.#round += 1;
    for (const member of this.#members.values()) this.#beginAlone(member);
    this.#remoteWatches.release();
  }

  #beginAlone(member: Member): void {
    const { shared, ending } = member.watch;
    if (ending() !== undefined) return;
    let isForked = false;
    const tell = (change: AnyChange): void => {
      if (change.entries.length > 0 && !isForked) {
        isForked = true;
        shared.fork();
      }
      shared.deliver(change);
    };
    member.isJoined = false;
    member.hasPolledAlone = true;
    shared.publishTo(tell);
    if (member.polling === undefined) {
      shared.rewind();
      member.polling = member.begin();
    }
    member.unpublished.splice(0).forEach(tell);
  }
}

function statusAfter(before: Status, change: AnyChange): Status {
  const { knownAt, ending } = change;
  const known = knownAt ?? before.knownAt;
  const stale = knownAt === undefined ? (change.stale ?? before.stale) : undefined;
  return {
    ...(known !== undefined && { knownAt: known }),
    ...(stale !== undefined && { stale }),
    ...(ending !== undefined && { ending }),
  };
}
