import { memo } from '../../upstream/memo.ts';
import { byPageNumber, readRows, readObjects, type Page, type ReadPage } from '../pages.ts';
import type { Planes } from '../planes/planes.ts';
import { text } from '../../upstream/wire.ts';
import { fromAgentRow, fromAvailableRow, fromLeagueRow, type Dataset, type registrableTypes } from './row.ts';

/** Narrows a league's datasets; the service compares. */
export interface DatasetFilter {
  readonly name?: string | null | undefined;
  readonly accountName?: string | null | undefined;
}

/** Datasets that one partner offers to jobs. */
export interface PartnerDatasets {
  readonly partnerAlias: string | null;
  readonly datasets: Page<Dataset>;
}

interface AvailableKey {
  readonly leagueId: string;
  readonly type: (typeof registrableTypes)[number];
  readonly agentId?: string | undefined;
}

/** Key of a dataset among the rows that were read. */
export function keyOf({ leagueId, ticsId }: Pick<Dataset, 'leagueId' | 'ticsId'>): string {
  return `${leagueId}/${ticsId}`;
}

/** `GET /v1/{p}/leagues/{l}/datasets` (6.3.1): offset and limit count records. */
function createLeagueList({ space }: Planes, onPage: (page: Page<Dataset>) => void) {
  const page = memo(
    async ({
      leagueId,
      name,
      accountName,
      offset,
      limit,
    }: DatasetFilter & { leagueId: string; offset: number; limit: number }): Promise<Page<Dataset>> => {
      const answer = await space.read('listLeagueDatasets', {
        path: { league_id: leagueId },
        query: {
          offset,
          limit,
          ...(name && { dataset_name: name }),
          ...(accountName && { partner_name: accountName }),
        },
      });
      const datasets = readObjects('listLeagueDatasets', answer, (row) => fromLeagueRow(leagueId, row));
      onPage(datasets);
      return datasets;
    },
  );
  return (leagueId: string, { name, accountName }: DatasetFilter = {}): ReadPage<Dataset> =>
    (offset, limit) =>
      page({ leagueId, name, accountName, offset, limit });
}

/** `GET /v1/agents/datasets` (7.4.1): offset is a page number. Its rows name no league: it is the agent's. */
function createAgentList(planes: Planes, onPage: (page: Page<Dataset>) => void) {
  const readPage = memo(
    async ({
      leagueId,
      agentId,
      page,
      size,
    }: {
      leagueId: string;
      agentId: string;
      page: number;
      size: number;
    }): Promise<Page<Dataset>> => {
      const agent = await planes.agent(agentId);
      const answer = await agent.read('listAgentDatasets', { query: { offset: page, limit: size } });
      const datasets = readObjects('listAgentDatasets', answer, (row) => fromAgentRow(leagueId, agentId, row));
      onPage(datasets);
      return datasets;
    },
  );
  return (leagueId: string, agentId: string): ReadPage<Dataset> =>
    byPageNumber((page, size) => readPage({ leagueId, agentId, page, size }));
}

/** `GET /v1/{p}/leagues/{l}/available-datasets` (7.7.2): not paged; `total` counts the partners. */
function createAvailableList(planes: Planes, onPage: (page: Page<Dataset>) => void) {
  return memo(async ({ leagueId, type, agentId }: AvailableKey): Promise<readonly PartnerDatasets[]> => {
    const answer = await planes.ofLeague(leagueId, (client) =>
      client.read('listAvailableDatasets', {
        path: { league_id: leagueId },
        query: { dataset_type: type, ...(agentId !== undefined && { agent_id: agentId }) },
      }),
    );
    return readRows('listAvailableDatasets', answer, (group) => group).rows.map((group) => {
      const partnerAlias = text(group.partner_domain_alias);
      const datasets = readObjects('listAvailableDatasets', { lists: group.dataset ?? [] }, (row) =>
        fromAvailableRow(leagueId, partnerAlias, row),
      );
      onPage(datasets);
      return { partnerAlias, datasets };
    });
  });
}

/** Reads lists of datasets. The rows of each are remembered for the operation. */
export function createDatasetLists(planes: Planes) {
  const remembered = {
    ofLeague: new Map<string, Dataset>(),
    onAgent: new Map<string, Dataset>(),
    available: new Map<string, Dataset>(),
  };
  const remember =
    (rows: Map<string, Dataset>) =>
    (page: Page<Dataset>): void => {
      for (const dataset of page.rows) rows.set(keyOf(dataset), dataset);
    };
  return {
    /** Datasets that the partners have published in a league. */
    ofLeague: createLeagueList(planes, remember(remembered.ofLeague)),
    /** Datasets on an agent, published or not. */
    onAgent: createAgentList(planes, remember(remembered.onAgent)),
    /** Datasets that jobs of a league can use, by partner. */
    available: createAvailableList(planes, remember(remembered.available)),
    /** Rows that were read, by list and key. */
    remembered: remembered as Readonly<Record<keyof typeof remembered, ReadonlyMap<string, Dataset>>>,
  };
}
