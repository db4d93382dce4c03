import type { SandboxRequest } from '../../contract/handler.ts';
import type { Dataset, World } from '../../model/world.ts';
import { ownAgent } from '../access.ts';
import { agentError } from './caller.ts';

/** Resolves the ways in which requests name datasets. */

type Fits = (dataset: Dataset, alias: string) => boolean;

/** A dataset visible to the league. Throws NOT_PUBLISHED for the caller's own that is not. */
function datasetNamed(request: SandboxRequest, world: World, name: string, fits: Fits): Dataset {
  const { leagueId, partnerId } = ownAgent(request, world);
  const isMeant = (dataset: Dataset): boolean => fits(dataset, world.partner(dataset.partnerId)?.alias ?? '');
  const found = world.datasetsOfLeague(leagueId).find(isMeant);
  if (found !== undefined) return found;
  const isOwn = world.datasets.some((own) => own.leagueId === leagueId && own.partnerId === partnerId && isMeant(own));
  throw agentError(request, isOwn ? 'notPublished' : 'notFound', `dataset ${name}`);
}

function itemsOf(list: string): string[] {
  return list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** `alias.dataset,alias.dataset`, as in horizontal jobs. */
export function datasetsByAlias(request: SandboxRequest, world: World, list: string): Dataset[] {
  return itemsOf(list).map((item) =>
    datasetNamed(request, world, item, ({ name }, alias) => `${alias}.${name}` === item),
  );
}

/** `dataset,dataset` of one partner, as in approval records. */
export function datasetsByName(request: SandboxRequest, world: World, owner: string, list: string): Dataset[] {
  return itemsOf(list).map((item) =>
    datasetNamed(request, world, item, ({ name }, alias) => alias === owner && name === item),
  );
}

/** `agentId.dataset.alias,…`, as in vertical jobs. */
export function datasetsByAgent(request: SandboxRequest, world: World, list: string): Dataset[] {
  return itemsOf(list).map((item) =>
    datasetNamed(request, world, item, ({ agentId, name }, alias) => `${agentId}.${name}.${alias}` === item),
  );
}

/** Dataset names by agent id. */
export function datasetsOfAgents(
  request: SandboxRequest,
  world: World,
  names: Readonly<Record<string, string>>,
): Dataset[] {
  return Object.entries(names).map(([owner, wanted]) =>
    datasetNamed(request, world, wanted, ({ agentId, name }) => agentId === owner && name === wanted),
  );
}

export function datasetsById(request: SandboxRequest, world: World, ids: readonly string[]): Dataset[] {
  return ids.map((wanted) => datasetNamed(request, world, wanted, ({ id }) => id === wanted));
}
