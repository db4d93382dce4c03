import { equalsIgnoreCase } from '../model/names.ts';
import { isOnline } from '../model/world.ts';
import type { Dataset, Instance, Partner, World } from '../model/world.ts';
import { StatementError } from './errors.ts';

export interface Catalogue {
  /** @throws {StatementError} when there is no such dataset. */
  find(partnerAlias: string, datasetName: string): Dataset;
  /** True where identifiers may be compared with a value. */
  readonly isLookup: boolean;
}

export interface CatalogueScope {
  readonly leagueId: string;
  /** Prefers this agent's datasets. */
  readonly agentId: string;
  readonly isLookup: boolean;
}

/** Resolves dataset names to what the league's partners have published. */
export function catalogueOf(world: World, { leagueId, agentId, isLookup }: CatalogueScope): Catalogue {
  return {
    isLookup,
    find(alias, name) {
      const partner = partnerOf(world, leagueId, alias);
      const isMeant = (dataset: Dataset): boolean =>
        dataset.partnerId === partner.id && equalsIgnoreCase(dataset.name, name);
      const found = world.datasetsOfLeague(leagueId).filter(isMeant);
      // Several agents of a partner may have the name: prefer the own one.
      const dataset = found.find((candidate) => candidate.agentId === agentId) ?? found[0];
      if (dataset) return dataset;
      const isUnpublished = world.datasetsOfAgent(agentId).some(isMeant);
      throw new StatementError(
        isUnpublished
          ? `dataset ${alias}.${name} is not published to the league`
          : `there is no dataset ${alias}.${name} in the league`,
      );
    },
  };
}

/** The catalogue of a running job: agents must be online, datasets approved. */
export function liveCatalogueOf(world: World, instance: Instance, isLookup: boolean): Catalogue {
  const catalogue = catalogueOf(world, { ...instance, isLookup });
  return {
    ...catalogue,
    find(alias, name) {
      const dataset = catalogue.find(alias, name);
      const agent = world.agent(dataset.agentId);
      if (agent && !isOnline(agent)) {
        throw new StatementError(`agent ${agent.name}, which holds ${alias}.${name}, is offline`);
      }
      // Approvals are for the datasets that were found when the job was submitted.
      if (!instance.datasetIds.includes(dataset.id)) {
        throw new StatementError(`dataset ${alias}.${name} is none of those the job was approved for`);
      }
      return dataset;
    },
  };
}

function partnerOf(world: World, leagueId: string, alias: string): Partner {
  const members = world.membersOfLeague(leagueId);
  // The reference calls the league's creator by two names, LEAGUE_CREATOR in its walk-through (5.2).
  const partner =
    members.find((member) => equalsIgnoreCase(member.alias, alias)) ??
    (equalsIgnoreCase(alias, 'LEAGUE_CREATOR')
      ? members.find((member) => equalsIgnoreCase(member.alias, 'space_creator'))
      : undefined);
  if (!partner) throw new StatementError(`no partner of the league has the alias ${alias}`);
  return partner;
}
