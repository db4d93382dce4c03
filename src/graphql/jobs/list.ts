import { builder } from '../builder.ts';
import { mergedConnectionOf } from '../shared/merge/connection.ts';
import { mergePages } from '../shared/merge/mergePages.ts';
import { pageArguments } from '../shared/page.ts';
import { reportAt } from '../shared/partialErrors.ts';
import { orderDescription } from '../instances/type.ts';
import { League } from '../leagues/type.ts';
import { jobListCalls } from './calls.ts';
import { JobType } from './enums.ts';
import { JobFilter, JobOrderEnum, toJobFilter } from './filter.ts';
import { Job } from './type.ts';
import { jobOrder } from '../../tics/jobs/filter.ts';

const JobConnection = mergedConnectionOf('Job', Job, 'jobs');

builder.objectFields(League, (t) => ({
  jobs: t.field({
    type: JobConnection,
    calls: jobListCalls,
    description:
      'Jobs of the league, newest first unless `orderBy` says otherwise: the lists of SQL jobs (SQL), of horizontal and vertical jobs (LEARNING) and of predictions (PREDICTION) merged. Predictions, filters and orders need an agent of the league whose account is configured.',
    args: {
      types: t.arg({
        type: [JobType.asInput()],
        description:
          'Only jobs of these types; all where it is left out or empty. Lists of other types are not read; of one that holds some of the others too, `totalCount` costs reading all of it.',
      }),
      filter: t.arg({ type: JobFilter, description: 'Which jobs.' }),
      orderBy: t.arg({ type: JobOrderEnum, description: orderDescription }),
      ...pageArguments,
    },
    resolve: ({ ticsId }, { types, filter, orderBy, ...page }, { loaders, report }, info) => {
      const upstreamFilter = toJobFilter(filter, orderBy);
      return mergePages(page, {
        sources: loaders.jobs.lists(ticsId, types ?? [], upstreamFilter),
        idOf: ({ ticsId: jobId }) => jobId,
        compare: jobOrder(upstreamFilter),
        report: reportAt(report, info),
      });
    },
  }),
}));
