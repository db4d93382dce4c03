/** Types of columns. An instant is in UTC, to the millisecond; a date is a day of the service's calendar. */
export type ColumnType = 'text' | 'integer' | 'number' | 'boolean' | 'instant' | 'date';

/** A text in both languages of the service. */
export interface Bilingual {
  readonly en: string;
  readonly zh: string;
}

/** A column of a table. */
export interface Column {
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly label: Bilingual;
  readonly description: Bilingual;
  /** The table whose key it holds. */
  readonly references?: TableName;
  /** Set when the row is first written, and never changed. */
  readonly immutable?: true;
  /** Not every source returns it: a row without a value keeps the one it has. */
  readonly keepsValue?: true;
  /** The first value that any source returns stays. */
  readonly filledOnce?: true;
  /** Filled in when rows are read: the state that the answer shows, or how long ago the row's `as_of` is. */
  readonly computed?: 'AS_OF' | 'LAG';
}

/** Names of the tables, in an order in which each only references those before it. */
export const tableNames = [
  'date',
  'league',
  'partner',
  'agent',
  'dataset',
  'job',
  'job_instance',
  'job_instance_status_event',
  'daily_dataset_usage',
  'daily_partner_usage',
  'daily_job_usage',
  'audit_event',
  'sync_status',
] as const;

export type TableName = (typeof tableNames)[number];

/** A flat table. */
export interface Table {
  readonly name: TableName;
  readonly kind: 'dimension' | 'fact' | 'status';
  readonly label: Bilingual;
  readonly description: Bilingual;
  /** The one column of the primary key, of type text or date. */
  readonly key: string;
  /** The column that `from` and `to` of a feed compare. */
  readonly timeColumn: string;
  /** The column that says which league a row belongs to; without it everyone may read all rows. */
  readonly leagueColumn?: string;
  readonly columns: Readonly<Record<string, Column>>;
}

/** A value of a cell. Integers are bigint, instants ISO 8601 in UTC with milliseconds, dates `yyyy-MM-dd`. */
export type Value = string | bigint | number | boolean | null;

/** A row by column name. */
export type Row = Readonly<Record<string, Value>>;
