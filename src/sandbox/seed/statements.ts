import type { Dataset, DatasetColumn } from '../state.ts';

/** A column of a dataset as a statement names it. */
interface Place {
  readonly dataset: Dataset;
  readonly alias: string;
}

const nameIn = ({ dataset, alias }: Place): string => `\`${alias.toUpperCase()}\`.\`${dataset.name.toUpperCase()}\``;

const find = ({ columns }: Dataset, wanted: (column: DatasetColumn) => boolean): string =>
  (columns.find(wanted) ?? columns[0])?.name ?? 'ID';

const isKey = ({ privacyType }: DatasetColumn): boolean => privacyType === 'UNIQUE_ID';
/** Names are too many to group by. */
const isGroup = ({ name, dataType, privacyType }: DatasetColumn): boolean =>
  dataType === 'STRING' && privacyType === 'NON_SENSITIVE' && !name.endsWith('_NAME');
const isMeasure = ({ dataType }: DatasetColumn): boolean => dataType === 'DECIMAL' || dataType === 'INTEGER';

/** Two parties' tables joined on their identifiers, grouped by what may be seen. */
export function joinStatement(left: Place, right: Place): string {
  const group = find(left.dataset, isGroup);
  const measure = find(right.dataset, isMeasure);
  return [
    `SELECT a.${group}, COUNT(*) AS MATCHED_CNT, AVG(b.${measure}) AS AVG_${measure}`,
    `FROM ${nameIn(left)} a JOIN ${nameIn(right)} b ON a.${find(left.dataset, isKey)} = b.${find(right.dataset, isKey)}`,
    `GROUP BY a.${group}`,
  ].join(' ');
}

/** One record looked up without telling the other party which. */
export function lookupStatement(place: Place, key: string): string {
  const { dataset } = place;
  const open = dataset.columns.filter(({ privacyType }) => privacyType === 'NON_SENSITIVE').map(({ name }) => name);
  return `SELECT ${open.slice(0, 3).join(', ')} FROM ${nameIn(place)} WHERE ${find(dataset, isKey)} = '${key}'`;
}
