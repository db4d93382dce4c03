import type { components } from '../../../upstream/generated/agent.d.ts';
import { memo } from '../../../upstream/memo.ts';
import type { Planes } from '../../planes/planes.ts';
import { count, instant, jsonText, text, type JsonText, type Long } from '../../../upstream/wire.ts';
import type { OpenEnum } from '../../../upstream/openEnum.ts';
import { instanceStatus, instanceType, type instanceStatuses, type instanceTypes } from '../../instances/enums.ts';
import { horizontalDatasets, type JobDataset } from '../datasets.ts';
import type { JobKey } from '../definition.ts';
import { binning, type binnings } from '../enums.ts';

type Schemas = components['schemas'];

/** Results of the latest feature selection of a vertical job. */
export interface FeatureSelection {
  readonly leagueId: string;
  readonly instanceId: string | null;
  readonly status: OpenEnum<typeof instanceStatuses>;
  readonly binning: OpenEnum<typeof binnings>;
  readonly result: JsonText;
}

/** Results of the latest sample alignment of a vertical job. */
export interface SampleAlignment {
  readonly leagueId: string;
  readonly instanceId: string | null;
  readonly type: OpenEnum<typeof instanceTypes>;
  readonly status: OpenEnum<typeof instanceStatuses>;
  readonly datasets: readonly JobDataset[];
  readonly datasetsText: string | null;
  readonly sampleCount: Long | null;
  readonly path: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly result: JsonText;
}

/** The types of instances that the result of a feature selection may be asked of: `PIR_SQL` is not among them. */
export type FeatureSelectionType = Exclude<keyof typeof instanceTypes, 'PIR_SQL'>;

/** A job without such an instance is answered with nothing but nulls. */
function hasRun(instanceId: string | null, status: OpenEnum<typeof instanceStatuses>): boolean {
  return Boolean(instanceId) || status.text !== null;
}

function toFeatureSelection(wire: Schemas['FeatureSelectionResult'], leagueId: string): FeatureSelection | null {
  const instanceId = text(wire.instance_id);
  const status = instanceStatus(wire.fs_status);
  if (!hasRun(instanceId, status)) return null;
  return { leagueId, instanceId, status, binning: binning(wire.binning_type), result: jsonText(wire.result_ext) };
}

function toSampleAlignment(wire: Schemas['SampleAlignmentResult'], leagueId: string): SampleAlignment | null {
  const instanceId = text(wire.instance_id);
  const status = instanceStatus(wire.sa_status);
  if (!hasRun(instanceId, status)) return null;
  return {
    leagueId,
    instanceId,
    type: instanceType(wire.job_instance_type),
    status,
    datasets: horizontalDatasets(wire.datasets),
    datasetsText: text(wire.datasets),
    sampleCount: count(wire.data_count),
    path: text(wire.obs_path),
    startedAt: instant(wire.start_time),
    endedAt: instant(wire.end_time),
    result: jsonText(wire.result_ext),
  };
}

/** Reads the preparation steps of vertical jobs. Only agents answer these calls. */
export function createPreparationLoaders({ ofLeague }: Planes) {
  return {
    /** `GET …/fl-vertical-jobs/{j}/features-selection-result` (7.9.7); null when the job has no such instance. */
    featureSelection: memo(({ leagueId, jobId, type }: JobKey & { readonly type: FeatureSelectionType }) =>
      ofLeague(leagueId, async (agent) => {
        const path = { league_id: leagueId, job_id: jobId };
        const answer = await agent.read('getFeatureSelection', { path, query: { job_instance_type: type } });
        return toFeatureSelection(answer, leagueId);
      }),
    ),
    /** `GET …/fl-vertical-jobs/{j}/sample-alignment-result` (7.12.4): it takes one type of instance only. */
    sampleAlignment: memo(({ leagueId, jobId }: JobKey) =>
      ofLeague(leagueId, async (agent) => {
        const path = { league_id: leagueId, job_id: jobId };
        const answer = await agent.read('getSampleAlignment', {
          path,
          query: { job_instance_type: 'VFL_SAMPLE_ALIGNMENT' },
        });
        return toSampleAlignment(answer, leagueId);
      }),
    ),
  };
}
