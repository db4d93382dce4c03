import { z } from 'zod';
import { builder } from '../../builder.ts';
import { countRule, maxInt, optional } from '../../shared/limits.ts';
import type { SqlParametersChoice } from '../../../tics/jobs/sql/parametersWrites.ts';

/** Counts of nothing make no sense; the reference has an upper limit only. */
const someRule = optional(countRule(1, maxInt));

/** The limits of `SqlParametersInput`. */
export const sqlParametersRule = z.object({
  aggregatorCount: someRule,
  streamCount: someRule,
  saveBatchCount: someRule,
  aggregatorTaskConcurrency: someRule,
  agentTaskConcurrency: someRule,
});

/** The names are those of `SqlParameters`, which reads them. */
export const SqlParametersInput = builder.inputRef<SqlParametersChoice>('SqlParametersInput').implement({
  description: 'How a run is to use the agents and aggregators. What is left out is the service’s own choice.',
  fields: (t) => ({
    aggregatorCount: t.int({ description: 'How many aggregators compute (`agg.count`); at least 1.' }),
    agentTaskMemory: t.string({ description: 'Memory for the run on each agent (`user.task.memory.size`).' }),
    aggregatorTaskMemory: t.string({
      description: 'Memory for the run on each aggregator (`tics.task.memory.size`).',
    }),
    streamCount: t.int({ description: 'How many streams a batch has (`stream.count`); at least 1.' }),
    homomorphicDictionary: t.boolean({
      description: 'Whether homomorphic encryption uses a dictionary (`he.dict.enable`).',
    }),
    saveBatchCount: t.int({
      description: 'In how many batches the result is written (`save.batch.count`); at least 1.',
    }),
    maxResultFileSize: t.string({ description: 'How large a file of the result may become (`max.result.file.size`).' }),
    aggregatorTaskConcurrency: t.int({
      description: 'How many tasks the aggregators run at a time (`tics.task.concurrency`); at least 1.',
    }),
    agentTaskConcurrency: t.int({
      description: 'How many tasks each agent runs at a time (`user.task.concurrency`); at least 1.',
    }),
    pushComplexSqlDown: t.boolean({
      description: 'Whether complex SQL is left to the connectors’ databases (`complex.sql.push.connector`).',
    }),
  }),
});
