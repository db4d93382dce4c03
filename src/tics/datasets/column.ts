import type { components as AgentComponents } from '../../upstream/generated/agent.d.ts';
import type { components as SpaceComponents } from '../../upstream/generated/space.d.ts';
import { count, flag, integer, text, type Long } from '../../upstream/wire.ts';
import { openEnumReader, type OpenEnum } from '../../upstream/openEnum.ts';

type AgentSchemas = AgentComponents['schemas'];
type SpaceSchemas = SpaceComponents['schemas'];

/** Roles of a column in learning jobs. */
export const columnLabels = {
  FEATURE: 'An input that is learned from.',
  LABEL: 'What is to be learned.',
  UNIQUE_ID: 'Identifies a sample; samples of several partners are aligned by it.',
  FILTER: 'Selects samples.',
} as const;

/** Kinds of features. */
export const featureTypes = {
  CONTINUOUS: 'A number.',
  DISCRETE: 'One of a number of values, see `fieldSize`.',
  MULTIHOT: 'Part of a group of columns that are one feature together.',
} as const;

/** Privacy classes of a column in analysis jobs. */
export const privacyClasses = {
  UNIQUE_ID: 'Identifies a record.',
  SENSITIVE: 'To be protected: only what was computed from it may be shown.',
  NON_SENSITIVE: 'Needs no protection.',
} as const;

/** Privacy policies: how values are processed before other partners see them. */
export const privacyPolicies = {
  NONE: 'Nothing.',
  HASH: 'They are hashed.',
  MASK: 'Parts of them are covered.',
  ANONYMIZE: 'They are made anonymous; how, the service does not say here.',
} as const;

/** Reads the role of a column in learning jobs. */
const columnLabel = openEnumReader(columnLabels);

/** Reads the kind of a feature. */
export const featureType = openEnumReader(featureTypes);

/** Reads the privacy class of a column. */
export const privacyClass = openEnumReader(privacyClasses);

/** Reads a privacy policy. */
export const privacyPolicy = openEnumReader(privacyPolicies);

/** A column of a dataset, from the league's list or from the registration. Each lacks some properties. */
export interface DatasetColumn {
  readonly leagueId: string;
  readonly datasetId: string | null;
  readonly name: string | null;
  readonly dataType: string | null;
  readonly comment: string | null;
  readonly label: OpenEnum<typeof columnLabels>;
  readonly featureType: OpenEnum<typeof featureTypes>;
  readonly privacyClass: OpenEnum<typeof privacyClasses>;
  readonly privacyPolicy: OpenEnum<typeof privacyPolicies>;
  readonly privacyPolicyDetail: string | null;
  /** The league's list only. */
  readonly discrete: boolean | null;
  readonly length: number | null;
  readonly scale: number | null;
  /** The registration only. */
  readonly fieldSize: Long | null;
}

/** A column with its privacy, as partners see it who may use the dataset. */
export interface PrivacyColumn {
  readonly name: string | null;
  readonly dataType: string | null;
  readonly comment: string | null;
  readonly label: OpenEnum<typeof columnLabels>;
  readonly privacyClass: OpenEnum<typeof privacyClasses>;
  readonly privacyPolicy: OpenEnum<typeof privacyPolicies>;
  readonly privacyTreatment: OpenEnum<typeof privacyPolicies>;
}

/** Reads a column of 6.3.1 or of 7.4.5. */
export function toColumn(
  leagueId: string,
  wire: SpaceSchemas['LeagueDatasetColumn'] & AgentSchemas['DatasetRegistrationColumn'],
): DatasetColumn {
  return {
    leagueId,
    datasetId: text(wire.data_id),
    name: text(wire.column_name),
    dataType: text(wire.data_type),
    comment: text(wire.comments),
    label: columnLabel(wire.fl_label_type),
    featureType: featureType(wire.feature_type),
    privacyClass: privacyClass(wire.sql_col_privacy_type),
    privacyPolicy: privacyPolicy(wire.privacy_policy),
    privacyPolicyDetail: text(wire.privacy_policy_ext),
    discrete: flag(wire.is_discrete),
    length: integer(wire.length),
    scale: integer(wire.sacle),
    fieldSize: count(wire.field_size),
  };
}

/**
 * Reads a column of 7.7.1. `privacy_policy_type` says here what `privacy_policy` says elsewhere (HASH, MASK), and
 * `privacy_policy` only whether anything is done (ANONYMIZE).
 */
export function toPrivacyColumn(wire: AgentSchemas['DatasetPrivacyColumn']): PrivacyColumn {
  return {
    name: text(wire.column_name),
    dataType: text(wire.data_type),
    comment: text(wire.comments),
    label: columnLabel(wire.fl_label_type),
    privacyClass: privacyClass(wire.sql_col_privacy_type),
    privacyPolicy: privacyPolicy(wire.privacy_policy_type),
    privacyTreatment: privacyPolicy(wire.privacy_policy),
  };
}
