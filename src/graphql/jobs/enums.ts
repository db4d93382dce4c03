import { openEnum } from '../shared/enums.ts';
import {
  binnings,
  jobApprovalStatuses,
  jobTypes,
  learningPlatforms,
  learningTasks,
  workSteps,
} from '../../tics/jobs/enums.ts';

export const JobType = openEnum('JobType', 'What a job does.', jobTypes);
export const JobApprovalStatus = openEnum('JobApprovalStatus', 'State of a job’s approval.', jobApprovalStatuses);
export const LearningPlatform = openEnum('LearningPlatform', 'Where a learning job runs.', learningPlatforms);
export const LearningTask = openEnum('LearningTask', 'What a model learns.', learningTasks);
export const WorkStep = openEnum('WorkStep', 'How far a vertical job has come.', workSteps);
export const Binning = openEnum('Binning', 'How values are put into bins.', binnings);
