import type { SandboxRequest } from '../../contract/handler.ts';
import type { Dataset, World } from '../../model/world.ts';
import { ownAgent } from '../access.ts';
import { agentError } from './caller.ts';

/** How requests name datasets. */

type Fits = (dataset: Dataset, alias: string) => boolean;

/** A dataset that the league sees; one of the caller's own that it does not see yet is refused as such. */
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

/** `alias.dataset,alias.dataset`, as horizontal jobs write it. */
export function datasetsByAlias(request: SandboxRequest, world: World, list: string): Dataset[] {
  return itemsOf(list).map((item) =>
    datasetNamed(request, world, item, ({ name }, alias) => `${alias}.${name}` === item),
  );
}

/** `dataset,dataset`, all of one partner, as records of approvals write it. */
export function datasetsByName(request: SandboxRequest, world: World, owner: string, list: string): Dataset[] {
  return itemsOf(list).map((item) =>
    datasetNamed(request, world, item, ({ name }, alias) => alias === owner && name === item),
  );
}

/** `agentId.dataset.alias,agentId.dataset.alias`, as vertical jobs write it. */
export function datasetsByAgent(request: SandboxRequest, world: World, list: string): Dataset[] {
  return itemsOf(list).map((item) =>
    datasetNamed(request, world, item, ({ agentId, name }, alias) => `${agentId}.${name}.${alias}` === item),
  );
}

/** Names by agent id. */
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

const literalsAndComments = /'(?:[^']|'')*'|--[^\n]*|\/\*[\s\S]*?\*\//g;
const qualifiedName = /(?:`([^`]+)`|([\p{L}\p{N}_]+))\s*\.\s*(?:`([^`]+)`|([\p{L}\p{N}_]+))/gu;

/** The walk-through of the reference calls the league's creator so. */
function isCreator(alias: string): boolean {
  return alias === 'LEAGUE_CREATOR' || alias === 'SPACE_CREATOR';
}

/** `ALIAS.DATASET` wherever a statement writes it, in backticks or not, in any case. */
function namesIn(sql: string): Set<string> {
  return new Set(
    [...sql.replaceAll(literalsAndComments, ' ').matchAll(qualifiedName)].map(
      ([, quotedAlias, alias, quoted, name]) => {
        const owner = (quotedAlias ?? alias ?? '').toUpperCase();
        return `${isCreator(owner) ? 'SPACE_CREATOR' : owner}.${(quoted ?? name ?? '').toUpperCase()}`;
      },
    ),
  );
}

function sqlNameOf(world: World, { partnerId, name }: Dataset): string {
  return `${world.partner(partnerId)?.alias ?? ''}.${name}`.toUpperCase();
}

/** The league's datasets that a statement reads. What it names besides is for whoever executes it to complain of. */
export function datasetsInStatement(world: World, leagueId: string, sql: string): Dataset[] {
  const names = namesIn(sql);
  return world.datasetsOfLeague(leagueId).filter((dataset) => names.has(sqlNameOf(world, dataset)));
}

/** The first dataset of a partner that a statement reads although it is not published. */
export function unpublishedInStatement(world: World, partnerId: string, sql: string): Dataset | undefined {
  const names = namesIn(sql);
  return world.datasets.find(
    (dataset) =>
      dataset.partnerId === partnerId && dataset.publication === 'UNPUBLISHED' && names.has(sqlNameOf(world, dataset)),
  );
}
