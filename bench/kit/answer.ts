import type { Ask } from './queries.ts';
import {
  toAgent,
  toDataset,
  toInstance,
  toLeague,
  toShortInstance,
  type AgentRow,
  type DatasetRow,
  type InstanceRow,
  type LeagueRow,
  type ListAnswer,
} from './rows.ts';

/** Answers a GET of the space plane, by its path below `/v1/{project}`. */
export type Get = <Row>(path: string) => Promise<ListAnswer<Row>>;

/** No list answers more rows a call. */
const pageRows = 100;

/** Paths of the calls below `/v1/{project}`. Whatever the fixtures record and `raw` and the peers ask for is made here. */
export const paths = {
  leagues: (first: number) => `/league-info?type=owned&offset=0&limit=${first}`,
  agents: (offset = 0) => `/agents?offset=${offset}&limit=${pageRows}`,
  datasets: (leagueId: string) => `/leagues/${leagueId}/datasets?offset=0&limit=10`,
  instances: (leagueId: string, offset: number, limit: number) =>
    `/leagues/${leagueId}/job-instances?offset=${offset}&limit=${limit}`,
} as const;

/** Offset and limit of each page of so many rows. */
export function pagesOf(rows: number): readonly (readonly [offset: number, limit: number])[] {
  return Array.from({ length: Math.ceil(rows / pageRows) }, (_, index) => [
    index * pageRows,
    Math.min(pageRows, rows - index * pageRows),
  ]);
}

async function answerOverview(get: Get, leagues: number) {
  const { lists } = await get<LeagueRow>(paths.leagues(leagues));
  const [agents, ...contents] = await Promise.all([
    get<AgentRow>(paths.agents()),
    ...lists.map(({ id }) =>
      Promise.all([get<DatasetRow>(paths.datasets(id)), get<InstanceRow>(paths.instances(id, 0, 10))]),
    ),
  ]);
  const agentsByLeague = new Map<string, AgentRow[]>(lists.map(({ id }) => [id, []]));
  for (const agent of agents.lists) agentsByLeague.get(agent.league_id)?.push(agent);
  return lists.map((league, index) => {
    const [datasets, instances] = contents[index] ?? [];
    return {
      ...toLeague(league),
      agents: { nodes: (agentsByLeague.get(league.id) ?? []).map(toAgent) },
      datasets: { nodes: (datasets?.lists ?? []).map((row) => toDataset(league.id, row)) },
      instances: { nodes: (instances?.lists ?? []).map((row) => toInstance(league.id, row)) },
    };
  });
}

async function answerRows(get: Get, rows: number) {
  const { lists } = await get<LeagueRow>(paths.leagues(1));
  return Promise.all(
    lists.map(async ({ id }) => {
      const pages = await Promise.all(
        pagesOf(rows).map(([offset, limit]) => get<InstanceRow>(paths.instances(id, offset, limit))),
      );
      return {
        id: `League:${id}`,
        instances: { nodes: pages.flatMap(({ lists }) => lists.map((row) => toShortInstance(id, row))) },
      };
    }),
  );
}

/** The `data` of an answer, put together by hand from the planes' rows. */
export async function answer(get: Get, ask: Ask): Promise<object> {
  switch (ask.kind) {
    case 'list':
      return { leagues: { nodes: (await get<LeagueRow>(paths.leagues(20))).lists.map(toLeague) } };
    case 'overview':
      return { leagues: { nodes: await answerOverview(get, ask.leagues) } };
    case 'rows':
      return { leagues: { nodes: await answerRows(get, ask.rows) } };
  }
}
