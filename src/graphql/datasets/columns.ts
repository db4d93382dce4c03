import { builder } from '../builder.ts';
import { formatOptionalId } from '../shared/ids.ts';
import { openEnum, openEnumFields } from '../shared/enums.ts';
import {
  columnLabels,
  featureTypes,
  privacyClasses,
  privacyPolicies,
  type DatasetColumn as DatasetColumnShape,
  type PrivacyColumn as PrivacyColumnShape,
} from '../../tics/datasets/column.ts';

/** Parts of columns in learning jobs. */
export const ColumnLabel = openEnum('ColumnLabel', 'Role of a column in learning jobs.', columnLabels);

/** Kinds of features. */
export const FeatureType = openEnum('FeatureType', 'Kind of a feature.', featureTypes);

/** Privacy classes of columns. */
export const PrivacyClass = openEnum('PrivacyClass', 'Privacy class of a column in analysis jobs.', privacyClasses);

/** What is done to values. */
export const PrivacyPolicy = openEnum(
  'PrivacyPolicy',
  'What is done to a column’s values before others see them.',
  privacyPolicies,
);

/** What the league's list and the registration tell alike of a column. */
const Column = builder.interfaceRef<DatasetColumnShape>('Column').implement({
  description: 'A column of a dataset, published or as its owner registered it.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the column.' }),
    dataType: t.exposeString('dataType', {
      description: 'Type of its values in the data source’s own words, such as STRING or DECIMAL.',
    }),
    comment: t.exposeString('comment', { description: 'What the owner says of the column.' }),
    ...openEnumFields(
      t,
      'label',
      ColumnLabel,
      'Role of the column in learning jobs; UNKNOWN where it has none, as columns of tables.',
    ),
    ...openEnumFields(t, 'featureType', FeatureType, 'Kind of the feature; UNKNOWN for columns that are none.'),
    ...openEnumFields(
      t,
      'privacyClass',
      PrivacyClass,
      'Privacy class in analysis jobs; UNKNOWN where it has none, as columns of files.',
    ),
    ...openEnumFields(t, 'privacyPolicy', PrivacyPolicy, 'What is done to the values before others see them.'),
    privacyPolicyDetail: t.exposeString('privacyPolicyDetail', {
      description: 'How the policy is applied, in the owner’s words; for example which digits are masked.',
    }),
    datasetId: t.id({
      description: 'Id of the dataset that the column belongs to.',
      resolve: ({ leagueId, datasetId }) => formatOptionalId('Dataset', leagueId, datasetId),
    }),
  }),
});

/** A column, as the league lists it. */
export const DatasetColumn = builder.objectRef<DatasetColumnShape>('DatasetColumn').implement({
  description: 'A column of a published dataset.',
  interfaces: [Column],
  fields: (t) => ({
    discrete: t.exposeBoolean('discrete', { description: 'Whether the values are discrete.' }),
    length: t.exposeInt('length', { description: 'Length of the data type.' }),
    scale: t.exposeInt('scale', { description: 'Digits after the decimal point.' }),
  }),
});

/** A column, as its owner registered it. */
export const RegisteredColumn = builder.objectRef<DatasetColumnShape>('RegisteredColumn').implement({
  description: 'A column of a dataset as its owner registered it.',
  interfaces: [Column],
  fields: (t) => ({
    fieldSize: t.expose('fieldSize', { type: 'Long', description: 'How many values a discrete feature can take.' }),
  }),
});

/** A column with its privacy. */
export const PrivacyColumn = builder.objectRef<PrivacyColumnShape>('DatasetPrivacyColumn').implement({
  description: 'A column with its privacy, as those see it who may use the dataset in jobs.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the column.' }),
    dataType: t.exposeString('dataType', {
      description: 'Type of its values in the data source’s own words, such as DECIMAL.',
    }),
    comment: t.exposeString('comment', { description: 'What the owner says of the column.' }),
    ...openEnumFields(t, 'label', ColumnLabel, 'Role of the column in learning jobs; UNKNOWN where it has none.'),
    ...openEnumFields(t, 'privacyClass', PrivacyClass, 'Privacy class in analysis jobs; UNKNOWN where it has none.'),
    ...openEnumFields(
      t,
      'privacyPolicy',
      PrivacyPolicy,
      'What is done to the values: nothing, or they are hashed or masked.',
    ),
    ...openEnumFields(t, 'privacyTreatment', PrivacyPolicy, 'Whether anything is done at all: NONE, or ANONYMIZE.'),
  }),
});
