import { beforeEach, expect } from 'vitest';
import type { Agent, Connector, Dataset } from '../../src/sandbox/model/world.ts';
import type { Stage } from './gateway.ts';
import { mutate as send, type UserError } from './mutate.ts';
import { newName } from './names.ts';
import { required } from './required.ts';
import { connectorId, datasetId } from './ids.ts';

/** The payload of mutations of datasets; what a mutation's payload does not have is undefined. */
export interface DatasetPayload {
  readonly datasetId: string | null;
  readonly dataset: { readonly id: string; readonly name: string; readonly holding: object } | null;
  readonly deletedIds: readonly string[] | null;
  readonly failedStep: string | null;
  readonly userErrors: readonly UserError[];
}

export type DatasetMutation =
  'createDataset' | 'updateDataset' | 'deleteDatasets' | 'publishDataset' | 'registerDataset';

export const datasetFields = 'datasetId dataset { id name holding { publication connectorName tableName } }';

const selections: Readonly<Record<DatasetMutation, string>> = {
  createDataset: datasetFields,
  updateDataset: datasetFields,
  deleteDatasets: 'deletedIds',
  publishDataset: datasetFields,
  registerDataset: `${datasetFields} failedStep`,
};

const tableColumns = [
  { name: 'id', dataType: 'STRING', comment: '编号', privacyClass: 'UNIQUE_ID', privacyPolicy: 'HASH' },
  {
    name: 'salary',
    dataType: 'DECIMAL',
    privacyClass: 'SENSITIVE',
    privacyPolicy: 'MASK',
    privacyPolicyDetail: 'the last three digits',
  },
];

/** The part of a file's registration. */
export const fileParts = {
  fileType: 'CSV',
  delimiter: ',',
  hasHeader: true,
  dataFilePath: '/data/clicks.csv',
  idFilePath: '/data/ids.csv',
  configFilePath: '/data/config.json',
  filteredByAlignment: true,
  multihotGroups: [
    { features: ['genres_0', 'genres_1'], fieldSize: 17 },
    { features: ['dummy_0'], fieldSize: 10 },
  ],
};
export const fileColumns = [
  { name: 'id', dataType: 'string', label: 'UNIQUE_ID' },
  { name: 'user_id', dataType: 'integer', label: 'FEATURE', featureType: 'DISCRETE', fieldSize: 193 },
  { name: 'genres_0', dataType: 'integer', label: 'FEATURE', featureType: 'MULTIHOT' },
  { name: 'genres_1', dataType: 'integer', label: 'FEATURE', featureType: 'MULTIHOT' },
];

/** Registrations of datasets on one agent, and what the embedded TICS holds of them. */
export function useDatasets(stage: Stage) {
  const agents = (): readonly Agent[] =>
    stage.sandbox.world.agents.filter(({ nodeStatus, isOwn }) => isOwn && nodeStatus === 'TRUST');
  /** The agent on which all is registered. */
  const agent = (): Agent => required(agents()[0], 'agent that is online');
  const connectorOf = (type: Connector['type']): Connector =>
    required(
      stage.sandbox.world.connectorsOfAgent(agent().id).find((connector) => connector.type === type),
      `${type} connector`,
    );
  const connectorParts = (type: Connector['type']) => {
    const { agentId, id, name } = connectorOf(type);
    return { connectorId: connectorId({ agentId, id }), connectorName: name };
  };
  const registered = (name: string): readonly Dataset[] =>
    stage.sandbox.world.datasetsOfAgent(agent().id).filter((own) => own.name === name);
  const mutate = (name: DatasetMutation, input: object, selection = selections[name]) =>
    send<DatasetPayload>(stage, name, input, selection);

  beforeEach(async () => {
    // The rules of a test may keep the gateway from learning in which league an agent is.
    await stage.data('query ($id: ID!) { agent(id: $id) { id } }', { id: agent().id });
    await stage.sandbox.client.clearCalls();
  });

  return {
    agents,
    agent,
    agentElsewhere: (): Agent =>
      required(
        agents().find(({ leagueId }) => leagueId !== agent().leagueId),
        'agent in another league',
      ),
    connectorOf,
    registered,
    registeredOne: (name: string): Dataset => required(registered(name)[0], `dataset ${name}`),
    /** The registration of a table under a new name. */
    table: (changes: object = {}) => ({
      name: newName('test'),
      description: 'a table',
      dataType: 'MYSQL',
      ...connectorParts('MYSQL'),
      source: { table: { schemaName: 'demo', tableName: 't_salary' } },
      columns: tableColumns,
      ...changes,
    }),
    /** The registration of a file with features under a new name. */
    file: (changes: object = {}) => ({
      name: newName('test'),
      dataType: 'LOCAL_CSV',
      ...connectorParts('LOCAL'),
      source: { file: fileParts },
      columns: fileColumns,
      extraColumns: [{ name: 'dummy_0', featureType: 'MULTIHOT' }],
      ...changes,
    }),
    mutate,
    create: async (registration: object): Promise<Dataset> => {
      const { datasetId: id, userErrors } = await mutate('createDataset', { agentId: agent().id, registration });
      expect(userErrors).toEqual([]);
      return required(
        stage.sandbox.world.datasets.find((own) => datasetId(own) === id),
        'such dataset',
      );
    },
    sent: (operationId: string) => stage.sandbox.client.calls({ operationId }),
    /** The calls that `work` causes, without the one by which agents' leagues are found, at most once a minute. */
    callsOf: async (work: () => Promise<unknown>) => {
      const { listAgents, ...calls } = await stage.callsOf(work);
      return calls;
    },
  };
}
