import { GatewayError } from '../../errors.ts';
import { tables } from '../model/tables.ts';
import type { Row, TableName } from '../model/types.ts';
import type { Deletions } from './deletions.ts';
import type { WriteReferring } from './references.ts';
import { agentRow, datasetRow, datedChanges, jobRow, leagueRow, partnerRow, type RowContext } from './rows.ts';
import { readWhole, type Source } from './source.ts';

/** What reads of dimensions need. */
export interface DimensionReads {
  readonly write: WriteReferring;
  readonly source: () => Source;
  readonly context: () => RowContext;
  readonly deletions: Deletions;
  /** The leagues that BI is limited to; all without. */
  readonly leagues: readonly string[] | undefined;
}

/** Stands for the league of what no league holds, such as the list of leagues itself. */
export const noLeague = '*';

/** Reads leagues, agents, partners, datasets and jobs. */
export function createDimensionReads({ write, source, context, deletions, leagues }: DimensionReads) {
  const keep = async (
    table: TableName,
    leagueId: string,
    { rows, isComplete, at, among }: { rows: readonly Row[]; isComplete: boolean; at: RowContext; among?: string },
  ): Promise<void> => {
    const ids = new Set(rows.map((row) => String(row[tables[table].key])));
    const gone = isComplete ? await deletions.missing({ table, leagueId, ids, readAt: at.readAt }, among) : [];
    await write([...datedChanges(tables[table], rows, at), ...gone]);
  };

  const isWanted = (leagueId: string | null): boolean =>
    leagues === undefined || (leagueId !== null && leagues.includes(leagueId));

  const readLeagues = async (): Promise<void> => {
    const at = context();
    const loaders = source().leagues;
    const lists = await Promise.all([readWhole(loaders.list('OWNER')), readWhole(loaders.list('PARTNER'))]);
    const rows = lists
      .flatMap((list) => list.rows)
      .filter(({ ticsId }) => isWanted(ticsId))
      .map((league) => leagueRow(league, at));
    await keep('league', noLeague, { rows, isComplete: lists.every((list) => list.isComplete), at });
  };

  const readAgents = async (): Promise<void> => {
    const at = context();
    const { rows, isComplete } = await readWhole(source().agents.list());
    const agents = rows.filter(({ leagueId }) => isWanted(leagueId)).map((agent) => agentRow(agent, at));
    await keep('agent', noLeague, { rows: agents, isComplete, at });
  };

  const readPartners = async (leagueId: string): Promise<void> => {
    const at = context();
    const { rows, isComplete } = await readWhole(source().leagues.partners(leagueId));
    const partners = rows.map((partner) => partnerRow(leagueId, partner, at)).filter((row) => row !== null);
    await keep('partner', leagueId, { rows: partners, isComplete, at });
  };

  const readDatasets = async (leagueId: string): Promise<void> => {
    const at = context();
    const { rows, isComplete } = await readWhole(source().datasets.ofLeague(leagueId));
    const datasets = rows.map((dataset) => datasetRow(dataset, at));
    await keep('dataset', leagueId, { rows: datasets, isComplete, at });
  };

  /** Three lists. That of predictions is agents' alone: where none can be asked, nothing is known of them. */
  const readJobs = async (leagueId: string): Promise<void> => {
    const at = context();
    const lists = source().jobs.lists(leagueId, [], {});
    const read = await Promise.all(
      lists.map(async ({ name, read: readPage }) => {
        try {
          return await readWhole(readPage, name === 'PREDICTION' ? 'AGENT' : 'SPACE');
        } catch (error) {
          if (name === 'PREDICTION' && error instanceof GatewayError) return undefined;
          throw error;
        }
      }),
    );
    const known = read.filter((list) => list !== undefined);
    const rows = known.flatMap((list) => list.rows).map((job) => jobRow(job, at));
    const isComplete = known.every((list) => list.isComplete);
    const among = known.length < read.length ? "type IS DISTINCT FROM 'PREDICT'" : '';
    await keep('job', leagueId, { rows, isComplete, at, among });
  };

  return {
    /** Tables that are read for the account as a whole. */
    ofAccount: { league: readLeagues, agent: readAgents },
    /** Tables that are read league by league. */
    ofLeague: { partner: readPartners, dataset: readDatasets, job: readJobs },
  };
}
