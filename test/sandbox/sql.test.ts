import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Execution } from '../../src/sandbox/model/execution.ts';
import { startRun } from '../../src/sandbox/lifecycle/runner.ts';
import { createWorld } from '../../src/sandbox/seed/createWorld.ts';
import { executePastSql, executeSql } from '../../src/sandbox/sql/execute.ts';
import { rowsOf } from '../../src/sandbox/data/rows.ts';
import type { Dataset, DatasetColumn, PrivacyType, SqlJob, World } from '../../src/sandbox/model/world.ts';

const nowMs = Date.UTC(2026, 0, 15);

function column(
  name: string,
  dataType: string,
  privacyType: PrivacyType | undefined,
  extra: object = {},
): DatasetColumn {
  return {
    name,
    dataType,
    comment: '',
    length: undefined,
    scale: undefined,
    labelType: undefined,
    featureType: undefined,
    fieldSize: undefined,
    privacyType,
    privacyPolicy: 'NONE',
    privacyPolicyText: undefined,
    ...extra,
  };
}

const peopleColumns = [
  column('PERSON_ID', 'STRING', 'UNIQUE_ID'),
  column('PHONE', 'STRING', 'SENSITIVE'),
  column('SALARY', 'DECIMAL', 'SENSITIVE', { scale: 2 }),
  column('REGION', 'STRING', 'NON_SENSITIVE'),
  column('AGE', 'INTEGER', 'NON_SENSITIVE'),
  column('FULL_NAME', 'STRING', 'NON_SENSITIVE'),
  column('MOBILE', 'STRING', 'NON_SENSITIVE', {
    privacyPolicy: 'MASK',
    privacyPolicyText: '{"keepFirst":3,"keepLast":4}',
  }),
  column('CARD_NO', 'STRING', 'NON_SENSITIVE', { privacyPolicy: 'HASH' }),
  column('SINCE', 'DATE', 'NON_SENSITIVE'),
  column('NOTE', 'STRING', undefined),
];
const visitColumns = [
  column('PERSON_ID', 'STRING', 'UNIQUE_ID'),
  column('DEPARTMENT', 'STRING', 'NON_SENSITIVE'),
  column('FEE', 'DECIMAL', 'SENSITIVE', { scale: 2 }),
];

/** A league with a table of ours (`people`) and one of a partner's (`visits`). */
function stage() {
  const world = createWorld({ nowMs, speed: 0 });
  const league = world.leagues.find(({ role }) => role === 'OWNER');
  const agents = world.allAgentsOfLeague(league?.id ?? '');
  const ours = agents.find(({ isOwn, nodeStatus }) => isOwn && nodeStatus === 'TRUST');
  const theirs = agents.find(({ isOwn }) => !isOwn);
  if (!league || !ours || !theirs) throw new Error('a league has agents of ours and of others');
  const register = (agent: typeof ours, name: string, columns: readonly DatasetColumn[], table = name): Dataset => {
    const connector = world.connectorsOfAgent(agent.id).find(({ type }) => type !== 'LOCAL');
    const dataset: Dataset = {
      id: world.random.id(),
      leagueId: league.id,
      agentId: agent.id,
      partnerId: agent.partnerId,
      connectorId: connector?.id ?? '',
      connectorName: connector?.name ?? '',
      name,
      description: '',
      type: 'MYSQL',
      publication: 'PUBLISHED',
      columns,
      extraColumns: [],
      table: { schema: 'demo1', name: table },
      file: undefined,
      recordCount: 0,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    };
    world.addDataset(dataset);
    return dataset;
  };
  const people = register(ours, 'people', peopleColumns);
  const visits = register(theirs, 'visits', visitColumns);
  const alias = (world.partner(theirs.partnerId)?.alias ?? '').toUpperCase();

  /** Runs a statement as a job of ours; `$PEOPLE` and `$VISITS` stand for the two tables. */
  const run = (
    sql: string,
    options: { datasets?: readonly Dataset[]; isPrivateLookup?: boolean } = {},
  ): Promise<Execution> => {
    const template = world.jobs.find((job) => job.type === 'SQL');
    if (template?.type !== 'SQL') throw new Error('there are SQL jobs');
    const job: SqlJob = {
      ...template,
      id: world.random.id(),
      leagueId: league.id,
      agentId: ours.id,
      isPrivateLookup: options.isPrivateLookup ?? false,
      sql: sql.replaceAll('$PEOPLE', '`SPACE_CREATOR`.`PEOPLE`').replaceAll('$VISITS', `\`${alias}\`.\`VISITS\``),
      datasetIds: (options.datasets ?? [people, visits]).map(({ id }) => id),
    };
    world.addJob(job);
    const type = 'SQL';
    const instance = startRun(world, { job, type, agentId: ours.id, executorName: 'x' });
    return executeSql(world, instance, new AbortController().signal);
  };
  return { world, league, ours, theirs, register, people, visits, alias, run };
}

const shared = stage();
const { run, people, visits, world } = shared;

async function resultOf(execution: Promise<Execution>) {
  const done = await execution;
  if (done.kind === 'failed') throw new Error(done.message);
  return {
    columns: done.results.sample?.columns,
    rows: done.results.sample?.rows ?? [],
    recordCount: done.results.recordCount,
  };
}
function table(dataset: Dataset, ...names: string[]) {
  return rowsOf(world, dataset, names);
}

describe('rows', () => {
  test('follow from the seed, and differ with it', async () => {
    const names = people.columns.map(({ name }) => name);
    const again = stage();
    expect(await rowsOf(again.world, again.people, names)).toEqual(await table(people, ...names));
    const other = createWorld({ nowMs, speed: 0, seed: 2 });
    expect(await rowsOf(other, people, names)).not.toEqual(await table(people, ...names));
  });

  test('do not depend on what else the world has drawn', async () => {
    const again = stage();
    for (let index = 0; index < 100; index++) again.world.random.id();
    expect(await rowsOf(again.world, again.people, ['AGE'])).toEqual(await table(people, 'AGE'));
  });

  test('have an identifier each, and parties have people in common', async () => {
    const ours = (await table(people, 'PERSON_ID')).map(([id]) => id);
    const theirs = new Set((await table(visits, 'PERSON_ID')).map(([id]) => id));
    expect(ours).toHaveLength(3000);
    expect(new Set(ours).size).toBe(3000);
    const common = ours.filter((id) => theirs.has(id)).length;
    expect(common).toBeGreaterThan(1500);
    expect(common).toBeLessThan(3000);
  });

  test('are as many as the dataset says, up to a few thousand', async () => {
    for (const dataset of world.datasets.slice(0, 30)) {
      const [first] = dataset.columns;
      const rows = await table(dataset, first?.name ?? '');
      expect(rows).toHaveLength(Math.min(dataset.recordCount || 3000, 3000));
    }
  });

  test('are told alike by datasets upon the same table', async () => {
    const twin = shared.register(shared.ours, 'people_again', peopleColumns, 'people');
    expect(await table(twin, 'PERSON_ID', 'SALARY')).toEqual(await table(people, 'PERSON_ID', 'SALARY'));
  });

  test('lack the columns that a dataset or its table lacks', async () => {
    await expect(table(people, 'SHOE_SIZE')).rejects.toThrow('dataset people has no column SHOE_SIZE');
    const enterprise = shared.register(
      shared.ours,
      'ent',
      [column('MOTTO', 'STRING', 'NON_SENSITIVE')],
      'dim_enterprise',
    );
    await expect(table(enterprise, 'motto')).rejects.toThrow('table demo1.dim_enterprise has no column MOTTO');
  });

  test('have labels that depend on the features of both parties', async () => {
    const guest = world.datasets.find(({ name }) => name.startsWith('credit_guest'));
    const host = world.datasets.find(({ name }) => name.startsWith('credit_host'));
    if (!guest || !host) throw new Error('there are credit files');
    const label = new Map((await table(guest, 'id', 'y')).map(([id, y]) => [id, Number(y)]));
    expect(new Set(label.values())).toEqual(new Set([0, 1]));
    const strengths = await Promise.all(
      host.columns
        .filter(({ featureType }) => featureType === 'CONTINUOUS')
        .map(async ({ name }) => {
          const rows = (await table(host, 'id', name)).filter(([id]) => label.has(id ?? ''));
          const of = (wanted: number) =>
            rows.filter(([id]) => label.get(id ?? '') === wanted).map(([, value]) => Number(value));
          return Math.abs(mean(of(1)) - mean(of(0))) / spread(rows.map(([, value]) => Number(value)));
        }),
    );
    expect(Math.max(...strengths)).toBeGreaterThan(0.3);
  });
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
function spread(values: readonly number[]): number {
  return Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
}

describe('a statement', () => {
  test('joins the datasets of two agents on their identifiers', async () => {
    const fees = new Map((await table(visits, 'PERSON_ID', 'FEE')).map(([id, fee]) => [id, Number(fee)]));
    const expected = new Map<unknown, number[]>();
    for (const [id, region] of await table(people, 'PERSON_ID', 'REGION')) {
      const fee = fees.get(id ?? '');
      if (fee !== undefined) expected.set(region, [...(expected.get(region) ?? []), fee]);
    }
    const { columns, rows, recordCount } = await resultOf(
      run(
        'select p.region, count(*) as cnt, sum(v.fee) total from $PEOPLE p join $VISITS v on p.person_id = v.person_id group by p.region order by 1',
      ),
    );
    expect(columns).toEqual(['REGION', 'CNT', 'TOTAL']);
    expect(recordCount).toBe(expected.size);
    for (const [region, count, total] of rows) {
      expect(count).toBe(String(expected.get(region)?.length));
      expect(Number(total)).toBeCloseTo(expected.get(region)?.reduce((sum, fee) => sum + fee, 0) ?? 0, 2);
    }
  });

  test('shows the first twenty rows and counts all', async () => {
    const { columns, rows, recordCount } = await resultOf(run('SELECT FULL_NAME, AGE, SINCE FROM $PEOPLE'));
    expect(columns).toEqual(['FULL_NAME', 'AGE', 'SINCE']);
    expect(recordCount).toBe(3000);
    const first = (await table(people, 'FULL_NAME', 'AGE', 'SINCE')).slice(0, 20);
    expect(rows).toEqual(first.map((row) => row.map(String)));
  });

  test('answers the same whenever it is run', async () => {
    const sql = 'SELECT REGION, AVG(SALARY) AS A, STDDEV(SALARY) AS S FROM $PEOPLE GROUP BY REGION';
    const first = await resultOf(run(sql));
    expect(await resultOf(run(sql))).toEqual(first);
    expect(await resultOf(stage().run(sql))).toEqual(first);
  });

  test('is written in any case, with and without backticks, with comments and text', async () => {
    const { rows } = await resultOf(
      run('select count(*) -- `all`\n from Space_Creator.`People` /* `ours` */ where region <> \'a `b` "c"\''),
    );
    expect(rows).toEqual([['3000']]);
  });

  test('may qualify columns in full, where two tables have the same name', async () => {
    const twin = shared.register(shared.theirs, 'people', peopleColumns);
    const { alias } = shared;
    const { rows } = await resultOf(
      run(
        `SELECT COUNT(*), AVG(SPACE_CREATOR.PEOPLE.SALARY) FROM $PEOPLE JOIN \`${alias}\`.\`PEOPLE\`
         ON SPACE_CREATOR.PEOPLE.PERSON_ID = ${alias}.PEOPLE.PERSON_ID`,
        { datasets: [people, twin] },
      ),
    );
    expect(Number(rows[0]?.[0])).toBeGreaterThan(1000);
  });

  test('reads a table anew when its dataset has changed', async () => {
    const own = stage();
    await resultOf(own.run('SELECT AGE FROM $PEOPLE'));
    own.people.columns = own.people.columns.filter(({ name }) => name !== 'AGE');
    own.people.recordCount = 100;
    expect(await own.run('SELECT AGE FROM $PEOPLE')).toMatchObject({ kind: 'failed' });
    expect(await resultOf(own.run('SELECT REGION FROM $PEOPLE'))).toMatchObject({ recordCount: 100 });
  });

  test.each([
    ['SELECT * FROM (SELECT REGION, AVG(SALARY) AS A FROM $PEOPLE GROUP BY REGION) r WHERE r.A > 0'],
    ['WITH r AS (SELECT REGION, SUM(SALARY) AS S FROM $PEOPLE GROUP BY REGION) SELECT MAX(S) FROM r'],
    ['SELECT REGION FROM $PEOPLE UNION SELECT DEPARTMENT FROM $VISITS ORDER BY 1'],
    [
      'SELECT AVG(p.SALARY), AVG(v.FEE) FROM $PEOPLE p, $VISITS v WHERE (p.PERSON_ID = v.PERSON_ID AND p.AGE > 30) AND v.FEE > 1',
    ],
    ['SELECT DISTINCT REGION FROM $PEOPLE ORDER BY REGION DESC LIMIT 3'],
    ['SELECT COUNT(*) FROM $PEOPLE WHERE PERSON_ID IN (SELECT PERSON_ID FROM $VISITS)'],
    ["SELECT REGION FROM $PEOPLE WHERE PERSON_ID NOT IN (SELECT PERSON_ID FROM $VISITS WHERE DEPARTMENT = '儿科')"],
    ['SELECT p.REGION FROM $PEOPLE p WHERE EXISTS (SELECT 1 FROM $VISITS v WHERE v.PERSON_ID = p.PERSON_ID)'],
    ['SELECT p.REGION, COUNT(v.PERSON_ID) FROM $PEOPLE p LEFT JOIN $VISITS v USING (PERSON_ID) GROUP BY p.REGION'],
    ['SELECT COUNT(*) FROM $PEOPLE p LEFT JOIN $VISITS v ON LOWER(p.PERSON_ID) = LOWER(v.PERSON_ID) WHERE v.FEE > 10'],
    ['SELECT COUNT(*) FROM (SELECT PERSON_ID FROM $PEOPLE UNION SELECT PERSON_ID FROM $VISITS) u'],
    [
      'SELECT REGION, COUNT(DISTINCT PERSON_ID), AVG(SALARY * 12 + AGE) AS SALARY FROM $PEOPLE GROUP BY 1 ORDER BY SALARY',
    ],
    ['SELECT REGION, AVG(SALARY) AS SALARY FROM $PEOPLE WHERE SALARY > 3000 GROUP BY REGION HAVING AVG(SALARY) > 1'],
    ["SELECT CASE WHEN AGE > 40 THEN 'old' ELSE 'young' END AS G, ROUND(AVG(SALARY), 2) FROM $PEOPLE GROUP BY G"],
    ['SELECT REGION, MIN(AGE), MAX(FULL_NAME) FROM $PEOPLE GROUP BY REGION'],
    ['SELECT FULL_NAME, ROW_NUMBER() OVER (PARTITION BY REGION ORDER BY AGE) FROM $PEOPLE'],
    ["SELECT DATE_TRUNC('month', SINCE) AS M, COUNT(*) FROM $PEOPLE GROUP BY 1 ORDER BY 1"],
    ['SELECT REGION, SUM(SALARY) FROM $PEOPLE GROUP BY ROLLUP (REGION)'],
    ['SELECT REGION, SUM(SALARY) / (SELECT SUM(SALARY) FROM $PEOPLE) AS SHARE FROM $PEOPLE GROUP BY REGION'],
    ['SELECT COUNT(*) FROM $PEOPLE WHERE AGE > 9007199254740993 - 9007199254740990'],
  ])('runs: %s', async (sql) => {
    expect((await resultOf(run(sql))).recordCount).toBeGreaterThan(0);
  });
});

describe('the privacy rules', () => {
  test.each([
    ['SELECT * FROM $PEOPLE', 'PERSON_ID of people is a UNIQUE_ID'],
    ['SELECT v.* FROM $PEOPLE p, $VISITS v', 'PERSON_ID of visits is a UNIQUE_ID'],
    ['SELECT SALARY FROM $PEOPLE', 'SALARY of people is SENSITIVE'],
    ['SELECT ROUND(SALARY, 0) FROM $PEOPLE', 'SALARY of people is SENSITIVE'],
    ['SELECT NOTE FROM $PEOPLE', 'NOTE of people is SENSITIVE'],
    ['SELECT REGION, MAX(SALARY) FROM $PEOPLE GROUP BY REGION', 'SALARY of people is SENSITIVE'],
    ['SELECT MEDIAN(SALARY) FROM $PEOPLE', 'SALARY of people is SENSITIVE'],
    ['SELECT STRING_AGG(PHONE) FROM $PEOPLE', 'PHONE of people is SENSITIVE'],
    ['SELECT COUNT(*) FROM $PEOPLE GROUP BY SALARY', 'SALARY of people is SENSITIVE'],
    ['SELECT AGE FROM $PEOPLE ORDER BY SALARY', 'SALARY of people is SENSITIVE'],
    ['SELECT DISTINCT ON (SALARY) AGE FROM $PEOPLE', 'SALARY of people is SENSITIVE'],
    ['SELECT AGE AS SALARY FROM $PEOPLE ORDER BY SALARY + 0', 'SALARY of people is SENSITIVE'],
    ['SELECT REGION FROM $PEOPLE GROUP BY REGION HAVING MAX(SALARY) > 5', 'SALARY of people is SENSITIVE'],
    ['SELECT AGE FROM $PEOPLE QUALIFY SUM(SALARY) OVER (PARTITION BY FULL_NAME) > 5', 'SALARY of people is SENSITIVE'],
    ['SELECT SUM(SALARY) OVER (PARTITION BY FULL_NAME) FROM $PEOPLE', 'SALARY of people is SENSITIVE'],
    ['SELECT s FROM (SELECT SALARY AS s FROM $PEOPLE) x', 'SALARY of people is SENSITIVE'],
    ['WITH x AS (SELECT SALARY FROM $PEOPLE) SELECT AVG(SALARY) FROM x', 'SALARY of people is SENSITIVE'],
    ['SELECT AGE FROM $PEOPLE UNION SELECT FEE FROM $VISITS', 'FEE of visits is SENSITIVE'],
    ['SELECT FULL_NAME FROM $PEOPLE WHERE SALARY > 10000', 'may only narrow a SELECT that aggregates'],
    ['SELECT p.AGE FROM $PEOPLE p JOIN $VISITS v ON p.SALARY = v.FEE', 'may only narrow a SELECT that aggregates'],
    ["SELECT FULL_NAME FROM $PEOPLE WHERE MOBILE LIKE '138%'", 'MOBILE of people is under the policy MASK'],
    ['SELECT UPPER(MOBILE) FROM $PEOPLE', 'has the policy MASK and may only be selected whole'],
    ['SELECT MAX(CARD_NO) FROM $PEOPLE', 'has the policy HASH and may only be selected whole'],
    ['SELECT MIN(FULL_NAME) FROM $PEOPLE WHERE SALARY > 10000', 'MIN tells of one record'],
    ["SELECT COUNT(CASE WHEN FULL_NAME = 'x' THEN 1 END) FROM $PEOPLE WHERE SALARY > 1", 'without conditions'],
    ["SELECT SUM(CASE WHEN FULL_NAME = 'x' THEN SALARY END) FROM $PEOPLE", 'without conditions'],
    ["SELECT SUM(SALARY) FILTER (WHERE FULL_NAME = 'x') FROM $PEOPLE", 'without conditions'],
    ['SELECT SUM(SALARY * CAST(AGE / 80.0 AS INTEGER)) FROM $PEOPLE', 'without conditions'],
    ['SELECT SUM(p.SALARY) FROM $PEOPLE p, $VISITS v', 'FROM may name datasets only'],
    [
      "SELECT SUM(p.SALARY) FROM $PEOPLE p JOIN $VISITS v ON p.PERSON_ID = v.PERSON_ID OR p.FULL_NAME = 'x'",
      'each joined to another by an equality of UNIQUE_ID columns',
    ],
    [
      "SELECT SUM(p.SALARY * f) FROM $PEOPLE p JOIN (SELECT PERSON_ID, AGE AS f FROM $PEOPLE WHERE FULL_NAME = 'x') q USING (PERSON_ID)",
      'FROM may name datasets only',
    ],
    ['SELECT COUNT(*) FROM $PEOPLE p, $VISITS v WHERE p.SALARY > v.FEE', 'FROM may name datasets only'],
    [
      "SELECT CASE WHEN FULL_NAME = 'x' THEN 1 ELSE 0 END AS f, SUM(SALARY * f) FROM $PEOPLE GROUP BY f",
      'without conditions',
    ],
    ['SELECT PERSON_ID FROM $PEOPLE', 'PERSON_ID of people is a UNIQUE_ID'],
    ['SELECT COUNT(*) FROM $PEOPLE GROUP BY PERSON_ID', 'PERSON_ID of people is a UNIQUE_ID'],
    ['SELECT MAX(PERSON_ID) FROM $PEOPLE', 'PERSON_ID of people is a UNIQUE_ID'],
    ["SELECT AGE FROM $PEOPLE WHERE PERSON_ID = 'abc'", 'PERSON_ID of people is a UNIQUE_ID'],
    ["SELECT AGE FROM $PEOPLE WHERE PERSON_ID IN ('abc')", 'PERSON_ID of people is a UNIQUE_ID'],
    ["SELECT AGE FROM $PEOPLE WHERE PERSON_ID LIKE 'ab%'", 'PERSON_ID of people is a UNIQUE_ID'],
    ['SELECT p.AGE FROM $PEOPLE p, $VISITS v WHERE p.PERSON_ID < v.PERSON_ID', 'is a UNIQUE_ID'],
    [
      'SELECT AGE FROM $PEOPLE WHERE PERSON_ID IN (SELECT DEPARTMENT FROM $VISITS)',
      'PERSON_ID of people is a UNIQUE_ID',
    ],
    ['SELECT AGE, (SELECT p.SALARY) FROM $PEOPLE p', 'SALARY of people'],
    [
      'SELECT AGE FROM $PEOPLE p WHERE EXISTS (SELECT COUNT(*) FROM $VISITS v WHERE p.SALARY > v.FEE)',
      'SALARY of people',
    ],
  ])('refuse %s', async (sql, reason) => {
    const execution = await run(sql);
    expect(execution).toMatchObject({ kind: 'failed', intercepted: true });
    expect(execution).toHaveProperty('message', expect.stringContaining(reason));
    expect(execution).toHaveProperty('message', expect.stringMatching(/^Refused by the privacy rules: /));
  });

  test('leave groups out that are smaller than five', async () => {
    const cut = "SELECT AGE, COUNT(*) FROM $PEOPLE WHERE FULL_NAME LIKE '%南山%' GROUP BY AGE";
    const names = await table(people, 'AGE', 'FULL_NAME');
    const groups = new Map<unknown, number>();
    for (const [age, name] of names) {
      if (String(name).includes('南山')) groups.set(age, (groups.get(age) ?? 0) + 1);
    }
    const sizes = [...groups.values()];
    expect(Math.min(...sizes)).toBeLessThan(5);
    expect(Math.max(...sizes)).toBeGreaterThanOrEqual(5);
    const { recordCount } = await resultOf(run(cut));
    expect(recordCount).toBe(sizes.filter((size) => size >= 5).length);
  });

  test.each([
    ['SELECT FULL_NAME, SUM(SALARY) FROM $PEOPLE GROUP BY FULL_NAME'],
    ['SELECT AVG(SALARY) FROM $PEOPLE WHERE FULL_NAME = (SELECT MIN(FULL_NAME) FROM $PEOPLE)'],
    ['SELECT COUNT(*) FROM $PEOPLE WHERE SALARY < 0'],
  ])('refuse what has no larger group: %s', async (sql) => {
    expect(await run(sql)).toEqual({
      kind: 'failed',
      intercepted: true,
      message: 'Refused by the privacy rules: every group of the result holds fewer than 5 records (convergence check)',
    });
  });

  test('apply the policies of columns to what leaves', async () => {
    const [first] = await table(people, 'MOBILE', 'CARD_NO', 'REGION');
    const [mobile, card, region] = (first ?? []).map(String);
    const { rows } = await resultOf(run('SELECT MOBILE, CARD_NO, REGION FROM $PEOPLE'));
    expect(rows[0]).toEqual([
      `${mobile?.slice(0, 3) ?? ''}****${mobile?.slice(-4) ?? ''}`,
      createHash('sha256')
        .update(card ?? '')
        .digest('hex'),
      region,
    ]);
    const within = await resultOf(
      run('SELECT m FROM (SELECT MOBILE AS m FROM $PEOPLE) x GROUP BY m HAVING COUNT(*) >= 1'),
    );
    for (const [cell] of within.rows) expect(cell).toMatch(/^13\d\*{4}\d{4}$/);
  });

  test('let a private lookup ask for an identifier, and tell of it what is not sensitive', async () => {
    const [first] = await table(people, 'PERSON_ID', 'REGION');
    const where = `FROM $PEOPLE WHERE PERSON_ID = '${String(first?.[0])}'`;
    const lookup = { isPrivateLookup: true };
    expect((await resultOf(run(`SELECT REGION ${where}`, lookup))).rows).toEqual([[first?.[1]]]);
    expect(await run(`SELECT SALARY ${where}`, lookup)).toMatchObject({ kind: 'failed', intercepted: true });
    expect(await run(`SELECT REGION ${where}`)).toMatchObject({ kind: 'failed', intercepted: true });
  });
});

describe('a bad statement', () => {
  test.each([
    ['SELEC 1', 'SQL syntax error: syntax error at or near "SELEC" (at character 1)'],
    ['SELECT AGE FROM $PEOPLE WHERE', 'SQL syntax error: syntax error at end of input'],
    ['DROP TABLE $PEOPLE', 'only SELECT statements are offered'],
    ['SELECT AGE FROM $PEOPLE; SELECT AGE FROM $PEOPLE', 'a job has exactly one SELECT statement'],
    ["COPY $PEOPLE TO '/tmp/x'", 'only SELECT statements are offered'],
    ['SELECT 1', 'the statement reads no dataset'],
    ['SELECT SHOE_SIZE FROM $PEOPLE', 'there is no column SHOE_SIZE in the tables of FROM'],
    ['SELECT p.AGE FROM $PEOPLE q', 'there is no column p.AGE in the tables of FROM'],
    ['SELECT p FROM $PEOPLE p', 'there is no column p in the tables of FROM'],
    ['SELECT PERSON_ID FROM $PEOPLE p, $VISITS v', 'column PERSON_ID is ambiguous'],
    ['SELECT AGE FROM SPACE_CREATOR.NOWHERE', 'there is no dataset SPACE_CREATOR.NOWHERE in the league'],
    ['SELECT AGE FROM NOBODY.PEOPLE', 'no partner of the league has the alias NOBODY'],
    ['SELECT AGE FROM PEOPLE', 'dataset PEOPLE must be named with the alias of its partner: ALIAS.PEOPLE'],
    ["SELECT * FROM READ_CSV('/etc/passwd')", 'table functions and VALUES are not offered'],
    ["SELECT * FROM '/etc/passwd'", 'must be named with the alias of its partner'],
    ['SELECT table_name FROM information_schema.tables', 'no partner of the league has the alias information_schema'],
    ["SELECT AGE, GETENV('HOME') FROM $PEOPLE", 'function getenv is not offered'],
    ["SELECT AGE, CURRENT_SETTING('threads') FROM $PEOPLE", 'function current_setting is not offered'],
    ['SELECT AGE, RANDOM() FROM $PEOPLE', 'function random is not offered'],
    ['SELECT COLUMNS(*) FROM $PEOPLE', '* is offered as it is'],
    ['SELECT $1 FROM $PEOPLE', 'value_parameter is not offered'],
    ['SELECT AGE FROM $PEOPLE TABLESAMPLE 10%', 'SAMPLE is not offered'],
    ['WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT n FROM r', 'without recursion'],
    ['DESCRIBE $PEOPLE', 'only datasets and SELECTs of datasets can be read from'],
    ['SELECT p.AGE FROM $PEOPLE p NATURAL JOIN $VISITS v', 'a NATURAL JOIN is not offered'],
    ['SELECT CAST(REGION AS INTEGER) FROM $PEOPLE', 'Could not convert string'],
    ['SELECT REGION, AGE, COUNT(*) FROM $PEOPLE GROUP BY REGION', 'must appear in the GROUP BY clause'],
  ])('fails with a true message: %s', async (sql, message) => {
    const execution = await run(sql);
    expect(execution).toMatchObject({ kind: 'failed' });
    expect(execution).not.toHaveProperty('intercepted');
    expect(execution).toHaveProperty('message', expect.stringContaining(message));
    expect(execution).toHaveProperty('message', expect.stringMatching(/^The statement failed: .*$/));
  });

  test('reads only what the job was approved for', async () => {
    expect(await run('SELECT DEPARTMENT FROM $VISITS', { datasets: [people] })).toHaveProperty(
      'message',
      expect.stringContaining('none of those the job was approved for'),
    );
  });

  test('reads no dataset that is not published', async () => {
    const hidden = shared.register(shared.ours, 'hidden', peopleColumns);
    hidden.publication = 'UNPUBLISHED';
    expect(await run('SELECT AGE FROM SPACE_CREATOR.HIDDEN', { datasets: [hidden] })).toEqual({
      kind: 'failed',
      message: 'The statement failed: dataset SPACE_CREATOR.HIDDEN is not published to the league',
    });
  });

  test('fails when the agent of a dataset is offline', async () => {
    const own = stage();
    own.theirs.nodeStatus = 'OFFLINE';
    expect(await own.run('SELECT DEPARTMENT FROM $VISITS')).toHaveProperty(
      'message',
      expect.stringContaining('is offline'),
    );
  });

  test('stops when the run is stopped', async () => {
    const own = stage();
    await resultOf(own.run('SELECT AGE FROM $PEOPLE'));
    const job = own.world.jobs.find((candidate) => candidate.type === 'SQL' && candidate.agentId === own.ours.id);
    if (job?.type !== 'SQL') throw new Error('there is a job');
    job.sql =
      'SELECT a.AGE FROM SPACE_CREATOR.PEOPLE a, SPACE_CREATOR.PEOPLE b, SPACE_CREATOR.PEOPLE c WHERE a.AGE + b.AGE + c.AGE = 1';
    job.datasetIds = [own.people.id];
    const instance = startRun(own.world, { job, type: 'SQL', agentId: own.ours.id, executorName: 'x' });
    const stop = new AbortController();
    const execution = executeSql(own.world, instance, stop.signal);
    setTimeout(() => stop.abort(), 100);
    const startedAt = performance.now();
    await expect(execution).rejects.toThrow('aborted');
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });
});

describe('the walk-through of the reference (5.2)', () => {
  const register = (): Dataset =>
    shared.register(
      shared.ours,
      'dataset_test',
      [column('credit_no', 'STRING', 'SENSITIVE'), column('ent_name', 'STRING', 'NON_SENSITIVE')],
      'dim_enterprise',
    );

  test('is refused its first statement, and answered another', async () => {
    const datasets = [register()];
    expect(await run('select * from LEAGUE_CREATOR.DATASET_TEST', { datasets })).toMatchObject({
      kind: 'failed',
      intercepted: true,
      message: expect.stringContaining('column credit_no of dataset_test is SENSITIVE') as string,
    });
    const { columns, rows } = await resultOf(run('select ent_name from SPACE_CREATOR.DATASET_TEST', { datasets }));
    expect(columns).toEqual(['ENT_NAME']);
    expect(rows).toHaveLength(20);
    expect(rows[0]?.[0]).toMatch(/\S/);
  });
});

describe('the seeded world', () => {
  test('has jobs whose statements run', async () => {
    const seeded: World = createWorld({ nowMs, speed: 0 });
    const succeeded = seeded.instances.filter(({ type, status }) => status === 'SUCCEEDED' && type === 'SQL');
    const jobIds = new Set(succeeded.map(({ jobId }) => jobId));
    expect(jobIds.size).toBeGreaterThan(10);
    for (const jobId of jobIds) {
      const instance = succeeded.find((candidate) => candidate.jobId === jobId);
      if (!instance) continue;
      expect((await resultOf(executePastSql(seeded, instance))).recordCount).toBeGreaterThan(0);
    }
    for (const job of seeded.jobs) if (job.type === 'SQL') expect(job.datasetIds.length).toBeGreaterThan(0);
  });
});
