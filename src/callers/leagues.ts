import { GatewayError } from '../errors.ts';
import { agentCalls, spaceCalls } from '../upstream/generated/calls.ts';
import { readRows, readWindow } from '../tics/pages.ts';
import { unknownAgent } from '../tics/planes/agentUpstreams.ts';
import type { Planes } from '../tics/planes/planes.ts';
import type { AgentClient, SpaceClient } from '../upstream/rest.ts';
import type { CallFacts } from '../upstream/upstream.ts';
import { record, text } from '../upstream/wire.ts';
import type { AccountPage, ReadAccountPage } from './accountPages.ts';
import { maySee, type Caller } from './caller.ts';

type SpaceCall = keyof typeof spaceCalls;

/** Calls whose path names the league. */
type LeagueCall = {
  [Call in SpaceCall]: (typeof spaceCalls)[Call] extends { league: string } ? Call : never;
}[SpaceCall];

/** The league that a row of a list of the whole account is of. */
type LeagueOfRow = (row: Readonly<Record<string, unknown>>) => unknown;

/** Limits of calls of the space plane that name no league, by call. A new call compiles only with a decision. */
const decisions = {
  // Sent by the gateway itself, never for an operation.
  createToken: 'NONE',
  listProjects: 'NONE',
  // Counts all that the account sees: only that it answers may be known.
  getOverview: 'EMPTY',
  getAgentDeployment: 'AGENT',
  listLeagues: ({ id }) => id,
  listAgents: ({ league_id: leagueId }) => leagueId,
  listMembershipNotices: ({ league_id: leagueId, league }) => leagueId ?? record(league)['id'],
} as const satisfies Readonly<Record<Exclude<SpaceCall, LeagueCall>, 'NONE' | 'EMPTY' | 'AGENT' | LeagueOfRow>>;

interface AnyRequest {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
}

/** A call of either plane, whose types are known to whoever asks. */
type Send = (call: string, request?: AnyRequest) => Promise<unknown>;

/** The same error for a league that does not exist and for one of others: callers cannot tell them apart. */
function notFound(): GatewayError {
  return new GatewayError('NOT_FOUND', 'There is no such object, or you may not see it.');
}

type Filter = NonNullable<AnyRequest['query']>;

/** Lists of the whole account, as callers limited to leagues have them read. */
export interface AccountLists {
  /** Counts a list for the caller. @throws GatewayError THROTTLED */
  readonly count: (call: SpaceCall, filter: Filter) => void;
  /** Reads the pages behind the first one. */
  readonly pagesBehind: (call: SpaceCall, filter: Filter, first: AccountPage) => ReadAccountPage;
}

/** Planes of a caller limited to leagues. */
class LeaguePlanes {
  readonly #planes: Planes;
  readonly #caller: Pick<Caller, 'leagues'>;
  readonly #accountLists: AccountLists | undefined;
  /** Lists of the whole account, limited to the caller's leagues. */
  readonly #lists = new Map<string, Promise<readonly unknown[]>>();

  constructor(planes: Planes, caller: Pick<Caller, 'leagues'>, accountLists: AccountLists | undefined) {
    this.#planes = planes;
    this.#caller = caller;
    this.#accountLists = accountLists;
  }

  expectLeague(leagueId: string | undefined): void {
    if (!maySee(this.#caller, leagueId)) throw notFound();
  }

  async leagueOf(agentId: string): Promise<string | undefined> {
    const leagueId = await this.#planes.leagueOf(agentId);
    return maySee(this.#caller, leagueId) ? leagueId : undefined;
  }

  async agent(agentId: string): Promise<AgentClient> {
    if ((await this.leagueOf(agentId)) === undefined) throw unknownAgent();
    return this.agentClient(await this.#planes.agent(agentId));
  }

  spaceClient(): SpaceClient {
    const { read, write } = this.#planes.space;
    return {
      read: (async (call: SpaceCall, request: AnyRequest = {}) => {
        const sent = () => (read as Send)(call, request);
        const { league }: CallFacts = spaceCalls[call];
        if (league !== undefined) {
          this.expectLeague(request.path?.[league]);
          return sent();
        }
        const decision = decisions[call as keyof typeof decisions];
        if (typeof decision === 'function') return this.#visibleRows(call, request, decision);
        if (decision === 'NONE') throw notFound();
        if (decision === 'AGENT' && (await this.leagueOf(request.path?.['agent_id'] ?? '')) === undefined)
          throw notFound();
        const answer = await sent();
        return decision === 'EMPTY' ? {} : answer;
      }) as SpaceClient['read'],
      write: (async (call: SpaceCall, request: AnyRequest = {}) => {
        const { league = '' }: CallFacts = spaceCalls[call];
        this.expectLeague(request.path?.[league]);
        return (write as Send)(call, request);
      }) as SpaceClient['write'],
    };
  }

  /** A client of an agent that the caller may ask, whose calls name leagues of the caller only. */
  agentClient({ read, write }: AgentClient): AgentClient {
    const guarded =
      (send: Send) =>
      async (call: keyof typeof agentCalls, request: AnyRequest = {}) => {
        const { league }: CallFacts = agentCalls[call];
        if (league !== undefined) this.expectLeague(request.path?.[league]);
        return send(call, request);
      };
    return {
      read: guarded(read as Send) as AgentClient['read'],
      write: guarded(write as Send) as AgentClient['write'],
    };
  }

  /** A page of the rows that the caller may see. The list is read whole, since places and totals count all its rows. */
  async #visibleRows(call: SpaceCall, { query = {} }: AnyRequest, leagueOf: LeagueOfRow): Promise<object> {
    const { offset = 0, limit = Number.MAX_SAFE_INTEGER, ...filter } = query;
    const key = JSON.stringify([call, filter]);
    const rows = this.#lists.get(key) ?? this.#readVisible(call, filter, leagueOf);
    this.#lists.set(key, rows);
    const visible = await rows;
    return { lists: visible.slice(Number(offset), Number(offset) + Number(limit)), total: visible.length };
  }

  async #readVisible(call: SpaceCall, filter: Filter, leagueOf: LeagueOfRow): Promise<readonly unknown[]> {
    this.#accountLists?.count(call, filter);
    const read = this.#planes.space.read as Send;
    const ask: ReadAccountPage = async (offset, limit) =>
      (await read(call, { query: { ...filter, offset, limit } })) as AccountPage;
    let first: AccountPage = {};
    let behind: ReadAccountPage | undefined;
    const page = async (offset: number, limit: number) => {
      if (offset === 0) first = await ask(offset, limit);
      else behind ??= this.#accountLists?.pagesBehind(call, filter, first) ?? ask;
      return readRows(call, (await behind?.(offset, limit)) ?? first, (row) => row);
    };
    const { rows, gaps } = await readWindow(page, 0, Number.MAX_SAFE_INTEGER);
    // Rows that did not come may be the caller's.
    if (gaps?.areMissing) throw gaps.fault;
    return rows.filter((row) => maySee(this.#caller, text(leagueOf(row))));
  }
}

/**
 * The planes, as a caller sees them who may see some leagues only. Every call is checked before it is sent, and before kept
 * answers are looked at: nothing above has to think of leagues.
 *
 * @param accountLists - left out: the planes read them
 */
export function restrictToLeagues(
  planes: Planes,
  caller: Pick<Caller, 'leagues'>,
  accountLists?: AccountLists,
): Planes {
  if (caller.leagues === 'ALL') return planes;
  const restricted = new LeaguePlanes(planes, caller, accountLists);
  const space = restricted.spaceClient();
  return {
    space,
    agent: (agentId) => restricted.agent(agentId),
    ofLeague: async (leagueId, ask, agentId) => {
      restricted.expectLeague(leagueId);
      if (agentId !== undefined && (await restricted.leagueOf(agentId)) === undefined) throw unknownAgent();
      return planes.ofLeague(leagueId, (client, id) => ask(restricted.agentClient(client), id), agentId);
    },
    eitherPlane: async (leagueId, askSpace, askAgent) => {
      restricted.expectLeague(leagueId);
      return planes.eitherPlane(
        leagueId,
        () => askSpace(space),
        (client, id) => askAgent(restricted.agentClient(client), id),
      );
    },
    forWriting: async (leagueId, named) => {
      restricted.expectLeague(leagueId);
      if (named && (await restricted.leagueOf(named)) === undefined) throw unknownAgent();
      const { agentId, client } = await planes.forWriting(leagueId, named);
      return { agentId, client: restricted.agentClient(client) };
    },
    agentsOf: async (leagueId) => (maySee(caller, leagueId) ? planes.agentsOf(leagueId) : []),
    configuredAgentIds: planes.configuredAgentIds,
    joinedLeaguesType: planes.joinedLeaguesType,
    visibleAgentIds: async () => {
      const ids = await planes.visibleAgentIds();
      const leagueIds = await Promise.all(ids.map((id) => restricted.leagueOf(id).catch(() => undefined)));
      return ids.filter((_, index) => leagueIds[index] !== undefined);
    },
    leagueOf: (agentId) => restricted.leagueOf(agentId),
  };
}
