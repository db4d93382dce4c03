import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeDirectory } from '../support/directory.ts';
import { postgresBin, startPostgres, type PostgresServer } from '../support/postgres.ts';
import { useBi, type BiStage } from './stage.ts';

interface Counts {
  readonly runs: number;
  readonly succeeded: number;
  readonly failed: number;
}

/** Days that every surface is asked about: the last of 30. */
function daysOf(timeZone: string): { readonly from: string; readonly to: string } {
  const day = (ms: number) => new Intl.DateTimeFormat('en-CA', { timeZone }).format(ms);
  return { from: day(Date.now() - 30 * 86_400_000), to: day(Date.now()) };
}

function countsOf(statuses: readonly unknown[]): Counts {
  const count = (status: string) => statuses.filter((one) => one === status).length;
  return { runs: statuses.length, succeeded: count('SUCCEEDED'), failed: count('FAILED') };
}

const sqlCounts = `count(*)::INTEGER AS runs, (count(*) FILTER (WHERE status = 'SUCCEEDED'))::INTEGER AS succeeded, (count(*) FILTER (WHERE status = 'FAILED'))::INTEGER AS failed`;

function describeAgreement(name: string, stage: BiStage, sql: (text: string) => Promise<readonly object[]>): void {
  describe(name, { timeout: 60_000 }, () => {
    const { from, to } = daysOf('Asia/Shanghai');
    const range = `date ge ${from} and date le ${to}`;

    test('statistics, facts, OData, feeds and SQL say the same of each league', async () => {
      for (const { id: leagueId } of stage.sandbox.world.leagues) {
        const { data } = await stage.graphql<{
          league: { statistics: { jobs: { instanceCount: number; succeededCount: number; failedCount: number } } };
          jobInstanceRows: { nodes: readonly { status: string }[] };
          dailyJobUsageRows: {
            nodes: readonly { instanceCount: number; succeededCount: number; failedCount: number }[];
          };
        }>(
          `query ($id: ID!, $league: String, $from: Date, $to: Date) {
            league(id: $id) { statistics(from: $from, to: $to) { jobs { instanceCount succeededCount failedCount } } }
            jobInstanceRows(first: 5000, filter: { leagueKey: { eq: $league }, date: { ge: $from, le: $to } }) { nodes { status } }
            dailyJobUsageRows(first: 5000, filter: { leagueKey: { eq: $league }, date: { ge: $from, le: $to } }) {
              nodes { instanceCount succeededCount failedCount }
            }
          }`,
          { id: leagueId, league: leagueId, from, to },
        );
        const { instanceCount, succeededCount, failedCount } = data.league.statistics.jobs;
        const expected: Counts = { runs: instanceCount, succeeded: succeededCount, failed: failedCount };
        expect(expected.runs).toBeGreaterThan(0);
        const days = data.dailyJobUsageRows.nodes;
        const sum = (of: (day: (typeof days)[number]) => number) => days.reduce((total, day) => total + of(day), 0);

        const filter = encodeURIComponent(`league_id eq '${leagueId}' and ${range}`);
        const groups = await stage.json<{ value: readonly { status: string; runs: number }[] }>(
          `/odata/v4/job_instance?$apply=filter(${filter})/groupby((status),aggregate($count as runs))`,
        );
        const runsOf = (status?: string) =>
          groups.value.reduce(
            (total, group) => total + (status === undefined || group.status === status ? group.runs : 0),
            0,
          );

        const feed = `/bi/v1/job_instance.ndjson?from=${from}&to=${to}&columns=league_id,status`;
        const lines = (await (await stage.get(feed)).text()).trim().split('\n');
        const facts = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
        const ofLeague = facts.filter((fact) => fact['league_id'] === leagueId);

        expect({
          facts: countsOf(data.jobInstanceRows.nodes.map(({ status }) => status)),
          usage: {
            runs: sum((day) => day.instanceCount),
            succeeded: sum((day) => day.succeededCount),
            failed: sum((day) => day.failedCount),
          },
          odata: { runs: runsOf(), succeeded: runsOf('SUCCEEDED'), failed: runsOf('FAILED') },
          feed: countsOf(ofLeague.map(({ status }) => status)),
          sql: await sql(
            `SELECT ${sqlCounts} FROM bi_v1.job_instance WHERE league_id = '${leagueId}' AND "date" BETWEEN '${from}' AND '${to}'`,
          ),
        }).toEqual({ facts: expected, usage: expected, odata: expected, feed: expected, sql: [expected] });
      }
    });

    test('sums of durations are the same in GraphQL, OData, CSV, Parquet and SQL', async () => {
      const rows = await stage.graphql<{ jobInstanceRows: { nodes: readonly { durationMs: number | null }[] } }>(
        'query ($from: Date) { jobInstanceRows(first: 5000, filter: { date: { ge: $from } }) { nodes { durationMs } } }',
        { from },
      );
      const summed = rows.data.jobInstanceRows.nodes.reduce((total, { durationMs }) => total + (durationMs ?? 0), 0);
      const odata = await stage.json<{ value: readonly [{ total: number }] }>(
        `/odata/v4/job_instance?$apply=filter(date ge ${from})/aggregate(duration_ms with sum as total)`,
      );
      const directory = makeDirectory();
      const database = await DuckDBInstance.create(':memory:');
      const connection = await database.connect();
      const ofFile = async (format: string) => {
        const path = join(directory, `runs.${format}`);
        const response = await stage.get(`/bi/v1/job_instance.${format}?from=${from}&columns=duration_ms`);
        await writeFile(path, Buffer.from(await response.arrayBuffer()));
        const answer = await connection.runAndReadAll(`SELECT sum(duration_ms)::BIGINT FROM read_${format}('${path}')`);
        return Number(answer.getRows()[0]?.[0]);
      };
      const [csv, parquet] = [await ofFile('csv'), await ofFile('parquet')];
      connection.closeSync();
      const direct = await sql(
        `SELECT sum(duration_ms)::VARCHAR AS total FROM bi_v1.job_instance WHERE "date" >= '${from}'`,
      );
      expect(summed).toBeGreaterThan(0);
      expect([odata.value[0].total, csv, parquet, direct]).toEqual([summed, summed, summed, [{ total: `${summed}` }]]);
    });
  });
}

describe('numbers agree', () => {
  const stage = useBi();
  describeAgreement('over DuckDB', stage, (text) => stage.bi.store.all({ text, values: [] }));
});

// Needs Debian's package postgresql.
describe.skipIf(postgresBin === undefined)('numbers agree', () => {
  let postgres: PostgresServer;
  let client: pg.Client;
  beforeAll(async () => {
    postgres = await startPostgres(postgresBin ?? '');
  }, 60_000);
  afterAll(() => postgres.close());
  const stage = useBi({}, () => ({ databaseUrl: postgres.url }));
  beforeAll(async () => {
    client = new pg.Client(postgres.url);
    await client.connect();
  });
  afterAll(() => client.end());
  describeAgreement('over Postgres', stage, async (text) => (await client.query<object>(text)).rows);
});
