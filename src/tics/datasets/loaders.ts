import { GatewayError } from '../../errors.ts';
import { memo } from '../../upstream/memo.ts';
import { byPageNumber, findRow, readRows, readThings, type Page, type ReadPage } from '../../upstream/pages.ts';
import type { Planes } from '../../upstream/planes.ts';
import { text } from '../../upstream/wire.ts';
import { toPrivacy, toRegistration, type DatasetPrivacy, type DatasetRegistration } from './registration.ts';
import {
  fromAgentRow,
  fromAvailableRow,
  fromLeagueRow,
  registrableTypes,
  type Dataset,
  type DatasetAvailability,
  type DatasetHolding,
  type DatasetListing,
} from './row.ts';

export type { DatasetColumn, PrivacyColumn } from './column.ts';
export type * from './registration.ts';
export type { Dataset, DatasetAvailability, DatasetHolding, DatasetListing } from './row.ts';

/** Which datasets of a league are listed; the service itself compares. */
export interface DatasetFilter {
  readonly name?: string | null | undefined;
  readonly accountName?: string | null | undefined;
}

/** What one partner offers to jobs. */
export interface PartnerDatasets {
  readonly partnerAlias: string | null;
  readonly datasets: Page<Dataset>;
}

/** The words that `available-datasets` takes as `dataset_type`. */
type AskedType = (typeof registrableTypes)[number];

interface AvailableKey {
  readonly leagueId: string;
  readonly type: AskedType;
  readonly agentId?: string | undefined;
}

/**
 * The types that `available-datasets` can be asked with.
 *
 * @throws GatewayError INVALID_ARGUMENT for a type that jobs can't use, UNKNOWN too.
 */
function toAskedType(type: string): AskedType {
  const found = registrableTypes.find((known) => known === type);
  if (found === undefined) throw new GatewayError('INVALID_ARGUMENT', `type: one of ${registrableTypes.join(', ')}.`);
  return found;
}

/** `available-datasets` knows files and tables: any table's type answers them all. */
function askedTypesOf({ listing, holding }: Dataset): readonly AskedType[] {
  const { value } = (listing ?? holding)?.dataType ?? { value: 'UNKNOWN' };
  if (value === 'UNKNOWN') return ['LOCAL_CSV', 'MYSQL'];
  return [value === 'LOCAL_CSV' ? 'LOCAL_CSV' : 'MYSQL'];
}

function isUnpublished({ holding }: Dataset): boolean {
  return holding?.publication.value === 'UNPUBLISHED';
}

/** A dataset on the agent that holds it. */
interface RegistrationKey {
  readonly leagueId: string;
  readonly agentId: string;
  readonly datasetId: string;
}

/** Reads datasets. */
export function createDatasetLoaders(planes: Planes) {
  // What a list told of a dataset is known to all who ask for it in the same operation.
  const listings = new Map<string, Dataset>();
  const holdings = new Map<string, Dataset>();
  const availabilities = new Map<string, Dataset>();
  const keyOf = ({ leagueId, ticsId }: Pick<Dataset, 'leagueId' | 'ticsId'>) => `${leagueId}/${ticsId}`;
  const remember = (known: Map<string, Dataset>, met: Page<Dataset>) => {
    for (const dataset of met.rows) known.set(keyOf(dataset), dataset);
  };

  /** `GET /v1/{p}/leagues/{l}/datasets` (6.3.1): offset and limit count records. */
  const leaguePage = memo(
    async ({
      leagueId,
      name,
      accountName,
      offset,
      limit,
    }: DatasetFilter & { leagueId: string; offset: number; limit: number }): Promise<Page<Dataset>> => {
      const answer = await planes.space.read('listLeagueDatasets', {
        path: { league_id: leagueId },
        query: {
          offset,
          limit,
          ...(name && { dataset_name: name }),
          ...(accountName && { partner_name: accountName }),
        },
      });
      const datasets = readThings('listLeagueDatasets', answer, (row) => fromLeagueRow(leagueId, row));
      remember(listings, datasets);
      return datasets;
    },
  );

  /** `GET /v1/agents/datasets` (7.4.1): offset is a page number. Its rows name no league: it is the agent's. */
  const agentPage = memo(
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
      const datasets = readThings('listAgentDatasets', answer, (row) => fromAgentRow(leagueId, agentId, row));
      remember(holdings, datasets);
      return datasets;
    },
  );

  /** `GET /v1/{p}/leagues/{l}/available-datasets` (7.7.2): not paged; `total` counts the partners. */
  const available = memo(async ({ leagueId, type, agentId }: AvailableKey): Promise<readonly PartnerDatasets[]> => {
    const answer = await planes.ofLeague(leagueId, (client) =>
      client.read('listAvailableDatasets', {
        path: { league_id: leagueId },
        query: { dataset_type: type, ...(agentId !== undefined && { agent_id: agentId }) },
      }),
    );
    return readRows('listAvailableDatasets', answer, (group) => group).rows.map((group) => {
      const partnerAlias = text(group.partner_domain_alias);
      const datasets = readThings('listAvailableDatasets', { lists: group.dataset ?? [] }, (row) =>
        fromAvailableRow(leagueId, partnerAlias, row),
      );
      remember(availabilities, datasets);
      return { partnerAlias, datasets };
    });
  });

  /** `GET /v1/agents/datasets/{d}` (7.4.5): only the agent that holds a dataset answers. */
  const registrationOn = memo(async ({ datasetId, ...keys }: RegistrationKey): Promise<DatasetRegistration> => {
    const agent = await planes.agent(keys.agentId);
    return toRegistration(keys, await agent.read('getDatasetRegistration', { path: { dataset_id: datasetId } }));
  });

  /** `GET /v1/{p}/leagues/{l}/datasets/{d}/schema-info` (7.7.1): any agent of the league answers. */
  const privacyOf = memo(
    async ({ leagueId, datasetId }: { leagueId: string; datasetId: string }): Promise<DatasetPrivacy> =>
      toPrivacy(
        await planes.ofLeague(leagueId, (client) =>
          client.read('getDatasetPrivacy', { path: { league_id: leagueId, dataset_id: datasetId } }),
        ),
      ),
  );

  const ofLeague =
    (leagueId: string, { name, accountName }: DatasetFilter = {}): ReadPage<Dataset> =>
    (offset, limit) =>
      leaguePage({ leagueId, name, accountName, offset, limit });

  const onAgent = (leagueId: string, agentId: string): ReadPage<Dataset> =>
    byPageNumber((page, size) => agentPage({ leagueId, agentId, page, size }));

  const find = async (known: ReadonlyMap<string, Dataset>, read: ReadPage<Dataset>, wanted: Dataset) =>
    known.get(keyOf(wanted)) ?? (await findRow(read, ({ ticsId }) => ticsId === wanted.ticsId));

  /** The league's list does not hold what is not published. */
  const listing = async (dataset: Dataset): Promise<DatasetListing | null> => {
    if (dataset.listing !== null || isUnpublished(dataset)) return dataset.listing;
    return (await find(listings, ofLeague(dataset.leagueId), dataset))?.listing ?? null;
  };

  const availability = async (dataset: Dataset): Promise<DatasetAvailability | null> => {
    if (dataset.availability !== null || isUnpublished(dataset)) return dataset.availability;
    if (!availabilities.has(keyOf(dataset)))
      await Promise.all(askedTypesOf(dataset).map((type) => available({ leagueId: dataset.leagueId, type })));
    return availabilities.get(keyOf(dataset))?.availability ?? null;
  };

  const agentId = async (dataset: Dataset): Promise<string | null> =>
    dataset.agentId ?? holdings.get(keyOf(dataset))?.agentId ?? (await availability(dataset))?.agentId ?? null;

  /** What is asked of the agent that holds a dataset; null when no call tells which one does. */
  const fromItsAgent = async <Answer>(dataset: Dataset, ask: (agentId: string) => Promise<Answer>) => {
    const itsAgentId = await agentId(dataset);
    return itsAgentId === null ? null : ask(itsAgentId);
  };

  /** The agents whose accounts are configured know what they have not published. */
  const findOnAgents = async (leagueId: string, datasetId: string): Promise<Dataset | null> => {
    const searched = await Promise.allSettled(
      planes.configuredAgentIds.map(async (id) =>
        (await planes.leagueOf(id)) === leagueId
          ? findRow(onAgent(leagueId, id), ({ ticsId }) => ticsId === datasetId)
          : undefined,
      ),
    );
    for (const result of searched) if (result.status === 'fulfilled' && result.value) return result.value;
    for (const result of searched) if (result.status === 'rejected') throw result.reason;
    return null;
  };

  return {
    /**
     * A dataset by its ids; no call reads one alone. The league's list is searched first, then the lists of the league's
     * agents; null when none of them holds it.
     *
     * @throws GatewayError SEARCH_LIMIT
     */
    byId: async (leagueId: string, datasetId: string): Promise<Dataset | null> => {
      const known = [listings, holdings].map((lists) => lists.get(`${leagueId}/${datasetId}`)).find(Boolean);
      const listed = known ?? (await findRow(ofLeague(leagueId), ({ ticsId }) => ticsId === datasetId));
      return listed ?? findOnAgents(leagueId, datasetId);
    },
    /** What the partners have published in a league. */
    ofLeague,
    /** What an agent holds, published or not; its league is looked up where the caller does not know it. */
    ofAgent:
      (id: string, leagueId: string | null): ReadPage<Dataset> =>
      async (offset, limit) => {
        const known = leagueId ?? (await planes.leagueOf(id));
        if (known === undefined)
          throw new GatewayError('NOT_FOUND', 'The agent is in no league, and datasets are known by their league.');
        return onAgent(known, id)(offset, limit);
      },
    /** The first dataset of an agent that fits, published or not; null when its list holds none. */
    onAgent: async (leagueId: string, id: string, fits: (dataset: Dataset) => boolean): Promise<Dataset | null> =>
      (await findRow(onAgent(leagueId, id), fits)) ?? null,
    /** What jobs of a league can use, by partner; of one agent, if one is named. */
    available: (leagueId: string, type: string, ofAgentId?: string) =>
      available({ leagueId, type: toAskedType(type), agentId: ofAgentId }),
    /** What the league's list tells of a dataset, at hand or looked up. */
    listing,
    /** Type and age of a dataset, from whichever list has told them. */
    facts: async (dataset: Dataset): Promise<DatasetListing | DatasetHolding | null> =>
      dataset.holding ?? (await listing(dataset)),
    /** What the list of the agent that holds it tells of a dataset, at hand or looked up. */
    holding: async (dataset: Dataset): Promise<DatasetHolding | null> =>
      dataset.holding ??
      (await fromItsAgent(dataset, (id) => find(holdings, onAgent(dataset.leagueId, id), dataset)))?.holding ??
      null,
    /** What jobs need to know of a dataset, at hand or looked up. */
    availability,
    /** The agent that holds a dataset, at hand or looked up. */
    agentId,
    /** Columns with their privacy: a call of its own. */
    privacy: ({ leagueId, ticsId }: Dataset): Promise<DatasetPrivacy> => privacyOf({ leagueId, datasetId: ticsId }),
    /** How a dataset of an agent is registered: a call of its own. */
    registrationOn,
    /** How the owner registered a dataset: a call of its own, on the agent that holds it. */
    registration: (dataset: Dataset): Promise<DatasetRegistration | null> =>
      fromItsAgent(dataset, (id) =>
        registrationOn({ leagueId: dataset.leagueId, agentId: id, datasetId: dataset.ticsId }),
      ),
  };
}
