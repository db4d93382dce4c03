import { GatewayError } from '../../errors.ts';
import type { OpenEnum } from '../../upstream/openEnum.ts';
import type { ExecutionGraph } from './executionGraph.ts';
import type { Metrics } from './metrics.ts';
import { metricsOf, type Instance, type InstanceKey, type InstanceStatus } from './instance.ts';
import { isTerminal, type instanceStatuses } from './enums.ts';

/** Number of tasks of a round by state. */
export interface TaskCount {
  readonly status: OpenEnum<typeof instanceStatuses>;
  readonly count: number;
}

/** Progress of a run. */
export interface InstanceProgress {
  readonly leagueId: string;
  readonly instanceId: string;
  /** The current or last round. Null before the first one, and while it can't be read. */
  readonly round: number | null;
  readonly roundCount: number | null;
  readonly taskCounts: readonly TaskCount[];
  /** The latest metrics. */
  readonly metrics: Metrics | null;
}

/** State and progress of a run, as read just now. */
export interface ObservedProgress {
  readonly status: InstanceStatus;
  readonly progress: InstanceProgress;
  /** Why the tasks could not be read. Those given are from the previous poll. */
  readonly failure?: GatewayError;
}

/** The reads that make up progress. */
export interface ProgressReads {
  readonly find: (key: InstanceKey) => Promise<Instance | null>;
  readonly graph: (key: InstanceKey & { readonly round: number }) => Promise<ExecutionGraph>;
}

function tasksOf({ nodes }: ExecutionGraph) {
  return nodes.flatMap(({ stages }) => stages.flatMap(({ tasks }) => tasks.map(({ status }) => status)));
}

/** In the order in which the states occur first. */
function countTasks(graph: ExecutionGraph): readonly TaskCount[] {
  const counts = new Map<string, TaskCount>();
  for (const status of tasksOf(graph)) {
    const name = status.text ?? status.value;
    counts.set(name, { status, count: (counts.get(name)?.count ?? 0) + 1 });
  }
  return [...counts.values()];
}

function hasEnded(graph: ExecutionGraph): boolean {
  return tasksOf(graph).every(isTerminal);
}

/** Reads progress of runs from a row and a graph. */
export function createProgressLoaders({ find, graph }: ProgressReads) {
  /** The graph of a round. Null before it has begun: it is then empty or not found. */
  const begun = async (key: InstanceKey, round: number): Promise<ExecutionGraph | null> => {
    try {
      const found = await graph({ ...key, round });
      return found.nodes.length > 0 ? found : null;
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'NOT_FOUND') return null;
      throw error;
    }
  };

  /**
   * The graph of the current round. No call names that round. Metrics name the latest round that has ended; without them, the round
   * is found by exponential search.
   */
  const presentGraph = async (key: InstanceKey, from: number, roundCount: number): Promise<ExecutionGraph | null> => {
    let present = await begun(key, from);
    if (present === null) return from > 1 ? begun(key, from - 1) : null;
    let [at, beyond, step] = [from, roundCount + 1, 1];
    while (hasEnded(present) && at + 1 < beyond) {
      const round = at + Math.min(step, Math.floor((beyond - at) / 2));
      const further = await begun(key, round);
      if (further === null) beyond = round;
      else [present, at, step] = [further, round, step * 2];
    }
    return present;
  };

  const progress = async (
    key: InstanceKey,
    known: InstanceProgress | null = null,
  ): Promise<ObservedProgress | null> => {
    const instance = await find(key);
    if (!instance?.run) return null;
    const { run, roundCount } = instance;
    const { status } = run;
    const metrics = metricsOf(run);
    const from = Math.min(Math.max(known?.round ?? 1, (metrics?.round ?? 0) + 1), Math.max(roundCount ?? 1, 1));
    const common = { ...key, roundCount, metrics };
    try {
      const present = await presentGraph(key, from, roundCount ?? 1);
      const taskCounts = present === null ? [] : countTasks(present);
      return { status, progress: { ...common, round: present?.round ?? null, taskCounts } };
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      return {
        status,
        progress: { ...common, round: known?.round ?? null, taskCounts: known?.taskCounts ?? [] },
        failure: error,
      };
    }
  };

  return {
    /**
     * State and progress of a run: its row (7.11.5 with a filter, else 6.6.1), then the graph of its round (6.6.2), and of later
     * rounds when that one has ended. When a graph can't be read, the task counts of the previous poll stay.
     *
     * @param known - result of the previous poll
     * @returns null when there is no such run
     */
    progress,
    /**
     * The same for a single query, without a previous poll.
     *
     * @throws GatewayError when the graph can't be read
     */
    progressNow: async (key: InstanceKey): Promise<InstanceProgress | null> => {
      const observed = await progress(key);
      if (observed?.failure !== undefined) throw observed.failure;
      return observed?.progress ?? null;
    },
  };
}
