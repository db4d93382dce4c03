import type { components as AgentComponents } from '../../upstream/generated/agent.d.ts';
import type { components as SpaceComponents } from '../../upstream/generated/space.d.ts';
import { flag, instant, rows, text } from '../../upstream/wire.ts';
import { openEnumReader, type OpenEnum } from '../../upstream/openEnum.ts';
import { toColumn, type DatasetColumn } from './column.ts';

type AgentSchemas = AgentComponents['schemas'];
type SpaceSchemas = SpaceComponents['schemas'];

/** Kinds of datasets, by where their rows come from. */
export const datasetTypes = {
  LOCAL_CSV: 'A file of the agent, for learning jobs.',
  MRS: 'A Hive table of MapReduce Service (MRS), for analysis jobs.',
  RDS: 'A table of Relational Database Service (RDS for MySQL), for analysis jobs.',
  DWS: 'A table of Data Warehouse Service (GaussDB), for analysis jobs.',
  MYSQL: 'A MySQL table, for analysis jobs.',
  ORACLE: 'An Oracle table, for analysis jobs.',
  DLI: 'A table of Data Lake Insight.',
  OBS: 'Objects of Object Storage Service.',
  MODEL_ARTS: 'Data of ModelArts.',
  LOCAL_TENSOR_FLOW: 'TensorFlow records on the agent.',
} as const;

/** Kinds that can be registered, and that jobs can be asked for; the other kinds are only read. */
export const registrableTypes = ['RDS', 'MYSQL', 'DWS', 'MRS', 'ORACLE', 'LOCAL_CSV'] as const;

/** Publication states of a dataset. */
export const publicationStatuses = {
  UNPUBLISHED: 'The league does not see it.',
  PUBLISHED: 'The league sees it as it is registered.',
  EDITED: 'It was edited since, and the league still sees what was published before.',
} as const;

/** Reasons why a dataset can't be used in jobs. */
export const datasetFaults = { NONE: 'It can be used.' } as const;

/** Some answers have the connector's type RDS_MYSQL in place of RDS. */
export const toDatasetType = openEnumReader(datasetTypes, { RDS_MYSQL: 'RDS' });
const publicationStatus = openEnumReader(publicationStatuses);
const datasetFault = openEnumReader(datasetFaults);

/** Properties from the league's list of datasets. */
export interface DatasetListing {
  readonly description: string | null;
  readonly dataType: OpenEnum<typeof datasetTypes>;
  readonly accountName: string | null;
  readonly createdAt: string | null;
  /** Created when they are selected: a dataset can have hundreds. */
  readonly columns: () => readonly DatasetColumn[];
}

/** Properties from the list of the dataset's own agent. */
export interface DatasetHolding {
  readonly dataType: OpenEnum<typeof datasetTypes>;
  readonly createdAt: string | null;
  readonly connectorName: string | null;
  readonly databaseName: string | null;
  readonly tableName: string | null;
  readonly publication: OpenEnum<typeof publicationStatuses>;
}

/** Properties from the list of datasets for jobs. */
export interface DatasetAvailability {
  readonly partnerAlias: string | null;
  readonly agentId: string | null;
  readonly agentName: string | null;
  readonly fault: OpenEnum<typeof datasetFaults>;
  readonly labelled: boolean | null;
  readonly labelColumnName: string | null;
  readonly uniqueColumnName: string | null;
  readonly aligned: boolean | null;
}

/**
 * A dataset. Three lists have datasets, each with other properties. Those of the list that it was read from are present; the others
 * are looked up when they are selected.
 */
export interface Dataset {
  readonly __typename: 'Dataset';
  readonly ticsId: string;
  readonly leagueId: string;
  readonly name: string | null;
  /** The agent that holds it, if the row names it. */
  readonly agentId: string | null;
  readonly listing: DatasetListing | null;
  readonly holding: DatasetHolding | null;
  readonly availability: DatasetAvailability | null;
}

function dataset(leagueId: string, wire: { readonly id?: string | null; readonly name?: string | null }): Dataset {
  return {
    __typename: 'Dataset',
    ticsId: text(wire.id) ?? '',
    leagueId,
    name: text(wire.name),
    agentId: null,
    listing: null,
    holding: null,
    availability: null,
  };
}

/** Reads a row of 6.3.1; the columns have one of two names. */
export function fromLeagueRow(leagueId: string, wire: SpaceSchemas['LeagueDatasetRow']): Dataset {
  return {
    ...dataset(leagueId, wire),
    listing: {
      description: text(wire.description),
      dataType: toDatasetType(wire.data_type),
      accountName: text(wire.partner_domain_name),
      createdAt: instant(wire.create_time),
      columns: () => rows(wire.columnList ?? wire.column_list).map((column) => toColumn(leagueId, column)),
    },
  };
}

/** Reads a row of 7.4.1. */
export function fromAgentRow(leagueId: string, agentId: string, wire: AgentSchemas['AgentDatasetRow']): Dataset {
  return {
    ...dataset(leagueId, wire),
    agentId,
    holding: {
      dataType: toDatasetType(wire.data_type),
      createdAt: instant(wire.create_time),
      connectorName: text(wire.connector_name),
      databaseName: text(wire.data_source),
      tableName: text(wire.table_name),
      publication: publicationStatus(wire.data_pub_status),
    },
  };
}

/** Reads a row of 7.7.2. */
export function fromAvailableRow(
  leagueId: string,
  partnerAlias: string | null,
  wire: AgentSchemas['AvailableDatasetRow'],
): Dataset {
  return {
    ...dataset(leagueId, wire),
    agentId: text(wire.agent_id),
    availability: {
      partnerAlias,
      agentId: text(wire.agent_id),
      agentName: text(wire.agent_name),
      fault: datasetFault(wire.dataset_invalid_type),
      labelled: flag(wire.label_dataset),
      labelColumnName: text(wire.label_word),
      uniqueColumnName: text(wire.unique_column_name),
      aligned: flag(wire.has_align_id_file),
    },
  };
}
