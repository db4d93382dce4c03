interface InLeague {
  readonly leagueId: string;
  readonly id: string;
}
interface OnAgent {
  readonly agentId: string;
  readonly id: string;
}

/** The raw TICS id at the end of a global id, for example `b` of `Job:a/sql/b`. */
export function rawId(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

/** The global id of a dataset. */
export function datasetId({ leagueId, id }: InLeague): string {
  return `Dataset:${leagueId}/${id}`;
}

/** The global id of an instance. */
export function instanceId({ leagueId, id }: InLeague): string {
  return `Instance:${leagueId}/${id}`;
}

/** The global id of a job; `kind` is the segment that names its type. */
export function jobId({ leagueId, id }: InLeague, kind = 'sql'): string {
  return `Job:${leagueId}/${kind}/${id}`;
}

/** The global id of a connector. */
export function connectorId({ agentId, id }: OnAgent): string {
  return `Connector:${agentId}/${id}`;
}

/** The global id of an approval notice. */
export function noticeId({ agentId, id }: OnAgent): string {
  return `ApprovalNotice:${agentId}/${id}`;
}
