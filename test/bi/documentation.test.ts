import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { tables } from '../../src/bi/model/tables.ts';
import { connectionsOf } from '../../src/bi/page/connections.ts';
import { run } from '../../bench/bi/processes.ts';
import { makeDirectory } from '../support/directory.ts';
import { useBi } from './stage.ts';

const stage = useBi();

/** Where the document has the gateway, and keeps its key. */
const documented = 'http://127.0.0.1:4000';

async function documentText(): Promise<string> {
  const text = await readFile(new URL('../../docs/bi.md', import.meta.url), 'utf8');
  return text.replaceAll(documented, stage.url);
}

/** Lines of shell that ask the gateway. */
function curlsOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line.startsWith('curl '));
}

/** Runs a line of shell in a directory of its own: its output, or why it failed. */
async function shell(line: string, directory: string): Promise<string> {
  const { text, isOk } = await run('sh', [
    '-c',
    `cd '${directory}' && ${line.replace(/^curl /, 'curl -sS --fail-with-body ')}`,
  ]);
  return isOk ? text : `FAILED: ${text}`;
}

/** A feed of Parquet as DuckDB reads it. The engine of this process has no network: it gets the file. */
async function rowsOfParquet(sql: string): Promise<number> {
  const [, url = ''] = /read_parquet\('([^']+)'\)/.exec(sql) ?? [];
  const path = join(makeDirectory('bi-documentation-'), 'feed.parquet');
  expect(await shell(`curl "${url}" -o '${path}'`, '/')).not.toMatch(/^FAILED/);
  const connection = await (await DuckDBInstance.create()).connect();
  const rows = (await connection.runAndReadAll(sql.replace(url, path))).getRows().length;
  connection.closeSync();
  return rows;
}

describe('the commands of docs/bi.md and of the page', () => {
  test('curl answers rows', async () => {
    const directory = makeDirectory('bi-documentation-');
    const [page = ''] = connectionsOf(stage.url, tables.job_instance).flatMap(({ tool, text }) =>
      tool === 'curl' ? [text] : [],
    );
    const lines = [...curlsOf(await documentText()), ...curlsOf(page)];
    expect(lines.length).toBeGreaterThan(4);
    for (const line of lines) {
      const answer = await shell(line, directory);
      expect([line, answer]).toEqual([line, expect.not.stringMatching(/^FAILED/)]);
      if (!line.includes(' -o ')) expect([line, answer.length > 200]).toEqual([line, true]);
    }
  });

  test('SQL and pandas read the Parquet that they name', async () => {
    const text = [await documentText(), ...connectionsOf(stage.url, tables.job_instance).map((one) => one.text)].join(
      '\n',
    );
    const statements = [...text.matchAll(/SELECT [^`;"\n]*read_parquet\('[^']+'\)[^`;"\n]*/g)].map(([sql]) => sql);
    expect(statements.length).toBe(2);
    for (const sql of statements) expect([sql, (await rowsOfParquet(sql)) > 0]).toEqual([sql, true]);
    const pandas = [...text.matchAll(/read_parquet\("([^"]+)"\)/g)].map(([, url = '']) => url);
    expect(pandas.length).toBe(2);
    for (const url of pandas) expect((await stage.get(url.slice(stage.url.length))).status).toBe(200);
  });

  test('addresses of OData, of the M query and of the .pbids answer, and name a table that there is', async () => {
    const text = [await documentText(), ...connectionsOf(stage.url, tables.job_instance).map((one) => one.text)].join(
      '\n',
    );
    const feeds = [...text.matchAll(/OData\.Feed\("([^"]+)"/g)].map(([, url = '']) => url);
    const { connections } = await stage.json<{
      readonly connections: readonly { readonly details: { readonly address: { readonly url: string } } }[];
    }>('/bi/tics.pbids');
    const odata = [...text.matchAll(new RegExp(`${stage.url}/odata/v4/(?=[\`\\s])`, 'g'))].map(([url]) => url);
    const addresses = [...feeds, ...odata, ...connections.map(({ details }) => details.address.url)];
    expect([feeds.length, connections.length, odata.length > 1]).toEqual([1, 1, true]);
    const [, name = '', column = ''] = /Source\{\[Name = "(\w+)"[^]*each \[(\w+)\]/.exec(text) ?? [];
    for (const url of new Set(addresses)) {
      const { value } = await stage.json<{ readonly value: readonly { readonly name: string }[] }>(
        url.slice(stage.url.length),
      );
      expect(value.map((set) => set.name)).toContain(name);
    }
    const folded = encodeURIComponent(`${column} ge 2000-01-01`);
    expect(await stage.json(`/odata/v4/${name}?$filter=${folded}&$top=1`)).toMatchObject({
      value: [expect.anything()],
    });
  });

  test('the query of GraphQL answers, and the parameters of feeds are those that there are', async () => {
    const text = await documentText();
    const [, query = ''] = /```graphql\n([^]*?)```/.exec(text) ?? [];
    const { data, errors } = await stage.graphql<{ readonly jobInstanceRows: { readonly totalCount: number } }>(query, {
      from: '2000-01-01',
    });
    expect([errors, (data?.jobInstanceRows.totalCount ?? 0) > 0]).toEqual([undefined, true]);
    const section = text.slice(text.indexOf('## Feeds'), text.indexOf('## OData'));
    const parameters = [...section.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`(\w+)/g)].map(([, name = '']) => name),
    );
    const refusal = await (await stage.get('/bi/v1/league.csv?nothing=1')).text();
    expect(parameters.length).toBeGreaterThan(6);
    for (const name of parameters) expect(refusal).toContain(name);
  });

  test('tables, and the columns that charts are made of, are those of the model', async () => {
    const text = await documentText();
    const section = text.slice(text.indexOf('\n## Tables'), text.indexOf('\n## How fresh'));
    const names = [...section.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
    expect(names.toSorted()).toEqual(Object.keys(tables).toSorted());
    const columns = [...text.matchAll(/`(\w+)\[(\w+)\]`/g)];
    expect(columns.length).toBeGreaterThan(2);
    for (const [, table = '', column = ''] of columns)
      expect(tables[table as keyof typeof tables].columns).toHaveProperty(column);
  });
});
