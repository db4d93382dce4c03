import { Random } from '../model/random.ts';
import { executePastSql } from '../sql/execute.ts';
import type { DatasetColumn, Instance, SqlJob, World } from '../model/world.ts';
import { isSynthetic } from './synthetic.ts';
import { pathOf, resultRecordCount } from './result.ts';

export interface ResultSample {
  readonly columns: readonly string[];
  /** Text as the service writes it, or null. */
  readonly rows: readonly (readonly (string | null)[])[];
  readonly path: string;
  readonly executeMs: number;
}

const maxRows = 100;

/** The sample of an SQL run. Synthetic runs execute their statement now. Undefined until it succeeded. */
export async function shownSampleOf(world: World, instance: Instance): Promise<ResultSample | undefined> {
  if (!isSynthetic(instance)) return executedSample(instance);
  if (instance.type !== 'SQL' || instance.status !== 'SUCCEEDED') return undefined;
  const execution = await executePastSql(world, instance);
  const executed = execution.kind === 'succeeded' ? execution.results.sample : undefined;
  if (executed === undefined) return sampleOf(world, instance);
  return {
    columns: executed.columns,
    rows: executed.rows.map(textsOf),
    path: pathOf(instance),
    executeMs: instance.runMs,
  };
}

function textsOf(row: readonly (string | number | null)[]): readonly (string | null)[] {
  return row.map((cell) => (cell === null ? null : String(cell)));
}

/** The first result rows. Undefined until it succeeded. */
export function sampleOf(world: World, instance: Instance): ResultSample | undefined {
  if (!isSynthetic(instance)) return executedSample(instance);
  const job = world.job(instance.jobId);
  if (job?.type !== 'SQL' || instance.status !== 'SUCCEEDED') return undefined;
  const known = new Map(
    job.datasetIds
      .flatMap((id) => world.dataset(id)?.columns ?? [])
      .map((column) => [column.name.toUpperCase(), column] as const),
  );
  const columns = resultColumns(job, [...known.keys()]);
  const random = new Random(`${instance.id}/sample`);
  const count = Math.min(maxRows, resultRecordCount(world, instance));
  return {
    columns,
    rows: Array.from({ length: count }, (_, row) => columns.map((name) => cell(random, name, known.get(name), row))),
    path: pathOf(instance),
    executeMs: instance.runMs,
  };
}

function executedSample(instance: Instance): ResultSample | undefined {
  const { status, results } = instance;
  if (status !== 'SUCCEEDED' || !results?.sample) return undefined;
  const { columns, rows } = results.sample;
  return {
    columns,
    rows: rows.slice(0, maxRows).map(textsOf),
    path: pathOf(instance),
    executeMs: instance.runMs,
  };
}

/** Result column names: aliases, column names, or all columns for `*`. */
function resultColumns({ sql }: SqlJob, allColumns: readonly string[]): readonly string[] {
  const list = /^\s*select\s+(?:distinct\s+)?(.+?)\s+from\s/is.exec(sql)?.[1] ?? '*';
  const names = list
    .split(/,(?![^(]*\))/)
    .map((item) => /(?:^|[\s.`])(\w+|\*)`?\s*$/.exec(item.trim().replace(/\)$/, ''))?.[1]?.toUpperCase() ?? 'EXPR');
  return names.flatMap((name) => (name === '*' ? allColumns : [name]));
}

const regions = ['华东', '华南', '华北', '西南', '西北', '东北', '华中'];
const firstDayMs = Date.UTC(2023, 0, 1);

/** A plausible value, by type or by name. */
function cell(random: Random, name: string, column: DatasetColumn | undefined, row: number): string {
  const kind = column?.dataType ?? kindByName(name);
  if (column?.privacyPolicy === 'MASK') return `${random.int(100, 999)}****${random.int(1000, 9999)}`;
  if (column?.privacyPolicy === 'HASH' || column?.privacyType === 'UNIQUE_ID') return random.id().slice(0, 16);
  switch (kind) {
    case 'INTEGER':
    case 'BIGINT':
      return String(random.int(0, 500));
    case 'FLOAT':
    case 'DOUBLE':
    case 'DECIMAL':
      return (random.next() * 20_000).toFixed(2);
    case 'DATE':
    case 'TIMESTAMP':
      return new Date(firstDayMs + random.int(0, 700) * 86_400_000).toISOString().slice(0, 10);
    default:
      return /REGION|CITY|PROVINCE|AREA/.test(name) ? random.pick(regions) : `${name.toLowerCase()}_${row + 1}`;
  }
}

function kindByName(name: string): string {
  if (/AVG|SUM|AMOUNT|TOTAL|RATE|FEE|BALANCE|MAX|MIN/.test(name)) return 'DECIMAL';
  if (/CNT|COUNT|NUM|DAYS|QTY/.test(name)) return 'INTEGER';
  return /DATE|TIME|MONTH/.test(name) ? 'DATE' : 'STRING';
}
