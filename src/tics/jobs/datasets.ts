import type { Wire } from '../../upstream/json.ts';
import { commaList, record, text } from '../../upstream/wire.ts';

/** A dataset as a job names it, without its id. */
export interface JobDataset {
  readonly agentId: string | null;
  readonly partnerAlias: string | null;
  readonly name: string | null;
  readonly text: string;
}

/** Features of one dataset that a job uses. */
export interface JobFeatures {
  readonly leagueId: string;
  readonly partnerAlias: string | null;
  readonly agentId: string | null;
  readonly datasetId: string | null;
  readonly datasetName: string | null;
  readonly features: readonly string[];
}

/** Columns by which one agent's samples are matched with the others'. */
export interface AlignmentColumns {
  readonly agentId: string;
  readonly columns: readonly string[];
}

/** `agentId.dataset.alias`: ids and aliases have no dots, names of datasets may. */
const verticalForm = /^([^.]*)\.(.+)\.([^.]*)$/;
/** `alias.dataset`. */
const horizontalForm = /^([^.]*)\.(.+)$/;
/** `agentId.dataset.feature`. */
const featureForm = verticalForm;
/** `alias.agentId.datasetId.dataset`. */
const featuresKeyForm = /^([^.]*)\.([^.]*)\.([^.]*)\.(.+)$/;

const unnamed = { agentId: null, partnerAlias: null };

/** Datasets of vertical jobs: a comma list of `agentId.dataset.alias`, or a map from agent id to dataset. */
export function verticalDatasets(raw: Wire): JobDataset[] {
  const byAgent = Object.entries(record(raw));
  if (byAgent.length > 0)
    return byAgent.flatMap(([agentId, names]) =>
      commaList(names).map((name) => ({ agentId, partnerAlias: null, name, text: `${agentId}.${name}` })),
    );
  return commaList(raw).map((written) => {
    const [, agentId, name, partnerAlias] = verticalForm.exec(written) ?? [];
    return name === undefined
      ? { ...unnamed, name: written, text: written }
      : { agentId: agentId || null, partnerAlias: partnerAlias || null, name, text: written };
  });
}

/** Datasets of horizontal jobs and of sample alignments: a comma list of `alias.dataset`. */
export function horizontalDatasets(raw: Wire): JobDataset[] {
  return commaList(raw).map((written) => {
    const [, partnerAlias, name = written] = horizontalForm.exec(written) ?? [];
    return { agentId: null, partnerAlias: partnerAlias || null, name, text: written };
  });
}

function featuresByName(leagueId: string, raw: Wire): JobFeatures[] {
  const byDataset = new Map<string, JobFeatures & { readonly features: string[] }>();
  for (const written of commaList(raw)) {
    const [, agentId = null, datasetName = null, feature = written] = featureForm.exec(written) ?? [];
    const key = `${agentId ?? ''}.${datasetName ?? ''}`;
    const known = byDataset.get(key);
    if (known) known.features.push(feature);
    else
      byDataset.set(key, { leagueId, partnerAlias: null, agentId, datasetId: null, datasetName, features: [feature] });
  }
  return [...byDataset.values()];
}

/**
 * Features by dataset, in any form they are seen in: objects, a comma list of `agentId.dataset.feature`, or a map from
 * `alias.agentId.datasetId.dataset` to the features.
 */
export function featuresOf(leagueId: string, raw: Wire): JobFeatures[] {
  if (Array.isArray(raw) && raw.some((element) => typeof element === 'object'))
    return raw.map(record).map((entry) => ({
      leagueId,
      partnerAlias: null,
      agentId: text(entry['agent_id']),
      datasetId: null,
      datasetName: text(entry['dataset_name']),
      features: commaList(entry['features']),
    }));
  const byKey = Object.entries(record(raw));
  if (byKey.length === 0) return featuresByName(leagueId, raw);
  return byKey.map(([key, features]) => {
    const [, partnerAlias = null, agentId = null, datasetId = null, datasetName = key] =
      featuresKeyForm.exec(key) ?? [];
    return { leagueId, partnerAlias, agentId, datasetId, datasetName, features: commaList(features) };
  });
}

/** Columns to match samples by: a map from agent id to a comma list of columns. */
export function alignmentColumns(raw: Wire): AlignmentColumns[] {
  return Object.entries(record(raw)).map(([agentId, columns]) => ({ agentId, columns: commaList(columns) }));
}
