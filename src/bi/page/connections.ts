import { schemas, type Engine } from '../model/ddl.ts';
import type { Table } from '../model/types.ts';

/** What is pasted into one tool. */
export interface Connection {
  readonly tool: string;
  readonly how: string;
  readonly text: string;
  /** Below `/bi`, to download. */
  readonly file?: string;
}

/** The file that Power BI Desktop opens. */
export function pbids(baseUrl: string): string {
  return `${JSON.stringify(
    {
      version: '0.1',
      connections: [
        {
          details: { protocol: 'odata', address: { url: `${baseUrl}/odata/v4/` }, authentication: null },
          mode: 'Import',
        },
      ],
    },
    null,
    2,
  )}\n`;
}

/** Power Query M. Without the implementation, errors of the metadata are shown as they are. */
export function powerQuery(baseUrl: string): string {
  return `let
    Source = OData.Feed("${baseUrl}/odata/v4/", null, [Implementation = "2.0", ODataVersion = 4, MoreColumns = true]),
    Runs = Source{[Name = "job_instance", Signature = "table"]}[Data],
    Since = Table.SelectRows(Runs, each [date] >= Date.AddDays(Date.From(DateTime.LocalNow()), -90))
in
    Since
`;
}

/** A panel of Grafana's plugin Infinity. */
export function grafana(baseUrl: string): string {
  return `${JSON.stringify(
    {
      type: 'csv',
      source: 'url',
      format: 'table',
      parser: 'backend',
      url: `${baseUrl}/bi/v1/job_instance.csv`,
      url_options: {
        method: 'GET',
        params: [
          { key: 'from', value: '${__from:date:YYYY-MM-DD}' },
          { key: 'to', value: '${__to:date:YYYY-MM-DD}' },
          { key: 'columns', value: 'started_at,status,duration_ms' },
        ],
      },
      columns: [
        { selector: 'started_at', text: 'Started at', type: 'timestamp' },
        { selector: 'status', text: 'Status', type: 'string' },
        { selector: 'duration_ms', text: 'Duration (ms)', type: 'number' },
      ],
    },
    null,
    2,
  )}\n`;
}

/** What is pasted where, for each tool. */
export function connectionsOf(
  baseUrl: string,
  { name }: Pick<Table, 'name'>,
  engine: Engine = 'duckdb',
): readonly Connection[] {
  return [
    {
      tool: 'Excel',
      how: 'Data > Get Data > From Other Sources > From OData Feed. Sign in as Anonymous, or Basic with the key as password.',
      text: `${baseUrl}/odata/v4/`,
    },
    {
      tool: 'Power BI',
      how: 'Paste this as a blank query, or open the file',
      text: powerQuery(baseUrl),
      file: 'tics.pbids',
    },
    { tool: 'Tableau, Qlik', how: 'Connect > OData.', text: `${baseUrl}/odata/v4/` },
    { tool: 'Grafana', how: 'The plugin Infinity; a query as JSON.', text: grafana(baseUrl) },
    {
      tool: 'Superset, Metabase, FineBI, DBeaver, psql',
      ...(engine === 'postgres'
        ? {
            how: `Connect to the Postgres of the gateway, schema ${schemas.current}, as the role of a key that was made with --sql. The key is the password.`,
            text: `postgres://tics_bi_<id of the key>@<host of the Postgres>/<database>\n`,
          }
        : {
            how: 'They connect to a Postgres: start the gateway with one, and make a key that may log in to it.',
            text: `DATABASE_URL=postgres://… npm start\nnpm run key -- create --name superset --role viewer --league <league id> --sql\n`,
          }),
    },
    {
      tool: 'DuckDB, pandas',
      how: 'They read Parquet from the address.',
      text: `SELECT status, count(*) FROM read_parquet('${baseUrl}/bi/v1/${name}.parquet') GROUP BY status;\npd.read_parquet("${baseUrl}/bi/v1/${name}.parquet")\n`,
    },
    {
      tool: 'curl',
      how: 'With a key: -H "X-Api-Key: …".',
      text: `curl "${baseUrl}/bi/v1/${name}.csv?from=2026-01-01"\ncurl "${baseUrl}/bi/v1/${name}.ndjson?columns=id,status,started_at"\ncurl "${baseUrl}/bi/v1/${name}.parquet" -o ${name}.parquet\ncurl "${baseUrl}/odata/v4/${name}?\\$apply=groupby((status),aggregate(\\$count%20as%20runs))"\n`,
    },
  ];
}
