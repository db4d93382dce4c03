import { GatewayError } from '../errors.ts';
import { createAlarm } from './timer.ts';
import type { WatchClock } from './clock.ts';
import { isFinalFailure, type Looking } from './poller.ts';
import type { Watch } from './watch.ts';
import type { AgentState, Looks, WatchedAgent, WatchScope } from './watches.ts';

/** Looks at one agent. */
export interface AgentWatcher {
  /** It may be due sooner than it was. */
  readonly hurry: () => void;
  readonly close: () => void;
}

/** What it is made with. */
export interface AgentWatcherTools {
  readonly looks: Looks;
  readonly looking: Looking;
  readonly clock: WatchClock;
  /** The watch has ended of itself. */
  readonly finished: (error: Error) => void;
}

/** An agent that was seen before is gone when so many looks in a row do not find it. */
const absencesToBeGone = 2;
const absencePauseMs = 1_000;

/** The watcher of an agent, for one right. */
export function createAgentWatcher(
  scope: WatchScope,
  agent: WatchedAgent,
  watch: Watch<AgentState>,
  { looks, looking, clock, finished }: AgentWatcherTools,
): AgentWatcher {
  const { agentId, withDeployment = false } = agent;
  let isClosed = false;
  let absences = 0;
  let isLookedAt = false;

  const finish = (error: Error): void => {
    watch.finish(error);
    finished(error);
  };
  const setAlarm = (): void => {
    if (!isClosed && !isLookedAt) alarm.set(watch.dueAtMs());
  };

  const look = (): void => {
    isLookedAt = true;
    looking.look({
      scope,
      target: { kind: withDeployment ? 'DEPLOYMENT' : 'AGENT', agentId },
      dueAtMs: watch.dueAtMs(),
      isWanted: () => !isClosed,
      ask: () => looks.agent(scope, agent, watch.history.latestOf(agentId)?.state ?? null),
      answered: (state, by) => {
        isLookedAt = false;
        if (isClosed) return;
        absences = state === null ? absences + 1 : 0;
        if (state !== null) {
          watch.observe([[agentId, state]], by);
          watch.looked(by);
        } else if (watch.history.sequence() > 0 && absences < absencesToBeGone) watch.lookIn(absencePauseMs);
        else finish(new GatewayError('NOT_FOUND', 'The agent is not there, or may not be seen.'));
        setAlarm();
      },
      failed: (error) => {
        isLookedAt = false;
        if (isClosed) return;
        if (isFinalFailure(error)) finish(error);
        else watch.failed(error);
        setAlarm();
      },
      dropped: () => undefined,
    });
  };

  const alarm = createAlarm(clock, look);
  watch.start();
  setAlarm();
  return {
    hurry: () => setAlarm(),
    close: () => {
      isClosed = true;
      alarm.stop();
    },
  };
}
