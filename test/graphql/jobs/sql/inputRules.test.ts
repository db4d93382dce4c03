import { describe, expect, test } from 'vitest';
import { useStage } from '../../../support/gateway.ts';
import { mutate } from '../../../support/mutate.ts';

const stage = useStage({ speed: 0 });

describe('local rules', () => {
  const anyJob = `Job:${'a'.repeat(32)}/sql/${'b'.repeat(32)}`;
  const names: readonly [string, object, string][] = [
    ['an empty name', { name: '' }, 'name'],
    ['a name that is too long', { name: 'x'.repeat(129) }, 'name'],
    ['a blank at the end of a name', { name: 'x ' }, 'name'],
    ...[...'\\/:*?"<>'].map((sign): [string, object, string] => [`${sign} in a name`, { name: `a${sign}b` }, 'name']),
    ['a description that is too long', { description: 'x'.repeat(513) }, 'description'],
    ['another kind of agent id', { agentId: 'Job:a/sql/b' }, 'agentId'],
  ];
  const statements: readonly [string, object, string][] = [
    ['SQL that is too long', { sql: `SELECT ${'x'.repeat(7994)}` }, 'sql'],
    ['SQL that is blank', { sql: ' \n' }, 'sql'],
    [
      'parameters that are too long together',
      { executionParameters: { agentTaskMemory: '9'.repeat(600), maxResultFileSize: '9'.repeat(600) } },
      'executionParameters',
    ],
    ...['aggregatorCount', 'streamCount', 'saveBatchCount', 'aggregatorTaskConcurrency', 'agentTaskConcurrency'].map(
      (name): [string, object, string] => [
        `${name} of nothing`,
        { executionParameters: { [name]: 0 } },
        `executionParameters.${name}`,
      ],
    ),
  ];
  const asked = { partnerAlias: 'partner' };
  const approvals: readonly [string, object, string][] = [
    ['an alias that is too short', { approvals: [{ partnerAlias: 'x'.repeat(5) }] }, 'approvals.0.partnerAlias'],
    ['an alias that is too long', { approvals: [{ partnerAlias: 'x'.repeat(129) }] }, 'approvals.0.partnerAlias'],
    ['a partner that is asked twice', { approvals: [asked, asked] }, 'approvals.1.partnerAlias'],
    ['a remark that is too long', { approvals: [{ ...asked, comment: 'x'.repeat(2001) }] }, 'approvals.0.comment'],
    [
      'a comma in the name of a dataset',
      { approvals: [{ ...asked, datasetNames: ['a,b'] }] },
      'approvals.0.datasetNames.0',
    ],
    [
      'names of datasets that are too long together',
      { approvals: [{ ...asked, datasetNames: ['x'.repeat(500), 'y'.repeat(500)] }] },
      'approvals.0.datasetNames',
    ],
  ];
  const jobIds: readonly [string, object, string][] = [
    ['an id of another kind', { id: 'League:a' }, 'id'],
    ['the id of a job of another kind', { id: anyJob.replace('/sql/', '/vfl/') }, 'id'],
    ['another kind of agent id', { agentId: 'Job:a/sql/b' }, 'agentId'],
  ];
  const of = (
    mutation: string,
    valid: object,
    faults: readonly [string, object, string][],
  ): readonly [string, string, object, string][] =>
    faults.map(([what, fault, field]) => [mutation, what, { ...valid, ...fault }, field]);

  const newJob = { leagueId: 'a'.repeat(32), name: 'x' };
  const league: readonly [string, object, string][] = [
    ['another kind of league id', { leagueId: 'Job:a' }, 'leagueId'],
  ];

  test.each([
    ...of('createSqlJob', newJob, [...league, ...names]),
    ...of('updateSqlJob', { id: anyJob, sql: 'SELECT 1' }, [...jobIds, ...names, ...statements, ...approvals]),
    ...of('submitSqlJobForApproval', { id: anyJob }, jobIds),
    ...of('cancelSqlJobApproval', { id: anyJob }, jobIds),
    ...of('executeSqlJob', { id: anyJob }, jobIds),
    ...of('runSqlJob', { ...newJob, sql: 'SELECT 1' }, [...league, ...names, ...statements]),
    ...of('deleteJob', { id: anyJob }, [
      ['an id of another kind', { id: 'League:a' }, 'id'],
      ['the id of a prediction', { id: anyJob.replace('/sql/', '/predict/') }, 'id'],
      ['another kind of agent id', { agentId: 'Job:a/sql/b' }, 'agentId'],
    ]),
  ])('%s refuses %s', async (mutation, _, input, field) => {
    const { userErrors } = await mutate(stage, mutation, input);
    expect(userErrors.map((error) => [error.code, error.field?.join('.'), error.call])).toEqual([
      ['INVALID_INPUT', field, null],
    ]);
    expect(await stage.sandbox.client.calls()).toEqual([]);
  });

  test('all faults are reported at once', async () => {
    const { userErrors } = await mutate(stage, 'runSqlJob', {
      leagueId: 'League:?',
      agentId: 'x:y',
      name: '?',
      description: 'x'.repeat(513),
      sql: '',
      executionParameters: { streamCount: 0, agentTaskMemory: '9'.repeat(1100) },
    });
    expect(userErrors.map(({ field }) => field?.join('.')).sort()).toEqual([
      'agentId',
      'description',
      'executionParameters',
      'executionParameters.streamCount',
      'leagueId',
      'name',
      'sql',
    ]);
  });
});
