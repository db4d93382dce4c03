import { storedColumns, tables } from './tables.ts';
import { tableNames, type ColumnType, type Table } from './types.ts';

/** The engines that hold the tables. */
export type Engine = 'duckdb' | 'postgres';

/** The schema of the tables, that of the row versions that walks under way still read, and in Postgres who sees which rows. */
export const schemas = { current: 'bi_v1', past: 'bi_v1_past', access: 'bi_v1_access' } as const;

/** Schemas that hold tables. */
const tableSchemas = [schemas.current, schemas.past] as const;

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
  return tableSchemas.flatMap((schema) =>
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
    ...tableSchemas.map((schema) => `CREATE SCHEMA IF NOT EXISTS ${schema}`),
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

/** Row security of a table, made once: whoever is not its owner sees the rows of the leagues that `reader` has for the role. */
function policy({ name, leagueColumn }: Table): readonly string[] {
  if (leagueColumn === undefined) return [];
  const on = `${schemas.current}.${quoted(name)}`;
  const seen = `(SELECT ${schemas.access}.sees_all(current_user)) OR ${quoted(leagueColumn)} = ANY ((SELECT ${schemas.access}.leagues_of(current_user))::text[])`;
  return [
    `DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_policies WHERE schemaname = '${schemas.current}' AND tablename = '${name}' AND policyname = 'leagues') THEN
  CREATE POLICY leagues ON ${on} FOR SELECT USING (${seen});
  ALTER TABLE ${on} ENABLE ROW LEVEL SECURITY;
END IF; END $$`,
  ];
}

/**
 * Plans are made with statistics of all rows: `EXPLAIN … WHERE league_id = '…'` would tell how many another league has. Without
 * statistics every value is estimated alike.
 */
function withoutStatistics({ name, leagueColumn }: Table): readonly string[] {
  if (leagueColumn === undefined) return [];
  const on = `${schemas.current}.${quoted(name)}`;
  return [
    `DO $$ DECLARE attribute name; BEGIN
  FOR attribute IN SELECT attname FROM pg_attribute WHERE attrelid = '${on}'::regclass AND attnum > 0 AND NOT attisdropped AND attstattarget IS DISTINCT FROM 0
  LOOP EXECUTE format('ALTER TABLE ${on} ALTER COLUMN %I SET STATISTICS 0', attribute); END LOOP;
END $$`,
  ];
}

/**
 * `information_schema` has keys, which Power BI and Metabase make relations from, for those alone who may do more than read. This is
 * the least: nothing can refer to a column that is not unique.
 */
function showKeys({ name }: Table): string {
  return `GRANT REFERENCES (updated_at) ON ${schemas.current}.${quoted(name)} TO PUBLIC`;
}

/** Statements for Postgres that limit login roles to the rows of their leagues, and let them see keys. A role that `reader` does not have sees none. */
export function rowSecurity(): readonly string[] {
  const of = `FROM ${schemas.access}.reader WHERE role_name = role AND (expires_at IS NULL OR expires_at > now())`;
  const language = 'LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog';
  return [
    `CREATE SCHEMA IF NOT EXISTS ${schemas.access}`,
    `CREATE TABLE IF NOT EXISTS ${schemas.access}.reader (role_name text PRIMARY KEY, leagues text[], expires_at timestamptz)`,
    `COMMENT ON COLUMN ${schemas.access}.reader.leagues IS 'Leagues whose rows the role sees; null: all.'`,
    `CREATE OR REPLACE FUNCTION ${schemas.access}.sees_all(role name) RETURNS boolean ${language} AS $$ SELECT EXISTS (SELECT ${of} AND leagues IS NULL) $$`,
    `CREATE OR REPLACE FUNCTION ${schemas.access}.leagues_of(role name) RETURNS text[] ${language} AS $$ SELECT leagues ${of} $$`,
    ...tableNames.flatMap((name) => [
      ...policy(tables[name]),
      ...withoutStatistics(tables[name]),
      showKeys(tables[name]),
    ]),
  ];
}
