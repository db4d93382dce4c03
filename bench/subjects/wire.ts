import { paths, type Get } from '../kit/answer.ts';
import type { Ask } from '../kit/queries.ts';
import type { AgentRow, DatasetRow, InstanceRow, LeagueRow } from '../kit/rows.ts';

/**
 * What gateways that answer rows as they are on the wire are asked for: what Q1 and Q2 ask for without the times, to which the
 * contract gives several shapes.
 */
export const fields = {
  league: ['id', 'name', 'league_status'],
  agent: ['agent_id', 'agent_name', 'league_id', 'deploy_status', 'image_version'],
  dataset: ['id', 'name', 'data_type', 'partner_domain_name'],
  instance: ['id', 'job_name', 'job_instance_type', 'status'],
} as const satisfies {
  league: readonly (keyof LeagueRow)[];
  agent: readonly (keyof AgentRow)[];
  dataset: readonly (keyof DatasetRow)[];
  instance: readonly (keyof InstanceRow)[];
};

function pick<Row>(rows: readonly Row[], names: readonly (keyof Row)[]) {
  return rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name]])));
}

/** What they must answer, under the names of the calls. */
export async function wireReference(get: Get, { kind }: Ask): Promise<object> {
  const { lists } = await get<LeagueRow>(paths.leagues(20));
  const leagues = pick(lists, fields.league);
  if (kind !== 'overview') return { listLeagues: { lists: leagues } };
  const rows = leagues.map(async (league, index) => {
    const { id = '' } = lists[index] ?? {};
    const datasets = await get<DatasetRow>(paths.datasets(id));
    const instances = await get<InstanceRow>(paths.instances(id, 0, 10));
    return {
      ...league,
      datasets: { lists: pick(datasets.lists, fields.dataset) },
      instances: { lists: pick(instances.lists, fields.instance) },
    };
  });
  const agents = await get<AgentRow>(paths.agents());
  return {
    listLeagues: { lists: await Promise.all(rows) },
    listAgents: { lists: pick(agents.lists, fields.agent) },
  };
}
