import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { currentRun, writeFormatted, type Run } from '../results.ts';

/** What a section has found: rows of its table, and what must not be. */
export interface Outcome {
  readonly rows: readonly (readonly string[])[];
  readonly failures: readonly string[];
}

/** Sections, with the tables that they fill. */
export const sections = {
  read: {
    caption: 'Reading a table of runs',
    head: ['rows', 'surface', 'rows a second', 'first row after', 'memory above rest'],
  },
  refresh: {
    caption: 'Refreshing',
    head: ['runs', 'leagues', 'days', 'first read', 'its calls', 'unchanged', 'its calls', 'memory'],
  },
  clients: { caption: 'Clients of others', head: ['client', 'what it read'] },
} as const;

export type SectionName = keyof typeof sections;

type Circumstances = Pick<Run, 'commit' | 'date' | 'node' | 'processor' | 'load'>;

/** What was measured last, by section and size. A run of one part leaves the others as they were. */
type Results = Partial<Record<SectionName, Record<string, { rows: Outcome['rows']; run: Circumstances }>>>;

const resultsFile = fileURLToPath(new URL('./results.json', import.meta.url));
const document = fileURLToPath(new URL('../../docs/bi.md', import.meta.url));
const begin = '<!-- figures: written by `npm run bench:bi` -->';
const end = '<!-- figures end -->';

function readResults(): Results {
  try {
    return JSON.parse(readFileSync(resultsFile, 'utf8')) as Results;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function sectionText(name: SectionName, measured: NonNullable<Results[SectionName]>): string {
  const { caption, head } = sections[name];
  const parts = Object.values(measured);
  const runs = parts.map(
    ({ run }) => `${run.date} UTC, ${run.commit}, Node ${run.node}, ${run.processor}, load ${run.load}`,
  );
  const table = [line(head), line(head.map(() => '---')), ...parts.flatMap(({ rows }) => rows.map(line))].join('\n');
  return [`### ${caption}`, `_${[...new Set(runs)].join('; ')}._`, table].join('\n\n');
}

/** Keeps the figures of one part, and writes all tables between the markers of docs/bi.md. */
export async function writeFigures(name: SectionName, size: string, { rows }: Outcome): Promise<void> {
  const { commit, date, node, processor, load } = currentRun({ windows: 1, seconds: 0 });
  const run = { commit, date, node, processor, load: Number(load.toPrecision(2)) };
  const results = readResults();
  const all: Results = { ...results, [name]: { ...results[name], [size]: { rows, run } } };
  await writeFormatted(resultsFile, JSON.stringify(all));
  const text = readFileSync(document, 'utf8');
  const [before, after] = [text.split(begin)[0], text.split(end)[1]];
  if (before === undefined || after === undefined) throw new Error(`${document} has lost its markers`);
  const names = Object.keys(sections) as SectionName[];
  const body = names.flatMap((section) => (all[section] === undefined ? [] : [sectionText(section, all[section])]));
  await writeFormatted(document, `${before}${begin}\n\n${body.join('\n\n')}\n\n${end}${after}`);
}
