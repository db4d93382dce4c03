/**
 * Tables for BI tools: rows a second of each surface and the time to the first, memory while a million rows are read, what a
 * refresh takes and calls, and clients that others wrote (psql, the JDBC driver, LibreOffice Calc). Fails where a million rows
 * of CSV need more than 64 MB above rest, where an unchanged world costs more calls than it may, and where a client fails.
 *
 * usage: npm run bench:bi [-- --rows 1500,100000,1000000] [-- --runs 1500,100000]
 */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openDuckDb } from '../../src/bi/store/duckdb.ts';
import { createSandboxClient } from '../../src/sandbox/client.ts';
import { postgresBin, startPostgres } from '../../test/support/postgres.ts';
import { residentMb, run, startGateway, startUpstream, type BenchGateway, type Upstream } from './processes.ts';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1500,100000,1000000' },
    runs: { type: 'string', default: '1500,100000' },
  },
});

/** Memory that a million rows of CSV may need above rest. */
const mostMb = 64;

const failures: string[] = [];

function numbersOf(text: string): readonly number[] {
  return text.split(',').map(Number);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function demand(holds: boolean, text: string): void {
  if (!holds) failures.push(text);
}

function padded(...cells: readonly (string | number)[]): string {
  return cells.map((cell, index) => (index === 0 ? String(cell).padEnd(34) : String(cell).padStart(14))).join('');
}

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

/** Reads an answer to its end without keeping it. */
async function download(gateway: BenchGateway, path: string, count: (piece: Uint8Array) => number): Promise<Reading> {
  const rest = residentMb(gateway);
  let peak = rest;
  const timer = setInterval(() => (peak = Math.max(peak, residentMb(gateway))), 50);
  const startedMs = performance.now();
  const response = await fetch(`${gateway.url}${path}`);
  if (!response.ok || response.body === null) throw new Error(`${path}: ${response.status}`);
  let [firstMs, rows] = [0, 0];
  for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
    firstMs ||= performance.now() - startedMs;
    rows += count(piece);
  }
  clearInterval(timer);
  return { rows, firstMs, totalMs: performance.now() - startedMs, aboveRestMb: peak - rest };
}

function newlines(piece: Uint8Array): number {
  let count = 0;
  for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) count += 1;
  return count;
}

/** Follows the links of OData, to so many rows at most. */
async function walk(gateway: BenchGateway, most: number): Promise<Reading> {
  const rest = residentMb(gateway);
  const startedMs = performance.now();
  let [firstMs, rows, peak] = [0, 0, rest];
  for (let next: string | undefined = `${gateway.url}/odata/v4/job_instance?$filter=league_id eq 'bench'`; next;) {
    const response = await fetch(next, { headers: { prefer: 'odata.maxpagesize=10000' } });
    const page = (await response.json()) as { value: readonly object[]; '@odata.nextLink'?: string };
    firstMs ||= performance.now() - startedMs;
    rows += page.value.length;
    peak = Math.max(peak, residentMb(gateway));
    next = rows < most ? page['@odata.nextLink'] : undefined;
  }
  return { rows, firstMs, totalMs: performance.now() - startedMs, aboveRestMb: peak - rest };
}

/** Pages of GraphQL, at most so many: each is a query of its own. */
async function graphql(gateway: BenchGateway, most: number): Promise<Reading> {
  const rest = residentMb(gateway);
  const query = `query ($after: String) { jobInstanceRows(first: 5000, after: $after, filter: { leagueKey: { eq: "bench" } }) {
    nodes { key status durationMs startedAt date } pageInfo { hasNextPage endCursor } } }`;
  const startedMs = performance.now();
  let [firstMs, rows, peak] = [0, 0, rest];
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
    peak = Math.max(peak, residentMb(gateway));
    if (!data.jobInstanceRows.pageInfo.hasNextPage) break;
    after = data.jobInstanceRows.pageInfo.endCursor;
  }
  return { rows, firstMs, totalMs: performance.now() - startedMs, aboveRestMb: peak - rest };
}

function report(name: string, { rows, firstMs, totalMs, aboveRestMb }: Reading): void {
  const rate = totalMs > 0 ? Math.round((rows / totalMs) * 1000) : 0;
  print(padded(`  ${name}`, rows, `${rate}/s`, `${firstMs.toFixed(0)} ms`, `${aboveRestMb.toFixed(0)} MB`));
}

async function readSurfaces(upstream: Upstream, rows: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-bi-'));
  await fill(join(directory, 'bi.duckdb'), rows);
  const gateway = await startGateway(directory, { ...upstream.config, dataDirectory: directory });
  try {
    await fetch(`${gateway.url}/bi/v1/job_instance.csv?limit=10`).then((response) => response.text());
    print(padded(`\n${rows} rows`, 'rows', 'a second', 'first after', 'above rest'));
    const columns = 'columns=id,league_id,tics_id,job_name,type,status,started_at,ended_at,duration_ms,date';
    report('CSV, the first read', await download(gateway, `/bi/v1/job_instance.csv?${columns}`, newlines));
    const csv = await download(gateway, `/bi/v1/job_instance.csv?${columns}`, newlines);
    report('CSV, read again', csv);
    report('NDJSON', await download(gateway, `/bi/v1/job_instance.ndjson?${columns}`, newlines));
    const parquet = await download(gateway, `/bi/v1/job_instance.parquet?${columns}`, () => 0);
    report('Parquet', { ...parquet, rows: csv.rows - 1 });
    report('OData, pages of 10,000', await walk(gateway, 100_000));
    report('GraphQL, pages of 5,000', await graphql(gateway, 50_000));
    const sum = '/odata/v4/job_instance?$apply=groupby((status),aggregate(duration_ms with sum as total))';
    report('OData $apply over all', { ...(await download(gateway, sum, () => 0)), rows });
    demand(csv.rows > rows, `CSV of ${rows} rows had ${csv.rows} lines`);
    demand(csv.aboveRestMb <= mostMb, `CSV of ${rows} rows needed ${csv.aboveRestMb.toFixed(0)} MB above rest`);
  } finally {
    await gateway.stop();
    rmSync(directory, { recursive: true });
  }
}

interface SyncRow {
  readonly table_name: string;
  readonly row_count: number;
  readonly as_of: string | null;
  readonly pending_days: number | null;
}

async function syncRows({ url }: BenchGateway): Promise<readonly SyncRow[]> {
  const response = await fetch(`${url}/odata/v4/sync_status`);
  return ((await response.json()) as { value: readonly SyncRow[] }).value;
}

/** Waits until all history of all leagues is there. */
async function untilRead(gateway: BenchGateway, leagues: number): Promise<readonly SyncRow[]> {
  for (;;) {
    const rows = await syncRows(gateway);
    const usage = rows.filter((row) => row.table_name === 'daily_job_usage');
    if (usage.length === leagues && usage.every((row) => row.pending_days === 0)) return rows;
    await new Promise((later) => setTimeout(later, 250));
  }
}

/** Reads a whole world, then refreshes it where nothing has changed. */
async function refresh(runs: number): Promise<void> {
  const [leagues, days] = runs > 1500 ? [10, 365] : [5, 90];
  const upstream = await startUpstream({ leagues, days, scale: Math.max(1, Math.round(runs / (leagues * 300))) });
  const directory = mkdtempSync(join(tmpdir(), 'bench-bi-'));
  const client = createSandboxClient(upstream.controlUrl);
  const bi = { storage: 'memory', callsPerSecond: 1000, refreshMs: 600_000, historyDays: days };
  const startedMs = performance.now();
  const gateway = await startGateway(directory, { ...upstream.config, bi });
  try {
    const rows = await untilRead(gateway, leagues);
    const totalMs = performance.now() - startedMs;
    const total = async () => Object.values(await client.countCalls()).reduce((sum, count) => sum + count, 0);
    const first = await total();
    const found = rows.filter((row) => row.table_name === 'job_instance').reduce((sum, row) => sum + row.row_count, 0);
    print(
      `\n${found} runs of ${leagues} leagues, ${days} days: read in ${(totalMs / 1000).toFixed(1)} s and ${first} calls`,
    );
    await new Promise((later) => setTimeout(later, 6_000));
    const before = await total();
    const againMs = performance.now();
    await fetch(`${gateway.url}/bi/v1/job_instance.csv?limit=1&max_staleness=5`).then((response) => response.text());
    const calls = (await total()) - before;
    const agents = ((upstream.config as { tics: { agents: readonly object[] } }).tics.agents ?? []).length;
    const most = 2 * leagues + agents;
    print(
      `unchanged: refreshed in ${(performance.now() - againMs).toFixed(0)} ms and ${calls} calls, of at most ${most}`,
    );
    print(`memory: ${residentMb(gateway).toFixed(0)} MB`);
    demand(calls <= most, `an unchanged world of ${runs} runs cost ${calls} calls`);
  } finally {
    await gateway.stop();
    await upstream.stop();
    rmSync(directory, { recursive: true });
  }
}

async function tryClient(
  name: string,
  is: boolean,
  work: () => Promise<{ text: string; isOk: boolean }>,
): Promise<void> {
  if (!is) return print(`${name}: skipped, it is not installed`);
  const startedMs = performance.now();
  const { text, isOk } = await work();
  print(
    `${name}: ${isOk ? text.trim().replaceAll('\n', '; ') : `FAILED\n${text}`} (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`,
  );
  demand(isOk, `${name} failed`);
}

const jdbc = '/usr/share/java/postgresql.jar';

/** psql, the JDBC driver and LibreOffice load a table. */
async function tryClients(upstream: Upstream): Promise<void> {
  print('\nclients');
  const bin = postgresBin;
  if (bin === undefined) return print('Postgres: skipped, it is not installed');
  const directory = mkdtempSync(join(tmpdir(), 'bench-bi-'));
  const postgres = await startPostgres(bin);
  const keyed = { ...upstream.config, callers: { keys: true, anonymous: true }, dataDirectory: directory };
  const gateway = await startGateway(directory, { ...keyed, bi: { databaseUrl: postgres.url, historyDays: 90 } });
  try {
    await untilRead(gateway, 5);
    const made = await run(
      process.execPath,
      ['--import', 'tsx', 'src/main.ts', 'key', 'create', '--name', 'bench', '--role', 'viewer', '--sql'],
      { GATEWAY_CONFIG: join(directory, 'gateway.config.yaml') },
    );
    const [password = ''] = made.text.split('\n');
    const [, role = ''] = /(tics_bi_\w+)/.exec(made.text) ?? [];
    const { host, pathname } = new URL(postgres.url);
    const counted = ['-At', '-c', "SELECT count(*) || ' runs' FROM job_instance"];
    await tryClient('psql', true, () =>
      run(join(bin, 'psql'), [`postgres://${role}:${password}@${host}${pathname}`, ...counted]),
    );
    const source = resolve(import.meta.dirname, 'Metadata.java');
    await tryClient('JDBC driver', existsSync(jdbc), () =>
      run('java', ['-cp', jdbc, source, `jdbc:postgresql://${host}${pathname}`, role, password]),
    );
    await tryClient('LibreOffice Calc', existsSync('/usr/bin/soffice'), async () => {
      const feed = join(directory, 'job_instance.csv');
      const rows = await run('curl', ['-sS', '-o', feed, `${gateway.url}/bi/v1/job_instance.csv?excel=1`]);
      if (!rows.isOk) return rows;
      const made = await run(
        'soffice',
        [
          '--headless',
          `-env:UserInstallation=file://${directory}/profile`,
          '--convert-to',
          'ods',
          '--outdir',
          directory,
          feed,
        ],
        { HOME: directory },
      );
      const size = statSync(join(directory, 'job_instance.ods'), { throwIfNoEntry: false })?.size ?? 0;
      return { text: size > 0 ? `the CSV as a spreadsheet of ${size} bytes` : made.text, isOk: made.isOk && size > 0 };
    });
  } finally {
    await gateway.stop();
    await postgres.close();
    rmSync(directory, { recursive: true });
  }
}

for (const runs of numbersOf(options.runs)) await refresh(runs);
const upstream = await startUpstream({ leagues: 5, days: 90, scale: 1 });
try {
  for (const rows of numbersOf(options.rows)) await readSurfaces(upstream, rows);
  await tryClients(upstream);
} finally {
  await upstream.stop();
}
for (const failure of failures) print(`FAILED: ${failure}`);
process.exitCode = failures.length > 0 ? 1 : 0;
