import type { Planes } from '../../tics/planes/planes.ts';

/** How much of the upstreams BI may take. */
export interface BudgetOptions {
  readonly callsPerSecond: number;
  /** Calls under way at once: a small part of what callers' operations may have. */
  readonly callsAtOnce?: number;
}

/** Lets calls begin when there is room for them. */
export interface Budget {
  readonly run: <Answer>(work: () => Promise<Answer>) => Promise<Answer>;
  /** Calls so far. */
  readonly calls: () => number;
}

const defaultCallsAtOnce = 4;

/** After a pause so many seconds' worth of calls may begin at once. */
const burstSeconds = 1;

/** A budget of upstream calls: so many a second, and few at once, so that callers' operations always find room. */
export function createBudget(
  { callsPerSecond, callsAtOnce = defaultCallsAtOnce }: BudgetOptions,
  signal: AbortSignal,
): Budget {
  const intervalMs = 1000 / callsPerSecond;
  let calls = 0;
  let running = 0;
  let nextAtMs = 0;
  const waiting: (() => void)[] = [];

  const room = async (): Promise<void> => {
    if (running >= callsAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    const nowMs = Date.now();
    nextAtMs = Math.max(nextAtMs, nowMs - burstSeconds * 1000) + intervalMs;
    if (nextAtMs > nowMs)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, nextAtMs - nowMs);
        signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
      });
  };

  return {
    run: async (work) => {
      await room();
      try {
        signal.throwIfAborted();
        calls += 1;
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) running -= 1;
        else next();
      }
    },
    calls: () => calls,
  };
}

/** A client whose reads wait for the budget. */
function budgeted<Client extends { readonly read: unknown }>(client: Client, budget: Budget): Client {
  const read = client.read as (...request: readonly unknown[]) => Promise<unknown>;
  return { ...client, read: (...request: readonly unknown[]) => budget.run(() => read(...request)) };
}

/** Planes whose reads wait for the budget. */
export function withBudget(planes: Planes, budget: Budget): Planes {
  return {
    ...planes,
    space: budgeted(planes.space, budget),
    agent: async (agentId) => budgeted(await planes.agent(agentId), budget),
    ofLeague: (leagueId, ask, agentId) =>
      planes.ofLeague(leagueId, (client, id) => ask(budgeted(client, budget), id), agentId),
    eitherPlane: (leagueId, askSpace, askAgent) =>
      planes.eitherPlane(
        leagueId,
        (client) => askSpace(budgeted(client, budget)),
        (client, id) => askAgent(budgeted(client, budget), id),
      ),
  };
}
