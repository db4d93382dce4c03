import type { InstanceState } from './types.ts';
import type { Watch } from './watch.ts';

/** A watched instance: its state alone, or its progress as well. */
export interface WatchedRun {
  readonly instanceId: string;
  readonly withProgress: boolean;
  readonly watch: Watch<InstanceState>;
  /** Watched for a league's watch: the list does not return it any more, but it has not ended. */
  readonly isUnlisted: boolean;
  isPolling: boolean;
  /** Polls under way of lists that may return it. */
  pendingLists: number;
  /** Until then the list is not expected to return it. */
  unlistedUntilMs: number;
  /** Polls in a row that did not find it. */
  absences: number;
}

/** One list of the league: of all instances, or of one job's. */
export interface RunList {
  readonly jobId: string | undefined;
  watch: Watch<InstanceState> | undefined;
  isPolling: boolean;
  /** Ids that the last poll returned. Null while they say nothing. */
  rows: ReadonlySet<string> | null;
  failures: number;
  /** Until then the list is not relied on: instances are polled one by one. */
  blockedUntilMs: number;
}

function nameOf({ instanceId, withProgress }: Pick<WatchedRun, 'instanceId' | 'withProgress'>): string {
  return withProgress ? `${instanceId} progress` : instanceId;
}

function newList(jobId: string | undefined): RunList {
  return { jobId, watch: undefined, isPolling: false, rows: null, failures: 0, blockedUntilMs: 0 };
}

/** The watched instances and lists of one league. Decides which poll covers which instances at the fewest calls. */
export class LeagueRuns {
  readonly #nowMs: () => number;
  readonly #runs = new Map<string, WatchedRun>();
  readonly #lists = new Map<string | undefined, RunList>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.listOf(undefined);
  }

  runs(): IterableIterator<WatchedRun> {
    return this.#runs.values();
  }

  lists(): IterableIterator<RunList> {
    return this.#lists.values();
  }

  run(instanceId: string, withProgress: boolean): WatchedRun | undefined {
    return this.#runs.get(nameOf({ instanceId, withProgress }));
  }

  add(added: Pick<WatchedRun, 'instanceId' | 'withProgress' | 'watch' | 'isUnlisted'>): WatchedRun {
    const run: WatchedRun = { ...added, isPolling: false, pendingLists: 0, unlistedUntilMs: 0, absences: 0 };
    this.#runs.set(nameOf(run), run);
    return run;
  }

  remove(run: WatchedRun): void {
    this.#runs.delete(nameOf(run));
  }

  /** False once another watch of the same instance has taken its place. */
  has(run: WatchedRun): boolean {
    return this.#runs.get(nameOf(run)) === run;
  }

  listOf(jobId: string | undefined): RunList {
    const list = this.#lists.get(jobId) ?? newList(jobId);
    this.#lists.set(jobId, list);
    return list;
  }

  /** Removes a watch that has no subscribers any more. */
  drop(watch: Watch<InstanceState>): void {
    for (const [name, run] of this.#runs) if (run.watch === watch) this.#runs.delete(name);
    for (const list of this.#lists.values()) if (list.watch === watch) list.watch = undefined;
    for (const list of this.#lists.values())
      if (list.jobId !== undefined && list.watch === undefined && !list.isPolling) this.#lists.delete(list.jobId);
  }

  /** The instances that a poll of the list may return. */
  coveredBy(list: RunList): readonly WatchedRun[] {
    return [...this.#runs.values()].filter((run) => this.#mayReturn(list, run));
  }

  /** The list that covers the instance and saves calls. Undefined when polling it alone costs no more. */
  listFor(run: WatchedRun): RunList | undefined {
    const fitting = [...this.#lists.values()].filter((list) => this.#mayReturn(list, run) && this.#isCheaper(list));
    return fitting.find(({ watch }) => watch !== undefined) ?? fitting.find(({ jobId }) => jobId === undefined);
  }

  /** A poll under way may return it. */
  isAwaited(run: WatchedRun): boolean {
    return (
      run.isPolling ||
      this.polledInstead(run).isPolling ||
      run.pendingLists > 0 ||
      [...this.#lists.values()].some((list) => list.isPolling && this.#mayReturn(list, run))
    );
  }

  /** A poll of an instance's progress returns its state too, and replaces the poll of the state. */
  polledInstead(run: WatchedRun): WatchedRun {
    return this.run(run.instanceId, true) ?? run;
  }

  /** No list returns progress. */
  #mayReturn(list: RunList, run: WatchedRun): boolean {
    if (run.withProgress || list.blockedUntilMs > this.#nowMs()) return false;
    const isExpected = !run.isUnlisted && run.unlistedUntilMs <= this.#nowMs();
    return list.rows?.has(run.instanceId) === true || (list.jobId === undefined && isExpected);
  }

  /** A poll of the list replaces at least two others. */
  #isCheaper(list: RunList): boolean {
    let saved = list.watch === undefined ? 0 : 1;
    for (const run of this.#runs.values()) {
      if (this.#mayReturn(list, run) && this.polledInstead(run) === run) saved += 1;
      if (saved >= 2) return true;
    }
    return false;
  }
}
