import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { postgresBin, startPostgres } from '../../test/support/postgres.ts';
import { run, startGateway, type Upstream } from './processes.ts';
import { untilRead } from './refreshes.ts';
import type { Outcome } from './report.ts';

const jdbc = '/usr/share/java/postgresql.jar';

/** psql, the JDBC driver and LibreOffice load a table, where they are installed. */
export async function tryClients(upstream: Upstream): Promise<Outcome> {
  const bin = postgresBin;
  if (bin === undefined) return { rows: [['Postgres', 'not installed']], failures: [] };
  const rows: (readonly string[])[] = [];
  const failures: string[] = [];
  const tryClient = async (name: string, is: boolean, work: () => ReturnType<typeof run>): Promise<void> => {
    const { text, isOk } = is ? await work() : { text: 'not installed', isOk: true };
    rows.push([name, isOk ? text.trim().replaceAll('\n', '; ') : 'failed']);
    if (!isOk) failures.push(`${name}: ${text}`);
  };
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
      const feedRows = await run('curl', ['-sS', '-o', feed, `${gateway.url}/bi/v1/job_instance.csv?excel=1`]);
      if (!feedRows.isOk) return feedRows;
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
    return { rows, failures };
  } finally {
    await gateway.stop();
    await postgres.close();
    rmSync(directory, { recursive: true });
  }
}
