import { expect, test } from 'vitest';
import { loadContract } from '../../src/sandbox/contract/contract.ts';
import { errorCode, serviceError, type ErrorName } from '../../src/sandbox/contract/errors.ts';
import { writingHandlers } from '../../src/sandbox/agent/writes/handlers.ts';
import { spaceCaller } from './caller.ts';
import { createSqlJob, lastEvent, useSandbox } from './fixture.ts';

const fixture = useSandbox();

test('every writing call of the agents is taken', () => {
  const writing = [...loadContract().operations.values()]
    .filter(({ plane, method, isPublic }) => plane === 'agent' && method !== 'GET' && !isPublic)
    .map(({ id }) => id);
  expect(Object.keys(writingHandlers).sort()).toEqual(writing.sort());
});

test('refusals have codes of their own, and words in both languages', async () => {
  const names: ErrorName[] = ['nameTaken', 'inUse', 'alreadyPublished', 'notPublished', 'notApproved', 'queueFull'];
  expect(new Set(names.map((name) => errorCode('agent', name))).size).toBe(names.length);
  for (const name of names) {
    expect(serviceError('agent', 'zh-cn', name).message).toMatch(/\p{Script=Han}/u);
    expect(serviceError('agent', 'en_us', name).message).not.toMatch(/\p{Script=Han}/u);
  }
  const { first: client } = fixture;
  await createSqlJob(client, 'taken');
  const answer = await client.league.post(
    '/sql-jobs',
    { name: 'taken', agent_id: client.agent.id },
    { 'x-language': 'zh-cn' },
  );
  expect(answer.json).toEqual({ error_code: 'TICS_AGENT.10000020', error_msg: '名称已存在: taken' });
});

test('the league hears of its own change, too', async () => {
  const { first, sandbox } = fixture;
  const caller = await spaceCaller(sandbox);
  const path = `/v1/${sandbox.projectId}/leagues/${first.leagueId}`;
  expect((await caller.call(path, { method: 'PUT', body: { description: 'new' } })).status).toBe(200);
  expect(await lastEvent(fixture, first)).toContain('update league, [SUCCEEDED]');
  await caller.close();
});

test('partners that are asked decide only where somebody is asked', async () => {
  const { sandbox } = fixture;
  await expect(sandbox.client.reviewJob('nobody', 'PASS')).rejects.toThrow('nobody is asked');
});
