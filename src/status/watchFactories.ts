import type { IntervalRange } from './polling/schedule.ts';
import type { Entry } from './streams/history.ts';
import type { AgentState, InstanceState, WatchedAgent, WatchedInstance, WatchScope } from './types.ts';
import { createWatch, type Watch, type WatchTools } from './watch.ts';

/** Kept changes of one instance or agent, for subscribers that resume. */
const historySize = 100;
/** A league's history holds the changes of all its instances. */
const leagueHistorySize = 500;

/** Recently ended runs in a league's snapshot: a client that was disconnected may still show them as running. */
const endedAtFirst = 20;

/** The runs of a league that have not ended, and those that ended since `since`, or most recently. */
function leagueSnapshot(
  entries: readonly Entry<InstanceState>[],
  since: string | null,
): readonly Entry<InstanceState>[] {
  const endOf = ({ event }: Entry<InstanceState>): string => event.state.endedAt ?? event.observedAt;
  const ended = entries
    .filter(({ event }) => event.isFinal)
    .sort((one, other) => endOf(other).localeCompare(endOf(one)));
  const recentlyEnded = new Set(
    since === null ? ended.slice(0, endedAtFirst) : ended.filter((entry) => endOf(entry) >= since),
  );
  const snapshot = entries.filter((entry) => !entry.event.isFinal || recentlyEnded.has(entry));
  // The last event marks the end of the snapshot, so a league with runs needs at least one.
  return snapshot.length > 0 ? snapshot : ended.slice(0, 1);
}

/** A key that differs by whose token is used and by language. */
export function keyOf({ upstreamScope, language }: WatchScope, ...parts: readonly string[]): string {
  return JSON.stringify([upstreamScope, language, ...parts]);
}

function rangeOf(quickMs: number, slowestMs: number): IntervalRange {
  return { quickMs, slowestMs: Math.max(quickMs, slowestMs) };
}

const unknown = { status: 'UNKNOWN', statusText: null, fingerprint: '' };

/** Creates the watches of each kind. Watches with a caller's own tokens are not shared with other replicas. */
export function watchFactories(tools: WatchTools, hasReplicas: boolean) {
  const isShared = ({ tokens }: WatchScope): boolean => hasReplicas && tokens === undefined;
  const { quickMs, slowestMs, agentQuickMs, agentSlowestMs } = tools.intervals;
  const interval = rangeOf(quickMs, slowestMs);
  const agentInterval = rangeOf(agentQuickMs, agentSlowestMs);
  return {
    instance: (
      scope: WatchScope,
      { leagueId, instanceId, withProgress = false }: WatchedInstance,
      isListed = true,
    ): Watch<InstanceState> =>
      createWatch<InstanceState>(
        {
          kind: withProgress ? 'PROGRESS' : 'INSTANCE',
          interval,
          historySize,
          snapshotOf: (entries) => entries,
          unknownState: { leagueId, instanceId, ...unknown, isTerminal: false, progress: null },
        },
        keyOf(scope),
        isListed ? tools : { ...tools, onChanges: () => undefined },
        isListed && isShared(scope),
      ),
    league: (scope: WatchScope, leagueId: string): Watch<InstanceState> =>
      createWatch(
        {
          kind: 'LEAGUE',
          interval,
          historySize: leagueHistorySize,
          snapshotOf: leagueSnapshot,
          unknownState: { leagueId, instanceId: '', ...unknown, isTerminal: false, progress: null },
          mayBeEmpty: true,
        },
        keyOf(scope),
        tools,
        isShared(scope),
      ),
    agent: (scope: WatchScope, { agentId }: WatchedAgent): Watch<AgentState> =>
      createWatch<AgentState>(
        {
          kind: 'AGENT',
          interval: agentInterval,
          historySize,
          snapshotOf: (entries) => entries,
          unknownState: { agentId, ...unknown, online: null, trusted: null, trustError: null, deployStatus: null },
        },
        keyOf(scope),
        tools,
        isShared(scope),
      ),
  };
}
