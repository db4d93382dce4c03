import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Gateway } from '../../../../src/gateway/gateway.ts';
import type { Instance } from '../../../../src/sandbox/model/world.ts';
import { askGateway, configFor, gatewayFor, useStage } from '../../../support/gateway.ts';
import { learningFixture, makeVerticalJob, type LearningFixture } from '../../../support/learning.ts';
import { rawId } from '../../../support/ids.ts';
import { required } from '../../../support/required.ts';
import type { UserError } from '../../../support/mutate.ts';
import { breakPoints, resetCall } from '../../../support/faults.ts';

const stage = useStage({ speed: 0 });

/** Time in which waiting takes none: the embedded service's goes ahead, a hundred times as fast. */
const clock = {
  pausesMs: [] as number[],
  speed: 100,
  nowMs: () => clock.pausesMs.reduce((sum, ms) => sum + ms, 0),
  timeOfDayMs: () => clock.nowMs(),
  after: (ms: number, run: () => void) => {
    clock.pausesMs.push(ms);
    void stage.sandbox.client.advance(ms * clock.speed).then(run);
    return () => undefined;
  },
};

let gateway: Gateway;
let desk: LearningFixture;
let job: { readonly id: string; readonly name: string };
beforeAll(() => {
  gateway = gatewayFor(configFor(stage.sandbox), { clock });
  desk = learningFixture(stage);
});
afterAll(() => gateway.close());
beforeEach(async () => {
  clock.pausesMs = [];
  clock.speed = 100;
  job = await makeVerticalJob(stage, desk);
  await stage.sandbox.client.clearCalls();
});

interface Payload {
  readonly steps: readonly {
    readonly step: string;
    readonly status: string;
    readonly instance: { readonly id: string; readonly type: string };
  }[];
  readonly nextStep: string | null;
  readonly failedStep: string | null;
  readonly job: { readonly id: string } | null;
  readonly userErrors: readonly UserError[];
}

async function run(input: object = {}): Promise<Payload> {
  const answer = await askGateway<{ runVerticalPipeline: Payload }>(
    gateway,
    `mutation ($input: RunVerticalPipelineInput!) {
      runVerticalPipeline(input: $input) {
        steps { step status instance { id type } } nextStep failedStep job { id }
        userErrors { code message field call upstreamCode }
      }
    }`,
    {
      input: {
        id: job.id,
        agentId: desk.agent.id,
        waitSeconds: 60,
        featureSelection: desk.featureSelection(job.name),
        ...input,
      },
    },
  );
  if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors));
  return answer.data.runVerticalPipeline;
}

const starts = ['alignSamples', 'calculateInformationValue', 'executeVerticalJob'];
/** Counts the starts of each step. */
async function started(): Promise<readonly number[]> {
  const counts = await stage.sandbox.client.countCalls();
  return starts.map((call) => counts[call] ?? 0);
}
function instance({ steps }: Payload, index: number): Instance {
  return required(stage.sandbox.world.instance(rawId(steps[index]?.instance.id ?? '')), 'instance of the step');
}
function outline({ steps, nextStep, failedStep }: Payload) {
  return {
    steps: steps.map(({ step, status }) => `${step} ${status}`),
    nextStep,
    failedStep,
  };
}
function finish() {
  return stage.sandbox.client.advance(3_600_000);
}
function parties(column: string) {
  return desk.parties.map((party) => ({ ...party, idColumn: column }));
}

describe('runVerticalPipeline', () => {
  test('aligns, selects and trains, each when the one before has succeeded', async () => {
    const payload = await run({
      alignment: { parties: desk.parties, algorithm: 'OPRF' },
      training: { modelParameters: { epochs: 1 } },
    });
    expect(payload.userErrors).toEqual([]);
    expect(outline(payload)).toEqual({
      steps: ['ALIGNMENT SUCCEEDED', 'FEATURE_SELECTION SUCCEEDED', 'TRAINING SUCCEEDED'],
      nextStep: null,
      failedStep: null,
    });
    expect(payload.job).toEqual({ id: job.id });
    expect(payload.steps.map((step) => step.instance.type)).toEqual([
      'VFL_SAMPLE_ALIGNMENT',
      'VFL_FEATURE_SELECTION',
      'VFL_TRAIN',
    ]);
    for (const index of [0, 1])
      expect(instance(payload, index + 1).startedAtMs).toBeGreaterThanOrEqual(
        instance(payload, index).endedAtMs ?? NaN,
      );
    expect(await started()).toEqual([1, 1, 1]);
    const [training] = await stage.sandbox.client.calls({ operationId: 'executeVerticalJob' });
    expect(training?.body).toEqual({ job_instance_type: 'VFL_TRAIN', model_param: { epoch: 1 } });
  });

  test('answers when the time is over, and goes on from where it says', async () => {
    const first = await run({ waitSeconds: 0 });
    expect(outline(first)).toEqual({ steps: ['ALIGNMENT NEW'], nextStep: 'FEATURE_SELECTION', failedStep: null });

    // Too early: the step before is waited for, and nothing is sent.
    const early = await run({ waitSeconds: 0, from: 'FEATURE_SELECTION' });
    expect(outline(early)).toEqual(outline(first));
    expect(await started()).toEqual([1, 0, 0]);

    await finish();
    const second = await run({ waitSeconds: 0, from: 'FEATURE_SELECTION' });
    const secondOutline = {
      steps: ['ALIGNMENT SUCCEEDED', 'FEATURE_SELECTION NEW'],
      nextStep: 'TRAINING',
      failedStep: null,
    };
    expect(outline(second)).toEqual(secondOutline);
    expect(second.steps[0]?.instance.id).toBe(first.steps[0]?.instance.id);

    // A caller that did not get the answer asks again, and the run is not started twice.
    const again = await run({ waitSeconds: 0, from: 'FEATURE_SELECTION' });
    expect(again).toEqual(second);
    expect(await started()).toEqual([1, 1, 0]);

    const third = await run({ from: 'TRAINING', featureSelection: undefined });
    expect(third.userErrors).toEqual([]);
    expect(outline(third)).toEqual({
      steps: ['FEATURE_SELECTION SUCCEEDED', 'TRAINING SUCCEEDED'],
      nextStep: null,
      failedStep: null,
    });
    expect(await started()).toEqual([1, 1, 1]);
  });

  test('a run that has not started yet is watched, though an older one has ended', async () => {
    clock.speed = 0;
    await run({ waitSeconds: 0 });
    await finish();
    const newer = await run({ waitSeconds: 0 });
    // Values that were never written read 0.
    instance(newer, 0).startedAtMs = 0;
    expect(outline(newer)).toMatchObject({ steps: ['ALIGNMENT NEW'] });
    expect((await run({ waitSeconds: 0 })).steps).toEqual(newer.steps);
    expect(await started()).toEqual([2, 0, 0]);
  });

  test('the last step may still run when the time is over', async () => {
    clock.speed = 0;
    const world = stage.sandbox.world;
    await run({ waitSeconds: 0 });
    await finish();
    await run({ waitSeconds: 0, from: 'FEATURE_SELECTION' });
    await finish();
    const payload = await run({ waitSeconds: 0, from: 'TRAINING' });
    expect(outline(payload)).toMatchObject({
      steps: ['FEATURE_SELECTION SUCCEEDED', 'TRAINING NEW'],
      nextStep: null,
      failedStep: null,
    });
    // A second start gets the error, and starts nothing.
    for (const from of ['ALIGNMENT', 'FEATURE_SELECTION']) {
      const refused = await run({ from });
      expect(refused).toMatchObject({ steps: [], nextStep: 'TRAINING' });
      expect(refused.userErrors).toMatchObject([{ code: 'WRONG_STATE', field: ['from'] }]);
    }
    expect(await started()).toEqual([1, 1, 1]);
    expect(world.instancesOfJob(rawId(job.id))).toHaveLength(3);
  });

  test('asks at growing intervals, for as long as it may', async () => {
    clock.speed = 0;
    const calls = await stage.callsOf(() => run({ waitSeconds: 20 }));
    const pauses = clock.pausesMs;
    expect(pauses.slice(0, 4)).toEqual([500, 750, 1125, 1687.5]);
    expect(Math.max(...pauses)).toBe(5000);
    expect(clock.nowMs()).toBe(20_000);
    expect(calls).toMatchObject({ alignSamples: 1, getInstanceStatus: pauses.length + 1 });
    await finish();
  });

  test('waits a few seconds by default', async () => {
    clock.speed = 0;
    await run({ waitSeconds: undefined });
    expect(clock.nowMs()).toBe(5000);
    await finish();
  });

  test('a step that fails stops the rest and says where', async () => {
    const payload = await run({ alignment: { parties: parties('no such column') } });
    expect(outline(payload)).toEqual({ steps: ['ALIGNMENT FAILED'], nextStep: 'ALIGNMENT', failedStep: 'ALIGNMENT' });
    expect(payload.userErrors).toMatchObject([{ code: 'STEP_FAILED', field: ['alignment'], call: null }]);
    const query = 'query ($id: ID!) { instance(id: $id) { error { message } } }';
    const { instance: failed } = await stage.data<{ instance: { error: { message: string } } }>(query, {
      id: payload.steps[0]?.instance.id,
    });
    expect(failed.error.message).toContain('no such column');
    expect(await started()).toEqual([1, 0, 0]);

    // Nothing is built on it later either.
    const later = await run({ from: 'FEATURE_SELECTION' });
    expect(outline(later)).toEqual(outline(payload));
    expect(later.userErrors).toMatchObject([{ code: 'STEP_FAILED', field: ['alignment'] }]);
    expect(await started()).toEqual([1, 0, 0]);

    // Corrected, it goes on from there.
    expect(outline(await run({ from: 'ALIGNMENT' }))).toMatchObject({ nextStep: null, failedStep: null });
    expect(await started()).toEqual([2, 1, 1]);
  });

  test('a step that is stopped stops the rest', async () => {
    const first = await run({ waitSeconds: 0 });
    await stage.sandbox.client.setInstanceStatus(instance(first, 0).id, 'TERMINATED');
    const payload = await run({ from: 'FEATURE_SELECTION' });
    expect(outline(payload)).toEqual({
      steps: ['ALIGNMENT TERMINATED'],
      nextStep: 'ALIGNMENT',
      failedStep: 'ALIGNMENT',
    });
    expect(await started()).toEqual([1, 0, 0]);
  });

  test('a refused step stops the rest, and the payload keeps what was created', async () => {
    await stage.sandbox.client.setRules([
      {
        operationId: 'calculateInformationValue',
        fault: { kind: 'status', status: 500, body: { error_code: 'TICS_AGENT.1', error_msg: 'queue over length' } },
      },
    ]);
    const payload = await run();
    expect(outline(payload)).toEqual({
      steps: ['ALIGNMENT SUCCEEDED'],
      nextStep: 'FEATURE_SELECTION',
      failedStep: 'FEATURE_SELECTION',
    });
    expect(payload.userErrors).toMatchObject([
      {
        code: 'QUEUE_FULL',
        field: ['featureSelection'],
        call: 'calculateInformationValue',
        upstreamCode: 'TICS_AGENT.1',
      },
    ]);
    expect(await started()).toEqual([1, 1, 0]);
  });

  test.each(breakPoints)('a start whose answer breaks off (%s) is sent once', async (at) => {
    await resetCall(stage, 'executeVerticalJob', at);
    const payload = await run();
    expect(payload.userErrors).toMatchObject([
      { code: 'OUTCOME_UNKNOWN', field: ['training'], call: 'executeVerticalJob' },
    ]);
    expect(await started()).toEqual([1, 1, 1]);
    const prepared = ['ALIGNMENT SUCCEEDED', 'FEATURE_SELECTION SUCCEEDED'];
    expect(outline(payload)).toEqual(
      at === 'midAnswer'
        ? { steps: [...prepared, 'TRAINING NEW'], nextStep: null, failedStep: 'TRAINING' }
        : { steps: prepared, nextStep: 'TRAINING', failedStep: 'TRAINING' },
    );
    // Going on from there starts it where it was not started, and only there.
    await stage.sandbox.client.clearRules();
    const next = await run({ from: 'TRAINING' });
    expect(outline(next).steps).toEqual(['FEATURE_SELECTION SUCCEEDED', 'TRAINING SUCCEEDED']);
    expect(await started()).toEqual([1, 1, at === 'midAnswer' ? 1 : 2]);
    const trainings = stage.sandbox.world.instancesOfJob(rawId(job.id)).filter(({ type }) => type === 'VFL_TRAIN');
    expect(trainings).toHaveLength(1);
  });

  test('a question that fails is asked again', async () => {
    const fault = { kind: 'status', status: 500 } as const;
    await stage.sandbox.client.setRules([{ operationId: 'getInstanceStatus', times: 2, fault }]);
    const payload = await run();
    expect(payload.userErrors).toEqual([]);
    expect(outline(payload)).toMatchObject({ nextStep: null, failedStep: null });

    await stage.sandbox.client.setRules([{ operationId: 'getInstanceStatus', fault }]);
    const blind = await run({ waitSeconds: 1 });
    expect(blind.userErrors).toMatchObject([{ code: 'UPSTREAM_FAILED', call: 'getInstanceStatus' }]);
    expect(outline(blind)).toEqual({ steps: ['ALIGNMENT UNKNOWN'], nextStep: 'FEATURE_SELECTION', failedStep: null });
    expect(await started()).toEqual([2, 1, 1]);
    await finish();
  });

  test('can not go on from a step whose predecessor was never run', async () => {
    const payload = await run({ from: 'TRAINING' });
    expect(outline(payload)).toEqual({ steps: [], nextStep: 'FEATURE_SELECTION', failedStep: null });
    expect(payload.userErrors).toMatchObject([{ code: 'WRONG_STATE', field: ['from'], call: null }]);
    expect(await started()).toEqual([0, 0, 0]);
  });

  test('when the runs can not be read, nothing is sent', async () => {
    const fault = { kind: 'status', status: 500 } as const;
    await stage.sandbox.client.setRules([{ operationId: 'listJobInstances', fault }]);
    expect((await run()).userErrors).toMatchObject([{ code: 'UPSTREAM_FAILED', call: 'listJobInstances' }]);
    expect(await started()).toEqual([0, 0, 0]);
  });

  test('every broken rule of every step is reported, and nothing is sent', async () => {
    const other = `Instance:${'0'.repeat(32)}/${'1'.repeat(32)}`;
    const { userErrors } = await run({
      id: `Job:${desk.leagueId}/hfl/${'0'.repeat(32)}`,
      agentId: '?',
      waitSeconds: 61,
      alignment: { instanceId: other, parties: [{ agentId: '?', datasetName: 'a', idColumn: '' }] },
      featureSelection: { ...desk.featureSelection(''), instanceId: other, differentialPrivacy: { enabled: true } },
      training: { modelInstanceId: other, modelParameters: { epochs: 0 }, label: 'x'.repeat(1001) },
    });
    expect(userErrors.map(({ field }) => field?.join('.')).sort()).toEqual(
      [
        'id',
        'agentId',
        'waitSeconds',
        'alignment.instanceId',
        'alignment.parties.0.agentId',
        'alignment.parties.0.idColumn',
        'featureSelection.jobName',
        'featureSelection.instanceId',
        ...[
          'epsilon',
          'upperThresholdMin',
          'upperThresholdMax',
          'lowerThresholdMin',
          'lowerThresholdMax',
          'originalOutputCount',
          'thresholdAdjustmentCount',
          'fillBackStore',
        ].map((field) => `featureSelection.differentialPrivacy.${field}`),
        'training.modelInstanceId',
        'training.modelParameters.epochs',
        'training.label',
      ].sort(),
    );
    for (const from of [undefined, 'ALIGNMENT', 'FEATURE_SELECTION'])
      expect((await run({ from, featureSelection: undefined })).userErrors).toMatchObject([
        { code: 'INVALID_INPUT', field: ['featureSelection'] },
      ]);
    expect((await run({ waitSeconds: -1 })).userErrors).toMatchObject([{ field: ['waitSeconds'] }]);
    expect(await stage.sandbox.client.calls()).toEqual([]);
  });
});
