/**
 * Tables for BI tools: rows a second of each surface and the time to the first, memory while they are read, what a refresh takes and
 * calls, and clients that others wrote (psql, the JDBC driver, LibreOffice Calc). Writes what it found into bench/bi/results.json and
 * docs/bi.md. Ends with code 1 where a million rows of CSV need more than 64 MB above rest, where an unchanged world costs more
 * calls than it may, and where a client fails.
 */
import { parseArgs } from 'node:util';
import { tryClients } from './clients.ts';
import { startUpstream, type Upstream } from './processes.ts';
import { refreshWorld } from './refreshes.ts';
import { sections, writeFigures, type Outcome, type SectionName } from './report.ts';
import { readSurfaces } from './surfaces.ts';

const usage = `usage: npm run bench:bi -- [--only ${Object.keys(sections).join(',')}] [--rows 1500,100000,1000000]
                        [--runs 1500,100000,1000000] [--dry]

  --only  these sections
  --rows  sizes of the table that is read
  --runs  runs of the worlds that are refreshed: 1,500 of five leagues in 90 days, more of ten leagues in a year
  --dry   writes no file
`;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(sections).join() },
    rows: { type: 'string', default: '1500,100000,1000000' },
    runs: { type: 'string', default: '1500,100000,1000000' },
    dry: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Measures one part, and keeps its figures before the next one begins. */
async function measure(name: SectionName, size: string, work: () => Promise<Outcome>): Promise<void> {
  const outcome = await work();
  print(
    [
      `\n${sections[name].caption}, ${size}: ${sections[name].head.join(' | ')}`,
      ...outcome.rows.map((row) => row.join(' | ')),
    ].join('\n'),
  );
  for (const failure of outcome.failures) print(`FAILED: ${failure}`);
  if (outcome.failures.length > 0) process.exitCode = 1;
  if (!options.dry) await writeFigures(name, size, outcome);
}

async function withUpstream(work: (upstream: Upstream) => Promise<void>): Promise<void> {
  const upstream = await startUpstream({ leagues: 5, days: 90, scale: 1 });
  try {
    await work(upstream);
  } finally {
    await upstream.stop();
  }
}

const measures: Readonly<Record<SectionName, () => Promise<void>>> = {
  read: () =>
    withUpstream(async (upstream) => {
      for (const rows of options.rows.split(','))
        await measure('read', rows, () => readSurfaces(upstream, Number(rows)));
    }),
  refresh: async () => {
    for (const runs of options.runs.split(',')) await measure('refresh', runs, () => refreshWorld(Number(runs)));
  },
  clients: () => withUpstream((upstream) => measure('clients', 'all', () => tryClients(upstream))),
};

function isSection(name: string): name is SectionName {
  return Object.hasOwn(sections, name);
}

const chosen = options.only.split(',');
const unknown = chosen.filter((name) => !isSection(name));
if (options.help) print(usage);
else if (unknown.length > 0) {
  print(`${unknown.join(', ')}: none of ${Object.keys(sections).join(', ')}`);
  process.exitCode = 1;
} else for (const name of chosen.filter(isSection)) await measures[name]();
