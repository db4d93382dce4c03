import type { Column, ColumnType, TableName } from './types.ts';

/** What a column is besides its type and texts. */
type Options = Partial<Pick<Column, 'references' | 'immutable' | 'keepsValue' | 'filledOnce' | 'computed'>> & {
  readonly required?: true;
};

/** `started_at` is labelled `Started at`. */
export function labelOf(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('_', ' ')}`;
}

/** A column before it has its name: its English label is made from that. */
export type UnnamedColumn = Omit<Column, 'label'> & { readonly labelZh: string };

function columnOf(type: ColumnType) {
  return (labelZh: string, en: string, zh: string, { required, ...options }: Options = {}): UnnamedColumn => ({
    type,
    nullable: required !== true,
    labelZh,
    description: { en, zh },
    ...options,
  });
}

export const text = columnOf('text');
export const integer = columnOf('integer');
export const decimal = columnOf('number');
export const flag = columnOf('boolean');
export const instant = columnOf('instant');
export const day = columnOf('date');

/** The primary key. */
export function key(en: string, zh: string): UnnamedColumn {
  return text('主键', en, zh, { required: true, immutable: true });
}

/** A foreign key. */
export function reference(table: TableName, labelZh: string, en: string, zh: string, options: Options = {}) {
  return text(labelZh, en, zh, { ...options, references: table });
}

/** The league of a row. */
export const leagueId = reference('league', '联盟', 'The league: `league.id`.', '所属联盟，即 `league.id`。', {
  required: true,
});

/** Columns that every table ends with. */
export const lifecycleColumns = {
  created_at: instant(
    '创建时间',
    'When it was created, as far as the service tells, else when it was first seen. Never changes.',
    '创建时间；服务未返回时为首次发现的时间，此后不再变化。',
    { required: true, immutable: true },
  ),
  updated_at: instant(
    '更新时间',
    'When a refresh last saw a change of the row.',
    '刷新时最近一次发现该行变化的时间。',
    { required: true },
  ),
  deleted_at: instant(
    '删除时间',
    'When two complete reads of its list no longer held it; empty while it exists.',
    '连续两次完整读取列表均不再包含该行的时间；仍存在时为空。',
  ),
  data_as_of: instant(
    '数据截至',
    'The state of the service that the answer shows: the oldest of the leagues that the reader sees.',
    '本次结果所反映的服务状态时间，取读者可见联盟中最早者。',
    { required: true, computed: 'AS_OF' },
  ),
} as const;

/** Gives columns their English labels. */
export function named(columns: Readonly<Record<string, UnnamedColumn>>): Readonly<Record<string, Column>> {
  return Object.fromEntries(
    Object.entries(columns).map(([name, { labelZh, ...column }]) => [
      name,
      { ...column, label: { en: labelOf(name), zh: labelZh } },
    ]),
  );
}
