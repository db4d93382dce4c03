import { GatewayError } from '../../errors.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { closedEnum } from '../shared/enums.ts';
import { Dataset } from '../datasets/type.ts';
import { League } from '../leagues/type.ts';
import { daysInOrder, intervals, maxPoints, split } from './days.ts';
import { DatasetUsage, JobUsage, Overview, PartnerUsage } from './counts.ts';
import type { LeagueDays, Overview as OverviewShape } from '../../tics/statistics/loaders.ts';

const UsageStatistics = builder.objectRef<LeagueDays>('UsageStatistics').implement({
  description: 'What was done in a league over some days.',
  fields: (t) => ({
    from: t.expose('from', { type: 'Date', description: 'First day that is counted; null when all earlier ones are.' }),
    to: t.expose('to', { type: 'Date', description: 'Last day that is counted; null when all later ones are.' }),
    datasets: t.field({
      type: [DatasetUsage],
      nullable: { list: true, items: false },
      calls: [{ call: 'getDatasetStatistics', per: 'object' }],
      description: 'How often each dataset was used.',
      resolve: (days, _, { loaders }) => loaders.statistics.datasets(days),
    }),
    jobs: t.field({
      type: JobUsage,
      calls: [{ call: 'getJobStatistics', per: 'object' }],
      description: 'How many jobs and instances there were.',
      resolve: (days, _, { loaders }) => loaders.statistics.jobs(days),
    }),
    partners: t.field({
      type: [PartnerUsage],
      nullable: { list: true, items: false },
      calls: [{ call: 'getPartnerStatistics', per: 'object' }],
      description: 'What each partner did.',
      resolve: (days, _, { loaders }) => loaders.statistics.partners(days),
    }),
  }),
});

const IntervalEnum = closedEnum(
  'Interval',
  'How long each point of a series is. The first and the last may be cut short by the days asked for.',
  intervals,
);

const dayArguments = builder.args((t) => ({
  from: t.field({ type: 'Date', description: 'First day that is counted; without it, from the beginning.' }),
  to: t.field({ type: 'Date', description: 'Last day that is counted; without it, up to now.' }),
}));

builder.objectFields(League, (t) => ({
  statistics: t.field({
    type: UsageStatistics,
    description: 'What was done in the league over some days, in total.',
    args: dayArguments,
    resolve: ({ ticsId }, { from, to }) => daysInOrder({ leagueId: ticsId, from: from ?? null, to: to ?? null }),
  }),
  usage: t.field({
    type: [UsageStatistics],
    nullable: { list: true, items: false },
    description: `What was done in the league over some days as a series, one point for each interval and ${maxPoints} at most.`,
    listSize: maxPoints,
    args: {
      from: t.arg({ type: 'Date', required: true, description: 'First day of the series.' }),
      to: t.arg({ type: 'Date', required: true, description: 'Last day of the series; it is included.' }),
      every: t.arg({ type: IntervalEnum, required: true, description: 'How long each point is.' }),
    },
    resolve: ({ ticsId }, { from, to, every }) =>
      split({ from, to }, every).map((days) => ({ leagueId: ticsId, ...days })),
  }),
}));

builder.objectField(Dataset, 'usage', (t) =>
  t.field({
    type: DatasetUsage,
    calls: [{ call: 'getDatasetStatistics', per: 'league' }],
    description: 'How often the dataset was used over some days; null when the service does not count it.',
    args: dayArguments,
    resolve: ({ leagueId, ticsId }, { from, to }, { loaders }) =>
      loaders.statistics.dataset(daysInOrder({ leagueId, from: from ?? null, to: to ?? null }), ticsId),
  }),
);

function overviewOf({ caller, loaders }: Context): Promise<OverviewShape> {
  if (caller.leagues !== 'ALL')
    throw new GatewayError('FORBIDDEN', 'This counts all leagues of the account, and you may see some of them only.');
  return loaders.statistics.overview();
}

builder.queryField('overview', (t) =>
  t.field({
    type: Overview,
    calls: [{ call: 'getOverview', per: 'operation' }],
    description:
      'Counts over all that the account sees; FORBIDDEN for callers who may see some leagues only, since it counts them all.',
    resolve: (_, __, context) => overviewOf(context),
  }),
);
