import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { writeFormatted, type Results, type Run } from './results.ts';
import { elsewhere, goals, type Goal, type GoalName } from './goals.ts';
import type { Table } from './kit/section.ts';
import { rangeText, type Range } from './kit/statistics.ts';

const file = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
const begin = '<!-- figures: written by `npm run bench` -->';
const end = '<!-- figures end -->';

const introduction = `# Performance

\`npm run bench\` measures all of this with one command (\`npm run bench -- --help\`). A static upstream serves the two planes'
answers, recorded from the embedded TICS; the gateway runs as it ships, with all guards on: before anything is measured, one
request of each kind that must be refused is sent, and the bench stops when one is executed. The subject has one core to
itself, upstream and load share another. Windows are warmed and interleaved, every answer is compared with a reference, and
upstream calls are counted. The figure is **processor time of the process for each good answer**, because time by the clock
depends on what else runs. Ratios are made within a round; ranges are the least and the greatest round.

- **Q1**: \`leagues(role: OWNER, first: 20) { nodes { id name status } }\`, one upstream call.
- **Q2**: the same leagues, each with its agents, 10 datasets and 10 instances: 42 upstream calls.
- **Q3**: Q2 while all that it needs is fresh in a cache.
- **raw**: the same calls by hand, with node:http and undici's \`pool.request\`, without GraphQL.
- **constant**: the same bytes out of memory.

Peers are in \`bench/peers/\` and \`bench/subjects/\`. They send the same calls to the same upstream, and have no guards. Servers have
resolvers of our schema, written as one would write them. Gateways answer rows as they are on the wire, without the times:
Hive Gateway's schema is composed from our contract of the space plane, with links; Tailcall's is written by hand.

${begin}
${end}
`;

function withUnit({ unit }: Goal, text: string): string {
  return unit === undefined ? text : unit === '%' ? `${text}%` : `${text} ${unit}`;
}

function bound(goal: Goal, value: number): string {
  return `${goal.is === 'atLeast' ? '≥' : '≤'} ${withUnit(goal, `${value}`)}`;
}

/** Is a measured figure as good as it must be? */
export function isMet({ is }: Goal, { median }: Range, value: number): boolean {
  return is === 'atLeast' ? median >= value : median <= value;
}

function verdict(goal: Goal, range: Range | undefined): string {
  if (range === undefined) return '';
  return isMet(goal, range, goal.goal) ? 'goal' : isMet(goal, range, goal.firstStep) ? 'first step' : 'missed';
}

function markdown({ head, rows }: Pick<Table, 'head' | 'rows'>): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function goalsTable(figures: Results): string {
  const measured = new Map(
    Object.values(figures).flatMap(({ goals: found, run }) =>
      Object.entries(found).map(([name, range]) => [name, { range, run }] as const),
    ),
  );
  return markdown({
    head: ['figure', 'at 4d7311b', 'first step', 'goal', 'ours now', 'reached', 'measured at'],
    rows: (Object.entries(goals) as [GoalName, Goal][]).map(([name, goal]) => {
      const { range, run } = measured.get(name) ?? {};
      return [
        goal.figure,
        goal.then,
        bound(goal, goal.firstStep),
        bound(goal, goal.goal),
        range === undefined ? 'not measured' : withUnit(goal, rangeText(range)),
        verdict(goal, range),
        run?.commit ?? '',
      ];
    }),
  });
}

function circumstances({ commit, date, node, processor, windows, seconds, load }: Run): string {
  return `_${date} UTC, ${commit}, Node ${node}, ${processor}, ${windows} windows of ${seconds} s, load ${load}._`;
}

function sectionText({ tables, notes = [], run }: Results[string]): string {
  return [
    ...tables.flatMap(({ caption, ...table }) => [`### ${caption}`, circumstances(run), markdown(table)]),
    notes.map((note) => `- ${note.replaceAll('\n', ' ')}`).join('\n'),
  ].join('\n\n');
}

/** Puts the figures between the markers of docs/performance.md. */
export async function writeReport(figures: Results): Promise<void> {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : introduction;
  const [before, after] = [text.split(begin)[0], text.split(end)[1]];
  if (before === undefined || after === undefined) throw new Error(`${file} has lost its markers`);
  const body = [
    '## Goals',
    goalsTable(figures),
    'Measured elsewhere:',
    elsewhere.map((line) => `- ${line}`).join('\n'),
    '## Figures',
    ...Object.values(figures).map(sectionText),
  ].join('\n\n');
  await writeFormatted(file, `${before}${begin}\n\n${body}\n\n${end}${after}`);
}
