import { GatewayError } from '../errors.ts';
import { createTimer } from './polling/timer.ts';
import type { Clock } from '../time.ts';
import { isFinalFailure, type Poller } from './polling/poller.ts';
import type { Watch } from './watch.ts';
import type { Polling } from './registry.ts';
import type { AgentState, Polls, WatchedAgent, WatchScope } from './types.ts';

/** Options of `createAgentWatcher`. */
export interface AgentWatcherOptions {
  readonly polls: Polls;
  readonly poller: Poller;
  readonly clock: Clock;
}

/** An agent that was seen before is gone when so many polls in a row do not find it. */
const absencesToBeGone = 2;
const absencePauseMs = 1_000;

/** Polls one agent in one scope. Stops when its last subscriber leaves. */
export function createAgentWatcher(
  scope: WatchScope,
  agent: WatchedAgent,
  watch: Watch<AgentState>,
  { polls, poller, clock }: AgentWatcherOptions,
): Polling {
  const { agentId, withDeployment = false } = agent;
  let isClosed = false;
  let absences = 0;
  let isPolling = false;

  const scheduleNext = (): void => {
    if (!isClosed && !isPolling) timer.set(watch.dueAtMs());
  };

  const poll = (): void => {
    isPolling = true;
    poller.poll({
      scope,
      target: { kind: withDeployment ? 'DEPLOYMENT' : 'AGENT', agentId },
      dueAtMs: watch.dueAtMs(),
      isWanted: () => !isClosed,
      ask: () => polls.agent(scope, agent, watch.history.latestOf(agentId)?.state ?? null),
      onAnswer: (state, by) => {
        isPolling = false;
        if (isClosed) return;
        absences = state === null ? absences + 1 : 0;
        if (state !== null) {
          watch.record([[agentId, state]], by);
          watch.pollSucceeded(by);
        } else if (watch.history.sequence() > 0 && absences < absencesToBeGone) watch.pollIn(absencePauseMs);
        else watch.end(new GatewayError('NOT_FOUND', 'The agent does not exist, or you may not see it.'));
        scheduleNext();
      },
      onFailure: (error) => {
        isPolling = false;
        if (isClosed) return;
        if (isFinalFailure(error)) watch.end(error);
        else watch.pollFailed(error);
        scheduleNext();
      },
      onHeld: watch.pollHeld,
      onDropped: () => undefined,
    });
  };

  const timer = createTimer(clock, poll);
  watch.start();
  scheduleNext();
  return {
    reschedule: () => scheduleNext(),
    stop: () => {
      isClosed = true;
      timer.stop();
    },
  };
}
