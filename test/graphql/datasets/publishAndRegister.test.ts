import { describe, expect, test } from 'vitest';
import { datasetFields, useDatasets, type DatasetPayload } from '../../support/datasets.ts';
import { breakPoints, resetCall } from '../../support/faults.ts';
import { useStage } from '../../support/gateway.ts';
import { userErrorFields } from '../../support/mutate.ts';
import { datasetId as idOf } from '../../support/ids.ts';

const stage = useStage();
const { agent, agentElsewhere, callsOf, create, mutate, registered, registeredOne, sent, table } = useDatasets(stage);

describe('publishDataset', () => {
  test('lets the league see it, in the same operation', async () => {
    const made = await create(table());
    let answer: { publishDataset: object } | undefined;
    const calls = await callsOf(async () => {
      answer = await stage.data(
        `mutation ($input: PublishDatasetInput!) {
          publishDataset(input: $input) { ${datasetFields} ${userErrorFields} dataset { columns { name } } }
        }`,
        { input: { id: idOf(made), agentId: agent().id } },
      );
    });
    expect(answer?.publishDataset).toMatchObject({
      datasetId: idOf(made),
      dataset: { holding: { publication: 'PUBLISHED' }, columns: [{ name: 'id' }, { name: 'salary' }] },
      userErrors: [],
    });
    expect(calls).toEqual({ publishDataset: 1, listAgentDatasets: 1, listLeagueDatasets: 1 });
    expect(registeredOne(made.name).publication).toBe('PUBLISHED');
  });

  test('brings the league up to date after an edit', async () => {
    const made = await create(table());
    const input = { id: idOf(made), agentId: agent().id };
    await mutate('publishDataset', input);
    await mutate('updateDataset', { ...input, registration: table({ name: made.name }) });
    expect(registeredOne(made.name).publication).toBe('EDITED');
    expect(await mutate('publishDataset', input)).toMatchObject({
      dataset: { holding: { publication: 'PUBLISHED' } },
      userErrors: [],
    });
  });

  test('twice', async () => {
    const made = await create(table());
    const input = { id: idOf(made), agentId: agent().id };
    await mutate('publishDataset', input);
    await stage.sandbox.client.clearCalls();
    const { dataset: read, userErrors } = await mutate('publishDataset', input);
    expect(read).toBeNull();
    expect(userErrors).toMatchObject([
      { code: 'WRONG_STATE', call: 'publishDataset', upstreamCode: expect.stringContaining('TICS_AGENT.') as string },
    ]);
    expect(await sent('publishDataset')).toHaveLength(1);
  });

  test('an id of another league does not reach the agent', async () => {
    const made = await create(table());
    const id = `Dataset:${agentElsewhere().leagueId}/${made.id}`;
    const input = { id, agentId: agent().id };
    for (const payload of [
      await mutate('publishDataset', input),
      await mutate('updateDataset', { ...input, registration: table({ name: made.name }) }),
      await mutate('deleteDatasets', { ids: [id], agentId: agent().id }),
    ])
      expect(payload.userErrors).toMatchObject([{ code: 'NOT_FOUND', call: null, field: ['agentId'] }]);
    expect(await sent('publishDataset')).toEqual([]);
    expect(await sent('deleteDatasets')).toEqual([]);
    expect(await sent('saveDataset')).toHaveLength(1);
  });

  test.each(breakPoints)(
    'a connection that breaks (%s) leaves the outcome unknown, and the agent’s list settles it',
    async (at) => {
      const made = await create(table());
      await resetCall(stage, 'publishDataset', at);
      const { datasetId, userErrors } = await mutate('publishDataset', { id: idOf(made), agentId: agent().id });
      expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'publishDataset' }]);
      expect(await sent('publishDataset')).toHaveLength(1);
      expect(registeredOne(made.name).publication).toBe(at === 'midAnswer' ? 'PUBLISHED' : 'UNPUBLISHED');
      expect(datasetId).toBe(at === 'midAnswer' ? idOf(made) : null);
    },
  );
});

describe('registerDataset', () => {
  test('creates and publishes', async () => {
    const registration = table();
    let payload: DatasetPayload | undefined;
    const calls = await callsOf(async () => {
      payload = await mutate('registerDataset', { agentId: agent().id, registration });
    });
    expect(payload).toMatchObject({
      datasetId: idOf(registeredOne(registration.name)),
      dataset: { name: registration.name, holding: { publication: 'PUBLISHED' } },
      failedStep: null,
      userErrors: [],
    });
    expect(calls).toEqual({ saveDataset: 1, publishDataset: 1, listAgentDatasets: 2 });
  });

  test('nothing is published when nothing was created', async () => {
    const { name } = await create(table());
    await stage.sandbox.client.clearCalls();
    expect(await mutate('registerDataset', { agentId: agent().id, registration: table({ name }) })).toMatchObject({
      datasetId: null,
      dataset: null,
      failedStep: 'CREATE',
      userErrors: [{ code: 'NAME_TAKEN', call: 'saveDataset', field: ['registration', 'name'] }],
    });
    expect(await stage.sandbox.client.countCalls()).toEqual({ listAgentDatasets: 1, saveDataset: 1 });
  });

  test('when it can not be published, the payload holds what was created, to go on with', async () => {
    await stage.sandbox.client.setRules([
      {
        operationId: 'publishDataset',
        times: 1,
        fault: { kind: 'status', status: 403, code: 'TICS_AGENT.1', message: 'no' },
      },
    ]);
    const registration = table();
    const { datasetId, ...payload } = await mutate('registerDataset', { agentId: agent().id, registration });
    expect(payload).toMatchObject({
      dataset: { name: registration.name, holding: { publication: 'UNPUBLISHED' } },
      failedStep: 'PUBLISH',
      userErrors: [
        {
          code: 'FORBIDDEN',
          call: 'publishDataset',
          upstreamCode: 'TICS_AGENT.1',
          message: expect.stringContaining('was created') as string,
        },
      ],
    });
    expect(datasetId).toBe(idOf(registeredOne(registration.name)));
    expect(await mutate('publishDataset', { id: datasetId, agentId: agent().id })).toMatchObject({
      dataset: { holding: { publication: 'PUBLISHED' } },
      userErrors: [],
    });
    expect(await sent('saveDataset')).toHaveLength(1);
  });

  const breaking = (at: 'before' | 'midAnswer') =>
    ({ operationId: 'saveDataset', fault: { kind: 'reset', at } }) as const;
  const register = (registration: object) => mutate('registerDataset', { agentId: agent().id, registration });
  const isUnpublished = {
    failedStep: 'CREATE',
    userErrors: [{ code: 'OUTCOME_UNKNOWN', call: 'saveDataset' }],
  };

  test('creating breaks off before anything is done: nothing is published', async () => {
    await stage.sandbox.client.setRules([breaking('before')]);
    const registration = table();
    expect(await register(registration)).toMatchObject({ datasetId: null, dataset: null, ...isUnpublished });
    expect(registered(registration.name)).toEqual([]);
    expect(await sent('saveDataset')).toHaveLength(1);
    expect(await sent('publishDataset')).toEqual([]);
  });

  test('creating breaks off when it is done: what was not there before is published', async () => {
    await stage.sandbox.client.setRules([breaking('midAnswer')]);
    const registration = table();
    expect(await register(registration)).toMatchObject({
      datasetId: idOf(registeredOne(registration.name)),
      dataset: { name: registration.name, holding: { publication: 'PUBLISHED' } },
      failedStep: null,
      userErrors: [],
    });
    expect(await sent('saveDataset')).toHaveLength(1);
    expect(await sent('publishDataset')).toHaveLength(1);
  });

  test('one that was there before, alike in everything, is not taken for it', async () => {
    const registration = table();
    const older = await create(registration);
    await stage.sandbox.client.setRules([breaking('before')]);
    await stage.sandbox.client.clearCalls();
    expect(await register(registration)).toMatchObject({ datasetId: null, dataset: null, ...isUnpublished });
    expect(older.publication).toBe('UNPUBLISHED');
    expect(await sent('publishDataset')).toEqual([]);
  });

  test('where the list before the write is not known, the dataset is shown and not published', async () => {
    await stage.sandbox.client.setRules([
      breaking('midAnswer'),
      { operationId: 'listAgentDatasets', times: 1, fault: { kind: 'status', status: 500 } },
    ]);
    const registration = table();
    expect(await register(registration)).toMatchObject({
      dataset: { name: registration.name, holding: { publication: 'UNPUBLISHED' } },
      ...isUnpublished,
    });
    expect(await sent('publishDataset')).toEqual([]);
  });

  test.each(breakPoints)('publishing breaks off (%s): the dataset shows the result', async (at) => {
    await resetCall(stage, 'publishDataset', at);
    const registration = table();
    expect(await mutate('registerDataset', { agentId: agent().id, registration })).toMatchObject({
      dataset: {
        name: registration.name,
        holding: { publication: at === 'midAnswer' ? 'PUBLISHED' : 'UNPUBLISHED' },
      },
      failedStep: 'PUBLISH',
      userErrors: [
        {
          code: 'OUTCOME_UNKNOWN',
          call: 'publishDataset',
          message: expect.stringContaining('publishing it may not have succeeded') as string,
        },
      ],
    });
    expect(await sent('publishDataset')).toHaveLength(1);
  });
});
