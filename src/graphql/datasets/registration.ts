import { searchedPages } from '../calls.ts';
import { builder } from '../builder.ts';
import { formatId, formatOptionalId } from '../shared/ids.ts';
import { openEnumFields } from '../shared/enums.ts';
import { Connector } from '../connectors/type.ts';
import { PrivacyColumn, RegisteredColumn } from './columns.ts';
import type {
  DatasetPrivacy as DatasetPrivacyShape,
  DatasetRegistration as DatasetRegistrationShape,
  MultihotGroup as MultihotGroupShape,
  RegisteredFile as RegisteredFileShape,
  RegisteredTable as RegisteredTableShape,
} from '../../tics/datasets/registration.ts';
import { DatasetType } from './enums.ts';

/** Privacy of a dataset’s columns. */
export const DatasetPrivacy = builder.objectRef<DatasetPrivacyShape>('DatasetPrivacy').implement({
  description: 'A published dataset’s columns with their privacy.',
  fields: (t) => ({
    description: t.exposeString('description', { description: 'What the owner says of the dataset.' }),
    columns: t.expose('columns', {
      type: [PrivacyColumn],
      nullable: { list: false, items: false },
      description: 'All its columns.',
    }),
  }),
});

const RegisteredTable = builder.objectRef<RegisteredTableShape>('RegisteredTable').implement({
  description: 'The database table behind a dataset.',
  fields: (t) => ({
    schemaName: t.exposeString('schemaName', { description: 'Schema of the database that the table is in.' }),
    tableName: t.exposeString('tableName', { description: 'Name of the table.' }),
    datasetId: t.id({
      description: 'Id of the dataset, as it stands with the table.',
      resolve: ({ leagueId, datasetId }) => formatOptionalId('Dataset', leagueId, datasetId),
    }),
  }),
});

const MultihotGroup = builder.objectRef<MultihotGroupShape>('MultihotGroup').implement({
  description: 'Columns that are one feature together.',
  fields: (t) => ({
    features: t.exposeStringList('features', {
      nullable: { list: false, items: false },
      description: 'Names of the columns.',
    }),
    fieldSize: t.expose('fieldSize', { type: 'Long', description: 'How many values the group takes in all.' }),
  }),
});

const RegisteredFile = builder.objectRef<RegisteredFileShape>('RegisteredFile').implement({
  description: 'The file of the agent behind a dataset.',
  fields: (t) => ({
    fileType: t.exposeString('fileType', { description: 'Type of the file, such as CSV.' }),
    delimiter: t.exposeString('delimiter', { description: 'What separates the values of a line.' }),
    hasHeader: t.exposeBoolean('hasHeader', { description: 'Whether the file begins with a line of column names.' }),
    dataFilePath: t.exposeString('dataFilePath', { description: 'Path of the data on the agent.' }),
    idFilePath: t.exposeString('idFilePath', {
      description: 'Path of the file of sample ids on the agent; empty without one.',
    }),
    configFilePath: t.exposeString('configFilePath', {
      description: 'Path of the configuration file on the agent; empty without one.',
    }),
    filteredByAlignment: t.exposeBoolean('filteredByAlignment', {
      description:
        'Whether the steps of a vertical job after the alignment take only the aligned samples by themselves.',
    }),
    multihotGroups: t.expose('multihotGroups', {
      type: [MultihotGroup],
      nullable: { list: false, items: false },
      description: 'Groups of columns that are one feature each.',
    }),
    extensionText: t.exposeString('extensionText', {
      description: 'The extension that `multihotGroups` was read from, as JSON text.',
    }),
    datasetId: t.id({
      description: 'Id of the dataset, as it stands with the file.',
      resolve: ({ leagueId, datasetId }) => formatOptionalId('Dataset', leagueId, datasetId),
    }),
    sentDatasetId: t.id({
      description: 'Id of the dataset, as it was sent with the registration; null for one that was new then.',
      resolve: ({ leagueId, sentDatasetId }) => formatOptionalId('Dataset', leagueId, sentDatasetId),
    }),
    sentDatasetName: t.exposeString('sentDatasetName', {
      description: 'Name of the dataset, as it was sent with the registration.',
    }),
  }),
});

/** A dataset as its owner registered it. */
export const DatasetRegistration = builder.objectRef<DatasetRegistrationShape>('DatasetRegistration').implement({
  description: 'A dataset as its owner registered it on an agent.',
  fields: (t) => ({
    datasetId: t.id({
      description: 'Id of the dataset.',
      resolve: ({ leagueId, ticsId }) => formatOptionalId('Dataset', leagueId, ticsId),
    }),
    agentId: t.id({
      resolve: ({ agentId }) => formatId('Agent', agentId),
      nullable: false,
      description: 'Id of the agent that holds it.',
    }),
    name: t.exposeString('name', { description: 'Name of the dataset.' }),
    description: t.exposeString('description', { description: 'What the owner says of the dataset.' }),
    ...openEnumFields(t, 'dataType', DatasetType, 'Kind of the dataset.'),
    connectorId: t.id({
      description: 'Id of the connector it is read through.',
      resolve: ({ agentId, connectorId }) => formatOptionalId('Connector', agentId, connectorId),
    }),
    connectorName: t.exposeString('connectorName', { description: 'Name of that connector.' }),
    connector: t.field({
      type: Connector,
      calls: [{ call: 'listConnectors', per: 'agent', paged: true, atMost: searchedPages }],
      description: 'The connector it is read through.',
      resolve: ({ agentId, connectorId }, _, { loaders }) =>
        connectorId ? loaders.connectors.byId(agentId, connectorId) : null,
    }),
    table: t.expose('table', { type: RegisteredTable, description: 'The table behind it; null for a file.' }),
    file: t.expose('file', { type: RegisteredFile, description: 'The file behind it; null for a table.' }),
    columns: t.expose('columns', {
      type: [RegisteredColumn],
      nullable: { list: false, items: false },
      description: 'Its columns.',
    }),
    extraColumns: t.expose('extraColumns', {
      type: [RegisteredColumn],
      nullable: { list: false, items: false },
      description: 'Further columns that the owner added.',
    }),
  }),
});
