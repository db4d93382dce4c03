import type { MaybePromise } from '../../maybePromise.ts';
import { findRow, type ReadPage } from '../pages.ts';
import type { Planes } from '../planes/planes.ts';
import { keyOf, type createDatasetLists } from './lists.ts';
import type { Dataset, DatasetAvailability, DatasetHolding, DatasetListing, registrableTypes } from './row.ts';

type Lists = ReturnType<typeof createDatasetLists>;

/** `available-datasets` distinguishes files and tables: the type of any table returns all of them. */
function availableTypesOf({ listing, holding }: Dataset): readonly (typeof registrableTypes)[number][] {
  const { value } = (listing ?? holding)?.dataType ?? { value: 'UNKNOWN' };
  if (value === 'UNKNOWN') return ['LOCAL_CSV', 'MYSQL'];
  return [value === 'LOCAL_CSV' ? 'LOCAL_CSV' : 'MYSQL'];
}

function isUnpublished({ holding }: Dataset): boolean {
  return holding?.publication.value === 'UNPUBLISHED';
}

async function find(remembered: ReadonlyMap<string, Dataset>, read: ReadPage<Dataset>, wanted: Dataset) {
  return remembered.get(keyOf(wanted)) ?? (await findRow(read, ({ ticsId }) => ticsId === wanted.ticsId));
}

/** Completes a dataset from the lists that its row does not come from. Rows that were read before cost nothing. */
export function createDatasetLookups({ ofLeague, onAgent, available, remembered }: Lists) {
  const lookups = {
    /** Finds a dataset in the league's list, which holds published datasets only. */
    listing: (dataset: Dataset): MaybePromise<DatasetListing | null> =>
      dataset.listing !== null || isUnpublished(dataset)
        ? dataset.listing
        : find(remembered.ofLeague, ofLeague(dataset.leagueId), dataset).then((row) => row?.listing ?? null),
    /** Finds a dataset in the list of datasets for jobs. */
    availability: async (dataset: Dataset): Promise<DatasetAvailability | null> => {
      if (dataset.availability !== null || isUnpublished(dataset)) return dataset.availability;
      const { leagueId } = dataset;
      if (!remembered.available.has(keyOf(dataset)))
        await Promise.all(availableTypesOf(dataset).map((type) => available({ leagueId, type })));
      return remembered.available.get(keyOf(dataset))?.availability ?? null;
    },
    /** The agent that holds a dataset; null when no call names it. */
    agentId: async (dataset: Dataset): Promise<string | null> =>
      dataset.agentId ??
      remembered.onAgent.get(keyOf(dataset))?.agentId ??
      (await lookups.availability(dataset))?.agentId ??
      null,
    /** Asks the agent that holds a dataset; null when no call names it. */
    fromItsAgent: async <Answer>(
      dataset: Dataset,
      ask: (agentId: string) => Promise<Answer>,
    ): Promise<Answer | null> => {
      const agentId = await lookups.agentId(dataset);
      return agentId === null ? null : ask(agentId);
    },
    /** Type and age of a dataset, from any list. */
    facts: (dataset: Dataset): MaybePromise<DatasetListing | DatasetHolding | null> =>
      dataset.holding ?? lookups.listing(dataset),
    /** Finds a dataset in the list of the agent that holds it. */
    holding: async (dataset: Dataset): Promise<DatasetHolding | null> => {
      if (dataset.holding !== null) return dataset.holding;
      const row = await lookups.fromItsAgent(dataset, (agentId) =>
        find(remembered.onAgent, onAgent(dataset.leagueId, agentId), dataset),
      );
      return row?.holding ?? null;
    },
  };
  return lookups;
}

/** Searches the lists of a league's configured agents, which hold unpublished datasets too. */
export async function findOnAgents(
  planes: Planes,
  onAgent: Lists['onAgent'],
  leagueId: string,
  datasetId: string,
): Promise<Dataset | null> {
  const searched = await Promise.allSettled(
    planes.configuredAgentIds.map(async (agentId) =>
      (await planes.leagueOf(agentId)) === leagueId
        ? findRow(onAgent(leagueId, agentId), ({ ticsId }) => ticsId === datasetId)
        : undefined,
    ),
  );
  for (const result of searched) if (result.status === 'fulfilled' && result.value) return result.value;
  for (const result of searched) if (result.status === 'rejected') throw result.reason;
  return null;
}
