import type { DatasetColumn, PrivacyType } from '../model/world.ts';

/** How a column may be used. One that nobody classified is not given out: only its identifiers are told apart. */
export function classOf({ privacyType, labelType }: DatasetColumn): PrivacyType {
  return privacyType ?? (labelType === 'UNIQUE_ID' ? 'UNIQUE_ID' : 'SENSITIVE');
}
