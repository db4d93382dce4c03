import { GatewayError } from '../../errors.ts';
import { memo } from '../../upstream/memo.ts';
import { findRow, type ReadPage } from '../pages.ts';
import type { Planes } from '../planes/planes.ts';
import { createDatasetLists, keyOf } from './lists.ts';
import { createDatasetLookups, findOnAgents } from './lookups.ts';
import { toPrivacy, toRegistration, type DatasetPrivacy, type DatasetRegistration } from './registration.ts';
import { registrableTypes, type Dataset } from './row.ts';

export type { DatasetColumn, PrivacyColumn } from './column.ts';
export type { DatasetFilter, PartnerDatasets } from './lists.ts';
export type * from './registration.ts';
export type { Dataset, DatasetAvailability, DatasetHolding, DatasetListing } from './row.ts';

/**
 * The type parameter of `available-datasets`.
 *
 * @throws GatewayError INVALID_ARGUMENT for a type that jobs can't use, UNKNOWN too
 */
function toRegistrableType(type: string): (typeof registrableTypes)[number] {
  const found = registrableTypes.find((known) => known === type);
  if (found === undefined) throw new GatewayError('INVALID_ARGUMENT', `type: one of ${registrableTypes.join(', ')}.`);
  return found;
}

/** A dataset on the agent that holds it. */
interface RegistrationKey {
  readonly leagueId: string;
  readonly agentId: string;
  readonly datasetId: string;
}

/** Reads registrations of datasets: one call for each. */
function createRegistrationLoaders(planes: Planes) {
  return {
    /** `GET /v1/agents/datasets/{d}` (7.4.5): only the agent that holds a dataset answers. */
    registrationOn: memo(async ({ datasetId, ...keys }: RegistrationKey): Promise<DatasetRegistration> => {
      const agent = await planes.agent(keys.agentId);
      return toRegistration(keys, await agent.read('getDatasetRegistration', { path: { dataset_id: datasetId } }));
    }),
    /** `GET /v1/{p}/leagues/{l}/datasets/{d}/schema-info` (7.7.1): any agent of the league answers. */
    privacyOf: memo(async ({ leagueId, datasetId }: { leagueId: string; datasetId: string }): Promise<DatasetPrivacy> =>
      toPrivacy(
        await planes.ofLeague(leagueId, (client) =>
          client.read('getDatasetPrivacy', { path: { league_id: leagueId, dataset_id: datasetId } }),
        ),
      ),
    ),
  };
}

/** Reads datasets. */
export function createDatasetLoaders(planes: Planes) {
  const { ofLeague, onAgent, available, remembered } = createDatasetLists(planes);
  const { fromItsAgent, ...lookups } = createDatasetLookups({ ofLeague, onAgent, available, remembered });
  const { registrationOn, privacyOf } = createRegistrationLoaders(planes);

  return {
    ...lookups,
    /**
     * A dataset by its ids; no call reads one alone. Searches the league's list, then the lists of the league's agents;
     * null when none of them holds it.
     *
     * @throws GatewayError SEARCH_LIMIT
     */
    byId: async (leagueId: string, datasetId: string): Promise<Dataset | null> => {
      const key = keyOf({ leagueId, ticsId: datasetId });
      const known = remembered.ofLeague.get(key) ?? remembered.onAgent.get(key);
      const listed = known ?? (await findRow(ofLeague(leagueId), ({ ticsId }) => ticsId === datasetId));
      return listed ?? findOnAgents(planes, onAgent, leagueId, datasetId);
    },
    /** Datasets that the partners have published in a league. */
    ofLeague,
    /**
     * Datasets on an agent, published or not. Looks up its league when `leagueId` is null.
     *
     * @throws GatewayError NOT_FOUND when the agent is in no league.
     */
    ofAgent:
      (agentId: string, leagueId: string | null): ReadPage<Dataset> =>
      async (offset, limit) => {
        const known = leagueId ?? (await planes.leagueOf(agentId));
        if (known === undefined)
          throw new GatewayError('NOT_FOUND', 'The agent is in no league, and datasets are known by their league.');
        return onAgent(known, agentId)(offset, limit);
      },
    /** The first dataset on an agent that fits, published or not; null when its list holds none. */
    onAgent: async (leagueId: string, agentId: string, fits: (dataset: Dataset) => boolean): Promise<Dataset | null> =>
      (await findRow(onAgent(leagueId, agentId), fits)) ?? null,
    /** Datasets that jobs of a league can use, by partner; of one agent, if one is named. */
    available: (leagueId: string, type: string, agentId?: string) =>
      available({ leagueId, type: toRegistrableType(type), agentId }),
    /** Columns with their privacy. */
    privacy: ({ leagueId, ticsId }: Dataset): Promise<DatasetPrivacy> => privacyOf({ leagueId, datasetId: ticsId }),
    registrationOn,
    /** Registration of a dataset, from the agent that holds it. */
    registration: (dataset: Dataset): Promise<DatasetRegistration | null> =>
      fromItsAgent(dataset, (agentId) =>
        registrationOn({ leagueId: dataset.leagueId, agentId, datasetId: dataset.ticsId }),
      ),
  };
}
