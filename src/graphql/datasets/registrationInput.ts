import {
  boolean,
  choice,
  id,
  input,
  integer,
  list,
  object,
  required,
  text,
  type ShapeOf,
  type Refuse,
} from '../shared/input.ts';
import { atLeast, atLeastOne, filled, lengthBetween, noneOf, type Limit } from '../shared/limits.ts';
import { registrableTypes } from '../../tics/datasets/row.ts';
import { ColumnLabel, FeatureType, PrivacyClass, PrivacyPolicy } from './columns.ts';
import { DatasetType } from './enums.ts';

const startsWithLetter: Limit<string> = {
  expected: 'a letter from A to Z or a to z first',
  accepts: (name) => name === '' || /^[A-Za-z]/.test(name),
};

/** Names of datasets, and of the connectors that datasets are read through. */
const nameLimits = [lengthBetween(1, 128), startsWithLetter, noneOf('?!.*$')];

const registrable: Limit<(typeof DatasetType)['$inferType']> = {
  expected: `one of ${registrableTypes.join(', ')}`,
  accepts: (type) => registrableTypes.some((known) => known === type),
};

const DatasetColumnInput = input('DatasetColumnInput', {
  description: 'A column of a dataset that is registered.',
  fields: {
    name: required(text('Name of the column; no other one of the dataset has it.', filled)),
    dataType: text('Type of its values: STRING and the like for tables, string or integer for files.'),
    comment: text('A remark on it.'),
    label: choice(ColumnLabel.asInput(), 'Role of the column in learning jobs.'),
    featureType: choice(FeatureType.asInput(), 'Kind of the feature.'),
    fieldSize: integer('How many values a DISCRETE feature can take. Other columns have none.', atLeast(1)),
    privacyClass: choice(PrivacyClass.asInput(), 'Privacy class in analysis jobs.'),
    privacyPolicy: choice(PrivacyPolicy.asInput(), 'What is done to the values before others see them.'),
    privacyPolicyDetail: text('How the policy is applied; for example which digits are masked.'),
  },
  check: ({ featureType, fieldSize }, refuse) => {
    if (fieldSize !== null && fieldSize !== undefined && featureType !== 'DISCRETE')
      refuse(['fieldSize'], 'only with the feature type DISCRETE');
  },
});

const RegisteredTableInput = input('RegisteredTableInput', {
  description: 'The database table behind a dataset.',
  fields: {
    schemaName: required(text('Schema of the database that the table is in.', filled)),
    tableName: required(text('Name of the table.', filled)),
  },
});

const MultihotGroupInput = input('MultihotGroupInput', {
  description: 'Columns that are one feature together.',
  fields: {
    features: required(
      list(
        text(''),
        'Names of the columns, each with the feature type MULTIHOT and in no other group.',
        atLeastOne('column'),
      ),
    ),
    fieldSize: integer('How many values the group takes in all.', atLeast(1)),
  },
});

const RegisteredFileInput = input('RegisteredFileInput', {
  description: 'The file of the agent behind a dataset.',
  fields: {
    fileType: required(text('Type of the file, such as CSV.', filled)),
    delimiter: required(text('What separates the values of a line.', filled)),
    hasHeader: required(boolean('Whether the file begins with a line of column names.')),
    dataFilePath: required(text('Path of the data on the agent.', filled)),
    idFilePath: text('Path of the file of sample ids on the agent, if there is one.'),
    configFilePath: text('Path of the configuration file on the agent, if there is one.'),
    filteredByAlignment: boolean(
      'Whether the steps of a vertical job after the alignment are to take only the aligned samples by themselves.',
    ),
    multihotGroups: list(object(MultihotGroupInput, ''), 'Groups of columns that are one feature each.'),
  },
});

const DatasetSourceInput = input('DatasetSourceInput', {
  description: 'Where the data of a dataset is.',
  isOneOf: true,
  fields: {
    table: object(RegisteredTableInput, 'A table; for every type but LOCAL_CSV.'),
    file: object(RegisteredFileInput, 'A file; for LOCAL_CSV.'),
  },
});

/** Every item whose name stood before it in the same list. */
function repeated<Item extends { readonly name: string }>(items: readonly Item[]): readonly Item[] {
  return items.filter(({ name }, index) => items.findIndex((item) => item.name === name) < index);
}

const registrationFields = {
  name: required(text('Name of the dataset, by which jobs name it.', ...nameLimits)),
  description: text('A remark on it.'),
  dataType: required(
    choice(DatasetType.asInput(), 'Kind of the dataset: LOCAL_CSV for a file, the others for a table.', registrable),
  ),
  connectorId: required(id('Connector', 'The connector that it is read through, one of the same agent')),
  connectorName: text(
    'Name of that connector, which the service asks for, too. Where it is left out it is looked up.',
    ...nameLimits,
  ),
  source: required(object(DatasetSourceInput, 'The table or file.')),
  columns: required(list(object(DatasetColumnInput, ''), 'Its columns.', atLeastOne('column'))),
  extraColumns: list(object(DatasetColumnInput, ''), 'Further columns.'),
};

type Registration = ShapeOf<typeof registrationFields>;

/** A file has a file, a table has a table. */
function checkSource({ dataType, source }: Registration, refuse: Refuse): void {
  if (!registrable.accepts(dataType)) return;
  const [wanted, other] = dataType === 'LOCAL_CSV' ? (['file', 'table'] as const) : (['table', 'file'] as const);
  if (source[other]) refuse(['source', other], `this type of dataset has a ${wanted}`);
}

/** Databases do not tell names by their case, files do. */
function checkColumns({ dataType, columns, extraColumns }: Registration, refuse: Refuse): void {
  const named = Object.entries({ columns, extraColumns }).flatMap(([field, items]) =>
    (items ?? []).map(({ name }, index) => ({
      name: dataType === 'LOCAL_CSV' ? name : name.toUpperCase(),
      path: [field, index, 'name'],
    })),
  );
  for (const { name, path } of repeated(named)) if (name !== '') refuse(path, 'a name that no other column has');
}

function checkMultihotGroups({ columns, extraColumns, source }: Registration, refuse: Refuse): void {
  const multihot = new Set(
    [...columns, ...(extraColumns ?? [])]
      .filter(({ featureType }) => featureType === 'MULTIHOT')
      .map(({ name }) => name),
  );
  const features = (source.file?.multihotGroups ?? []).flatMap((group, index) =>
    group.features.map((name, place) => ({
      name,
      path: ['source', 'file', 'multihotGroups', index, 'features', place],
    })),
  );
  for (const { name, path } of features)
    if (!multihot.has(name)) refuse(path, 'the name of a column with the feature type MULTIHOT');
  for (const { path } of repeated(features)) refuse(path, 'a column that no other group has, once');
}

/** A registration: all that the contract and the reference say of one, as far as it can be told from itself. */
export const DatasetRegistrationInput = input('DatasetRegistrationInput', {
  description:
    'A dataset as it is to be registered, whole: a table of a database connector, or a file of the agent’s LOCAL connector.',
  fields: registrationFields,
  check: (registration, refuse) => {
    for (const check of [checkSource, checkColumns, checkMultihotGroups]) check(registration, refuse);
  },
});
