import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckDb } from '../../src/bi/store/duckdb.ts';
import { residentMb, startGateway, type BenchGateway, type Upstream } from './processes.ts';
import type { Outcome } from './report.ts';

/** Memory that a million rows of CSV may need above rest. */
const mostMb = 64;

/** Rows that GraphQL's pages are walked through, at most. */
const mostGraphqlRows = 200_000;

/** Rows of a league that is not upstream, so that no refresh touches them. */
async function fill(path: string, rows: number): Promise<void> {
  const store = await openDuckDb({ path });
  const start = "TIMESTAMP '2026-01-01' + to_seconds(i * 30)";
  await store.all({
    text: `INSERT INTO bi_v1.job_instance (id, league_id, tics_id, job_name, type, status, finished, round_count, partners, partner_count, started_at, ended_at, duration_ms, "date", created_at, updated_at)
      SELECT 'bench/' || i, 'bench', lpad(CAST(i AS VARCHAR), 32, '0'), 'a job of the bench ' || (i % 97), 'SQL', CASE i % 7 WHEN 0 THEN 'FAILED' ELSE 'SUCCEEDED' END, TRUE, 1, 'one,two', 2, ${start}, ${start} + to_seconds(i % 600), (i % 600) * 1000, CAST(${start} AS DATE), ${start}, ${start}
      FROM range(${rows}) r(i)`,
    values: [],
  });
  await store.close();
}

interface Reading {
  readonly rows: number;
  readonly firstMs: number;
  readonly totalMs: number;
  readonly aboveRestMb: number;
}

/** The most memory that a gateway takes from now on, above what it has now. */
function watchMemory(gateway: BenchGateway) {
  const rest = residentMb(gateway);
  let peak = rest;
  const look = (): void => void (peak = Math.max(peak, residentMb(gateway)));
  const timer = setInterval(look, 50);
  return {
    end: (): number => {
      clearInterval(timer);
      look();
      return peak - rest;
    },
  };
}

/** Reads an answer to its end without keeping it. */
async function download(gateway: BenchGateway, path: string, count: (piece: Uint8Array) => number): Promise<Reading> {
  const memory = watchMemory(gateway);
  const startedMs = performance.now();
  const response = await fetch(`${gateway.url}${path}`);
  if (!response.ok || response.body === null) throw new Error(`${path}: ${response.status}`);
  let [firstMs, rows] = [0, 0];
  for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
    firstMs ||= performance.now() - startedMs;
    rows += count(piece);
  }
  return { rows, firstMs, totalMs: performance.now() - startedMs, aboveRestMb: memory.end() };
}

function newlines(piece: Uint8Array): number {
  let count = 0;
  for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) count += 1;
  return count;
}

/** Follows the links of OData, to so many rows at most. */
async function walk(gateway: BenchGateway, most: number): Promise<Reading> {
  const memory = watchMemory(gateway);
  const startedMs = performance.now();
  let [firstMs, rows] = [0, 0];
  for (let next: string | undefined = `${gateway.url}/odata/v4/job_instance?$filter=league_id eq 'bench'`; next;) {
    const response = await fetch(next, { headers: { prefer: 'odata.maxpagesize=10000' } });
    const page = (await response.json()) as { value: readonly object[]; '@odata.nextLink'?: string };
    firstMs ||= performance.now() - startedMs;
    rows += page.value.length;
    next = rows < most ? page['@odata.nextLink'] : undefined;
  }
  return { rows, firstMs, totalMs: performance.now() - startedMs, aboveRestMb: memory.end() };
}

/** Pages of GraphQL, at most so many: each is a query of its own. */
async function graphql(gateway: BenchGateway, most: number): Promise<Reading> {
  const memory = watchMemory(gateway);
  const query = `query ($after: String) { jobInstanceRows(first: 5000, after: $after, filter: { leagueKey: { eq: "bench" } }) {
    nodes { key status durationMs startedAt date } pageInfo { hasNextPage endCursor } } }`;
  const startedMs = performance.now();
  let [firstMs, rows] = [0, 0];
  for (let after: string | null = null; rows < most;) {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { after } }),
    });
    const { data } = (await response.json()) as {
      data: {
        jobInstanceRows: {
          nodes: readonly object[];
          pageInfo: { hasNextPage: boolean; endCursor: string };
        };
      };
    };
    firstMs ||= performance.now() - startedMs;
    rows += data.jobInstanceRows.nodes.length;
    if (!data.jobInstanceRows.pageInfo.hasNextPage) break;
    after = data.jobInstanceRows.pageInfo.endCursor;
  }
  return { rows, firstMs, totalMs: performance.now() - startedMs, aboveRestMb: memory.end() };
}

const columns = 'columns=id,league_id,tics_id,job_name,type,status,started_at,ended_at,duration_ms,date';

/** Reads so many rows through each surface. Fails where CSV is short, or needs more memory than it may. */
export async function readSurfaces(upstream: Upstream, rows: number): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-bi-'));
  await fill(join(directory, 'bi.duckdb'), rows);
  const gateway = await startGateway(directory, { ...upstream.config, dataDirectory: directory });
  const found: (readonly [string, Reading])[] = [];
  try {
    await fetch(`${gateway.url}/bi/v1/job_instance.csv?limit=10`).then((response) => response.text());
    const feed = (extension: string, count = newlines): Promise<Reading> =>
      download(gateway, `/bi/v1/job_instance.${extension}?${columns}`, count);
    found.push(['CSV, the first read', await feed('csv')]);
    const csv = await feed('csv');
    found.push(['CSV, read again', csv], ['NDJSON', await feed('ndjson')]);
    found.push(['Parquet', { ...(await feed('parquet', () => 0)), rows: csv.rows - 1 }]);
    found.push(['OData, pages of 10,000', await walk(gateway, rows)]);
    found.push(['GraphQL, pages of 5,000', await graphql(gateway, Math.min(rows, mostGraphqlRows))]);
    const sum = '/odata/v4/job_instance?$apply=groupby((status),aggregate(duration_ms with sum as total))';
    found.push(['OData `$apply` over all', { ...(await download(gateway, sum, () => 0)), rows }]);
    const failures = [
      ...(csv.rows > rows ? [] : [`CSV of ${rows} rows had ${csv.rows} lines`]),
      ...(csv.aboveRestMb <= mostMb ? [] : [`CSV of ${rows} rows needed ${csv.aboveRestMb.toFixed(0)} MB above rest`]),
    ];
    return { rows: found.map(([surface, reading]) => cellsOf(surface, rows, reading)), failures };
  } finally {
    await gateway.stop();
    rmSync(directory, { recursive: true });
  }
}

function cellsOf(surface: string, table: number, reading: Reading): readonly string[] {
  const { rows, firstMs, totalMs, aboveRestMb } = reading;
  const rate = totalMs > 0 ? Math.round((rows / totalMs) * 1000) : 0;
  return [
    ...[table.toLocaleString('en'), surface, rate.toLocaleString('en')],
    ...[`${firstMs.toFixed(0)} ms`, `${aboveRestMb.toFixed(0)} MB`],
  ];
}
