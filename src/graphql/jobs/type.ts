import { builder } from '../builder.ts';
import { openEnumFields } from '../shared/enums.ts';
import { formatId, parseId } from '../shared/ids.ts';
import { findNodesOf, found, Node } from '../shared/node.ts';
import { connect, pageArguments, rowsOf } from '../shared/page.ts';
import { reportAt } from '../shared/partialErrors.ts';
import { Instance, InstanceConnection, instanceListArguments, toInstanceFilter } from '../instances/type.ts';
import { instanceListCalls } from '../instances/calls.ts';
import { cannotAnswer, leagueOfObject } from '../leagues/calls.ts';
import { League } from '../leagues/type.ts';
import { jobById } from './calls.ts';
import { JobType } from './enums.ts';
import type { Job as JobShape, JobKind } from '../../tics/jobs/job.ts';

export function jobIdOf({ leagueId, kind, ticsId }: JobShape): string {
  return formatId('Job', leagueId, kind, ticsId);
}

export const Job = builder.interfaceRef<JobShape>('Job').implement({
  description: 'A job (作业): what a league computes, whenever it is run. Its runs are instances.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: '`Job:<league>/<sql|hfl|vfl|predict>/<job>`.',
      resolve: jobIdOf,
    }),
    ticsId: t.exposeString('ticsId', { nullable: false, description: 'The raw id that the service uses.' }),
    name: t.exposeString('name', { description: 'Name of the job.' }),
    description: t.exposeString('description', { description: 'What the job is for.' }),
    ...openEnumFields(t, 'type', JobType, 'What the job does.'),
    leagueId: t.id({
      resolve: ({ leagueId }) => formatId('League', leagueId),
      nullable: false,
      description: 'Id of the job’s league.',
    }),
    league: t.field({
      type: League,
      calls: leagueOfObject,
      description: 'The job’s league.',
      resolve: ({ leagueId }, _, { loaders }) => loaders.leagues.byId(leagueId),
    }),
    creatorName: t.exposeString('creatorName', { description: 'Name of the user who created the job.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the job was created.' }),
    instances: t.field({
      type: InstanceConnection,
      calls: instanceListCalls,
      description: 'Runs of the job, newest first unless `orderBy` says otherwise.',
      args: { ...instanceListArguments, ...pageArguments },
      resolve: ({ leagueId, ticsId }, { filter, orderBy, ...page }, { loaders, report }, info) =>
        connect(
          page,
          loaders.instances.ofJob({ leagueId, jobId: ticsId, filter: toInstanceFilter(filter, orderBy) }),
          reportAt(report, info),
        ),
    }),
    latestInstance: t.field({
      type: Instance,
      calls: [
        { call: 'listLeagueInstances', per: 'page100' },
        { call: 'listJobInstances', per: 'page100', onlyWhen: cannotAnswer },
      ],
      description: 'The job’s latest run by its start, null before the first.',
      resolve: ({ leagueId, ticsId }, _, { loaders, report }, info) =>
        loaders.instances
          .newestOfJob({ leagueId, jobId: ticsId })
          .then((page) => rowsOf(page, reportAt(report, info))[0]),
    }),
  }),
});

builder.objectRef<JobShape>('OtherJob').implement({
  description: 'A job of another type, such as an exchange of data. Only lists tell of it.',
  interfaces: [Node, Job],
});

findNodesOf('Job', jobById, ([leagueId = '', kind, jobId = ''], { loaders }) =>
  loaders.jobs.byId(leagueId, kind as JobKind, jobId),
);

builder.queryFields((t) => ({
  job: t.field({
    type: Job,
    calls: jobById,
    description: 'A job, by its id. No call reads one alone: its list is searched.',
    args: { id: t.arg.id({ required: true, description: '`Job:<league>/<sql|hfl|vfl|predict>/<job>`.' }) },
    resolve: (_, { id }, { loaders }) => {
      const [leagueId, kind, jobId] = parseId('Job', id);
      return found(loaders.jobs.byId(leagueId, kind as JobKind, jobId));
    },
  }),
}));
