import { builder } from '../builder.ts';
import { ColumnLabel, FeatureType, PrivacyClass, PrivacyPolicy } from './columns.ts';
import { DatasetType } from './enums.ts';
import type {
  ColumnToSave,
  FileToSave,
  MultihotGroupToSave,
  RegistrationToSave,
  TableToSave,
} from '../../tics/datasets/writes.ts';

/** A registration as a caller gives it. */
export interface RegistrationInput extends Omit<RegistrationToSave, 'connectorName'> {
  /** `Connector:<agent>/<connector>`. */
  readonly connectorId: string;
  readonly connectorName?: string | null | undefined;
}

const DatasetColumnInput = builder.inputRef<ColumnToSave>('DatasetColumnInput').implement({
  description: 'A column of a dataset that is registered.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Name of the column; no other one of the dataset has it.' }),
    dataType: t.string({
      description: 'Type of its values: STRING and the like for tables, string or integer for files.',
    }),
    comment: t.string({ description: 'What there is to say of it.' }),
    label: t.field({ type: ColumnLabel.asInput(), description: 'Part of the column in learning jobs.' }),
    featureType: t.field({ type: FeatureType.asInput(), description: 'Kind of the feature.' }),
    fieldSize: t.int({
      description: 'How many values a DISCRETE feature can take; at least 1. Other columns have none.',
    }),
    privacyClass: t.field({ type: PrivacyClass.asInput(), description: 'Privacy class in analysis jobs.' }),
    privacyPolicy: t.field({
      type: PrivacyPolicy.asInput(),
      description: 'What is done to the values before others see them.',
    }),
    privacyPolicyDetail: t.string({ description: 'How the policy is applied; for example which digits are masked.' }),
  }),
});

const RegisteredTableInput = builder.inputRef<TableToSave>('RegisteredTableInput').implement({
  description: 'The database table behind a dataset.',
  fields: (t) => ({
    schemaName: t.string({ required: true, description: 'Schema of the database that the table is in.' }),
    tableName: t.string({ required: true, description: 'Name of the table.' }),
  }),
});

const MultihotGroupInput = builder.inputRef<MultihotGroupToSave>('MultihotGroupInput').implement({
  description: 'Columns that are one feature together.',
  fields: (t) => ({
    features: t.stringList({
      required: true,
      description: 'Names of the columns: at least one, each with the feature type MULTIHOT and in no other group.',
    }),
    fieldSize: t.int({ description: 'How many values the group takes in all; at least 1.' }),
  }),
});

const RegisteredFileInput = builder.inputRef<FileToSave>('RegisteredFileInput').implement({
  description: 'The file of the agent behind a dataset.',
  fields: (t) => ({
    fileType: t.string({ required: true, description: 'Type of the file, such as CSV.' }),
    delimiter: t.string({ required: true, description: 'What separates the values of a line.' }),
    hasHeader: t.boolean({ required: true, description: 'Whether the file begins with a line of column names.' }),
    dataFilePath: t.string({ required: true, description: 'Path of the data on the agent.' }),
    idFilePath: t.string({ description: 'Path of the file of sample ids on the agent, if there is one.' }),
    configFilePath: t.string({ description: 'Path of the configuration file on the agent, if there is one.' }),
    filteredByAlignment: t.boolean({
      description:
        'Whether the steps of a vertical job after the alignment are to take only the aligned samples by themselves.',
    }),
    multihotGroups: t.field({
      type: [MultihotGroupInput],
      description: 'Groups of columns that are one feature each.',
    }),
  }),
});

/** A registration. */
export const DatasetRegistrationInput = builder.inputRef<RegistrationInput>('DatasetRegistrationInput').implement({
  description:
    'A dataset as it is to be registered, whole: a table of a database connector, or a file of the agent’s LOCAL connector.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description:
        'Name of the dataset, by which jobs name it: 1 to 128 characters, a letter from A to Z or a to z first, none of ? ! . * $.',
    }),
    description: t.string({ description: 'What there is to say of it.' }),
    dataType: t.field({
      type: DatasetType.asInput(),
      required: true,
      description: 'Kind of the dataset: LOCAL_CSV for a file; RDS, MYSQL, DWS, MRS or ORACLE for a table.',
    }),
    connectorId: t.id({
      required: true,
      description: 'The connector that it is read through, one of the same agent: `Connector:<agent>/<connector>`.',
    }),
    connectorName: t.string({
      description: 'Name of that connector, which the service asks for, too. Where it is left out it is looked up.',
    }),
    table: t.field({ type: RegisteredTableInput, description: 'The table; for every type but LOCAL_CSV.' }),
    file: t.field({ type: RegisteredFileInput, description: 'The file; for LOCAL_CSV.' }),
    columns: t.field({ type: [DatasetColumnInput], required: true, description: 'Its columns; at least one.' }),
    extraColumns: t.field({ type: [DatasetColumnInput], description: 'Further columns.' }),
  }),
});
