import type { components } from '../../../upstream/generated/agent.d.ts';
import type { SqlParameters } from '../parameters.ts';

/** Execution parameters of SQL jobs and preparation steps. The service chooses what is left out. */
export type SqlParametersChoice = { readonly [Name in keyof SqlParameters]?: SqlParameters[Name] | undefined };

/** Writes them under the dotted keys of the service (`SqlExternalParamDto`, 7.12.3). */
export function writeSqlParameters(
  chosen: SqlParametersChoice,
): components['schemas']['SampleAlignmentExternalParameters'] {
  return {
    'agg.count': chosen.aggregatorCount ?? undefined,
    'user.task.memory.size': chosen.agentTaskMemory ?? undefined,
    'tics.task.memory.size': chosen.aggregatorTaskMemory ?? undefined,
    'stream.count': chosen.streamCount ?? undefined,
    'he.dict.enable': chosen.homomorphicDictionary ?? undefined,
    'save.batch.count': chosen.saveBatchCount ?? undefined,
    'max.result.file.size': chosen.maxResultFileSize ?? undefined,
    'tics.task.concurrency': chosen.aggregatorTaskConcurrency ?? undefined,
    'user.task.concurrency': chosen.agentTaskConcurrency ?? undefined,
    'complex.sql.push.connector': chosen.pushComplexSqlDown ?? undefined,
  };
}
