import { builder } from '../builder.ts';
import { formatOptionalId } from '../shared/ids.ts';
import { openEnumFields } from '../shared/enums.ts';
import type {
  DatasetAvailability as DatasetAvailabilityShape,
  DatasetHolding as DatasetHoldingShape,
} from '../../tics/datasets/row.ts';
import { DatasetFault, PublicationStatus } from './enums.ts';

/** What its own agent's list tells of a dataset. */
export const DatasetHolding = builder.objectRef<DatasetHoldingShape>('DatasetHolding').implement({
  description: 'How an agent holds a dataset, published or not.',
  fields: (t) => ({
    ...openEnumFields(t, 'publication', PublicationStatus, 'How far the league sees it.'),
    connectorName: t.exposeString('connectorName', { description: 'Name of the connector it is read through.' }),
    databaseName: t.exposeString('databaseName', { description: 'Name of the database; null for a file.' }),
    tableName: t.exposeString('tableName', { description: 'Name of the table; null for a file.' }),
  }),
});

/** What the list of datasets for jobs tells of a dataset. */
export const DatasetAvailability = builder.objectRef<DatasetAvailabilityShape>('DatasetAvailability').implement({
  description: 'What jobs need to know of a dataset.',
  fields: (t) => ({
    ...openEnumFields(t, 'fault', DatasetFault, 'Why jobs cannot use it; NONE when they can.'),
    partnerAlias: t.exposeString('partnerAlias', { description: 'Alias in the league of the partner who owns it.' }),
    agentId: t.id({
      resolve: ({ agentId }) => formatOptionalId('Agent', agentId),
      description: 'Id of the agent that holds it.',
    }),
    agentName: t.exposeString('agentName', { description: 'Name of that agent.' }),
    labelled: t.exposeBoolean('labelled', { description: 'Whether it has a column with labels to learn.' }),
    labelColumnName: t.exposeString('labelColumnName', { description: 'Name of the column with labels, if any.' }),
    uniqueColumnName: t.exposeString('uniqueColumnName', {
      description: 'Name of the column that identifies a record, if any.',
    }),
    aligned: t.exposeBoolean('aligned', { description: 'Whether a file of aligned sample ids exists for it.' }),
  }),
});
