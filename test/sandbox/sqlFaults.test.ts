import { describe, expect, test } from 'vitest';
import type { Dataset } from '../../src/sandbox/model/world.ts';
import { toEngineDialect } from '../../src/sandbox/sql/dialect.ts';
import {
  createSqlJob,
  expectDone,
  expectRefusal,
  foreignTable,
  found,
  publish,
  statusOf,
  textIn,
  useSandbox,
  type AgentClient,
} from './fixture.ts';

/** Statements, names and types that came out wrong: docs/faults.md, 25 to 28 and 30. */
const fixture = useSandbox();
let jobs = 0;

function databaseOf(client: AgentClient) {
  return found(
    'database',
    fixture.world
      .connectorsOfAgent(client.agent.id)
      .find(({ type }) => type === 'MYSQL' || type === 'ORACLE' || type === 'DWS'),
  );
}
function save(client: AgentClient, name: string, columns: readonly object[], table = name) {
  const { id, name: connectorName, type } = databaseOf(client);
  return client.post('/datasets', {
    name,
    connector_id: id,
    connector_name: connectorName,
    data_type: type,
    ag_dataset_table: { db_schema: 'own', table_name: table },
    columns,
  });
}
async function register(client: AgentClient, name: string, columns: readonly object[], table = name): Promise<Dataset> {
  const id = await textIn(save(client, name, columns, table), 'id');
  await expectDone(publish(client, id));
  return found('dataset', fixture.world.dataset(id));
}
function open(name: string, type = 'STRING') {
  return { column_name: name, data_type: type, sql_col_privacy_type: 'NON_SENSITIVE' };
}
const key = { column_name: 'ID', data_type: 'STRING', sql_col_privacy_type: 'UNIQUE_ID' };

function aliasOf({ partnerId }: Pick<Dataset, 'partnerId'>): string {
  return fixture.world.partner(partnerId)?.alias ?? '';
}

/** Runs a statement as a job of the client's agent: its sample, or why it failed. */
async function run(
  client: AgentClient,
  sql: string,
): Promise<{ readonly records: string[][]; readonly error: string }> {
  const jobId = await createSqlJob(client, `sql fault ${++jobs}`, sql);
  const id = await textIn(client.league.post(`/sql-jobs/${jobId}/execute`), 'job_instance_id');
  await fixture.sandbox.client.advance(4 * 60_000);
  if ((await statusOf(client, id)) === 'FAILED') {
    return { records: [], error: await textIn(client.league.get(`/job-instances/${id}/error-info`), 'error_info') };
  }
  const { json } = await client.get(`/${client.agent.id}/job-instances/${id}/sample`);
  const { result } = json as { result: string };
  return { records: (JSON.parse(result) as { records: string[][] }).records, error: '' };
}
async function recordsOf(client: AgentClient, sql: string): Promise<string[][]> {
  const { records, error } = await run(client, sql);
  expect(error, sql).toBe('');
  return records;
}
function datasetIds(jobId: string): readonly string[] {
  return fixture.world.job(jobId)?.datasetIds ?? [];
}

/** Words of the engine, of its inner tables and of its parser. */
const engineWords =
  /CREATE|TABLE .* AS|errhint|NOT IMPLEMENTED|agent_|LINE \d|Binder|Parser Error|Conversion Error|property '|JSON|Candidate|unnest/;

describe('names of datasets that differ in case only', () => {
  test.each([
    ['Cust', 'cust'],
    ['orders_é', 'ORDERS_É'],
    ['cafe\u0301', 'café'],
  ])('are the same: %s and %s', async (first, second) => {
    const { free } = fixture;
    await register(free, first, [key, open('REGION')]);
    await expectRefusal(save(free, second, [key, open('CITY')], 'another'), 409, 20, second);
    const own = found('agent', fixture.world.agent(free.agent.id));
    const [names] = await recordsOf(free, `SELECT region FROM ${aliasOf(own)}."${second}"`);
    expect(names).toEqual(['REGION']);
  });

  test('are the same at two agents of a partner', async () => {
    const { first, second } = fixture;
    await register(first, 'Twice', [key, open('REGION')]);
    const id = await textIn(save(second, 'tWICE', [key, open('CITY')]), 'id');
    await expectRefusal(publish(second, id), 409, 20, 'tWICE');
  });
});

describe('the datasets of a statement', () => {
  const statements: readonly (readonly [string, (name: string, alias: string) => string])[] = [
    ['double quotes', (name, alias) => `SELECT COUNT(*) FROM "${alias}"."${name}"`],
    ['backticks', (name, alias) => `SELECT COUNT(*) FROM \`${alias}\`.\`${name}\``],
    ['a comment between', (name, alias) => `SELECT COUNT(*) FROM ${alias} -- 'x\n . /* " /* nested */ */ "${name}" t`],
    ['a dollar-quoted text before', (name, alias) => `SELECT COUNT(*) || $$ ' " \` $$ FROM \`${alias}\`.\`${name}\``],
    ['a tagged text before', (name, alias) => `SELECT COUNT(*) || $t$ \` $$ $t$ FROM \`${alias}\`.\`${name}\``],
    ['an escaped text before', (name, alias) => `SELECT COUNT(*) || E'it\\'s \`' FROM \`${alias}\`.\`${name}\``],
    ['a subquery', (name, alias) => `SELECT COUNT(*) FROM (SELECT region FROM "${alias}"."${name}") q`],
    ['WITH', (name, alias) => `WITH q AS (SELECT region FROM "${alias}"."${name}") SELECT COUNT(*) FROM q`],
    ['UNION', (name, alias) => `SELECT region FROM "${alias}"."${name}" UNION SELECT city FROM "${alias}"."${name}"`],
  ];
  test.each(statements)('are found whatever stands around them: %s', async (_, statement) => {
    const { free, world } = fixture;
    const name = 'found_é';
    const dataset =
      world.datasetsOfAgent(free.agent.id).find((own) => own.name === name) ??
      (await register(free, name, [key, open('REGION'), open('CITY')]));
    const jobId = await createSqlJob(free, `found ${++jobs}`, statement(name, aliasOf(dataset)));
    expect(datasetIds(jobId)).toEqual([dataset.id]);
    await recordsOf(free, statement(name, aliasOf(dataset)));
  });

  test.each(['aตาราง', 'a数据集', 'naïve_tables', 'with blank', 'semi;colon', "quo'te", 'back`tick', 'dash--dash'])(
    'may have any name: %s',
    async (name) => {
      const { free } = fixture;
      const dataset = await register(free, name, [key, open('REGION')]);
      const sql = `SELECT COUNT(*) FROM \`${aliasOf(dataset)}\`.\`${name.replaceAll('`', '``')}\``;
      expect(datasetIds(await createSqlJob(free, `any ${++jobs}`, sql))).toEqual([dataset.id]);
      expect(await recordsOf(free, sql)).toEqual([['COUNT(*)'], ['3000']]);
    },
  );

  test.each([
    ['a text', (name: string) => `SELECT '${name}' FROM`],
    ['a dollar-quoted text', (name: string) => `SELECT $$ ${name} $$ FROM`],
    ['an escaped text', (name: string) => `SELECT E'\\' ${name} ' FROM`],
    ['a comment', (name: string) => `SELECT 1 /* /* */ ${name} */ FROM`],
    ['a quoted alias', (name: string) => `SELECT 1 AS "${name}" FROM`],
  ])('are not what is only spoken of in %s', async (_, start) => {
    const { first, world } = fixture;
    const other = foreignTable(world, first);
    const own = found(
      'own',
      world.datasetsOfAgent(first.agent.id).find(({ table, publication }) => table && publication === 'PUBLISHED'),
    );
    const sql = `${start(`${aliasOf(other)}.${other.name}`)} "${aliasOf(own)}"."${own.name}"`;
    expect(datasetIds(await createSqlJob(first, `spoken ${++jobs}`, sql))).toEqual([own.id]);
  });

  test('are asked for: nobody who is named in quotes is passed over', async () => {
    const { first, world } = fixture;
    const other = foreignTable(world, first);
    for (const [open, close] of ['""', '``'] as unknown as readonly [string, string][]) {
      const sql = `SELECT COUNT(*) FROM ${open}${aliasOf(other)}${close}.${open}${other.name}${close}`;
      const id = await createSqlJob(first, `asked ${++jobs}`, sql);
      await expectDone(first.league.post(`/sql-jobs/${id}/approval`));
      expect(world.job(id)?.approvalStatus).toBe('APPROVING');
    }
  });

  test('must be known to whoever approves', async () => {
    const { first } = fixture;
    const submit = async (sql: string) =>
      first.league.post(`/sql-jobs/${await createSqlJob(first, `unknown ${++jobs}`, sql)}/approval`);
    await expectRefusal(submit('SELECT x FROM nobody.nothing'), 404, 5, 'dataset nobody.nothing');
    await expectRefusal(submit('SELECT x FORM a.b'), 400, 2, 'syntax error');
    await expectRefusal(submit('SELECT 1'), 400, 2, 'reads no dataset');
    await expectRefusal(submit('DELETE FROM a.b'), 400, 2, 'only SELECT');
  });

  test('stay those that were approved, whatever is published later under a name', async () => {
    const { first, world, sandbox } = fixture;
    const approved = await register(first, 'approved_name', [key, open('REGION')]);
    const sql = `SELECT COUNT(*) FROM "${aliasOf(approved)}"."approved_name"`;
    const jobId = await createSqlJob(first, `stay ${++jobs}`, sql);
    await expectDone(first.league.post(`/sql-jobs/${jobId}/approval`));
    expect(world.job(jobId)?.approvalStatus).toBe('APPROVED');
    expect((await first.post('/datasets/batch-delete', { resource_ids: [approved.id] })).status).not.toBe(200);
    world.removeDataset(approved.id);
    await register(first, 'Approved_Name', [key, open('CITY')]);
    const id = await textIn(first.league.post(`/sql-jobs/${jobId}/execute`), 'job_instance_id');
    await sandbox.client.advance(4 * 60_000);
    expect(await textIn(first.league.get(`/job-instances/${id}/error-info`), 'error_info')).toContain(
      'none of those the job was approved for',
    );
  });
});

describe('an approval notice', () => {
  test('names the columns that the statement reads, not words of its texts and comments', async () => {
    const { first, second, world } = fixture;
    const dataset = await register(second, 'noticed', [key, open('REGION'), open('CITY'), open('Straße')]);
    const sql = `SELECT n."straße", 'CITY' AS t /* REGION */ FROM "${aliasOf(dataset)}"."noticed" n WHERE n.id IS NOT NULL -- city`;
    const jobId = await createSqlJob(first, `noticed ${++jobs}`, sql);
    await expectDone(first.league.post(`/sql-jobs/${jobId}/approval`));
    const notice = world.approvalNoticesOfJob(jobId)[0];
    // Two agents of one partner ask one another.
    const noticeId = found('notice', notice).id;
    const { json } = await second.get(`/${second.agent.id}/notices/${noticeId}`);
    const { field_detail: fields } = json as { field_detail: string };
    const names = (JSON.parse(fields) as { field_name: string }[]).map(({ field_name: name }) => name);
    expect(names.sort()).toEqual(['ID', 'Straße']);
  });
});

describe('what a run says when its statement fails', () => {
  test.each([
    ['SELECT region FROM $T WHERE n > 1e3', ''],
    ['SELECT region FROM $T WHERE n > 1E+3 OR n < .5e1', ''],
    ['SELECT region FROM $T WHERE n < 1e400', 'a number is out of range'],
    ['SELECT region FROM $T WHERE n < 12345678901234567890123.5', ''],
    ['SELECT CAST(region AS INTEGER) FROM $T', 'Could not convert string values'],
    ['SELECT CAST(region AS DATE) FROM $T', 'no date'],
    ['SELECT CAST(n * 1000000 AS TINYINT) FROM $T', 'out of range'],
    ['SELECT region, n, COUNT(*) FROM $T GROUP BY region', 'must appear in the GROUP BY clause'],
    ['SELECT ABS(region) FROM $T', 'not defined for arguments of these types'],
    ['SELECT region FROM $T WHERE n = (SELECT n FROM $T)', 'more than one row'],
    ['SELECT region FROM $T UNION SELECT region, n FROM $T', 'different numbers of columns'],
    ['SELECT region FROM $T WHERE region + 1 > n', ''],
    ["SELECT region FROM $T WHERE regexp_matches(region, '(')", 'regular expression'],
    ["SELECT U&'\\0041' FROM $T", 'SQL syntax error: the statement cannot be parsed'],
    ['SELECT region FROM $T WHERE region = 1', ''],
    ['SELECT region FROM $T ORDER BY 7', 'names a position'],
    ['SELECT SUM(SUM(n)) FROM $T', 'nested'],
    ['SELECT region FROM $T WHERE COUNT(*) > 1', ''],
    [`SELECT region FROM $T WHERE ${'('.repeat(3000)}n${')'.repeat(3000)} > 1`, ''],
    [`SELECT region FROM $T WHERE ${'NOT '.repeat(1_900)}n > 1`, ''],
  ])('is in words of its own: %#', async (sql, meaning) => {
    const { free, world } = fixture;
    const dataset =
      world.datasetsOfAgent(free.agent.id).find(({ name }) => name === 'worded') ??
      (await register(free, 'worded', [key, open('REGION'), open('N', 'DECIMAL(10,2)')]));
    const { error } = await run(free, sql.replaceAll('$T', `"${aliasOf(dataset)}"."worded"`));
    expect(error).toContain(meaning);
    expect(error).not.toMatch(engineWords);
    // No value of a cell, and no line of a trace.
    expect(error).not.toMatch(/华|东|南|西|北|\n/);
  });
});

describe('values of a column', () => {
  const types: readonly (readonly [type: string, form: RegExp])[] = [
    ['DATE', /^\d{4}-\d\d-\d\d$/],
    ['TIMESTAMP', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/],
    ['datetime(6)', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/],
    ['TIME', /^\d\d:\d\d:\d\d$/],
    ['BOOLEAN', /^(true|false)$/],
    ['BIT', /^(true|false)$/],
    ['DECIMAL(4,2)', /^-?\d{1,2}\.\d{2}$/],
    ['NUMERIC(3, 3)', /^-?0\.\d{3}$/],
    ['NUMBER(5)', /^-?\d{1,5}$/],
    ['NUMBER(6,1)', /^-?\d{1,5}\.\d$/],
    ['DECIMAL(38,10)', /^-?\d+\.\d{10}$/],
    ['TINYINT', /^-?\d{1,2}$/],
    ['SMALLINT UNSIGNED', /^-?\d{1,4}$/],
    ['INT(11)', /^-?\d{1,9}$/],
    ['bigint', /^-?\d+$/],
    ['DOUBLE PRECISION', /^-?[\d.e+-]+$/],
    ['FLOAT(24)', /^-?[\d.e+-]+$/],
    ['VARCHAR(3)', /^.{0,3}$/u],
    ['CHAR(1)', /^.{0,1}$/u],
    ['LONGTEXT', /./],
    ['LONG VARCHAR', /./],
    ['INTERVAL', /./],
    ['MEDIUMTEXT', /./],
    ['LONGBLOB', /./],
    ['VARBINARY(16)', /./],
  ];
  const roles = [
    { fl_label_type: 'FEATURE', feature_type: 'CONTINUOUS' },
    { fl_label_type: 'FEATURE', feature_type: 'DISCRETE', field_size: 5 },
    { fl_label_type: 'LABEL' },
    { fl_label_type: 'FILTER' },
    {},
  ];
  test.each(types)('are of its type %s, whatever its role', async (type, form) => {
    const { free } = fixture;
    const dataset = await register(free, `typed_${++jobs}`, [
      key,
      ...roles.map((role, index) => ({ ...open(`C${index}`, type), ...role })),
    ]);
    const columns = roles.map((_, index) => `C${index}`).join(', ');
    const [names, ...rows] = await recordsOf(free, `SELECT ${columns} FROM "${aliasOf(dataset)}"."${dataset.name}"`);
    expect(names).toHaveLength(roles.length);
    expect(rows).toHaveLength(20);
    for (const cell of rows.flat()) expect(cell).toMatch(form);
  });

  test.each(types)('identify records as %s', async (type) => {
    const { free } = fixture;
    const dataset = await register(free, `keyed_${++jobs}`, [
      { ...key, data_type: type, fl_label_type: 'UNIQUE_ID' },
      open('REGION'),
    ]);
    const sql = `SELECT COUNT(ID) AS n, COUNT(DISTINCT ID) AS d FROM "${aliasOf(dataset)}"."${dataset.name}"`;
    const [, [count, distinct] = []] = await recordsOf(free, sql);
    expect(count).toBe('3000');
    if (!/BOOL|BIT|TINY|CHAR|\((3|4)/i.test(type)) expect(distinct).toBe('3000');
  });

  test('of a column called rowid are the user’s', async () => {
    const { free } = fixture;
    const dataset = await register(free, 'with_rowid', [key, open('RowId', 'VARCHAR(1)'), open('REGION')]);
    const table = `"${aliasOf(dataset)}"."with_rowid"`;
    const [names, ...rows] = await recordsOf(free, `SELECT rowid, t.ROWID, region FROM ${table} t WHERE rowid <> ''`);
    expect(names).toEqual(['ROWID', 'ROWID', 'REGION']);
    for (const [first, second] of rows) expect(second).toBe(first);
    expect(new Set(rows.map(([first]) => first?.length))).toEqual(new Set([1]));
    // Groups are counted by records, not by what the user calls so.
    const groups = await recordsOf(free, `SELECT rowid, COUNT(*) FROM ${table} GROUP BY rowid`);
    expect(groups.length).toBeGreaterThan(1);
    expect((await recordsOf(free, `SELECT q.rowid FROM (SELECT * FROM (SELECT rowid FROM ${table}) p) q`))[0]).toEqual([
      'ROWID',
    ]);
    expect((await run(free, `SELECT rowid FROM "${aliasOf(dataset)}"."found_é"`)).error).toContain('no column rowid');
  });
});

describe('names of result columns', () => {
  test.each([
    ['SELECT COUNT(*), AVG(t.n), SUM(DISTINCT n) FROM $T t', ['COUNT(*)', 'AVG(T.N)', 'SUM(DISTINCT N)']],
    ['SELECT SUM(n) AS total, AVG(n) AS total FROM $T', ['TOTAL', 'TOTAL']],
    ['SELECT SUM(n), SUM(n) FROM $T', ['SUM(N)', 'SUM(N)']],
    ['SELECT n * 2 + 1.5, -n, n AS "Mixed Case" FROM $T', ['N * 2 + 1.5', '-N', 'MIXED CASE']],
    ["SELECT region, 'x', NULL, t.region FROM $T t", ['REGION', "'X'", 'NULL', 'REGION']],
    [
      'SELECT CAST(n AS VARCHAR), region IS NULL, COALESCE(region, city) FROM $T',
      ['CAST(N AS VARCHAR)', 'REGION IS NULL', 'COALESCE(REGION, CITY)'],
    ],
    ['SELECT * FROM (SELECT COUNT(*), AVG(n) FROM $T) q', ['COUNT(*)', 'AVG(N)']],
    ['SELECT q."COUNT(*)" FROM (SELECT COUNT(*) FROM $T) q', ['COUNT(*)']],
    ['SELECT n FROM $T UNION ALL SELECT n + 1 FROM $T', ['N']],
  ])('are what was written: %s', async (sql, names) => {
    const { free, world } = fixture;
    const dataset =
      world.datasetsOfAgent(free.agent.id).find(({ name }) => name === 'columns') ??
      (await register(free, 'columns', [key, open('REGION'), open('CITY'), open('N', 'DECIMAL(10,2)')]));
    expect((await recordsOf(free, sql.replaceAll('$T', `"${aliasOf(dataset)}"."columns"`)))[0]).toEqual(names);
  });
});

test('backticks are replaced outside of texts and comments only', () => {
  const kept = ["'`'", "E'\\'`'", '"`"', '-- `', '/* /* ` */ ` */', '$$`$$', '$a$ $$ ` $a$'];
  for (const text of kept) expect(toEngineDialect(`SELECT ${text}\n, \`a"\`\`b\``)).toBe(`SELECT ${text}\n, "a""\`b"`);
  expect(toEngineDialect('SELECT a$b$, `c` AS d$b$')).toBe('SELECT a$b$, "c" AS d$b$');
});

describe('what the parser of the engine reads as something else', () => {
  const statementOf = async (text: string) => {
    const { free, world } = fixture;
    const dataset =
      world.datasetsOfAgent(free.agent.id).find(({ name }) => name === 'lexed') ??
      (await register(free, 'lexed', [key, open('REGION'), open('N', 'INTEGER')]));
    return text.replaceAll(/\bT\b(?!')/g, `"${aliasOf(dataset)}".lexed`);
  };

  test.each([
    ['a NUL character, after which it reads nothing', 'SELECT n FROM T LIMIT 1\0 nonsense', 'NUL characters'],
    ['a NUL character in a text', "SELECT 'a\0b' FROM T LIMIT 1", 'NUL characters'],
    ['a hexadecimal number', 'SELECT 0x1F FROM T LIMIT 1', 'syntax error at or near "0x1F" (at character 8)'],
    ['letters after a number', 'SELECT n FROM T WHERE n > 1e LIMIT 1', 'syntax error at or near "1e"'],
    ['hexadecimal bytes', "SELECT X'41' FROM T LIMIT 1", `syntax error at or near "X'41'"`],
    ['bits', "SELECT B'101' FROM T LIMIT 1", `syntax error at or near "B'101'"`],
    ['columns matched by their names', 'SELECT region FROM T UNION BY NAME SELECT n FROM T', 'UNION BY NAME is not'],
    ['two thousand signs, which take it 10 s', `SELECT ${'+'.repeat(2000)}n FROM T`, 'syntax error at or near "+++'],
    ['1,800 sums', `SELECT n${' + 1'.repeat(1800)} FROM T`, 'nested too deeply'],
  ])('is refused: %s', async (_, text, message) => {
    const { error } = await run(fixture.free, await statementOf(text));
    expect(error).toContain(message);
    expect(error).not.toMatch(engineWords);
  });

  test('is none of these: numbers, operators beside comments, and quoted texts of all kinds', async () => {
    const text = `SELECT 1e3, .5E-1, 5., 1_000, t1.n = +-1, '0x1F', $$ 0x1F $$, $a$ X'41' $a$ AS "X'41'", E'\\'0x1F'
      FROM T t1 WHERE n = n + --${'-'.repeat(80)}
      0 LIMIT 1`;
    const [, row] = await recordsOf(fixture.free, await statementOf(text));
    expect(row?.slice(5)).toEqual(['0x1F', ' 0x1F ', " X'41' ", "'0x1F"]);
  });

  test.each([
    ['LPAD', "SELECT lpad('x', 2000000000, 'y') FROM T LIMIT 1"],
    ['RPAD', 'SELECT rpad(region, n * 100000000) FROM T LIMIT 1'],
    ['REPLACE', `SELECT length(replace(replace(region, 'a', '${'x'.repeat(200)}'), 'x', '${'y'.repeat(200)}')) FROM T`],
    ['REGEXP_REPLACE', `SELECT regexp_replace(lpad(region, 100000), '', '${'y'.repeat(100)}', 'g') FROM T`],
    [
      '||',
      `SELECT b FROM (SELECT ${Array.from({ length: 30 }, () => 'a').join(' || ')} AS b FROM (SELECT ${Array.from({ length: 400 }, () => 'region').join(' || ')} AS a FROM T))`,
    ],
  ])('texts without measure are refused before they are built: %s', async (name, text) => {
    expect((await run(fixture.free, await statementOf(text))).error).toMatch(
      `The statement failed: ${name} ${name === 'RPAD' ? 'takes its length as a plain number' : 'could answer texts of'}`,
    );
  });

  test('division by zero is NULL, whatever is divided', async () => {
    const text = 'SELECT n / 0, n % 0, n / 0.0, (n + 0.5) / 0, SUM(n) / 0 FROM T GROUP BY ALL LIMIT 1';
    const [, row] = await recordsOf(fixture.free, await statementOf(text));
    expect(row).toEqual([null, null, null, null, null]);
  });

  test.each([
    ['12345678901234567890.123456789012345678', '12345678901234567890.123456789012345678'],
    ['123456789012.50', '123456789012.50'],
    ['0.05', '0.05'],
    ['170141183460469231731687303715884105727', '170141183460469231731687303715884105727'],
    ['n IS DISTINCT FROM 1', 'N IS DISTINCT FROM 1'],
    ['n IS NOT DISTINCT FROM 1', 'N IS NOT DISTINCT FROM 1'],
    ['COUNT(*) FILTER (WHERE n > 2)', 'COUNT(*) FILTER (WHERE N > 2)'],
    ['SUM(n) FILTER (WHERE true)', 'SUM(N) FILTER (WHERE TRUE)'],
    ["DATE '2024-01-31' + INTERVAL 1 MONTH", "CAST('2024-01-31' AS DATE) + INTERVAL 1 MONTH"],
    ['TRY_CAST(region AS INTEGER)', 'TRY_CAST(REGION AS INTEGER)'],
    ['CAST(n AS JSON)', 'CAST(N AS JSON)'],
    ['LAG(n, 2, 0) OVER (ORDER BY n)', 'LAG(N, 2, 0) OVER'],
  ])('a column without an alias is called as it was written: %s', async (written, name) => {
    const [names] = await recordsOf(fixture.free, await statementOf(`SELECT ${written} FROM T LIMIT 1`));
    expect(names).toEqual([name]);
  });
});
