import type { SandboxRequest, ServiceError } from '../../contract/handler.ts';
import { equalsIgnoreCase } from '../../model/names.ts';
import type { Dataset, SqlJob, World } from '../../model/world.ts';
import { catalogueOf } from '../../sql/catalogue.ts';
import { StatementError } from '../../sql/errors.ts';
import { referencesIn, resolveDatasets, type References } from '../../sql/references.ts';
import { agentError } from './caller.ts';

export interface StatementDatasets {
  readonly datasets: readonly Dataset[];
  /** `ALIAS.DATASET` names that resolve to nothing. */
  readonly unresolved: readonly string[];
  /** An unpublished dataset of the job's own partner that a name would resolve to. */
  readonly unpublished: Dataset | undefined;
  readonly syntaxError: string | undefined;
}

/** Resolves the datasets of a statement with the parser and the catalogue that also execute it. */
export async function datasetsOfStatement(world: World, job: SqlJob, sql: string): Promise<StatementDatasets> {
  let references: References;
  try {
    references = await referencesIn(world, sql);
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    return { datasets: [], unresolved: [], unpublished: undefined, syntaxError: error.message };
  }
  const { leagueId, agentId, isPrivateLookup: isLookup } = job;
  const { datasets, unresolved } = resolveDatasets(catalogueOf(world, { leagueId, agentId, isLookup }), references);
  const ownNames = unresolved
    .filter(({ partnerAlias }) => isOwnAlias(world, job, partnerAlias))
    .map(({ name }) => name);
  return {
    datasets,
    unresolved: unresolved.map(({ partnerAlias, name }) => `${partnerAlias}.${name}`),
    unpublished: world.datasets.find(
      (dataset) =>
        dataset.partnerId === job.partnerId &&
        dataset.publication === 'UNPUBLISHED' &&
        ownNames.some((name) => equalsIgnoreCase(name, dataset.name)),
    ),
    syntaxError: undefined,
  };
}

function isOwnAlias(world: World, { partnerId }: SqlJob, alias: string): boolean {
  const own = world.partner(partnerId)?.alias ?? '';
  const isCreator = equalsIgnoreCase(own, 'space_creator') && equalsIgnoreCase(alias, 'LEAGUE_CREATOR');
  return isCreator || equalsIgnoreCase(own, alias);
}

/** Why a statement cannot be submitted: approvers must know every dataset it reads. */
export function submissionError(
  request: SandboxRequest,
  { datasets, unresolved: [missing], syntaxError }: StatementDatasets,
): ServiceError | undefined {
  if (syntaxError !== undefined) return agentError(request, 'requestInvalid', syntaxError);
  if (missing !== undefined) return agentError(request, 'notFound', `dataset ${missing}`);
  if (datasets.length === 0) return agentError(request, 'requestInvalid', 'the statement reads no dataset');
  return undefined;
}
