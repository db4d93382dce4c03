import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { tables } from '../../src/bi/model/tables.ts';
import { openPostgres } from '../../src/bi/store/postgres.ts';
import { runKeyCommand } from '../../src/callers/keyCommand.ts';
import { createCallers } from '../../src/callers/callers.ts';
import { keyRoles } from '../../src/process/biTables.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { makeDirectory } from '../support/directory.ts';
import { postgresBin, startPostgres, type PostgresServer } from '../support/postgres.ts';
import { toolQueries } from './clients/sqlTools.ts';
import { useBi } from './stage.ts';

vi.setConfig({ testTimeout: 60_000 });

let postgres: PostgresServer;
let directory: string;
let callers: ReturnType<typeof createCallers> | undefined;

interface SqlKey {
  readonly id: string;
  readonly text: string;
  readonly url: string;
  readonly said: string;
}

/** Runs `key …` before the database of a role. */
async function key(args: readonly string[], databaseUrl = postgres.url) {
  const written: string[] = [];
  const write = (text: string) => written.push(text);
  const code = await runKeyCommand(args, { directory, write, sql: keyRoles(databaseUrl) });
  return { code, text: written.join('') };
}

function urlOf(role: string, password: string): string {
  const url = new URL(postgres.url);
  return `postgres://${role}:${password}@${url.host}${url.pathname}`;
}

async function createSqlKey(...more: readonly string[]): Promise<SqlKey> {
  const made = await key(['create', '--name', 'superset', '--role', 'viewer', '--sql', ...more]);
  const [text = ''] = made.text.split('\n');
  const [, id = ''] = /once\. (\w+)/.exec(made.text) ?? [];
  return { id, text, url: urlOf(`tics_bi_${id}`, text), said: made.text };
}

async function connected<Answer>(url: string, work: (client: pg.Client) => Promise<Answer>): Promise<Answer> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function rows(client: pg.Client, text: string): Promise<readonly object[]> {
  return client.query<object>(text).then((answer) => answer.rows);
}

/** Not in a read-only transaction, which is a default of the role's and no right. */
async function rowsAtWill(client: pg.Client, text: string): Promise<readonly object[]> {
  await client.query('SET default_transaction_read_only = off');
  return rows(client, text);
}

// Needs Debian's package postgresql.
describe.skipIf(postgresBin === undefined)('roles of keys in Postgres', () => {
  beforeAll(async () => {
    postgres = await startPostgres(postgresBin ?? '');
    directory = makeDirectory();
    callers = createCallers({ keys: {} }, { dataDirectory: directory, log: createLog('fatal') });
  }, 60_000);
  afterAll(async () => {
    callers?.close();
    await postgres.close();
  });
  const stage = useBi({ identify: (request) => callers?.identify(request) ?? expect.unreachable() }, () => ({
    databaseUrl: postgres.url,
    historyDays: 30,
  }));

  test('the key is the password; Postgres and the file of keys have verifiers alone', async () => {
    const { id, text, url, said } = await createSqlKey('--expires', '30d');
    expect(said).toContain(`Role tics_bi_${id}: postgres://tics_bi_${id}@`);
    expect(await connected(url, (client) => rows(client, 'SELECT current_user AS me'))).toEqual([
      { me: `tics_bi_${id}` },
    ]);
    await expect(connected(url.replace(text, 'wrong'), (client) => rows(client, 'SELECT 1'))).rejects.toThrow(
      /password authentication failed/,
    );
    const [kept] = await connected(postgres.url, (client) =>
      rows(
        client,
        `SELECT rolpassword, rolconnlimit, rolvaliduntil > now() AS ends FROM pg_authid WHERE rolname = 'tics_bi_${id}'`,
      ),
    );
    expect(kept).toMatchObject({ rolconnlimit: 8, ends: true });
    expect(JSON.stringify(kept)).toContain('SCRAM-SHA-256$4096:');
    expect(JSON.stringify(kept) + (await readFile(join(directory, 'keys.json'), 'utf8'))).not.toContain(text);
  });

  test('tools find tables, columns, keys and relations, as the role of a key', async () => {
    const { url } = await createSqlKey();
    await connected(url, async (client) => {
      for (const { tool, text, rows: needed = 0 } of toolQueries) {
        const answer = await client.query(text);
        expect([tool, Array.isArray(answer) || (answer.rowCount ?? 0) >= needed]).toEqual([tool, true]);
      }
    });
  });

  test('what shows keys to a role lets it refer to no row', async () => {
    const { url, id } = await createSqlKey();
    const own = `own_${id}`;
    await connected(postgres.url, (client) => rows(client, `CREATE SCHEMA ${own} AUTHORIZATION tics_bi_${id}`));
    const refer = (column: string, type: string) =>
      connected(url, (client) =>
        rowsAtWill(client, `CREATE TABLE ${own}.x (a ${type} REFERENCES bi_v1.job_instance (${column}))`),
      );
    await expect(refer('id', 'text')).rejects.toThrow(/permission denied/);
    await expect(refer('updated_at', 'timestamptz')).rejects.toThrow(/no unique constraint/);
  });

  test('a key for one league sees no row of another, whatever it sets', async () => {
    const [mine = ''] = stage.sandbox.world.leagues.map((league) => league.id);
    const { url, id } = await createSqlKey('--league', mine);
    const all = await createSqlKey();
    const limited = Object.values(tables).filter(({ leagueColumn }) => leagueColumn !== undefined);
    expect(limited.length).toBeGreaterThan(10);
    const foreign = (name: string, column: string) =>
      `SELECT count(*)::int AS count FROM bi_v1."${name}" WHERE "${column}" IS DISTINCT FROM '${mine}'`;
    for (const { name, leagueColumn = '' } of limited) {
      expect([name, await connected(url, (client) => rows(client, foreign(name, leagueColumn)))]).toEqual([
        name,
        [{ count: 0 }],
      ]);
      const unlimited = await connected(all.url, (client) => rows(client, foreign(name, leagueColumn)));
      const owned = await connected(postgres.url, (client) => rows(client, foreign(name, leagueColumn)));
      expect([name, unlimited]).toEqual([name, owned]);
    }
    const counted = 'SELECT count(*)::int > 0 AS some FROM bi_v1.job_instance';
    expect(await connected(url, (client) => rows(client, counted))).toEqual([{ some: true }]);
    // With row security off a query that it would narrow down fails.
    for (const text of [
      'SET row_security = off; SELECT * FROM bi_v1.job_instance',
      'SELECT * FROM bi_v1_past.job_instance',
      'SELECT * FROM bi_v1_access.reader',
      `SELECT bi_v1_access.leagues_of('tics_bi_${all.id}')`,
      `SET ROLE tics_bi_${all.id}`,
      `UPDATE bi_v1_access.reader SET leagues = NULL WHERE role_name = 'tics_bi_${id}'`,
      'ALTER TABLE bi_v1.job_instance DISABLE ROW LEVEL SECURITY',
      'CREATE POLICY mine ON bi_v1.job_instance USING (true)',
    ])
      await expect(
        connected(url, (client) => rowsAtWill(client, text)),
        text,
      ).rejects.toThrow(/row-level security|permission denied|must be (owner|able)/);
  });

  test('plans for a key of one league estimate alike for what another league has and for what is not there', async () => {
    const [mine = '', other = ''] = stage.sandbox.world.leagues.map((league) => league.id);
    const { url } = await createSqlKey('--league', mine);
    const [foreign] = await connected(postgres.url, async (owner) => {
      await rows(owner, 'ANALYZE bi_v1.job_instance');
      return rows(owner, `SELECT job_name, status FROM bi_v1.job_instance WHERE league_id = '${other}' LIMIT 1`);
    });
    const { job_name: jobName = '' } = foreign as { readonly job_name?: string };
    expect(jobName).not.toBe('');
    await connected(url, async (client) => {
      const estimates = async (column: string, value: string): Promise<string> => {
        const told = await rows(
          client,
          `EXPLAIN (FORMAT JSON) SELECT FROM bi_v1.job_instance WHERE ${column} = '${value}'`,
        );
        return JSON.stringify(told).replaceAll(value, '…');
      };
      expect(await estimates('league_id', other)).toBe(await estimates('league_id', 'nosuchleague'));
      expect(await estimates('job_name', jobName)).toBe(await estimates('job_name', 'nosuchjob'));
      expect(await rows(client, "SELECT FROM pg_stats WHERE schemaname LIKE 'bi_v1%'")).toEqual([]);
    });
  });

  test('writes fail, in read-only transactions and out of them', async () => {
    const { url } = await createSqlKey();
    const writes = [
      'DELETE FROM bi_v1.job_instance WHERE true',
      "UPDATE bi_v1.league SET name = 'x'",
      'INSERT INTO bi_v1.date SELECT * FROM bi_v1.date',
      'TRUNCATE bi_v1.league',
      'DROP TABLE bi_v1.league',
      'CREATE TABLE bi_v1.mine (a int)',
      "COPY bi_v1.league TO '/tmp/bi-copy.csv'",
      "COPY bi_v1.league TO PROGRAM 'cat'",
      "SELECT pg_read_file('/etc/passwd')",
    ];
    for (const text of writes)
      await expect(
        connected(url, (client) => rowsAtWill(client, text)),
        text,
      ).rejects.toThrow(/permission denied|must be (owner|superuser)/);
    const limits = await connected(url, (client) => rows(client, 'SHOW statement_timeout'));
    expect(limits).toEqual([{ statement_timeout: '1min' }]);
  });

  test('a reader that takes the locks of gateways keeps none from creating tables and refreshing', async () => {
    const { url } = await createSqlKey();
    await connected(postgres.url, (owner) => rows(owner, 'CREATE DATABASE locks'));
    const [ownUrl, readerUrl] = [postgres.url, url].map((one) => one.replace(/\/[^/]*$/, '/locks'));
    const first = await openPostgres(ownUrl ?? '');
    const keys = await connected(readerUrl ?? '', (reader) =>
      rows(
        reader,
        "SELECT classid::int, objid::int FROM pg_locks JOIN pg_database d ON d.oid = database WHERE locktype = 'advisory' AND datname = 'locks'",
      ),
    );
    expect(keys).toHaveLength(1);
    const [{ classid, objid }] = keys as readonly [{ readonly classid: number; readonly objid: number }];
    const takers = [new pg.Client(readerUrl), new pg.Client(readerUrl)];
    const ended = takers.map((taker) => new Promise((resolve) => taker.on('error', resolve)));
    await Promise.all(takers.map((taker) => taker.connect()));
    await takers[0]?.query('SELECT pg_advisory_lock($1)', [0x62695f76]);
    const taken = takers[1]?.query('SELECT pg_advisory_lock($1, $2)', [classid, objid]);
    await first.close();
    await taken;
    const second = await openPostgres(ownUrl ?? '');
    await expect.poll(() => second.lease.isHeld(), { timeout: 10_000 }).toBe(true);
    await Promise.all(ended);
    const third = new pg.Client(readerUrl);
    third.on('error', () => undefined);
    await third.connect();
    await third.query('SELECT pg_advisory_lock($1)', [0x62695f76]);
    const league = { id: 'a', name: 'a', created_at: '2026-01-01T00:00:00.000Z' };
    await second.write([{ table: tables.league, rows: [league], mode: 'UPSERT' }]);
    await second.close();
  });

  test('a revoked key lets nobody in on any surface within a second, and its session ends', async () => {
    const { id, text, url } = await createSqlKey();
    const headers = { 'x-api-key': text };
    const surfaces = ['/bi', '/bi/v1/league.csv', '/odata/v4/league'];
    const basic = { authorization: `Basic ${Buffer.from(`any:${text}`).toString('base64')}` };
    const statuses = async () => [
      ...(await Promise.all(surfaces.map(async (path) => (await stage.get(path, headers)).status))),
      (await stage.get('/odata/v4/league', basic)).status,
      (await stage.get(`/bi/v1/league.csv?apikey=${text}`)).status,
      (await stage.graphql('{ leagueRows { totalCount } }', {}, headers)).errors?.[0]?.extensions?.['code'] ?? 200,
    ];
    await expect.poll(statuses, { timeout: 5_000 }).toEqual([200, 200, 200, 200, 200, 200]);
    const session = new pg.Client(url);
    const ended = new Promise<Error>((resolve) => session.on('error', resolve));
    await session.connect();
    expect(await rows(session, 'SELECT count(*) > 0 AS some FROM bi_v1.league')).toEqual([{ some: true }]);

    const revoked = await key(['revoke', id]);
    expect(revoked.text).toContain(`Role tics_bi_${id}: it is gone`);
    expect((await ended).message).toMatch(/terminat/);
    await expect(connected(url, (client) => rows(client, 'SELECT 1'))).rejects.toThrow(/authentication failed/);
    await expect.poll(statuses, { timeout: 5_000, interval: 20 }).toEqual([401, 401, 401, 401, 401, 'UNAUTHENTICATED']);
    const left = await connected(postgres.url, (client) =>
      rows(
        client,
        `SELECT FROM pg_roles WHERE rolname = 'tics_bi_${id}' UNION ALL SELECT FROM bi_v1_access.reader WHERE role_name = 'tics_bi_${id}'`,
      ),
    );
    expect(left).toEqual([]);
  });

  test('what SQLAlchemy asks a database about itself, for Superset, is answered to a key', async () => {
    const { url } = await createSqlKey();
    const asked = await connected(url, async (client) => ({
      version: await rows(client, 'select pg_catalog.version()'),
      schema: await rows(client, 'select current_schema()'),
      strings: await rows(client, 'show standard_conforming_strings'),
      isolation: await rows(client, 'show transaction isolation level'),
      schemas: await rows(
        client,
        "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname NOT LIKE 'pg/_%' ESCAPE '/' ORDER BY nspname",
      ),
      tables: await rows(
        client,
        "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = ANY (ARRAY['r', 'p', 'f']) AND c.relpersistence != 't' AND n.nspname = 'bi_v1'",
      ),
      columns: await rows(
        client,
        "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type, (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef) AS default, a.attnotnull, pg_catalog.col_description(a.attrelid, a.attnum) AS comment, a.attidentity, a.attgenerated FROM pg_catalog.pg_attribute a WHERE a.attrelid = 'bi_v1.job_instance'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
      ),
      keys: await rows(
        client,
        "SELECT a.attname FROM pg_catalog.pg_constraint c JOIN LATERAL unnest(c.conkey) AS k(n) ON true JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n WHERE c.conrelid = 'bi_v1.job_instance'::regclass AND c.contype = 'p'",
      ),
      links: await rows(
        client,
        "SELECT r.conname, pg_catalog.pg_get_constraintdef(r.oid, true) AS definition FROM pg_catalog.pg_constraint r WHERE r.conrelid = 'bi_v1.job_instance'::regclass AND r.contype = 'f'",
      ),
      indexes: await rows(
        client,
        "SELECT i.relname, ix.indisunique FROM pg_catalog.pg_index ix JOIN pg_catalog.pg_class i ON i.oid = ix.indexrelid WHERE ix.indrelid = 'bi_v1.job_instance'::regclass AND NOT ix.indisprimary",
      ),
    }));
    const { columns } = tables.job_instance;
    const stored = Object.values(columns).filter(({ computed }) => computed === undefined);
    expect(asked.schema).toEqual([{ current_schema: 'bi_v1' }]);
    expect(asked.schemas).toContainEqual({ nspname: 'bi_v1' });
    expect(asked.tables).toHaveLength(Object.keys(tables).length);
    expect(asked.columns).toHaveLength(stored.length);
    expect(asked.columns[0]).toMatchObject({ attname: 'id', type: 'text', attnotnull: true });
    expect(asked.keys).toEqual([{ attname: 'id' }]);
    expect(asked.links).toHaveLength(stored.filter(({ references }) => references !== undefined).length);
    expect(asked.indexes.length).toBeGreaterThan(0);
    // Npgsql resets the connections of its pool, and reads the types.
    await connected(url, async (client) => {
      await rows(client, 'SELECT oid, typname FROM pg_type LEFT JOIN pg_range ON rngtypid = pg_type.oid');
      expect(await rows(client, 'DISCARD ALL')).toEqual([]);
    });
  });

  test('an expired key sees nothing, in a session that goes on too', async () => {
    const { id, url } = await createSqlKey('--expires', '30d');
    await connected(url, async (client) => {
      await connected(postgres.url, (owner) =>
        rows(owner, `UPDATE bi_v1_access.reader SET expires_at = now() WHERE role_name = 'tics_bi_${id}'`),
      );
      expect(await rows(client, 'SELECT count(*)::int AS count FROM bi_v1.league')).toEqual([{ count: 0 }]);
    });
  });

  test('where the given role may create no roles, it prints the SQL, which an administrator runs', async () => {
    await connected(postgres.url, async (owner) => {
      await rows(owner, "CREATE ROLE plain LOGIN PASSWORD 'plain'");
      await rows(owner, 'CREATE DATABASE other OWNER plain');
    });
    const other = urlOf('plain', 'plain').replace(/\/[^/]*$/, '/other');
    const made = await key(['create', '--name', 'fine', '--role', 'viewer', '--sql'], other);
    const [text = ''] = made.text.split('\n');
    const sql = made.text.slice(made.text.indexOf('CREATE ROLE'));
    expect(made.text).toContain('For an administrator:');
    expect(sql).not.toContain(text);
    const [, role = ''] = /"(tics_bi_\w+)"/.exec(sql) ?? [];
    const administrator = postgres.url.replace(/\/[^/]*$/, '/other');
    await promisify(execFile)(join(postgresBin ?? '', 'psql'), ['-v', 'ON_ERROR_STOP=1', administrator, '-c', sql]);
    const reader = urlOf(role, text).replace(/\/[^/]*$/, '/other');
    expect(
      await connected(reader, (client) => rows(client, 'SELECT count(*)::int AS count FROM bi_v1.league')),
    ).toEqual([{ count: 0 }]);
    const revoked = await key(['revoke', role.replace('tics_bi_', '')], other);
    expect(revoked.text).toMatch(/For an administrator|it is gone/);
  });
});
