/** What tools ask a Postgres before they show a table, by their sources and by traces in public reports. */
export interface ToolQuery {
  readonly tool: string;
  readonly text: string;
  /** Rows that it needs to find; undefined where none are needed. */
  readonly rows?: number;
}

const table = { schema: 'bi_v1', name: 'job_instance', columns: 19, references: 4 } as const;

const powerBi: readonly ToolQuery[] = [
  { tool: 'Npgsql, a connection of its pool', text: 'DISCARD ALL' },
  {
    tool: 'Npgsql 4.0, types',
    text: `SELECT ns.nspname, a.typname, a.oid, a.typrelid, a.typbasetype,
      CASE WHEN pg_proc.proname = 'array_recv' THEN 'a' ELSE a.typtype END AS type,
      CASE WHEN pg_proc.proname = 'array_recv' THEN a.typelem WHEN a.typtype = 'r' THEN rngsubtype ELSE 0 END AS elemoid
      FROM pg_type AS a JOIN pg_namespace AS ns ON ns.oid = a.typnamespace JOIN pg_proc ON pg_proc.oid = a.typreceive
      LEFT OUTER JOIN pg_class AS cls ON cls.oid = a.typrelid LEFT OUTER JOIN pg_type AS b ON b.oid = a.typelem
      LEFT OUTER JOIN pg_range ON pg_range.rngtypid = a.oid
      WHERE a.typtype IN ('b', 'r', 'e', 'd') OR (a.typtype = 'c' AND cls.relkind = 'c')
        OR (pg_proc.proname = 'array_recv' AND (b.typtype IN ('b', 'r', 'e', 'd') OR (b.typtype = 'p' AND b.typname IN ('record', 'void'))))`,
    rows: 100,
  },
  {
    tool: 'Power BI, tables',
    text: `SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE table_schema NOT IN ('information_schema', 'pg_catalog')`,
    rows: 13,
  },
  {
    tool: 'Power BI, the key',
    text: `SELECT i.constraint_schema || '_' || i.constraint_name AS index_name, ii.column_name, ii.ordinal_position
      FROM information_schema.table_constraints i JOIN information_schema.key_column_usage ii
        ON i.constraint_schema = ii.constraint_schema AND i.constraint_name = ii.constraint_name AND i.table_name = ii.table_name
      WHERE i.table_schema = '${table.schema}' AND i.table_name = '${table.name}' AND i.constraint_type IN ('PRIMARY KEY', 'UNIQUE')`,
    rows: 1,
  },
  {
    tool: 'Power BI, relations',
    text: `SELECT pkcol.table_name AS pk_table, pkcol.column_name AS pk_column, fkcol.column_name AS fk_column
      FROM (SELECT DISTINCT constraint_schema, unique_constraint_schema, constraint_name, unique_constraint_name FROM information_schema.referential_constraints) fkcon
      JOIN information_schema.key_column_usage fkcol ON fkcon.constraint_schema = fkcol.constraint_schema AND fkcon.constraint_name = fkcol.constraint_name
      JOIN information_schema.key_column_usage pkcol ON fkcon.unique_constraint_schema = pkcol.constraint_schema AND fkcon.unique_constraint_name = pkcol.constraint_name
      WHERE fkcol.table_schema = '${table.schema}' AND fkcol.table_name = '${table.name}' AND pkcol.ordinal_position = fkcol.ordinal_position`,
    rows: table.references,
  },
];

const metabase: readonly ToolQuery[] = [
  { tool: 'Metabase, a session', text: `SET SESSION TIMEZONE TO 'Asia/Shanghai'` },
  {
    tool: 'Metabase, tables that it may read',
    text: `SELECT t.schemaname, t.tablename FROM pg_catalog.pg_tables t
      WHERE t.schemaname !~ '^pg_' AND t.schemaname <> 'information_schema' AND pg_catalog.has_schema_privilege(current_user, t.schemaname, 'usage')
        AND pg_catalog.has_any_column_privilege(current_user, quote_ident(t.schemaname) || '.' || quote_ident(t.tablename), 'select')`,
    rows: 13,
  },
  {
    tool: 'Metabase, keys of all columns',
    text: `SELECT c.table_name, c.column_name, c.udt_name,
        col_description(CAST(CAST(format('%I.%I', CAST(c.table_schema AS text), CAST(c.table_name AS text)) AS regclass) AS oid), c.ordinal_position) AS comment
      FROM information_schema.columns c JOIN (SELECT tc.table_schema, tc.table_name, kc.column_name
        FROM information_schema.table_constraints tc JOIN information_schema.key_column_usage kc
          ON tc.constraint_name = kc.constraint_name AND tc.table_schema = kc.table_schema AND tc.table_name = kc.table_name
        WHERE tc.constraint_type = 'PRIMARY KEY') pk
      ON c.table_schema = pk.table_schema AND c.table_name = pk.table_name AND c.column_name = pk.column_name
      WHERE c.table_schema = '${table.schema}'`,
    rows: 13,
  },
];

const others: readonly ToolQuery[] = [
  {
    tool: 'SQLAlchemy (Superset), columns',
    text: `SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
        (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef) AS "default",
        a.attnotnull, pg_catalog.col_description(c.oid, a.attnum) AS comment, a.attgenerated, a.attidentity
      FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_attribute a ON c.oid = a.attrelid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = ANY (ARRAY['r', 'p', 'f', 'v', 'm']) AND n.nspname = '${table.schema}' AND c.relname = '${table.name}'`,
    rows: table.columns,
  },
  {
    tool: 'SQLAlchemy (Superset), links',
    text: `SELECT r.conname, pg_catalog.pg_get_constraintdef(r.oid, true), n.nspname, pg_catalog.obj_description(r.oid)
      FROM pg_catalog.pg_constraint r JOIN pg_catalog.pg_class c ON r.confrelid = c.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE r.conrelid = '${table.schema}.${table.name}'::regclass AND r.contype = 'f'`,
    rows: table.references,
  },
  {
    tool: 'Grafana, tables of the search path',
    text: `SELECT quote_ident(table_name) FROM information_schema.tables
      WHERE quote_ident(table_schema) IN (SELECT trim(path) FROM unnest(string_to_array(current_setting('search_path'), ',')) path)`,
    rows: 13,
  },
  { tool: 'Grafana, TimescaleDB', text: `SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'` },
  {
    tool: 'Grafana, series',
    text: `SELECT floor(extract(epoch FROM started_at) / 86400) * 86400 AS "time", status AS metric, count(*) FROM job_instance
      WHERE started_at BETWEEN '2000-01-01T00:00:00Z' AND '2100-01-01T00:00:00Z' GROUP BY 1, 2 ORDER BY 1, 2`,
    rows: 2,
  },
  {
    tool: 'DBeaver, tables',
    text: `SELECT c.oid, c.*, d.description, pg_catalog.pg_get_expr(c.relpartbound, c.oid), pg_catalog.pg_get_partkeydef(c.oid)
      FROM pg_catalog.pg_class c LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass
      WHERE c.relnamespace = '${table.schema}'::regnamespace AND c.relkind NOT IN ('i', 'I', 'c')`,
    rows: 13,
  },
  { tool: 'DBeaver, settings', text: 'SELECT * FROM pg_catalog.pg_settings', rows: 100 },
  {
    tool: 'Tableau, psqlODBC',
    text: `BEGIN; DECLARE "SQL_CUR1" CURSOR WITH HOLD FOR SELECT "job_instance"."status", COUNT(DISTINCT "job_instance"."id") FROM "bi_v1"."job_instance" "job_instance" GROUP BY 1;
      FETCH 2048 IN "SQL_CUR1"; CLOSE "SQL_CUR1"; COMMIT`,
  },
];

export const toolQueries: readonly ToolQuery[] = [...powerBi, ...metabase, ...others];
