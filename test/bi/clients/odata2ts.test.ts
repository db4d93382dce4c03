import { execFile } from 'node:child_process';
import { symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test, vi } from 'vitest';
import { makeDirectory } from '../../support/directory.ts';
import { useBi } from '../stage.ts';

// Each starts processes.
vi.setConfig({ testTimeout: 60_000 });

const stage = useBi();
const packages = resolve(import.meta.dirname, '../../../node_modules');
let directory: string;

beforeAll(async () => {
  directory = makeDirectory();
  await symlink(packages, join(directory, 'node_modules'));
});

async function run(command: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { cwd: directory });
  return stdout;
}

const program = `
import { FetchClient } from '@odata2ts/http-client-fetch';
import { TicsService } from './client/TicsService';

async function main([url = '']: readonly string[]): Promise<void> {
  const service = new TicsService(new FetchClient(), url);
  const failed = await service.job_instance().query((builder, run) =>
    builder
      .filter(
        run.status.eq('FAILED'),
        run.duration_ms.gt(1000),
        run.started_at.lt('2100-01-01T00:00:00Z'),
        run.date.ge('2000-01-01'),
      )
      .select('id', 'status', 'duration_ms', 'deleted_at')
      .orderBy(run.started_at.desc())
      .top(5)
      .count(),
  );
  const [first] = failed.data.value;
  const one = await service.job_instance(first?.id ?? '').query();
  const kinds = await service.job().query((builder, job) => builder.filter(job.type.in('SQL', 'HFL')).count().top(1));
  console.log(
    JSON.stringify({
      count: failed.data['@odata.count'],
      rows: failed.data.value,
      one: one.data.id === first?.id,
      kinds: kinds.data['@odata.count'],
    }),
  );
}
void main(process.argv.slice(2));
`;

test('a client that odata2ts makes of the metadata compiles, and its typed queries return rows', async () => {
  await writeFile(join(directory, 'metadata.xml'), await (await stage.get('/odata/v4/$metadata')).text());
  await writeFile(join(directory, 'query.ts'), program);
  const types = { strict: true, target: 'es2022', module: 'commonjs', moduleResolution: 'node10' };
  const compilerOptions = { ...types, skipLibCheck: true, types: ['node'], outDir: 'js' };
  await writeFile(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['query.ts'] }));
  const options = ['-s', 'metadata.xml', '-o', 'client', '-m', 'all', '-e', 'ts', '-name', 'Tics', '-n'];
  await run(join(packages, '.bin/odata2ts'), ...options);
  await run(join(packages, '.bin/tsc'));

  const answer = JSON.parse(await run(process.execPath, 'js/query.js', `${stage.url}/odata/v4`)) as {
    readonly count: number;
    readonly rows: readonly Readonly<Record<string, unknown>>[];
  };
  const { store } = stage.bi;
  const [counted] = await store.all({
    text: "SELECT count(*) FILTER (status = 'FAILED' AND duration_ms > 1000) AS failed, (SELECT count(*) FROM bi_v1.job WHERE type IN ('SQL', 'HFL')) AS kinds FROM bi_v1.job_instance",
    values: [],
  });
  expect(answer).toMatchObject({ count: Number(counted?.['failed']), one: true, kinds: Number(counted?.['kinds']) });
  expect(answer.rows).toHaveLength(5);
  expect(Object.keys(answer.rows[0] ?? {}).sort()).toEqual(['deleted_at', 'duration_ms', 'id', 'status']);
});
