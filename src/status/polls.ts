import { isOnline, type AgentRuntime } from '../tics/agents/runtime.ts';
import { createAgentLoaders, type Agent } from '../tics/agents/loaders.ts';
import type { Metrics } from '../tics/instances/metrics.ts';
import type { InstanceProgress } from '../tics/instances/progress.ts';
import type { Instance, InstanceStatus } from '../tics/instances/instance.ts';
import { createInstanceLoaders } from '../tics/instances/loaders.ts';
import { isTerminal } from '../tics/instances/enums.ts';
import { createLeagueLoaders } from '../tics/leagues/loaders.ts';
import { GatewayError } from '../errors.ts';
import { deadlineIn } from '../upstream/deadline.ts';
import type { Observer } from '../upstream/observer.ts';
import { findRow, maxPageRows } from '../upstream/pages.ts';
import type { Planes, Upstreams } from '../upstream/planes.ts';
import { isFinalFailure } from './poller.ts';
import type { AgentState, InstanceState, Looks, WatchScope } from './watches.ts';

/** A known word as we spell it, since the planes spell some differently; any other as it is. */
function spelt({ value, text }: { readonly value: string; readonly text: string | null }): string {
  return value === 'UNKNOWN' ? (text ?? value) : value;
}

/** What every way of looking at a run tells. */
function toInstanceState(leagueId: string, instanceId: string, status: InstanceStatus): InstanceState {
  return {
    leagueId,
    instanceId,
    status: spelt(status),
    statusText: status.text,
    isTerminal: isTerminal(status),
    progress: null,
    fingerprint: '',
  };
}

/** Both planes' lists tell metrics, each in an order of its own. */
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
    : [{ ...toInstanceState(leagueId, ticsId, run.status), fingerprint: fingerprintOf(run.metrics) }];
}

/** What an agent says of itself, or the space plane says of one that does not answer. */
type Told = Pick<AgentRuntime, 'status' | 'online' | 'trusted' | 'trustError' | 'leagueId'>;

function toAgentState(
  agentId: string,
  { status, online, trusted, trustError, leagueId }: Told,
  deployStatus: Agent['deployStatus'] | null,
): AgentState {
  return {
    agentId,
    status: spelt(status),
    statusText: status.text,
    online,
    trusted,
    trustError,
    deployStatus,
    fingerprint: JSON.stringify([online, trusted, trustError, leagueId, deployStatus?.text]),
  };
}

/** Not there, or not to be seen, which is to look alike. */
function isHidden(error: unknown): boolean {
  return error instanceof GatewayError && error.facts.hidden;
}

/** No agent answers at the moment. */
function isAgentDown(error: unknown): error is GatewayError {
  return error instanceof GatewayError && error.facts.health === 'DOWN';
}

/** States in which the space plane itself says that an agent does not answer. */
const silent: readonly string[] = ['OFFLINE', 'FAULT'];

/** How one look is made. */
export interface LookOptions {
  /** Time limit of a look, all its attempts together. */
  readonly timeoutMs: number;
  readonly observer: Observer;
}

/** Looks through the planes, for nobody's operation, never at anything that was read before. */
export function createLooks({ planes }: Pick<Upstreams, 'planes'>, { timeoutMs, observer }: LookOptions): Looks {
  const planesFor = (scope: WatchScope): Planes =>
    planes({ ...scope, deadline: deadlineIn(timeoutMs), onCall: () => undefined, observer, isUncached: true });

  /** What the space plane says of an agent that does not answer itself. */
  const fromSpace = async (agentId: string, through: Planes, why: GatewayError): Promise<Told | null> => {
    const agent = await createAgentLoaders(through).byId(agentId);
    if (agent === null) return null;
    if (agent.leagueId === null) throw why;
    const nodes = createLeagueLoaders(through).nodes(agent.leagueId);
    const node = await findRow(nodes, ({ ticsId }) => ticsId === agentId);
    // That it is reachable for others tells nothing of why it does not answer us.
    if (node === undefined || (why.code !== 'AGENT_UNAVAILABLE' && !silent.includes(node.status.value))) throw why;
    const { leagueId } = agent;
    return { status: node.status, online: isOnline(node.status), trusted: null, trustError: null, leagueId };
  };

  return {
    instance: async (scope, { leagueId, instanceId }) => {
      const source = createInstanceLoaders(planesFor(scope));
      try {
        return toInstanceState(leagueId, instanceId, await source.status(leagueId, instanceId));
      } catch (error) {
        if (isHidden(error)) return null;
        if (!isAgentDown(error)) throw error;
        // Only agents tell the state of one run, but the space plane lists runs too.
        const find = findRow(source.ofLeague({ leagueId }), ({ ticsId }) => ticsId === instanceId);
        const row = await find.catch((other: unknown) => {
          if (isHidden(other)) return undefined;
          // As long as one of the planes may come back, so may the answer.
          throw isFinalFailure(error) ? other : error;
        });
        return row?.run ? toInstanceState(leagueId, instanceId, row.run.status) : null;
      }
    },
    progress: async (scope, key, known) => {
      try {
        const sighting = await createInstanceLoaders(planesFor(scope)).progress(key, known);
        if (sighting === null) return null;
        return withProgress(toInstanceState(key.leagueId, key.instanceId, sighting.status), sighting.progress);
      } catch (error) {
        if (isHidden(error)) return null;
        throw error;
      }
    },
    league: async (scope, { leagueId, jobId }) => {
      const source = createInstanceLoaders(planesFor(scope));
      const list = jobId === undefined ? source.ofLeague({ leagueId }) : source.ofJob({ leagueId, jobId });
      try {
        const { rows } = await list(0, maxPageRows);
        return rows.flatMap(toListedState);
      } catch (error) {
        if (!isHidden(error)) throw error;
        throw new GatewayError('NOT_FOUND', 'There is no such league, or you may not see it.');
      }
    },
    agent: async (scope, { agentId, withDeployment = false }, known) => {
      const through = planesFor(scope);
      const source = createAgentLoaders(through);
      const told = source.runtime(agentId).catch((error: unknown) => {
        if (isHidden(error)) return null;
        if (!isAgentDown(error)) throw error;
        return fromSpace(agentId, through, error);
      });
      const deployStatus = withDeployment
        ? source.byId(agentId).then(
            (agent) => agent?.deployStatus ?? null,
            () => known?.deployStatus ?? null,
          )
        : null;
      const state = await told;
      return state && toAgentState(agentId, state, await deployStatus);
    },
  };
}
