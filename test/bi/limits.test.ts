import { spawn } from 'node:child_process';
import { once } from 'node:events';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { QueryError } from '../../src/bi/query/expression.ts';
import { openDuckDb } from '../../src/bi/store/duckdb.ts';
import { openPostgres } from '../../src/bi/store/postgres.ts';
import { usualLimits, type Store } from '../../src/bi/store/store.ts';
import { postgresBin, startPostgres, type PostgresServer } from '../support/postgres.ts';
import { useBi, type BiStage } from './stage.ts';

vi.setConfig({ testTimeout: 60_000 });

const limitOf = expect.objectContaining({
  reason: 'LIMIT',
  message: expect.stringContaining('bi.') as string,
}) as Error;

async function readAll(store: Store, text: string, signal?: AbortSignal): Promise<number> {
  let rows = 0;
  for await (const chunk of store.read({ text, values: [] }, signal)) rows += chunk.length;
  return rows;
}

/** A query that runs for minutes where nobody ends it. */
const endless = 'SELECT count(*) FROM (SELECT 1 FROM T a, T b, T c WHERE a.n + b.n + c.n = -1) x';
const numbers = { duckdb: '(SELECT range AS n FROM range(100000))', postgres: 'generate_series(1, 100000)' };

function describeStore(engine: 'duckdb' | 'postgres', open: (queryTimeoutMs: number) => Promise<Store>): void {
  const text = endless.replace(/\bT ([abc])\b/g, `${numbers[engine]} AS $1${engine === 'postgres' ? '(n)' : ''}`);

  test('a query that takes too long is ended by the engine', async () => {
    const store = await open(1_000);
    await expect(readAll(store, text)).rejects.toEqual(limitOf);
    // The limit counts the work of the engine, not the time that its reader takes.
    let rows = 0;
    for await (const chunk of store.read({ text: `SELECT * FROM ${numbers[engine]} AS x LIMIT 9000`, values: [] })) {
      if (rows === 0) await new Promise((later) => setTimeout(later, 1_200));
      rows += chunk.length;
    }
    expect(rows).toBe(9_000);
    await store.close();
  });

  test('a query whose reader leaves is ended, under way or before its turn', async () => {
    const store = await open(60_000);
    const readers = Array.from({ length: 14 }, () => new AbortController());
    const left = new Error('left');
    const reads = readers.map(({ signal }) => readAll(store, text, signal));
    const ends = Promise.allSettled(reads);
    await new Promise((later) => setTimeout(later, 200));
    // The last ones wait for the others.
    for (const reader of readers.toReversed()) reader.abort(left);
    expect(new Set((await ends).map((end) => (end.status === 'rejected' ? end.reason : end.value) as unknown))).toEqual(
      new Set([left]),
    );
    expect(await readAll(store, 'SELECT 1')).toBe(1);
    await store.close();
  });
}

describe('queries of the embedded engine', () => {
  describeStore('duckdb', (queryTimeoutMs) => openDuckDb({ queryTimeoutMs }));

  test('one that needs more memory than there is is refused, and the next one answered', async () => {
    const store = await openDuckDb({ memoryLimitMb: 64 });
    const text = 'SELECT list(range::VARCHAR) FROM range(20000000)';
    await expect(readAll(store, text)).rejects.toEqual(limitOf);
    expect(await readAll(store, 'SELECT 1')).toBe(1);
    await store.close();
  });
});

/** What each surface answers: the code of its error, or how many bytes. */
async function codesOf(stage: BiStage, signal?: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
  const get = async (path: string): Promise<unknown> => {
    const response = await fetch(`${stage.url}${path}`, signal ? { signal } : {});
    if (response.status === 200) return (await response.arrayBuffer()).byteLength;
    const body = (await response.json()) as {
      error?: { code: string };
      errors?: readonly [{ extensions: { code: string } }];
    };
    return [response.status, body.error?.code ?? body.errors?.[0].extensions.code];
  };
  const graphql = async (): Promise<unknown> => {
    const response = await fetch(`${stage.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ jobInstanceRows(first: 1) { totalCount nodes { key } } }' }),
      ...(signal && { signal }),
    });
    const { errors } = (await response.json()) as { errors?: readonly [{ extensions: { code: string } }] };
    return errors?.[0].extensions.code;
  };
  const paths = {
    odata: '/odata/v4/job_instance?$top=1',
    count: '/odata/v4/job_instance/$count',
    apply: '/odata/v4/job_instance?$apply=groupby((status),aggregate($count%20as%20runs))',
    csv: '/bi/v1/job_instance.csv',
    ndjson: '/bi/v1/job_instance.ndjson',
    parquet: '/bi/v1/job_instance.parquet',
    walk: '/bi/v1/job_instance.csv?limit=10',
    page: '/bi',
  };
  const answers = Object.entries(paths).map(async ([name, path]) => [name, await get(path)] as const);
  return Object.fromEntries(await Promise.all([...answers, graphql().then((code) => ['graphql', code] as const)]));
}

describe('rows of one answer', () => {
  const stage = useBi({}, () => ({ maxRows: 50 }));

  test.each(['csv', 'ndjson', 'parquet'])('a feed of more is refused before it begins: %s', async (format) => {
    const response = await stage.get(`/bi/v1/job_instance.${format}`);
    expect([response.status, await response.json()]).toEqual([
      400,
      {
        errors: [
          {
            message: expect.stringContaining('at most 50 rows (bi.maxRows)') as string,
            extensions: { code: 'QUERY_LIMIT' },
          },
        ],
      },
    ]);
    expect((await stage.get(`/bi/v1/job_instance.${format}?limit=51`)).status).toBe(400);
    const part = await stage.get(`/bi/v1/job_instance.${format}?limit=50`);
    await part.arrayBuffer();
    expect([part.status, part.headers.get('link')]).toEqual([200, expect.stringContaining('rel="next"')]);
    expect((await stage.get(`/bi/v1/league.${format}`)).status).toBe(200);
  });
});

describe('readers that leave', () => {
  const stage = useBi();

  test('end their queries, under way or before their turn, and others are answered', async () => {
    const begun = vi.spyOn(stage.bi.store, 'read');
    const reader = new AbortController();
    const searched = Array.from({ length: 60 }, (_, at) => `contains(concat(id,job_name),'${at}x')`).join(' or ');
    const path = `${stage.url}/odata/v4/job_instance/$count?$filter=${encodeURIComponent(searched)}`;
    const reads = Array.from({ length: 8 }, () => fetch(path, { signal: reader.signal }).catch(() => 'left'));
    await expect.poll(() => begun.mock.calls.length, { interval: 1, timeout: 30_000 }).toBe(8);
    reader.abort();
    await Promise.all(reads);
    const signals = begun.mock.calls.map(([, signal]) => signal);
    begun.mockRestore();
    await expect.poll(() => signals.filter((signal) => signal?.aborted).length, { timeout: 30_000 }).toBe(8);
    expect((await stage.get('/odata/v4/league/$count')).status).toBe(200);
  });
});

describe('a reader of the embedded tables', () => {
  const stage = useBi({}, () => ({ queryTimeoutMs: 400 }));
  const heavy = Array.from({ length: 95 }, (_, at) => `contains(concat(concat(id,job_name),id),'${at}x')`).join(' or ');
  const path = `/odata/v4/job_instance/$count?$filter=${encodeURIComponent(heavy)}`;

  beforeAll(() =>
    stage.bi.store.all({
      text: `INSERT INTO bi_v1.job_instance (id, league_id, tics_id, job_name, status, finished, "date", created_at, updated_at)
        SELECT 'many/' || range, 'many', range::VARCHAR, 'a job', 'FAILED', TRUE, DATE '2026-01-01', TIMESTAMP '2026-01-01', TIMESTAMP '2026-01-01' FROM range(300000)`,
      values: [],
    }),
  );

  test('is told that a query takes too long, and what to do', async () => {
    const response = await stage.get(path);
    expect([response.status, await response.json()]).toEqual([
      400,
      {
        error: {
          code: 'QUERY_LIMIT',
          message: expect.stringMatching(/0\.4 s \(bi\.queryTimeoutMs\)\. Ask for/) as string,
        },
      },
    ]);
  });
});

describe('an answer that ends before its last row', () => {
  const stage = useBi({}, () => ({ answerTimeoutMs: 1_000 }));

  beforeAll(() =>
    stage.bi.store.all({
      text: `INSERT INTO bi_v1.job_instance (id, league_id, tics_id, job_name, status, finished, "date", created_at, updated_at)
        SELECT 'many/' || range, 'many', md5(range::VARCHAR), md5('job ' || range), 'FAILED', TRUE, DATE '2026-01-01', TIMESTAMP '2026-01-01', TIMESTAMP '2026-01-01' FROM range(300000)`,
      values: [],
    }),
  );

  test.each(['csv', 'ndjson', 'parquet'])('does not pass for a whole one: curl ends with 18 (%s)', async (format) => {
    const before = stage.bi.figures().cutAnswers;
    const path = `${stage.url}/bi/v1/job_instance.${format}`;
    // It reads slowly, and does not end before the answer does. One that ends before its first row is refused: 22.
    let code: unknown = 22;
    while (code === 22) {
      const curl = spawn('curl', ['-sS', '--fail', '--limit-rate', '4M', '-o', '/dev/null', path]);
      [code] = (await once(curl, 'exit')) as unknown[];
    }
    expect(code).toBe(18);
    expect(stage.bi.figures().cutAnswers).toBe(before + 1);
  });

  test('a reader that leaves is none of them', async () => {
    const before = stage.bi.figures().cutAnswers;
    const reader = new AbortController();
    const { body } = await fetch(`${stage.url}/bi/v1/job_instance.csv`, { signal: reader.signal });
    expect((await body?.getReader().read())?.done).toBe(false);
    reader.abort();
    expect((await stage.get('/bi/v1/league.csv')).status).toBe(200);
    expect(stage.bi.figures().cutAnswers).toBe(before);
  });
});

// Needs Debian's package postgresql.
describe.skipIf(postgresBin === undefined)('in a Postgres', () => {
  let postgres: PostgresServer;
  let owner: pg.Client;
  beforeAll(async () => {
    postgres = await startPostgres(postgresBin ?? '');
  }, 60_000);
  afterAll(async () => {
    await owner.end();
    await postgres.close();
  });
  const stage = useBi({}, () => ({ databaseUrl: postgres.url, historyDays: 10, queryTimeoutMs: 3_000 }));
  beforeAll(async () => {
    owner = new pg.Client(postgres.url);
    await owner.connect();
  });

  describe('queries', () => {
    describeStore('postgres', (queryTimeoutMs) => openPostgres(postgres.url, { ...usualLimits, queryTimeoutMs }));
  });

  const running = async () => {
    // Within one transaction the view does not change.
    await owner.query('SELECT pg_stat_clear_snapshot()');
    const { rows } = await owner.query<{ query: string }>(
      "SELECT query FROM pg_stat_activity WHERE application_name = 'tics-gateway-reader' AND state = 'active'",
    );
    return rows.length;
  };
  /** Nobody reads the runs while this is locked. */
  const locked = async (work: () => Promise<void>) => {
    await owner.query('BEGIN');
    await owner.query('LOCK TABLE bi_v1.job_instance IN ACCESS EXCLUSIVE MODE');
    await work().finally(() => owner.query('ROLLBACK'));
  };

  test('each surface says that its query took too long, and the server runs it no more', async () => {
    const refused = [400, 'QUERY_LIMIT'];
    await locked(async () => {
      expect(await codesOf(stage)).toEqual({
        odata: refused,
        count: refused,
        apply: refused,
        csv: refused,
        ndjson: refused,
        parquet: refused,
        walk: refused,
        page: refused,
        graphql: 'QUERY_LIMIT',
      });
      await expect.poll(running).toBe(0);
    });
    const answers = Object.values(await codesOf(stage));
    expect(answers.filter((answer) => Array.isArray(answer) || answer === 'QUERY_LIMIT')).toEqual([]);
  });

  test('the server ends the queries of a reader that leaves', async () => {
    await locked(async () => {
      const reader = new AbortController();
      const answers = codesOf(stage, reader.signal).catch(() => 'left');
      await expect.poll(running, { interval: 10 }).toBeGreaterThan(3);
      reader.abort();
      expect(await answers).toBe('left');
      // Sooner than the limit of time would.
      await expect.poll(running, { timeout: 2_000, interval: 20 }).toBe(0);
    });
  });

  test('readers write nothing', async () => {
    const store = await openPostgres(postgres.url);
    await expect(readAll(store, 'DELETE FROM bi_v1.league RETURNING id')).rejects.toThrow(/read-only transaction/);
    await expect(readAll(store, 'SELECT * FROM bi_v1.nothing')).rejects.not.toBeInstanceOf(QueryError);
    await store.close();
  });
});
