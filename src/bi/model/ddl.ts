import { storedColumns, tables } from './tables.ts';
import { tableNames, type ColumnType, type Table } from './types.ts';

/** The engines that hold the tables. */
export type Engine = 'duckdb' | 'postgres';

/** The schema of the tables, and that of the row versions that walks under way still read. */
export const schemas = { current: 'bi_v1', past: 'bi_v1_past' } as const;

const types: Readonly<Record<Engine, Readonly<Record<ColumnType, string>>>> = {
  duckdb: {
    text: 'VARCHAR',
    integer: 'BIGINT',
    number: 'DOUBLE',
    boolean: 'BOOLEAN',
    instant: 'TIMESTAMP',
    date: 'DATE',
  },
  postgres: {
    text: 'text',
    integer: 'bigint',
    number: 'double precision',
    boolean: 'boolean',
    instant: 'timestamptz(3)',
    date: 'date',
  },
};

/** Type of a column in an engine. */
export function sqlType(engine: Engine, type: ColumnType): string {
  return types[engine][type];
}

/** A name in SQL. Names come from the registry only. */
export function quoted(name: string): string {
  return `"${name}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function columnLines(engine: Engine, table: Table): readonly string[] {
  return storedColumns(table).map((name) => {
    const column = table.columns[name];
    if (column === undefined) throw new RangeError(name);
    return `${quoted(name)} ${sqlType(engine, column.type)}${column.nullable ? '' : ' NOT NULL'}`;
  });
}

/** Keys are for BI tools to read; DuckDB has one writer, which needs no index to keep them. */
function keyLines(table: Table): readonly string[] {
  const references = storedColumns(table).flatMap((name) => {
    const target = table.columns[name]?.references;
    return target === undefined
      ? []
      : [
          `FOREIGN KEY (${quoted(name)}) REFERENCES ${schemas.current}.${quoted(target)} (${quoted(tables[target].key)}) DEFERRABLE INITIALLY DEFERRED`,
        ];
  });
  return [`PRIMARY KEY (${quoted(table.key)})`, ...references];
}

function comments(table: Table): readonly string[] {
  const name = `${schemas.current}.${quoted(table.name)}`;
  return [
    `COMMENT ON TABLE ${name} IS ${literal(`${table.description.en} ${table.description.zh}`)}`,
    ...storedColumns(table).map((column) => {
      const { en, zh } = table.columns[column]?.description ?? { en: '', zh: '' };
      return `COMMENT ON COLUMN ${name}.${quoted(column)} IS ${literal(`${en} ${zh}`)}`;
    }),
  ];
}

function indexes(table: Table): readonly string[] {
  const on = `${schemas.current}.${quoted(table.name)}`;
  return [
    `CREATE INDEX IF NOT EXISTS ${quoted(`${table.name}_updated`)} ON ${on} (updated_at, ${quoted(table.key)})`,
    ...(table.leagueColumn === undefined
      ? []
      : [`CREATE INDEX IF NOT EXISTS ${quoted(`${table.name}_league`)} ON ${on} (${quoted(table.leagueColumn)})`]),
  ];
}

/** Reads which columns there are, as `name`. */
export const columnNamesSql = `SELECT table_schema || '.' || table_name || '.' || column_name AS name FROM information_schema.columns WHERE table_schema IN ('${schemas.current}', '${schemas.past}')`;

/** Statements that add columns to tables of an earlier version. They are nullable: the registry only grows so. */
export function additions(engine: Engine, known: ReadonlySet<string>): readonly string[] {
  return Object.values(schemas).flatMap((schema) =>
    tableNames.flatMap((table) =>
      storedColumns(tables[table])
        .filter((name) => !known.has(`${schema}.${table}.${name}`))
        .map((name) => {
          const type = sqlType(engine, tables[table].columns[name]?.type ?? 'text');
          return `ALTER TABLE ${schema}.${quoted(table)} ADD COLUMN ${quoted(name)} ${type}`;
        }),
    ),
  );
}

/** Statements that create all tables where they are missing. */
export function ddl(engine: Engine): readonly string[] {
  const create = (schema: string, { name }: Table, lines: readonly string[]): string =>
    `CREATE TABLE IF NOT EXISTS ${schema}.${quoted(name)} (\n  ${lines.join(',\n  ')}\n)`;
  return [
    ...Object.values(schemas).map((schema) => `CREATE SCHEMA IF NOT EXISTS ${schema}`),
    ...tableNames.flatMap((name) => {
      const table = tables[name];
      const columns = columnLines(engine, table);
      const replaced = `replaced_at ${sqlType(engine, 'instant')} NOT NULL`;
      return [
        create(schemas.current, table, engine === 'postgres' ? [...columns, ...keyLines(table)] : columns),
        create(schemas.past, table, [...columns, replaced]),
      ];
    }),
  ];
}

/** Statements for Postgres that say what each table and column holds, and index them. All columns must be there. */
export function commentsAndIndexes(): readonly string[] {
  return tableNames.flatMap((name) => [...comments(tables[name]), ...indexes(tables[name])]);
}
