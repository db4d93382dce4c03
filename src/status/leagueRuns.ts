import type { Watch } from './watch.ts';
import type { InstanceState } from './watches.ts';

/** An instance that is watched: its state alone, or how far it has got as well. */
export interface Single {
  readonly instanceId: string;
  readonly withProgress: boolean;
  readonly watch: Watch<InstanceState>;
  /** Watched for the sake of a league's watch: the list has it no more, but it has not ended. */
  readonly isLooseEnd: boolean;
  isLookedAt: boolean;
  /** Lists that are being looked at and may bring it. */
  lists: number;
  /** Until then the list is not expected to have it. */
  outsideUntilMs: number;
  /** Looks in a row that did not find it. */
  absences: number;
}

/** One list of the league: of all runs, or of a job's. */
export interface List {
  readonly jobId: string | undefined;
  watch: Watch<InstanceState> | undefined;
  isLookedAt: boolean;
  /** What it had when it was last looked at; null while that says nothing. */
  rows: ReadonlySet<string> | null;
  failures: number;
  /** Until then nobody counts on it: runs are looked at one by one. */
  blockedUntilMs: number;
}

/** What is watched of one league, and which look brings what. */
export interface LeagueRuns {
  readonly singles: () => IterableIterator<Single>;
  readonly lists: () => IterableIterator<List>;
  /** The list of all runs. */
  readonly all: List;
  readonly single: (instanceId: string, withProgress: boolean) => Single | undefined;
  readonly add: (single: Pick<Single, 'instanceId' | 'withProgress' | 'watch' | 'isLooseEnd'>) => Single;
  readonly remove: (single: Single) => void;
  /** Whether it is watched still, and not another one in its place. */
  readonly has: (single: Single) => boolean;
  readonly listOf: (jobId: string | undefined) => List;
  /** Nobody watches that any more. */
  readonly drop: (watch: Watch<InstanceState>) => void;
  /** What a look at the list may bring. */
  readonly coveredBy: (list: List) => readonly Single[];
  /** The list that brings it along with others, or undefined when a look of its own is no dearer. */
  readonly listFor: (single: Single) => List | undefined;
  /** Whether it is looked at already, or a look that is under way may bring it. */
  readonly isAwaited: (single: Single) => boolean;
  /** What is looked at in its place: whoever looks at a run's progress sees its state too. */
  readonly lookedAtFor: (single: Single) => Single;
}

function nameOf(instanceId: string, withProgress: boolean): string {
  return withProgress ? `${instanceId} progress` : instanceId;
}

/** The watched runs of a league, of which there are none yet. */
export function createLeagueRuns(nowMs: () => number): LeagueRuns {
  const singles = new Map<string, Single>();
  const lists = new Map<string | undefined, List>();

  const listOf = (jobId: string | undefined): List => {
    const found = lists.get(jobId);
    if (found !== undefined) return found;
    const list: List = { jobId, watch: undefined, isLookedAt: false, rows: null, failures: 0, blockedUntilMs: 0 };
    lists.set(jobId, list);
    return list;
  };
  const all = listOf(undefined);

  const isOutside = ({ isLooseEnd, outsideUntilMs }: Single): boolean => isLooseEnd || outsideUntilMs > nowMs();

  /** Whether a look at the list may bring it: it may take its time where that is in doubt. No list tells progress. */
  const mayHave = (list: List, single: Single): boolean =>
    !single.withProgress &&
    list.blockedUntilMs <= nowMs() &&
    (list.rows?.has(single.instanceId) === true || (list.jobId === undefined && !isOutside(single)));

  /** Whether the list saves more single looks than the one that it costs. */
  const isCheaper = (list: List): boolean => {
    let saved = list.watch === undefined ? 0 : 1;
    for (const single of singles.values()) {
      if (mayHave(list, single) && lookedAtFor(single) === single) saved += 1;
      if (saved >= 2) return true;
    }
    return false;
  };

  const lookedAtFor = (single: Single): Single => singles.get(nameOf(single.instanceId, true)) ?? single;

  return {
    all,
    listOf,
    lookedAtFor,
    singles: () => singles.values(),
    lists: () => lists.values(),
    single: (instanceId, withProgress) => singles.get(nameOf(instanceId, withProgress)),
    add: (added) => {
      const single: Single = { ...added, isLookedAt: false, lists: 0, outsideUntilMs: 0, absences: 0 };
      singles.set(nameOf(added.instanceId, added.withProgress), single);
      return single;
    },
    remove: ({ instanceId, withProgress }) => void singles.delete(nameOf(instanceId, withProgress)),
    has: (single) => singles.get(nameOf(single.instanceId, single.withProgress)) === single,
    drop: (watch) => {
      for (const [name, single] of singles) if (single.watch === watch) singles.delete(name);
      for (const list of lists.values()) if (list.watch === watch) list.watch = undefined;
      for (const list of lists.values())
        if (list.jobId !== undefined && list.watch === undefined && !list.isLookedAt) lists.delete(list.jobId);
    },
    coveredBy: (list) => [...singles.values()].filter((single) => mayHave(list, single)),
    listFor: (single) => {
      const fitting = [...lists.values()].filter((list) => mayHave(list, single) && isCheaper(list));
      return fitting.find(({ watch }) => watch !== undefined) ?? fitting.find((list) => list === all);
    },
    isAwaited: (single) =>
      single.isLookedAt ||
      lookedAtFor(single).isLookedAt ||
      single.lists > 0 ||
      [...lists.values()].some((list) => list.isLookedAt && mayHave(list, single)),
  };
}
