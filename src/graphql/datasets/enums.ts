import { openEnum } from '../shared/enums.ts';
import { datasetFaults, datasetTypes, publicationStatuses } from '../../tics/datasets/row.ts';

/** Kinds of datasets. */
export const DatasetType = openEnum('DatasetType', 'Kind of a dataset: where its rows come from.', datasetTypes);

/** How far a dataset is published. */
export const PublicationStatus = openEnum(
  'PublicationStatus',
  'How far the league sees a dataset.',
  publicationStatuses,
);

/** Why a dataset can't be used. */
export const DatasetFault = openEnum('DatasetFault', 'Why jobs cannot use a dataset.', datasetFaults);
