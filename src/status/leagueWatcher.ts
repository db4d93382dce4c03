import { GatewayError } from '../errors.ts';
import { createAlarm } from './timer.ts';
import { createLeagueRuns, type List, type Single } from './leagueRuns.ts';
import { isBusy, isFinalFailure, type Looking } from './poller.ts';
import type { Answered, Watch } from './watch.ts';
import type { InstanceState, Looks, WatchScope } from './watches.ts';

/** Looks at everything of one league that is watched with one right, in as few calls as it takes. */
export interface LeagueWatcher {
  readonly leagueId: string;
  readonly watchInstance: (
    instance: { readonly instanceId: string; readonly withProgress: boolean },
    watch: Watch<InstanceState>,
  ) => void;
  /** Without a job: all runs of the league. */
  readonly watchRuns: (jobId: string | undefined, watch: Watch<InstanceState>) => void;
  /** Nobody watches that any more. */
  readonly drop: (watch: Watch<InstanceState>) => void;
  readonly touch: (instanceId?: string) => void;
  /** Something may be due sooner than it was. */
  readonly hurry: () => void;
  readonly close: () => void;
}

/** What the watchers are made with. */
export interface WatcherTools {
  readonly looks: Looks;
  readonly looking: Looking;
  readonly clock: Parameters<typeof createAlarm>[0];
  /** Makes the watch of a run that only a league's watch waits for. */
  readonly unsubscribed: () => Watch<InstanceState>;
  /** A watch has ended of itself. */
  readonly finished: (watch: Watch<InstanceState>, error?: Error) => void;
}

/** For so long a list that fails, or that an instance is not in, is not counted on. */
const doubtMs = 60_000;
/** So many failures in a row, and instances are looked at one by one. */
const failuresToDoubt = 2;
/** An instance that was seen before is gone when so many looks in a row do not find it. */
const absencesToBeGone = 2;
const absencePauseMs = 1_000;
/** Of the runs that a league's list has no more, so many of the newest are followed to their end. */
const mostLooseEnds = 100;

function gone(): GatewayError {
  return new GatewayError('NOT_FOUND', 'The instance is not there any more, or may not be seen any more.');
}

/** Runs that had ended before are put first: whoever resumes from a run that has not is not told of them. */
function endedFirst(rows: readonly InstanceState[]): readonly InstanceState[] {
  return [...rows.filter(({ isTerminal }) => isTerminal), ...rows.filter(({ isTerminal }) => !isTerminal)];
}

function pairs(rows: readonly InstanceState[]) {
  return rows.map((row) => [row.instanceId, row] as const);
}

/** The state alone, as it is told where nobody asks for more. */
function statusOnly(state: InstanceState): InstanceState {
  return { ...state, progress: null, fingerprint: '' };
}

/** What was known of it otherwise stays as it was: a look at the state alone does not tell that it has changed. */
function withKnown(state: InstanceState, { progress, fingerprint }: InstanceState): InstanceState {
  return {
    ...state,
    progress,
    fingerprint,
  };
}

/** The watcher of a league, for one right. */
export function createLeagueWatcher(
  scope: WatchScope,
  leagueId: string,
  { looks, looking, clock, unsubscribed, finished }: WatcherTools,
): LeagueWatcher {
  const runs = createLeagueRuns(clock.nowMs);
  let isClosed = false;

  const finish = (single: Single, error?: Error): void => {
    runs.remove(single);
    single.watch.finish(error);
    if (!single.isLooseEnd) finished(single.watch, error);
  };

  /** Tells those lists' watches that know the run, but the one whose look it was. */
  const tellLists = (state: InstanceState, by: Answered, except?: List): void => {
    for (const list of runs.lists()) {
      const known = list.watch?.history.latestOf(state.instanceId);
      if (list === except || known === undefined) continue;
      list.watch?.observe([[state.instanceId, withKnown(state, known.state)]], by, false);
    }
  };

  const tellSingle = (single: Single, state: InstanceState, by: Answered): void => {
    single.absences = 0;
    single.watch.observe([[state.instanceId, state]], by);
    single.watch.looked(by);
    if (single.watch.history.latestOf(state.instanceId)?.isFinal === true) finish(single);
  };

  const followToItsEnd = (instanceId: string): void => {
    const watch = unsubscribed();
    watch.start();
    runs.add({ instanceId, watch, withProgress: false, isLooseEnd: true });
  };

  /** Runs that the league's watches wait for and that no list has any more are followed one by one. */
  const followLooseEnds = (): void => {
    const wanted = new Set(
      [...runs.lists()].flatMap(({ watch, rows }) =>
        watch === undefined || rows === null
          ? []
          : watch.history
              .latest()
              .filter(({ subject, event }) => !event.isFinal && !rows.has(subject))
              .map(({ subject }) => subject)
              .slice(-mostLooseEnds),
      ),
    );
    for (const single of runs.singles()) if (single.isLooseEnd && !wanted.has(single.instanceId)) runs.remove(single);
    for (const instanceId of wanted) if (runs.single(instanceId, false) === undefined) followToItsEnd(instanceId);
  };

  /** What has ended and is in no list any more needs not be known any more. */
  const prune = ({ watch, rows }: List): void => {
    if (watch === undefined || rows === null) return;
    const { history } = watch;
    for (const { subject, event } of history.latest())
      if (event.isFinal && !rows.has(subject) && history.at(event.sequence) === undefined) history.forget(subject);
  };

  const listAnswered = (list: List, covered: readonly Single[], rows: readonly InstanceState[], by: Answered): void => {
    list.failures = 0;
    list.blockedUntilMs = 0;
    const brought = new Set(rows.map(({ instanceId }) => instanceId));
    list.rows = brought;
    list.watch?.observe(pairs(endedFirst(rows)), by);
    list.watch?.looked(by);
    for (const row of rows) {
      tellLists(row, by, list);
      const single = runs.single(row.instanceId, false);
      if (single === undefined) continue;
      single.outsideUntilMs = 0;
      tellSingle(single, statusOnly(row), by);
    }
    if (list.jobId === undefined)
      for (const single of covered)
        if (!brought.has(single.instanceId)) single.outsideUntilMs = clock.nowMs() + doubtMs;
    prune(list);
    followLooseEnds();
  };

  const listFailed = (list: List, covered: readonly Single[], error: unknown): void => {
    list.failures += 1;
    const isFinal = isFinalFailure(error);
    const { watch } = list;
    if (isFinal && watch !== undefined) {
      list.watch = undefined;
      watch.finish(error);
      finished(watch, error);
    } else watch?.failed(error);
    const isDoubted = isFinal || (!isBusy(error) && list.failures >= failuresToDoubt);
    if (isDoubted) {
      list.blockedUntilMs = clock.nowMs() + doubtMs;
      list.rows = null;
    } else for (const single of covered) if (runs.has(single)) single.watch.failed(error);
  };

  const lookAtList = (list: List): void => {
    const covered = runs.coveredBy(list);
    const release = (): void => {
      list.isLookedAt = false;
      for (const single of covered) single.lists -= 1;
    };
    list.isLookedAt = true;
    for (const single of covered) single.lists += 1;
    looking.look({
      scope,
      target: { kind: 'LEAGUE', leagueId },
      dueAtMs: Math.min(
        ...[list.watch, ...covered.map(({ watch }) => watch)].map((watch) => watch?.dueAtMs() ?? Infinity),
      ),
      isWanted: () => !isClosed && (list.watch !== undefined || covered.some(runs.has)),
      ask: () => looks.league(scope, list.jobId === undefined ? { leagueId } : { leagueId, jobId: list.jobId }),
      answered: (rows, by) => {
        release();
        if (isClosed) return;
        listAnswered(list, covered, rows, by);
        setAlarm();
      },
      failed: (error) => {
        release();
        if (isClosed) return;
        listFailed(list, covered, error);
        setAlarm();
      },
      dropped: () => {
        release();
        setAlarm();
      },
    });
  };

  /** Whoever watches its state alone: a look at its progress brings that along. */
  const statusOnlyOf = ({ instanceId, withProgress }: Single): Single | undefined =>
    withProgress ? runs.single(instanceId, false) : undefined;

  const singleAnswered = (single: Single, state: InstanceState | null, by: Answered): void => {
    if (state !== null) {
      tellLists(state, by);
      const other = statusOnlyOf(single);
      if (other !== undefined) tellSingle(other, statusOnly(state), by);
      tellSingle(single, state, by);
      return;
    }
    single.absences += 1;
    if ((single.watch.history.sequence() > 0 || single.isLooseEnd) && single.absences < absencesToBeGone) {
      single.watch.lookIn(absencePauseMs);
      statusOnlyOf(single)?.watch.lookIn(absencePauseMs);
      return;
    }
    // A league's stream goes on: that nothing more will come of the run is all that can be said of it.
    for (const list of runs.lists()) {
      const known = list.watch?.history.latestOf(single.instanceId);
      if (known === undefined || list.rows === null || list.rows.has(single.instanceId)) continue;
      const end = { ...known.state, status: 'UNKNOWN', statusText: null, isTerminal: true };
      list.watch?.observe([[single.instanceId, end]], by, false);
    }
    finish(single, gone());
  };

  const singleFailed = (single: Single, error: unknown): void => {
    if (isFinalFailure(error) && !single.isLooseEnd) return finish(single, error);
    single.watch.failed(error);
    statusOnlyOf(single)?.watch.failed(error);
  };

  const lookAtSingle = (single: Single): void => {
    const { instanceId, withProgress, watch } = single;
    const isStill = (): boolean => !isClosed && runs.has(single);
    single.isLookedAt = true;
    looking.look({
      scope,
      target: { kind: withProgress ? 'PROGRESS' : 'INSTANCE', leagueId },
      dueAtMs: watch.dueAtMs(),
      isWanted: isStill,
      ask: () => {
        const known = watch.history.latestOf(instanceId)?.state.progress ?? null;
        const key = { leagueId, instanceId };
        return withProgress ? looks.progress(scope, key, known) : looks.instance(scope, key);
      },
      answered: (state, by) => {
        single.isLookedAt = false;
        if (!isStill()) return setAlarm();
        singleAnswered(single, state, by);
        setAlarm();
      },
      failed: (error) => {
        single.isLookedAt = false;
        if (!isStill()) return setAlarm();
        singleFailed(single, error);
        setAlarm();
      },
      dropped: () => {
        single.isLookedAt = false;
        setAlarm();
      },
    });
  };

  const lookAt = (single: Single): void => {
    const list = runs.listFor(single);
    if (list === undefined) lookAtSingle(single);
    else lookAtList(list);
  };

  /** Begins the looks that are due, and sets the alarm for those that come next. */
  const plan = (): void => {
    if (isClosed) return;
    const nowMs = clock.nowMs();
    for (const list of runs.lists())
      if (list.watch !== undefined && !list.isLookedAt && list.watch.dueAtMs() <= nowMs) lookAtList(list);
    for (const single of runs.singles())
      if (single.watch.dueAtMs() <= nowMs && !runs.isAwaited(single)) lookAt(runs.lookedAtFor(single));
    setAlarm();
  };

  const alarm = createAlarm(clock, plan);
  const setAlarm = (): void => {
    if (isClosed) return;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { watch, isLookedAt } of runs.lists())
      if (watch !== undefined && !isLookedAt) nextMs = Math.min(nextMs, watch.dueAtMs());
    for (const single of runs.singles()) if (!runs.isAwaited(single)) nextMs = Math.min(nextMs, single.watch.dueAtMs());
    alarm.set(nextMs);
  };

  return {
    leagueId,
    watchInstance: ({ instanceId, withProgress }, watch) => {
      const wasLooseEnd = !withProgress && runs.single(instanceId, false)?.isLooseEnd === true;
      watch.start();
      const single = runs.add({ instanceId, withProgress, watch, isLooseEnd: false });
      if (wasLooseEnd) single.outsideUntilMs = clock.nowMs() + doubtMs;
      setAlarm();
    },
    watchRuns: (jobId, watch) => {
      watch.start();
      runs.listOf(jobId).watch = watch;
      setAlarm();
    },
    drop: (watch) => {
      runs.drop(watch);
      followLooseEnds();
      setAlarm();
    },
    touch: (instanceId) => {
      for (const list of runs.lists()) list.watch?.touch();
      for (const single of runs.singles())
        if (instanceId === undefined || single.instanceId === instanceId) single.watch.touch();
      setAlarm();
    },
    hurry: () => setAlarm(),
    close: () => {
      isClosed = true;
      alarm.stop();
    },
  };
}
