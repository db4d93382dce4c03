import { builder } from '../../builder.ts';
import { Node } from '../../shared/node.ts';
import { approvalFields } from '../approval.ts';
import { SqlJobDefinition } from '../definition.ts';
import { agentTicsId } from '../payloads.ts';
import { Job } from '../type.ts';
import type { Job as JobShape } from '../../../tics/jobs/job.ts';

export const SqlJob = builder.objectRef<JobShape>('SqlJob').implement({
  description: 'A federated analysis: SQL over the datasets of several partners.',
  interfaces: [Node, Job],
  fields: (t) => ({
    ...approvalFields(t),
    creatorTicsId: t.exposeString('creatorId', { description: 'Raw id of the user who created the job.' }),
    creatorAccountTicsId: t.exposeString('creatorDomainId', {
      description: 'Raw id of the account of the partner who created the job.',
    }),
    updaterName: t.exposeString('updaterName', { description: 'Name of the user who changed the job last.' }),
    updaterTicsId: t.exposeString('updaterId', { description: 'Raw id of the user who changed the job last.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the job was changed last.' }),
    deleted: t.exposeBoolean('deleted', { description: 'Whether the job has been deleted.' }),
    definition: t.field({
      type: SqlJobDefinition,
      calls: [{ call: 'getSqlJob', per: 'object' }],
      description: 'The SQL, the partners’ decisions on it, and its execution parameters.',
      args: {
        agentId: t.arg.id({
          description:
            'The agent that is asked: `Agent:<agent>`, or the raw TICS id; one of the league’s where it is left out.',
        }),
      },
      resolve: ({ leagueId, ticsId }, { agentId }, { loaders }) =>
        loaders.jobs.sqlJob({ leagueId, jobId: ticsId, agentId: agentTicsId(agentId) }),
    }),
  }),
});
