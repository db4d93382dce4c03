import { describe, expect, test } from 'vitest';
import { type DatasetPayload, fileParts, useDatasets } from '../../support/datasets.ts';
import { breakPoints, resetCall } from '../../support/faults.ts';
import { required } from '../../support/required.ts';
import { useStage } from '../../support/gateway.ts';
import { userErrorFields } from '../../support/mutate.ts';
import { datasetId as idOf } from '../../support/ids.ts';

const stage = useStage();
const { agent, agents, callsOf, create, file, mutate, registered, registeredOne, sent, table } = useDatasets(stage);

describe('updateDataset', () => {
  test('replaces the registration, and a published dataset becomes EDITED', async () => {
    const made = await create(table());
    await mutate('publishDataset', { id: idOf(made), agentId: agent().id });
    const registration = table({ description: null, source: { table: { schemaName: 'demo', tableName: 't_new' } } });
    let payload: DatasetPayload | undefined;
    const calls = await callsOf(async () => {
      payload = await mutate('updateDataset', { id: idOf(made), agentId: agent().id, registration });
    });
    expect(payload).toEqual({
      datasetId: idOf(made),
      dataset: {
        id: idOf(made),
        name: registration.name,
        holding: { publication: 'EDITED', connectorName: registration.connectorName, tableName: 't_new' },
      },
      userErrors: [],
    });
    expect(calls).toEqual({ saveDataset: 1, listAgentDatasets: 1 });
    expect(registeredOne(registration.name)).toMatchObject({ id: made.id, description: '', table: { name: 't_new' } });
  });

  test('names the dataset in the file’s part, too', async () => {
    const made = await create(file());
    await stage.sandbox.client.clearCalls();
    await mutate('updateDataset', { id: idOf(made), agentId: agent().id, registration: file({ name: made.name }) });
    const { body } = (await sent('saveDataset'))[0] ?? {};
    expect(body).toMatchObject({
      id: made.id,
      ag_dataset_local: { data_id: made.id, dataset_id: made.id, dataset_name: made.name },
      ext_columns: [{ data_id: made.id }],
    });
    const { columns } = body as { readonly columns: readonly { readonly data_id: string }[] };
    expect(new Set(columns.map((column) => column.data_id))).toEqual(new Set([made.id]));
  });

  test('names the dataset in the table’s part', async () => {
    const made = await create(table());
    await stage.sandbox.client.clearCalls();
    await mutate('updateDataset', { id: idOf(made), agentId: agent().id, registration: table({ name: made.name }) });
    expect((await sent('saveDataset'))[0]?.body).toMatchObject({ ag_dataset_table: { data_id: made.id } });
  });

  test('a dataset that the agent does not hold', async () => {
    const { datasetId, userErrors } = await mutate('updateDataset', {
      id: `Dataset:${agent().leagueId}/nothing`,
      agentId: agent().id,
      registration: table(),
    });
    expect(userErrors).toMatchObject([{ code: 'NOT_FOUND', call: 'saveDataset' }]);
    expect(datasetId).toBeNull();
    expect(await sent('saveDataset')).toHaveLength(1);
  });

  test('a name that another one has', async () => {
    const [made, other] = [await create(table()), await create(table())];
    const { userErrors } = await mutate('updateDataset', {
      id: idOf(made),
      agentId: agent().id,
      registration: table({ name: other.name }),
    });
    expect(userErrors).toMatchObject([{ code: 'NAME_TAKEN', call: 'saveDataset', field: ['registration', 'name'] }]);
  });

  test.each(breakPoints)(
    'a connection that breaks (%s) leaves the outcome unknown, and the registration settles it',
    async (at) => {
      const made = await create(file());
      await stage.sandbox.client.clearCalls();
      await resetCall(stage, 'saveDataset', at);
      const registration = file({ name: made.name, source: { file: { ...fileParts, delimiter: ';' } } });
      const {
        datasetId,
        dataset: read,
        userErrors,
      } = await mutate('updateDataset', {
        id: idOf(made),
        agentId: agent().id,
        registration,
      });
      expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'saveDataset' }]);
      expect(await sent('saveDataset')).toHaveLength(1);
      expect(registeredOne(made.name).file?.delimiter).toBe(at === 'midAnswer' ? ';' : ',');
      expect(datasetId).toBe(at === 'midAnswer' ? idOf(made) : null);
      expect(read?.id ?? null).toBe(datasetId);
    },
  );
});

describe('deleteDatasets', () => {
  test('deletes several with one call, each once', async () => {
    const [one, other] = [await create(table()), await create(file())];
    const ids = [idOf(one), idOf(other)];
    let answer: object | undefined;
    const calls = await callsOf(async () => {
      answer = await stage.data(
        `mutation ($input: DeleteDatasetsInput!) { deleteDatasets(input: $input) { deletedIds ${userErrorFields} } }`,
        { input: { ids: [...ids, ids[0]], agentId: agent().id } },
      );
    });
    expect(answer).toEqual({ deleteDatasets: { deletedIds: ids, userErrors: [] } });
    expect(calls).toEqual({ deleteDatasets: 1 });
    expect((await sent('deleteDatasets'))[0]?.body).toEqual({ resource_ids: [one.id, other.id] });
    expect([...registered(one.name), ...registered(other.name)]).toEqual([]);
  });

  test('what follows in the operation no longer sees it', async () => {
    const made = await create(table());
    const before = stage.sandbox.world.datasetsOfAgent(agent().id).length;
    const other = table();
    expect(
      await stage.data(
        `mutation ($made: DeleteDatasetsInput!, $other: CreateDatasetInput!) {
          deleteDatasets(input: $made) { deletedIds }
          createDataset(input: $other) { dataset { agent { datasets(first: 1) { totalCount } } } }
        }`,
        {
          made: { ids: [idOf(made)], agentId: agent().id },
          other: { agentId: agent().id, registration: other },
        },
      ),
    ).toMatchObject({ createDataset: { dataset: { agent: { datasets: { totalCount: before } } } } });
  });

  test('one that the agent does not hold: all stay', async () => {
    const made = await create(table());
    const { deletedIds, userErrors } = await mutate('deleteDatasets', {
      ids: [idOf(made), `Dataset:${agent().leagueId}/nothing`],
      agentId: agent().id,
    });
    expect(deletedIds).toBeNull();
    expect(userErrors).toMatchObject([
      { code: 'NOT_FOUND', call: 'deleteDatasets', upstreamCode: expect.stringContaining('TICS_AGENT.') as string },
    ]);
    expect(registered(made.name)).toHaveLength(1);
    expect(await sent('deleteDatasets')).toHaveLength(1);
  });

  test('one that jobs use', async () => {
    const { world } = stage.sandbox;
    const used = required(
      agents().flatMap(({ id, leagueId }) =>
        world
          .datasetsOfAgent(id)
          .filter(({ publication }) => publication !== 'UNPUBLISHED')
          .filter((own) =>
            world.jobsOfLeague(leagueId, 'SQL', 'HFL', 'VFL').some(({ datasetIds }) => datasetIds.includes(own.id)),
          ),
      )[0],
      'dataset that a job uses',
    );
    const { userErrors } = await mutate('deleteDatasets', { ids: [idOf(used)], agentId: used.agentId });
    expect(userErrors).toMatchObject([{ code: 'WRONG_STATE', call: 'deleteDatasets' }]);
    expect(world.dataset(used.id)).toBe(used);
  });

  test.each(breakPoints)(
    'a connection that breaks (%s) leaves the outcome unknown, and the agent’s list settles it',
    async (at) => {
      const made = await create(table());
      await resetCall(stage, 'deleteDatasets', at);
      const { deletedIds, userErrors } = await mutate('deleteDatasets', { ids: [idOf(made)], agentId: agent().id });
      expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'deleteDatasets' }]);
      expect(await sent('deleteDatasets')).toHaveLength(1);
      expect(registered(made.name)).toHaveLength(at === 'midAnswer' ? 0 : 1);
      expect(deletedIds).toEqual(at === 'midAnswer' ? [idOf(made)] : null);
    },
  );
});
