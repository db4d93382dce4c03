import { maySee, type Caller } from '../callers/caller.ts';
import { GatewayError } from '../errors.ts';
import type { StatusEvent, Watches } from '../status/types.ts';
import type { Planes } from '../tics/planes/planes.ts';

function notFound(): GatewayError {
  return new GatewayError('NOT_FOUND', 'There is no such object, or you may not see it.');
}

/** A stream that starts after a check. Not a generator: its `return` would wait for the next event. */
class CheckedStream<State> implements AsyncIterableIterator<StatusEvent<State>, undefined> {
  readonly #check: () => Promise<void>;
  readonly #begin: () => AsyncIterator<StatusEvent<State>, unknown>;
  #events: AsyncIterator<StatusEvent<State>, unknown> | undefined;
  #isOver = false;

  constructor(check: () => Promise<void>, begin: () => AsyncIterator<StatusEvent<State>, unknown>) {
    this.#check = check;
    this.#begin = begin;
  }

  async next(): Promise<IteratorResult<StatusEvent<State>, undefined>> {
    if (this.#events === undefined) await this.#check();
    if (this.#isOver) return { done: true, value: undefined };
    this.#events ??= this.#begin();
    const { done, value } = await this.#events.next();
    return done === true ? { done, value: undefined } : { done: false, value: value };
  }

  async return(): Promise<IteratorResult<StatusEvent<State>, undefined>> {
    this.#isOver = true;
    await this.#events?.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Restricts watches to the caller's leagues. Callers share polls, so the check is made when a stream starts. */
export function restrictWatches(watches: Watches, caller: Pick<Caller, 'leagues'>, planes: Planes): Watches {
  if (caller.leagues === 'ALL') return watches;
  const expectLeague = (leagueId: string | undefined): void => {
    if (!maySee(caller, leagueId)) throw notFound();
  };
  return {
    ...watches,
    instance: (scope, instance, options) => {
      expectLeague(instance.leagueId);
      return watches.instance(scope, instance, options);
    },
    league: (scope, league, options) => {
      expectLeague(league.leagueId);
      return watches.league(scope, league, options);
    },
    agent: (scope, agent, options) =>
      new CheckedStream(
        async () => expectLeague(await planes.leagueOf(agent.agentId)),
        () => watches.agent(scope, agent, options)[Symbol.asyncIterator](),
      ),
  };
}
