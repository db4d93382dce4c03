import type { DatasetColumn, PrivacyType } from '../model/world.ts';

/** The privacy class of a column. Unclassified columns are SENSITIVE, except identifiers. */
export function classOf({ privacyType, labelType }: DatasetColumn): PrivacyType {
  return privacyType ?? (labelType === 'UNIQUE_ID' ? 'UNIQUE_ID' : 'SENSITIVE');
}
