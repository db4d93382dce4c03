import DataLoader from 'dataloader';
import { GatewayError } from '../../errors.ts';
import { findRow, maxPageRows, type ReadPage } from '../pages.ts';
import type { Instance, InstanceKey } from './instance.ts';
import type { InstanceListKey } from './lists.ts';

type List = (key: InstanceListKey) => ReadPage<Instance>;

/** More ids of one league are first looked for among its newest instances. */
const maxSingleLookups = 2;

function nameOf({ leagueId, instanceId }: InstanceKey): string {
  return `${leagueId}/${instanceId}`;
}

/** No call reads one instance: an agent's list is filtered by its id, else the league's list is searched. */
async function find(list: List, { leagueId, instanceId }: InstanceKey): Promise<Instance | null> {
  const isMeant = ({ ticsId }: Instance): boolean => ticsId === instanceId;
  try {
    const { rows } = await list({ leagueId, filter: { instanceId } })(0, maxPageRows);
    return rows.find(isMeant) ?? null;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return (await findRow(list({ leagueId }), isMeant)) ?? null;
  }
}

/** Newest instances of the leagues with many ids. Skips a list that fails: its ids are then looked up one by one. */
async function listNewest(list: List, keys: readonly InstanceKey[]): Promise<readonly Instance[]> {
  const wanted = [...new Set(keys.map(({ leagueId }) => leagueId))].filter(
    (leagueId) => keys.filter((key) => key.leagueId === leagueId).length > maxSingleLookups,
  );
  const pages = await Promise.allSettled(wanted.map((leagueId) => list({ leagueId })(0, maxPageRows)));
  return pages.flatMap((page) => (page.status === 'fulfilled' ? page.value.rows : []));
}

/** Instances of one operation, by their ids. */
export interface InstancesById {
  /** The instance; null when there is none. A row that was read before costs no call. */
  readonly load: (key: InstanceKey) => Promise<Instance | null>;
  /** Keeps a row. Not primed into a DataLoader, which takes a promise each: most are never asked for again. */
  readonly remember: (instance: Instance) => void;
}

/** Looks up instances by their ids. */
export function createInstancesById(list: List): InstancesById {
  const remembered = new Map<string, Instance>();
  const loader = new DataLoader<InstanceKey, Instance | null, string>(
    async (keys) => {
      const newest = new Map(
        (await listNewest(list, keys)).map((instance) => [
          nameOf({ leagueId: instance.leagueId, instanceId: instance.ticsId }),
          instance,
        ]),
      );
      const answer = async (key: InstanceKey): Promise<Instance | null> => newest.get(nameOf(key)) ?? find(list, key);
      return Promise.all(keys.map((key) => answer(key).catch((error: Error) => error)));
    },
    { cacheKeyFn: nameOf },
  );
  return {
    load: async (key) => remembered.get(nameOf(key)) ?? loader.load(key),
    remember: (instance) => {
      const name = nameOf({ leagueId: instance.leagueId, instanceId: instance.ticsId });
      if (!remembered.has(name)) remembered.set(name, instance);
    },
  };
}
