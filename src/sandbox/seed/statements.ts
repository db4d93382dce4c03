import type { Dataset, DatasetColumn, SeededQuery } from '../model/world.ts';

/** A dataset under its partner's alias. */
interface TableReference {
  readonly dataset: Dataset;
  readonly alias: string;
}

function nameIn({ dataset, alias }: TableReference): string {
  return `\`${alias.toUpperCase()}\`.\`${dataset.name.toUpperCase()}\``;
}

function find({ columns }: Dataset, wanted: (column: DatasetColumn) => boolean): string {
  return (columns.find(wanted) ?? columns[0])?.name ?? 'ID';
}

function isKey({ privacyType }: DatasetColumn): boolean {
  return privacyType === 'UNIQUE_ID';
}
/** Names are too many to group by. */
function isGroup({ name, dataType, privacyType }: DatasetColumn): boolean {
  return dataType === 'STRING' && privacyType === 'NON_SENSITIVE' && !name.endsWith('_NAME');
}
function isMeasure({ dataType }: DatasetColumn): boolean {
  return dataType === 'DECIMAL' || dataType === 'INTEGER';
}

/** Joins two tables on their identifiers, grouped by an open column. */
export function joinQuery(left: TableReference, right: TableReference): SeededQuery {
  const group = find(left.dataset, isGroup);
  const measure = find(right.dataset, isMeasure);
  const sql = [
    `SELECT a.${group}, COUNT(*) AS MATCHED_CNT, AVG(b.${measure}) AS AVG_${measure}`,
    `FROM ${nameIn(left)} a JOIN ${nameIn(right)} b ON a.${find(left.dataset, isKey)} = b.${find(right.dataset, isKey)}`,
    `GROUP BY a.${group}`,
  ].join(' ');
  return { kind: 'join', sql, leftId: left.dataset.id, rightId: right.dataset.id, groupColumn: group };
}

/** Looks up one record. */
export function lookupQuery(place: TableReference, key: string): SeededQuery {
  const { dataset } = place;
  const open = dataset.columns.filter(({ privacyType }) => privacyType === 'NON_SENSITIVE').map(({ name }) => name);
  const keyColumn = find(dataset, isKey);
  const sql = `SELECT ${open.slice(0, 3).join(', ')} FROM ${nameIn(place)} WHERE ${keyColumn} = '${key}'`;
  return { kind: 'lookup', sql, datasetId: dataset.id, keyColumn, key };
}
