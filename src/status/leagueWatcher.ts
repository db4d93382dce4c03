import { GatewayError } from '../errors.ts';
import type { Clock } from '../time.ts';
import { LeagueRuns, type RunList, type WatchedRun } from './leagueRuns.ts';
import { isBusy, isFinalFailure, type Poller } from './polling/poller.ts';
import { createTimer, type Timer } from './polling/timer.ts';
import type { InstanceKey, InstanceState, PollAnswer, Polls, WatchScope } from './types.ts';
import type { Watch } from './watch.ts';

/** Options shared by all league watchers. */
export interface LeagueWatcherOptions {
  readonly polls: Polls;
  readonly poller: Poller;
  readonly clock: Clock;
  /** Makes the watch of an instance that only a league's watch follows. */
  readonly createUnsubscribedWatch: (scope: WatchScope, key: InstanceKey) => Watch<InstanceState>;
}

/** How long a list is not relied on after failures, and an instance not expected in a list that did not return it. */
const distrustMs = 60_000;
/** After so many failures of the list in a row, instances are polled one by one. */
const failuresToDistrust = 2;
/** An instance that was seen before is gone when so many polls in a row do not find it. */
const absencesToBeGone = 2;
const absencePauseMs = 1_000;
/** Instances that a list no longer returns: this many of the newest are followed to their end. */
const maxUnlisted = 100;

function gone(): GatewayError {
  return new GatewayError('NOT_FOUND', 'The instance does not exist any more, or you may not see it any more.');
}

/** A subscriber that resumes from an instance under way does not receive those that had ended before. */
function endedFirst(rows: readonly InstanceState[]): readonly InstanceState[] {
  return [...rows.filter(({ isTerminal }) => isTerminal), ...rows.filter(({ isTerminal }) => !isTerminal)];
}

function pairs(rows: readonly InstanceState[]) {
  return rows.map((row) => [row.instanceId, row] as const);
}

/** For watches of the state alone. */
function statusOnly(state: InstanceState): InstanceState {
  return { ...state, progress: null, fingerprint: '' };
}

/** A poll of the state alone says nothing about the progress: keeps the known one. */
function withKnown(state: InstanceState, { progress, fingerprint }: InstanceState): InstanceState {
  return { ...state, progress, fingerprint };
}

/** Polls everything of one league that is watched in one scope, in the fewest calls. */
export class LeagueWatcher {
  readonly leagueId: string;
  readonly #scope: WatchScope;
  readonly #options: LeagueWatcherOptions;
  readonly #watched: LeagueRuns;
  readonly #timer: Timer;
  #isClosed = false;

  constructor(scope: WatchScope, leagueId: string, options: LeagueWatcherOptions) {
    this.leagueId = leagueId;
    this.#scope = scope;
    this.#options = options;
    this.#watched = new LeagueRuns(options.clock.nowMs);
    this.#timer = createTimer(options.clock, () => this.#pollDue());
  }

  watchInstance(
    { instanceId, withProgress }: { readonly instanceId: string; readonly withProgress: boolean },
    watch: Watch<InstanceState>,
  ): void {
    const wasUnlisted = !withProgress && this.#watched.run(instanceId, false)?.isUnlisted === true;
    watch.start();
    const run = this.#watched.add({ instanceId, withProgress, watch, isUnlisted: false });
    if (wasUnlisted) run.unlistedUntilMs = this.#nowMs() + distrustMs;
    this.reschedule();
  }

  /** Without a job: all instances of the league. */
  watchRuns(jobId: string | undefined, watch: Watch<InstanceState>): void {
    watch.start();
    this.#watched.listOf(jobId).watch = watch;
    this.reschedule();
  }

  /** Removes a watch that has no subscribers any more. */
  drop(watch: Watch<InstanceState>): void {
    this.#watched.drop(watch);
    this.#followUnlisted();
    this.reschedule();
  }

  /** Polls the instance, or all, at once. */
  pollNow(instanceId?: string): void {
    for (const list of this.#watched.lists()) list.watch?.pollNow();
    for (const run of this.#watched.runs())
      if (instanceId === undefined || run.instanceId === instanceId) run.watch.pollNow();
    this.reschedule();
  }

  /** Sets the timer to the earliest due poll. */
  reschedule(): void {
    if (this.#isClosed) return;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { watch, isPolling } of this.#watched.lists())
      if (watch !== undefined && !isPolling) nextMs = Math.min(nextMs, watch.dueAtMs());
    for (const run of this.#watched.runs())
      if (!this.#watched.isAwaited(run)) nextMs = Math.min(nextMs, run.watch.dueAtMs());
    this.#timer.set(nextMs);
  }

  close(): void {
    this.#isClosed = true;
    this.#timer.stop();
  }

  #nowMs(): number {
    return this.#options.clock.nowMs();
  }

  /** Starts the polls that are due. */
  #pollDue(): void {
    if (this.#isClosed) return;
    const nowMs = this.#nowMs();
    for (const list of this.#watched.lists())
      if (list.watch !== undefined && !list.isPolling && list.watch.dueAtMs() <= nowMs) this.#pollList(list);
    for (const run of this.#watched.runs())
      if (run.watch.dueAtMs() <= nowMs && !this.#watched.isAwaited(run)) this.#poll(this.#watched.polledInstead(run));
    this.reschedule();
  }

  #poll(run: WatchedRun): void {
    const list = this.#watched.listFor(run);
    if (list === undefined) this.#pollRun(run);
    else this.#pollList(list);
  }

  #pollList(list: RunList): void {
    const covered = this.#watched.coveredBy(list);
    const { leagueId } = this;
    const release = (): void => {
      list.isPolling = false;
      for (const run of covered) run.pendingLists -= 1;
    };
    list.isPolling = true;
    for (const run of covered) run.pendingLists += 1;
    this.#options.poller.poll({
      scope: this.#scope,
      target: { kind: 'LEAGUE', leagueId },
      dueAtMs: Math.min(
        ...[list.watch, ...covered.map(({ watch }) => watch)].map((watch) => watch?.dueAtMs() ?? Infinity),
      ),
      isWanted: () => !this.#isClosed && (list.watch !== undefined || covered.some((run) => this.#watched.has(run))),
      ask: () =>
        this.#options.polls.league(
          this.#scope,
          list.jobId === undefined ? { leagueId } : { leagueId, jobId: list.jobId },
        ),
      onAnswer: (rows, by) => {
        release();
        if (!this.#isClosed) this.#onListAnswer(list, covered, rows, by);
        this.reschedule();
      },
      onFailure: (error) => {
        release();
        if (!this.#isClosed) this.#onListFailure(list, covered, error);
        this.reschedule();
      },
      onHeld: (pause) => {
        list.watch?.pollHeld(pause);
        for (const run of covered) if (this.#watched.has(run)) run.watch.pollHeld(pause);
      },
      onDropped: () => {
        release();
        this.reschedule();
      },
    });
  }

  #onListAnswer(list: RunList, covered: readonly WatchedRun[], rows: readonly InstanceState[], by: PollAnswer): void {
    list.failures = 0;
    list.blockedUntilMs = 0;
    const returned = new Set(rows.map(({ instanceId }) => instanceId));
    list.rows = returned;
    list.watch?.record(pairs(endedFirst(rows)), by);
    list.watch?.pollSucceeded(by);
    for (const row of rows) {
      this.#recordInLists(row, by, list);
      const run = this.#watched.run(row.instanceId, false);
      if (run === undefined) continue;
      run.unlistedUntilMs = 0;
      this.#recordRun(run, statusOnly(row), by);
    }
    if (list.jobId === undefined)
      for (const run of covered) if (!returned.has(run.instanceId)) run.unlistedUntilMs = this.#nowMs() + distrustMs;
    this.#forgetEnded(list);
    this.#followUnlisted();
  }

  #onListFailure(list: RunList, covered: readonly WatchedRun[], error: unknown): void {
    list.failures += 1;
    const isFinal = isFinalFailure(error);
    const { watch } = list;
    if (isFinal && watch !== undefined) {
      list.watch = undefined;
      watch.end(error);
    } else watch?.pollFailed(error);
    const isDistrusted = isFinal || (!isBusy(error) && list.failures >= failuresToDistrust);
    if (isDistrusted) {
      list.blockedUntilMs = this.#nowMs() + distrustMs;
      list.rows = null;
    } else for (const run of covered) if (this.#watched.has(run)) run.watch.pollFailed(error);
  }

  #pollRun(run: WatchedRun): void {
    const { instanceId, withProgress, watch } = run;
    const { leagueId } = this;
    const { polls, poller } = this.#options;
    const isWanted = (): boolean => !this.#isClosed && this.#watched.has(run);
    const release = (): void => {
      run.isPolling = false;
    };
    run.isPolling = true;
    poller.poll({
      scope: this.#scope,
      target: { kind: withProgress ? 'PROGRESS' : 'INSTANCE', leagueId },
      dueAtMs: watch.dueAtMs(),
      isWanted,
      ask: () => {
        const known = watch.history.latestOf(instanceId)?.state.progress ?? null;
        const key = { leagueId, instanceId };
        return withProgress ? polls.progress(this.#scope, key, known) : polls.instance(this.#scope, key);
      },
      onAnswer: (state, by) => {
        release();
        if (isWanted()) this.#onRunAnswer(run, state, by);
        this.reschedule();
      },
      onFailure: (error) => {
        release();
        if (isWanted()) this.#onRunFailure(run, error);
        this.reschedule();
      },
      onHeld: (pause) => {
        watch.pollHeld(pause);
        this.#statusRunOf(run)?.watch.pollHeld(pause);
      },
      onDropped: () => {
        release();
        this.reschedule();
      },
    });
  }

  /** The watch of the same instance without progress, which a poll of the progress serves too. */
  #statusRunOf({ instanceId, withProgress }: WatchedRun): WatchedRun | undefined {
    return withProgress ? this.#watched.run(instanceId, false) : undefined;
  }

  #onRunAnswer(run: WatchedRun, state: InstanceState | null, by: PollAnswer): void {
    if (state === null) return this.#onAbsence(run, by);
    this.#recordInLists(state, by);
    const statusRun = this.#statusRunOf(run);
    if (statusRun !== undefined) this.#recordRun(statusRun, statusOnly(state), by);
    this.#recordRun(run, state, by);
  }

  #onRunFailure(run: WatchedRun, error: unknown): void {
    if (isFinalFailure(error) && !run.isUnlisted) return this.#end(run, error);
    run.watch.pollFailed(error);
    this.#statusRunOf(run)?.watch.pollFailed(error);
  }

  #onAbsence(run: WatchedRun, by: PollAnswer): void {
    run.absences += 1;
    if ((run.watch.history.sequence() > 0 || run.isUnlisted) && run.absences < absencesToBeGone) {
      run.watch.pollIn(absencePauseMs);
      this.#statusRunOf(run)?.watch.pollIn(absencePauseMs);
      return;
    }
    // The league's stream goes on, but emits no more events of this instance.
    for (const list of this.#watched.lists()) {
      const known = list.watch?.history.latestOf(run.instanceId);
      if (known === undefined || list.rows === null || list.rows.has(run.instanceId)) continue;
      const last = { ...known.state, status: 'UNKNOWN', statusText: null, isTerminal: true };
      list.watch?.record([[run.instanceId, last]], by, false);
    }
    this.#end(run, gone());
  }

  /** Records a state in the histories of lists that know the instance, except the polled one. */
  #recordInLists(state: InstanceState, by: PollAnswer, except?: RunList): void {
    for (const list of this.#watched.lists()) {
      const known = list.watch?.history.latestOf(state.instanceId);
      if (list === except || known === undefined) continue;
      list.watch?.record([[state.instanceId, withKnown(state, known.state)]], by, false);
    }
  }

  #recordRun(run: WatchedRun, state: InstanceState, by: PollAnswer): void {
    run.absences = 0;
    run.watch.record([[state.instanceId, state]], by);
    run.watch.pollSucceeded(by);
    if (run.watch.history.latestOf(state.instanceId)?.isFinal === true) this.#end(run);
  }

  #end(run: WatchedRun, error?: Error): void {
    this.#watched.remove(run);
    run.watch.end(error);
  }

  /** Watches, one by one, the running instances that their list no longer returns. */
  #followUnlisted(): void {
    const wanted = new Set(
      [...this.#watched.lists()].flatMap(({ watch, rows }) =>
        watch === undefined || rows === null
          ? []
          : watch.history
              .latest()
              .filter(({ subject, event }) => !event.isFinal && !rows.has(subject))
              .map(({ subject }) => subject)
              .slice(-maxUnlisted),
      ),
    );
    for (const run of this.#watched.runs())
      if (run.isUnlisted && !wanted.has(run.instanceId)) this.#watched.remove(run);
    for (const instanceId of wanted) if (this.#watched.run(instanceId, false) === undefined) this.#follow(instanceId);
  }

  #follow(instanceId: string): void {
    const watch = this.#options.createUnsubscribedWatch(this.#scope, { leagueId: this.leagueId, instanceId });
    watch.start();
    this.#watched.add({ instanceId, watch, withProgress: false, isUnlisted: true });
  }

  /** Forgets ended instances that the list no longer returns and that no cursor can reach. */
  #forgetEnded({ watch, rows }: RunList): void {
    if (watch === undefined || rows === null) return;
    const { history } = watch;
    for (const { subject, event } of history.latest())
      if (event.isFinal && !rows.has(subject) && history.at(event.sequence) === undefined) history.forget(subject);
  }
}
