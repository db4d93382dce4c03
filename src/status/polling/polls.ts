import { isOnline, type AgentRuntime } from '../../tics/agents/runtime.ts';
import { createAgentLoaders, type Agent } from '../../tics/agents/loaders.ts';
import type { Metrics } from '../../tics/instances/metrics.ts';
import type { InstanceProgress } from '../../tics/instances/progress.ts';
import { metricsOf, type Instance, type InstanceStatus } from '../../tics/instances/instance.ts';
import { createInstanceLoaders } from '../../tics/instances/loaders.ts';
import { isTerminal } from '../../tics/instances/enums.ts';
import { createLeagueLoaders } from '../../tics/leagues/loaders.ts';
import { GatewayError } from '../../errors.ts';
import { deadlineIn } from '../../upstream/deadline.ts';
import type { Observer } from '../../upstream/observer.ts';
import { findRow, maxPageRows } from '../../tics/pages.ts';
import type { Planes } from '../../tics/planes/planes.ts';
import type { Upstreams } from '../../tics/planes/upstreams.ts';
import { isFinalFailure } from './poller.ts';
import type { AgentState, InstanceState, Polls, WatchScope } from '../types.ts';

/** The normalized value: the planes spell some differently. Unknown values stay as they are. */
function normalizedStatus({ value, text }: { readonly value: string; readonly text: string | null }): string {
  return value === 'UNKNOWN' ? (text ?? value) : value;
}

/** The state that every poll of an instance returns. */
function toInstanceState(leagueId: string, instanceId: string, status: InstanceStatus): InstanceState {
  return {
    leagueId,
    instanceId,
    status: normalizedStatus(status),
    statusText: status.text,
    isTerminal: isTerminal(status),
    progress: null,
    fingerprint: '',
  };
}

/** The planes list metrics in different orders. */
function fingerprintOf(metrics: Metrics | null): string {
  return metrics === null
    ? ''
    : JSON.stringify(Object.entries(metrics.all).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function withProgress(state: InstanceState, progress: InstanceProgress): InstanceState {
  return {
    ...state,
    progress,
    fingerprint: JSON.stringify([progress.round, progress.taskCounts, fingerprintOf(progress.metrics)]),
  };
}

function toListedState({ leagueId, ticsId, run }: Instance): readonly InstanceState[] {
  return run === null
    ? []
    : [
        {
          endedAt: run.endedAt,
          ...toInstanceState(leagueId, ticsId, run.status),
          fingerprint: fingerprintOf(metricsOf(run)),
        },
      ];
}

/** An agent's state: its own answer, or the space plane's while it does not answer. */
type AgentReport = Pick<AgentRuntime, 'status' | 'online' | 'trusted' | 'trustError' | 'leagueId'>;

function toAgentState(
  agentId: string,
  { status, online, trusted, trustError, leagueId }: AgentReport,
  deployStatus: Agent['deployStatus'] | null,
): AgentState {
  return {
    agentId,
    status: normalizedStatus(status),
    statusText: status.text,
    online,
    trusted,
    trustError,
    deployStatus,
    fingerprint: JSON.stringify([online, trusted, trustError, leagueId, deployStatus?.text]),
  };
}

/** The service answers alike for an unknown object and a forbidden one. */
function isHidden(error: unknown): boolean {
  return error instanceof GatewayError && error.facts.hidden;
}

/** The agent can't be reached at the moment. */
function isAgentDown(error: unknown): error is GatewayError {
  return error instanceof GatewayError && error.facts.health === 'DOWN';
}

/** States in which the space plane cannot reach the agent either. */
const unreachableStates: readonly string[] = ['OFFLINE', 'FAULT'];

/** The space plane's state of an agent that does not answer. Rethrows `why` where the space plane does not explain it. */
async function agentFromSpace(planes: Planes, agentId: string, why: GatewayError): Promise<AgentReport | null> {
  const agent = await createAgentLoaders(planes).byId(agentId);
  if (agent === null) return null;
  const { leagueId } = agent;
  if (leagueId === null) throw why;
  const node = await findRow(createLeagueLoaders(planes).nodes(leagueId), ({ ticsId }) => ticsId === agentId);
  // The space plane reaches it, so its state does not explain our failure.
  if (node === undefined || (why.code !== 'AGENT_UNAVAILABLE' && !unreachableStates.includes(node.status.value)))
    throw why;
  return { status: node.status, online: isOnline(node.status), trusted: null, trustError: null, leagueId };
}

/** Options of `createPolls`. */
export interface PollOptions {
  /** Time limit of a poll, all attempts together. */
  readonly timeoutMs: number;
  readonly observer: Observer;
}

/** Receives states of runs as polls return them, changed or not. Must not throw. */
export type OnRuns = (runs: readonly InstanceState[]) => void;

/** Polls that pass on what the account of the gateway sees. What a caller's own tokens read is for that caller alone. */
export function reportPolls(polls: Polls, onRuns: OnRuns): Polls {
  const report = ({ tokens }: WatchScope, runs: readonly (InstanceState | null)[]): void => {
    if (tokens === undefined) onRuns(runs.filter((run) => run !== null));
  };
  return {
    ...polls,
    instance: async (scope, key) => {
      const run = await polls.instance(scope, key);
      report(scope, [run]);
      return run;
    },
    progress: async (scope, key, known) => {
      const run = await polls.progress(scope, key, known);
      report(scope, [run]);
      return run;
    },
    league: async (scope, key) => {
      const runs = await polls.league(scope, key);
      report(scope, runs);
      return runs;
    },
  };
}

/** Polls the planes, uncached, with a deadline per poll. */
export function createPolls(upstreams: Pick<Upstreams, 'planes'>, { timeoutMs, observer }: PollOptions): Polls {
  const planesFor = (scope: WatchScope): Planes =>
    upstreams.planes({
      ...scope,
      deadline: deadlineIn(timeoutMs),
      observer,
      isUncached: true,
    });

  return {
    instance: async (scope, { leagueId, instanceId }) => {
      const loaders = createInstanceLoaders(planesFor(scope));
      try {
        return toInstanceState(leagueId, instanceId, await loaders.status(leagueId, instanceId));
      } catch (error) {
        if (isHidden(error)) return null;
        if (!isAgentDown(error)) throw error;
        // Only agents return the state of one instance, but the space plane lists instances.
        const find = findRow(loaders.ofLeague({ leagueId }), ({ ticsId }) => ticsId === instanceId);
        const row = await find.catch((other: unknown) => {
          if (isHidden(other)) return undefined;
          // A temporary failure of either plane does not end the watch.
          throw isFinalFailure(error) ? other : error;
        });
        return row?.run ? toInstanceState(leagueId, instanceId, row.run.status) : null;
      }
    },
    progress: async (scope, key, known) => {
      try {
        const polled = await createInstanceLoaders(planesFor(scope)).progress(key, known);
        if (polled === null) return null;
        return withProgress(toInstanceState(key.leagueId, key.instanceId, polled.status), polled.progress);
      } catch (error) {
        if (isHidden(error)) return null;
        throw error;
      }
    },
    league: async (scope, { leagueId, jobId }) => {
      const loaders = createInstanceLoaders(planesFor(scope));
      const list = jobId === undefined ? loaders.ofLeague({ leagueId }) : loaders.ofJob({ leagueId, jobId });
      try {
        const { rows } = await list(0, maxPageRows);
        return rows.flatMap(toListedState);
      } catch (error) {
        if (!isHidden(error)) throw error;
        throw new GatewayError('NOT_FOUND', 'There is no such league, or you may not see it.');
      }
    },
    agent: async (scope, { agentId, withDeployment = false }, known) => {
      const planes = planesFor(scope);
      const loaders = createAgentLoaders(planes);
      const report = loaders.runtime(agentId).catch((error: unknown) => {
        if (isHidden(error)) return null;
        if (!isAgentDown(error)) throw error;
        return agentFromSpace(planes, agentId, error);
      });
      const deployStatus = withDeployment
        ? loaders.byId(agentId).then(
            (agent) => agent?.deployStatus ?? null,
            () => known?.deployStatus ?? null,
          )
        : null;
      const state = await report;
      return state && toAgentState(agentId, state, await deployStatus);
    },
  };
}
