import { GatewayError, type ErrorCode } from '../../src/errors.ts';
import type { Clock } from '../../src/time.ts';
import type {
  AgentState,
  InstanceState,
  LeagueKey,
  StatusEvent,
  Watches,
  WatchesOptions,
  WatchScope,
} from '../../src/status/types.ts';
import { createWatches } from '../../src/status/watches.ts';

/** Time that passes only when a test says so. */
export interface SimulatedClock extends Clock {
  /** Lets time pass, and everything happen that happens in it. */
  readonly advance: (ms: number) => Promise<void>;
  /** Timers that are set. */
  readonly pending: () => number;
}

/** Lets everything happen that waits for nothing but its turn. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const startedAt = Date.UTC(2026, 5, 1);

export function createSimulatedClock(): SimulatedClock {
  const timers = new Set<{ readonly atMs: number; readonly run: () => void }>();
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    timeOfDayMs: () => startedAt + nowMs,
    after: (ms, run) => {
      const timer = { atMs: nowMs + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pending: () => timers.size,
    advance: async (ms) => {
      const endMs = nowMs + ms;
      await settle();
      for (;;) {
        const due = [...timers].filter(({ atMs }) => atMs <= endMs).sort((one, other) => one.atMs - other.atMs);
        const [first] = due;
        if (first === undefined) break;
        nowMs = Math.max(nowMs, first.atMs);
        for (const timer of due.filter(({ atMs }) => atMs === first.atMs)) if (timers.delete(timer)) timer.run();
        await settle();
      }
      nowMs = endMs;
    },
  };
}

/** A run of the simulated service; each change makes a new version of it. */
export interface Run {
  status: string;
  version: number;
  readonly endedAt?: string;
}

export interface MadePoll {
  readonly kind: 'INSTANCE' | 'PROGRESS' | 'LEAGUE' | 'AGENT';
  readonly atMs: number;
  readonly upstreamScope: string;
  readonly id: string;
}

/** The result of a poll, with the version of the run it saw. */
export interface VersionedState extends InstanceState {
  readonly version: number;
}

export const terminalStatuses: readonly string[] = ['SUCCEEDED', 'FAILED'];

/** A service with one league, the watches over it, and counts. */
export interface Stage {
  readonly clock: SimulatedClock;
  readonly watches: Watches;
  /** In the order in which they were started. */
  readonly runs: Map<string, Run>;
  /** The state that the agent answers; null: gone. */
  readonly agent: { status: string | null };
  readonly looks: MadePoll[];
  readonly start: (id: string, status?: string, endedAt?: string) => void;
  /** Its status, or where none is given what is told of its progress, and in the league's list. */
  readonly change: (id: string, status?: string) => void;
  readonly vanish: (id: string) => void;
  /** Polls fail, until `recover`. */
  readonly fail: (code: ErrorCode, retryAfter?: number, kinds?: readonly MadePoll['kind'][]) => void;
  readonly recover: () => void;
  /** How long a poll takes to reach the service. */
  requestMs: () => number;
  /** How long its answer takes. */
  latencyMs: () => number;
  /** Rows of a list. */
  pageSize: number;
}

export const league = 'league1';
export const someone: WatchScope = { upstreamScope: 'someone', language: 'en_us' };

export function setStage(options: WatchesOptions = {}): Stage {
  const clock = createSimulatedClock();
  const runs = new Map<string, Run>();
  const looks: MadePoll[] = [];
  let failure: { error: GatewayError; kinds: readonly string[] } | undefined;

  const stateOf = (instanceId: string): VersionedState | null => {
    const run = runs.get(instanceId);
    if (run === undefined) return null;
    const { status, version } = run;
    return {
      leagueId: league,
      instanceId,
      status,
      statusText: status,
      isTerminal: terminalStatuses.includes(status),
      progress: null,
      fingerprint: '',
      version,
    };
  };
  const listedStateOf = (instanceId: string): VersionedState | null => {
    const state = stateOf(instanceId);
    return state && { ...state, fingerprint: `${state.version}`, endedAt: runs.get(instanceId)?.endedAt ?? null };
  };
  const progressOf = (instanceId: string): VersionedState | null => {
    const state = listedStateOf(instanceId);
    const progress = { leagueId: league, instanceId, roundCount: null, taskCounts: [], metrics: null };
    return state && { ...state, progress: { ...progress, round: state.version } };
  };
  const answer = async <Answer>(look: Omit<MadePoll, 'atMs'>, read: () => Answer): Promise<Answer> => {
    looks.push({ ...look, atMs: clock.nowMs() });
    const failing = failure;
    const [requestMs, ms] = [stage.requestMs(), stage.latencyMs()];
    if (requestMs > 0) await new Promise<void>((resolve) => clock.after(requestMs, resolve));
    const value = read();
    if (ms > 0) await new Promise<void>((resolve) => clock.after(ms, resolve));
    if (failing?.kinds.includes(look.kind)) throw failing.error;
    return value;
  };
  const stage: Stage = {
    clock,
    runs,
    looks,
    agent: { status: 'RUNNING' },
    requestMs: () => 0,
    latencyMs: () => 0,
    pageSize: 100,
    start: (id, status = 'RUNNING', endedAt?: string) =>
      void runs.set(id, { status, version: 1, ...(endedAt !== undefined && { endedAt }) }),
    change: (id, status) => {
      const run = runs.get(id);
      if (run === undefined || terminalStatuses.includes(run.status)) return;
      run.version += 1;
      run.status = status ?? run.status;
    },
    vanish: (id) => void runs.delete(id),
    fail: (code, retryAfter, kinds = ['INSTANCE', 'PROGRESS', 'LEAGUE', 'AGENT']) => {
      failure = { error: new GatewayError(code, code, retryAfter === undefined ? {} : { retryAfter }), kinds };
    },
    recover: () => {
      failure = undefined;
    },
    watches: createWatches(
      {
        instance: ({ upstreamScope }, { instanceId }) =>
          answer({ kind: 'INSTANCE', upstreamScope, id: instanceId }, () => stateOf(instanceId)),
        progress: ({ upstreamScope }, { instanceId }) =>
          answer({ kind: 'PROGRESS', upstreamScope, id: instanceId }, () => progressOf(instanceId)),
        league: ({ upstreamScope }, { jobId }: LeagueKey) =>
          answer({ kind: 'LEAGUE', upstreamScope, id: jobId ?? '' }, () =>
            [...runs.keys()]
              .reverse()
              .filter((id) => jobId === undefined || id.startsWith(`${jobId}-`))
              .slice(0, stage.pageSize)
              .flatMap((id) => listedStateOf(id) ?? []),
          ),
        agent: ({ upstreamScope }, { agentId }) =>
          answer({ kind: 'AGENT', upstreamScope, id: agentId }, (): AgentState | null =>
            stage.agent.status === null
              ? null
              : {
                  agentId,
                  status: stage.agent.status,
                  online: null,
                  trusted: null,
                  trustError: null,
                  deployStatus: null,
                  fingerprint: '',
                },
          ),
      },
      { clock, random: () => 0.5, ...options },
    ),
  };
  return stage;
}

/** A reader of a stream, and the events it received. */
export interface Reader<State> {
  /** Without those that repeat a state because polls fail, or succeed again. */
  readonly events: StatusEvent<State>[];
  readonly notices: StatusEvent<State>[];
  readonly statuses: () => string[];
  readonly end: () => 'OPEN' | 'DONE' | ErrorCode;
  /** Reads nothing more, or goes on reading. */
  readonly hold: () => void;
  readonly release: () => void;
  readonly leave: () => void;
}

export function read<State extends { readonly status: string }>(
  subscribe: (signal: AbortSignal) => AsyncIterable<StatusEvent<State>>,
): Reader<State> {
  const controller = new AbortController();
  const events: StatusEvent<State>[] = [];
  const notices: StatusEvent<State>[] = [];
  let end: ReturnType<Reader<State>['end']> = 'OPEN';
  let held: Promise<void> | undefined;
  let release = (): void => undefined;
  const iterator = subscribe(controller.signal)[Symbol.asyncIterator]();
  const run = async (): Promise<void> => {
    try {
      for (;;) {
        await held;
        const result = await iterator.next();
        if (result.done === true) break;
        (['STALE', 'FRESH'].includes(result.value.kind) ? notices : events).push(result.value);
      }
      end = 'DONE';
    } catch (error) {
      end = error instanceof GatewayError ? error.code : 'INTERNAL';
    }
  };
  void run();
  return {
    events,
    notices,
    statuses: () => events.map(({ state }) => state.status),
    end: () => end,
    hold: () => {
      held ??= new Promise((resolve) => {
        release = resolve;
      });
    },
    release: () => {
      held = undefined;
      release();
    },
    leave: () => controller.abort(),
  };
}

/** Reads the events of an instance. */
export function readInstance(
  { watches }: Stage,
  instanceId: string,
  after?: string | null,
  right = someone,
): Reader<InstanceState> {
  return read((signal) =>
    watches.instance(right, { leagueId: league, instanceId }, { signal, withFreshness: true, after: after ?? null }),
  );
}

/** Reads the events of the league's runs. */
export function readLeague(stage: Stage, jobId?: string, after?: string | null): Reader<InstanceState> {
  return read((signal) =>
    stage.watches.league(
      someone,
      { leagueId: league, ...(jobId !== undefined && { jobId }) },
      { signal, withFreshness: true, after: after ?? null },
    ),
  );
}

/** Reads the events of an instance and its progress. */
export function readProgress(
  { watches }: Stage,
  instanceId: string,
  after?: string | null,
  right = someone,
): Reader<InstanceState> {
  return read((signal) =>
    watches.instance(
      right,
      { leagueId: league, instanceId, withProgress: true },
      { signal, withFreshness: true, after: after ?? null },
    ),
  );
}
