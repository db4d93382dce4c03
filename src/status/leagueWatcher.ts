import { GatewayError } from '../errors.ts';
import { createAlarm } from './alarm.ts';
import { isBusy, isFinalFailure, type Looking } from './looking.ts';
import type { Answered, Watch } from './watch.ts';
import type { InstanceState, Looks, WatchRight } from './watches.ts';

/** Looks at everything of one league that is watched with one right, in as few calls as it takes. */
export interface LeagueWatcher {
  readonly leagueId: string;
  readonly watchInstance: (instanceId: string, watch: Watch<InstanceState>) => void;
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

/** An instance that is watched. */
interface Single {
  readonly instanceId: string;
  watch: Watch<InstanceState>;
  /** Watched for the sake of a league's watch: the list has it no more, but it has not ended. */
  isLooseEnd: boolean;
  isLookedAt: boolean;
  /** Lists that are being looked at and may bring it. */
  lists: number;
  /** Until then the list is not expected to have it. */
  outsideUntilMs: number;
  /** Looks in a row that did not find it. */
  absences: number;
}

/** One list of the league: of all runs, or of a job's. */
interface List {
  readonly jobId: string | undefined;
  watch: Watch<InstanceState> | undefined;
  isLookedAt: boolean;
  /** What it had when it was last looked at; null while that says nothing. */
  rows: ReadonlySet<string> | null;
  failures: number;
  /** Until then it is not used in the place of single looks. */
  blockedUntilMs: number;
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

const gone = (): GatewayError =>
  new GatewayError('NOT_FOUND', 'The instance is not there any more, or may not be seen any more.');

/** Runs that had ended before are put first: whoever resumes from a run that has not is not told of them. */
const endedFirst = (rows: readonly InstanceState[]): readonly InstanceState[] => [
  ...rows.filter(({ isTerminal }) => isTerminal),
  ...rows.filter(({ isTerminal }) => !isTerminal),
];

const pairs = (rows: readonly InstanceState[]) => rows.map((row) => [row.instanceId, row] as const);

/** The watcher of a league, for one right. */
export const createLeagueWatcher = (
  right: WatchRight,
  leagueId: string,
  { looks, looking, clock, unsubscribed, finished }: WatcherTools,
): LeagueWatcher => {
  const singles = new Map<string, Single>();
  const lists = new Map<string | undefined, List>();
  let isClosed = false;

  const listOf = (jobId: string | undefined): List => {
    const found = lists.get(jobId);
    if (found !== undefined) return found;
    const list: List = {
      jobId,
      watch: undefined,
      isLookedAt: false,
      rows: null,
      failures: 0,
      blockedUntilMs: 0,
    };
    lists.set(jobId, list);
    return list;
  };
  const all = listOf(undefined);

  const isOutside = (single: Single): boolean => single.isLooseEnd || single.outsideUntilMs > clock.nowMs();

  /** Whether a look at the list may bring it. */
  const mayHave = (list: List, single: Single): boolean =>
    list.rows?.has(single.instanceId) === true || (list.jobId === undefined && !isOutside(single));

  /** What a list is worth, in single looks that it saves. */
  const isCheaper = (list: List): boolean => {
    if (list.blockedUntilMs > clock.nowMs()) return false;
    let saved = list.watch === undefined ? 0 : 1;
    for (const single of singles.values()) {
      if (mayHave(list, single)) saved += 1;
      if (saved >= 2) return true;
    }
    return false;
  };

  const finish = (single: Single, error?: Error): void => {
    singles.delete(single.instanceId);
    single.watch.finish(error);
    if (!single.isLooseEnd) finished(single.watch, error);
  };

  /** Tells those lists' watches that know the run, but the one whose look it was. */
  const tellLists = (state: InstanceState, by: Answered, except?: List): void => {
    for (const list of lists.values())
      if (list !== except && list.watch?.history.latestOf(state.instanceId) !== undefined)
        list.watch.observe([[state.instanceId, state]], by, false);
  };

  const tellSingle = (single: Single, state: InstanceState, by: Answered): void => {
    single.absences = 0;
    single.watch.observe([[state.instanceId, state]], by);
    single.watch.looked(by);
    if (single.watch.history.latestOf(state.instanceId)?.isFinal === true) finish(single);
  };

  /** Runs that the league's watches wait for and that no list has any more are followed one by one. */
  const followLooseEnds = (): void => {
    const wanted = new Set(
      [...lists.values()].flatMap(({ watch, rows }) =>
        watch === undefined || rows === null
          ? []
          : watch.history
              .latest()
              .filter(({ subject, event }) => !event.isFinal && !rows.has(subject))
              .map(({ subject }) => subject)
              .slice(-mostLooseEnds),
      ),
    );
    for (const single of singles.values())
      if (single.isLooseEnd && !wanted.has(single.instanceId)) singles.delete(single.instanceId);
    for (const instanceId of wanted) if (!singles.has(instanceId)) addSingle(instanceId, unsubscribed(), true);
  };

  const addSingle = (instanceId: string, watch: Watch<InstanceState>, isLooseEnd: boolean): void => {
    watch.start();
    singles.set(instanceId, {
      instanceId,
      watch,
      isLooseEnd,
      isLookedAt: false,
      lists: 0,
      outsideUntilMs: 0,
      absences: 0,
    });
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
      const single = singles.get(row.instanceId);
      if (single === undefined) continue;
      single.outsideUntilMs = 0;
      tellSingle(single, row, by);
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
    } else for (const single of covered) if (singles.get(single.instanceId) === single) single.watch.failed(error);
  };

  const lookAtList = (list: List): void => {
    const covered = [...singles.values()].filter((single) => mayHave(list, single));
    const release = (): void => {
      list.isLookedAt = false;
      for (const single of covered) single.lists -= 1;
    };
    list.isLookedAt = true;
    for (const single of covered) single.lists += 1;
    looking.look({
      right,
      target: { kind: 'LEAGUE', leagueId },
      dueAtMs: Math.min(
        ...[list.watch, ...covered.map(({ watch }) => watch)].map((watch) => watch?.dueAtMs() ?? Infinity),
      ),
      isWanted: () =>
        !isClosed && (list.watch !== undefined || covered.some((single) => singles.get(single.instanceId) === single)),
      ask: () => looks.league(right, list.jobId === undefined ? { leagueId } : { leagueId, jobId: list.jobId }),
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

  const singleAnswered = (single: Single, state: InstanceState | null, by: Answered): void => {
    if (state !== null) {
      tellLists(state, by);
      tellSingle(single, state, by);
      return;
    }
    single.absences += 1;
    if (single.watch.history.sequence() > 0 || single.isLooseEnd) {
      if (single.absences < absencesToBeGone) return single.watch.lookIn(absencePauseMs);
    }
    // A league's stream goes on: that nothing more will come of the run is all that can be said of it.
    for (const list of lists.values()) {
      const known = list.watch?.history.latestOf(single.instanceId);
      if (known === undefined || list.rows?.has(single.instanceId) === true) continue;
      list.watch?.observe([[single.instanceId, { ...known.state, status: 'UNKNOWN', isTerminal: true }]], by, false);
    }
    finish(single, gone());
  };

  const lookAtSingle = (single: Single): void => {
    const isStill = (): boolean => !isClosed && singles.get(single.instanceId) === single;
    single.isLookedAt = true;
    looking.look({
      right,
      target: { kind: 'INSTANCE', leagueId },
      dueAtMs: single.watch.dueAtMs(),
      isWanted: isStill,
      ask: () => looks.instance(right, { leagueId, instanceId: single.instanceId }),
      answered: (state, by) => {
        single.isLookedAt = false;
        if (!isStill()) return;
        singleAnswered(single, state, by);
        setAlarm();
      },
      failed: (error) => {
        single.isLookedAt = false;
        if (!isStill()) return;
        if (isFinalFailure(error) && !single.isLooseEnd) finish(single, error);
        else single.watch.failed(error);
        setAlarm();
      },
      dropped: () => {
        single.isLookedAt = false;
      },
    });
  };

  /** Whether it is looked at already, or a look that is under way may bring it. */
  const isAwaited = (single: Single): boolean =>
    single.isLookedAt ||
    single.lists > 0 ||
    [...lists.values()].some((list) => list.isLookedAt && mayHave(list, single));

  /** The list that brings it along with others, or undefined when a look of its own is no dearer. */
  const listFor = (single: Single): List | undefined => {
    for (const list of lists.values())
      if (list.watch !== undefined && list.rows?.has(single.instanceId) === true && isCheaper(list)) return list;
    return mayHave(all, single) && isCheaper(all) ? all : undefined;
  };

  /** Begins the looks that are due, and sets the alarm for those that come next. */
  const plan = (): void => {
    if (isClosed) return;
    const nowMs = clock.nowMs();
    for (const list of lists.values())
      if (list.watch !== undefined && !list.isLookedAt && list.watch.dueAtMs() <= nowMs) lookAtList(list);
    for (const single of singles.values()) {
      if (single.watch.dueAtMs() > nowMs || isAwaited(single)) continue;
      const list = listFor(single);
      if (list === undefined) lookAtSingle(single);
      else lookAtList(list);
    }
    setAlarm();
  };

  const alarm = createAlarm(clock, plan);
  const setAlarm = (): void => {
    if (isClosed) return;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { watch, isLookedAt } of lists.values())
      if (watch !== undefined && !isLookedAt) nextMs = Math.min(nextMs, watch.dueAtMs());
    for (const single of singles.values()) if (!isAwaited(single)) nextMs = Math.min(nextMs, single.watch.dueAtMs());
    alarm.set(nextMs);
  };

  return {
    leagueId,
    watchInstance: (instanceId, watch) => {
      const before = singles.get(instanceId);
      addSingle(instanceId, watch, false);
      const single = singles.get(instanceId);
      if (before?.isLooseEnd === true && single !== undefined) single.outsideUntilMs = clock.nowMs() + doubtMs;
      setAlarm();
    },
    watchRuns: (jobId, watch) => {
      watch.start();
      listOf(jobId).watch = watch;
      setAlarm();
    },
    drop: (watch) => {
      for (const single of singles.values()) if (single.watch === watch) singles.delete(single.instanceId);
      for (const list of lists.values()) if (list.watch === watch) list.watch = undefined;
      for (const list of lists.values())
        if (list.jobId !== undefined && list.watch === undefined && !list.isLookedAt) lists.delete(list.jobId);
      followLooseEnds();
      setAlarm();
    },
    touch: (instanceId) => {
      for (const list of lists.values()) list.watch?.touch();
      for (const single of singles.values())
        if (instanceId === undefined || single.instanceId === instanceId) single.watch.touch();
      setAlarm();
    },
    hurry: () => setAlarm(),
    close: () => {
      isClosed = true;
      alarm.stop();
    },
  };
};
