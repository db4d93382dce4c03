import { describe, expect, test } from 'vitest';
import { breakPoints, refuseCall, resetCall } from '../../../support/faults.ts';
import { useStage } from '../../../support/gateway.ts';
import { rawId } from '../../../support/ids.ts';
import { useLearningJobs } from '../../../support/learningJobs.ts';

const stage = useStage({ speed: 0 });
const jobs = useLearningJobs(stage);

/** The mutations that start a run of a learning job: all answer the run, find it after a broken connection, and map refusals to codes. */
const runs = [
  { name: 'executeHorizontalJob', type: 'HFL', input: () => ({ id: jobs.horizontalId }) },
  { name: 'executeVerticalJob', type: 'VFL_TRAIN', input: () => ({ id: jobs.vertical.id, type: 'VFL_TRAIN' }) },
  { name: 'truncateIds', type: 'VFL_ID_TRUNCATION', input: () => ({ id: jobs.vertical.id }) },
  { name: 'alignSamples', type: 'VFL_SAMPLE_ALIGNMENT', input: () => ({ id: jobs.vertical.id }) },
  {
    name: 'calculateInformationValue',
    type: 'VFL_FEATURE_SELECTION',
    input: () => ({ id: jobs.vertical.id, ...jobs.fixture.featureSelection(jobs.vertical.name) }),
  },
];

describe.each(runs)('$name', ({ name, type, input }) => {
  test('answers with the run to watch, and its job', async () => {
    const { id } = input();
    const calls = await stage.callsOf(async () => {
      const payload = await jobs.start(name, input());
      expect(payload).toMatchObject({
        userErrors: [],
        instance: { type, currentStatus: 'NEW', job: { id } },
        job: { id },
      });
      expect(jobs.runOf(payload)).toMatchObject({ type, jobId: rawId(id), agentId: jobs.fixture.agent.id });
    });
    expect(calls).toMatchObject({ [name]: 1, listJobInstances: 1, getInstanceStatus: 1, listLeagueFlJobs: 1 });
    await jobs.finishRuns();
    expect(jobs.latestRun(id), jobs.latestRun(id)?.failure?.en_us).toMatchObject({ type, status: 'SUCCEEDED' });
  });

  test('ids of other things are refused, and nothing is sent', async () => {
    const wrongKind = `Job:${jobs.fixture.leagueId}/sql/${'0'.repeat(32)}`;
    await jobs.expectFaults(name, { ...input(), id: wrongKind, agentId: '?' }, ['id', 'agentId']);
    await jobs.expectFaults(name, { ...input(), id: 'Job:x' }, ['id']);
  });

  test.each([
    ['queue over length', 'QUEUE_FULL'],
    ['TICS.SRV.40000023: the partner is not verified', 'PARTNER_NOT_VERIFIED'],
    ['something else', 'UPSTREAM_FAILED'],
  ])('is refused: %s', async (text, code) => {
    await refuseCall(stage, name, 500, text);
    const { instance, job, userErrors } = await jobs.start(name, input());
    expect(userErrors).toMatchObject([{ code, call: name, upstreamCode: 'TICS_AGENT.1' }]);
    expect([instance, job]).toEqual([null, null]);
    expect(await jobs.callsOf(name)).toHaveLength(1);
  });

  test.each(breakPoints)('an answer that breaks off (%s) leaves it unknown', async (at) => {
    const { id } = input();
    const before = jobs.latestRun(id)?.id;
    await resetCall(stage, name, at);
    const payload = await jobs.start(name, input());
    expect(payload.userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: name }]);
    expect(await jobs.callsOf(name)).toHaveLength(1);
    const after = jobs.latestRun(id)?.id ?? '';
    if (at === 'before') expect(after).toBe(before);
    expect(payload.instance?.id ?? null).toBe(at === 'midAnswer' ? `Instance:${jobs.fixture.leagueId}/${after}` : null);
    await jobs.finishRuns();
  });
});
