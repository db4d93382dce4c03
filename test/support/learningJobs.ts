import { beforeAll, expect } from 'vitest';
import type { Instance } from '../../src/sandbox/model/world.ts';
import type { Stage } from './gateway.ts';
import { rawId } from './ids.ts';
import { learningFixture, makeLearningJob, makeVerticalJob, type LearningFixture } from './learning.ts';
import { mutate } from './mutate.ts';
import { newName } from './names.ts';
import { required } from './required.ts';

interface Payload {
  readonly job: { readonly id: string; readonly name: string } | null;
  readonly instance?: {
    readonly id: string;
    readonly type: string;
    readonly currentStatus: string;
    readonly job: { readonly id: string };
  } | null;
}

/** A well-formed id of a run in a league that does not exist. */
export const instanceOfOtherLeague = `Instance:${'0'.repeat(32)}/${'1'.repeat(32)}`;

/** Creates one horizontal and one vertical job for a test file, both with settings that can be executed. */
export function useLearningJobs(stage: Stage) {
  let fixture: LearningFixture;
  let horizontalId: string;
  let vertical: { readonly id: string; readonly name: string };

  const send = (name: string, input: object, selection = 'job { id name }') =>
    mutate<Payload>(stage, name, input, selection);
  const callsOf = (operationId: string) => stage.sandbox.client.calls({ operationId });
  const horizontalSettings = (change: object = {}) => ({
    id: horizontalId,
    agentId: fixture.agent.id,
    name: stage.sandbox.world.job(rawId(horizontalId))?.name ?? newName('learning'),
    phase: 'TRAIN',
    platform: 'LOCAL',
    roundCount: 2,
    epochs: 3,
    datasets: fixture.irises,
    host: { agentId: `Agent:${fixture.agent.id}`, name: fixture.agent.name },
    scriptPath: '/uploadfiles/iris_train.py',
    modelPath: '/uploadfiles/model.h5',
    ...change,
  });

  beforeAll(async () => {
    fixture = learningFixture(stage);
    horizontalId = (await makeLearningJob(stage, fixture, 'HFL')).id;
    await mutate(stage, 'updateHorizontalJob', horizontalSettings());
    vertical = await makeVerticalJob(stage, fixture);
    // A read on the agent's plane, so that the gateway knows the agents of the league: calls are then counted without it.
    await stage.data('query ($id: ID!) { node(id: $id) { ... on VerticalJob { definition { label } } } }', {
      id: vertical.id,
    });
  });

  return {
    get fixture() {
      return fixture;
    },
    get horizontalId() {
      return horizontalId;
    },
    get vertical() {
      return vertical;
    },
    horizontalSettings,
    verticalSettings: (change: object = {}) => ({
      ...vertical,
      agentId: fixture.agent.id,
      ...fixture.verticalSettings,
      ...change,
    }),
    send,
    /** Sends a mutation that starts a run on the fixture's agent. */
    start: (name: string, input: object) =>
      send(
        name,
        { agentId: fixture.agent.id, ...input },
        'job { id name } instance { id type currentStatus job { id } }',
      ),
    callsOf,
    /** The body of the only call of an operation. */
    bodyOf: async (operationId: string): Promise<unknown> => {
      const calls = await callsOf(operationId);
      expect(calls).toHaveLength(1);
      return calls[0]?.body;
    },
    runOf: (payload: Payload): Instance =>
      required(stage.sandbox.world.instance(rawId(payload.instance?.id ?? '')), 'instance of the payload'),
    latestRun: (jobId: string): Instance | undefined => stage.sandbox.world.instancesOfJob(rawId(jobId))[0],
    /** Moves the clock of the embedded TICS until each run has ended. */
    finishRuns: () => stage.sandbox.client.advance(3_600_000),
    /** Expects one INVALID_INPUT for each of these fields, and that nothing is sent. */
    expectFaults: async (name: string, input: object, fields: readonly string[]): Promise<void> => {
      await stage.sandbox.client.clearCalls();
      const { userErrors } = await mutate(stage, name, input);
      expect(userErrors.map(({ field }) => field?.join('.')).sort(), JSON.stringify(userErrors)).toEqual(
        [...fields].sort(),
      );
      for (const { code, call } of userErrors) expect({ code, call }).toEqual({ code: 'INVALID_INPUT', call: null });
      expect(await stage.sandbox.client.calls()).toEqual([]);
    },
  };
}
