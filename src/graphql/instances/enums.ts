import { openEnum } from '../shared/enums.ts';
import {
  algorithms,
  horizontalPhases,
  instanceStatuses,
  instanceTypes,
  resultKinds,
} from '../../tics/instances/enums.ts';

export const InstanceStatus = openEnum(
  'InstanceStatus',
  'State of an instance or of one of its tasks. SUCCEEDED, FAILED and TERMINATED are final.',
  instanceStatuses,
);
export const InstanceType = openEnum(
  'InstanceType',
  'What an instance runs: a job, or one step of vertical learning.',
  instanceTypes,
);
export const Algorithm = openEnum('Algorithm', 'Algorithm of vertical learning.', algorithms);
export const HorizontalPhase = openEnum('HorizontalPhase', 'What a horizontal learning job does.', horizontalPhases);
export const ResultKind = openEnum('ResultKind', 'Kind of job that a result comes from.', resultKinds);
