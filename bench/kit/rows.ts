/**
 * How rows of the planes read in our schema. The reference answer, `raw` and the peers with resolvers of their own are made
 * from these functions; the gateway is not, so comparing it with them means something.
 */

export interface LeagueRow {
  readonly id: string;
  readonly name: string;
  readonly league_status: string;
}

export interface AgentRow {
  readonly agent_id: string;
  readonly agent_name: string;
  readonly league_id: string;
  readonly deploy_status: string;
  readonly image_version: string;
}

export interface DatasetRow {
  readonly id: string;
  readonly name: string;
  readonly data_type: string;
  readonly partner_domain_name: string;
  readonly create_time: string;
}

export interface InstanceRow {
  readonly id: string;
  readonly job_name: string;
  readonly job_instance_type: string;
  readonly status: string;
  readonly start_time: string | null;
  readonly end_time: string | null;
}

/** How the space plane answers a list. */
export interface ListAnswer<Row> {
  readonly total: number;
  readonly lists: readonly Row[];
}

/** The service misspells one state. */
function statusOf(word: string): string {
  return word === 'SUBMITING' ? 'SUBMITTING' : word;
}

function instant(text: string | null): string | null {
  return text === null ? null : new Date(text).toISOString();
}

/** A league. */
export function toLeague({ id, name, league_status }: LeagueRow) {
  return { id: `League:${id}`, name, status: league_status };
}

/** An agent. */
export function toAgent(row: AgentRow) {
  return {
    id: `Agent:${row.agent_id}`,
    name: row.agent_name,
    deployStatus: row.deploy_status,
    version: row.image_version,
  };
}

/** A dataset, as the list of its league tells it. */
export function toDataset(leagueId: string, row: DatasetRow) {
  return {
    id: `Dataset:${leagueId}/${row.id}`,
    name: row.name,
    dataType: row.data_type,
    accountName: row.partner_domain_name,
    createdAt: instant(row.create_time),
  };
}

/** An instance, as the list of its league tells it. */
export function toInstance(leagueId: string, row: InstanceRow) {
  return {
    id: `Instance:${leagueId}/${row.id}`,
    jobName: row.job_name,
    type: row.job_instance_type,
    status: statusOf(row.status),
    startedAt: instant(row.start_time),
    endedAt: instant(row.end_time),
  };
}

/** An instance, with the fields of a long list. */
export function toShortInstance(leagueId: string, { id, job_name, status }: InstanceRow) {
  return { id: `Instance:${leagueId}/${id}`, jobName: job_name, status: statusOf(status) };
}
