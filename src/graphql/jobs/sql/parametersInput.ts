import { boolean, input, integer, text } from '../../shared/input.ts';
import { atLeast } from '../../shared/limits.ts';

/** Execution parameters of SQL and SQL-like jobs. `SqlParameters` has the same names. */
export const SqlParametersInput = input('SqlParametersInput', {
  description: 'Resources that a run uses on agents and aggregators. Fields left out get the service’s defaults.',
  fields: {
    // The reference has an upper limit only; a count of 0 makes no sense.
    aggregatorCount: integer('How many aggregators compute (`agg.count`).', atLeast(1)),
    agentTaskMemory: text('Memory for the run on each agent (`user.task.memory.size`).'),
    aggregatorTaskMemory: text('Memory for the run on each aggregator (`tics.task.memory.size`).'),
    streamCount: integer('How many streams a batch has (`stream.count`).', atLeast(1)),
    homomorphicDictionary: boolean('Whether homomorphic encryption uses a dictionary (`he.dict.enable`).'),
    saveBatchCount: integer('In how many batches the result is written (`save.batch.count`).', atLeast(1)),
    maxResultFileSize: text('How large a file of the result may become (`max.result.file.size`).'),
    aggregatorTaskConcurrency: integer(
      'How many tasks the aggregators run at a time (`tics.task.concurrency`).',
      atLeast(1),
    ),
    agentTaskConcurrency: integer('How many tasks each agent runs at a time (`user.task.concurrency`).', atLeast(1)),
    pushComplexSqlDown: boolean(
      'Whether complex SQL is left to the connectors’ databases (`complex.sql.push.connector`).',
    ),
  },
});
