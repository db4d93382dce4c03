/**
 * Measures the gateway against the same work by hand and against its peers, and writes what it found into bench/results.json and
 * docs/performance.md. Ends with code 1 when anything that must be refused is executed, or an answer differs.
 */
import { parseArgs } from 'node:util';
import { currentRun, readResults, writeResults, type Results } from './results.ts';
import { demandRefused, guards, tryGuards } from './kit/guards.ts';
import { cores } from './kit/process.ts';
import type { SectionOptions, Table } from './kit/section.ts';
import { setUp, type Stage } from './kit/stage.ts';
import { writeReport } from './report.ts';
import { sections } from './sections/all.ts';
import { oursUnshared, subjects } from './subjects/all.ts';

const usage = `usage: npm run bench -- [--only q1,q2] [--subjects ours,raw] [--windows 7] [--seconds 2] [--warm 3]
                     [--entry dist/main.js] [--dry] [--report]

  --only      of: ${Object.keys(sections).join(', ')}
  --subjects  of q1 and q2: ${subjects()
    .map(({ name }) => name)
    .join(', ')}
  --windows   of each subject, each of so many --seconds, after at least --warm seconds that don't count
  --entry     of another build of the gateway
  --dry       writes no file
  --report    measures nothing: writes docs/performance.md from bench/results.json
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    subjects: { type: 'string' },
    windows: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '2' },
    warm: { type: 'string', default: '3' },
    entry: { type: 'string' },
    dry: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function printTable({ caption, head, rows }: Table): void {
  const widths = head.map((title, index) => Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd();
  print(['', caption, line(head), ...rows.map(line)].join('\n'));
}

function chosenFrom(names: readonly string[], text: string | undefined): readonly string[] {
  const chosen = text?.split(',') ?? names;
  const unknown = chosen.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new RangeError(`${unknown.join(', ')}: none of ${names.join(', ')}`);
  return chosen;
}

/** Figures by section, in the order of the sections. */
function inOrder(figures: Results): Results {
  return Object.fromEntries(
    Object.keys(sections).flatMap((name) => (figures[name] === undefined ? [] : [[name, figures[name]] as const])),
  );
}

/**
 * Measures the sections in turn, and writes the figures of each at its end: a run that is cut loses none of them. One that fails is
 * told, costs its own figures, and ends the bench with code 1.
 */
async function measureAll(
  stage: Stage,
  chosen: readonly string[],
  options: SectionOptions,
  write: (figures: Results) => Promise<void>,
): Promise<void> {
  for (const name of chosen) {
    print(`\n== ${name}`);
    const findings = await sections[name]?.(stage, options).catch((error: unknown) => {
      print(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
      return undefined;
    });
    if (findings === undefined) continue;
    findings.tables.forEach(printTable);
    findings.notes?.forEach(print);
    await write(inOrder({ ...readResults(), [name]: { ...findings, run: currentRun(options) } }));
  }
}

async function writeAll(figures: Results): Promise<void> {
  await writeResults(figures);
  await writeReport(figures);
}

async function run(): Promise<void> {
  const options: SectionOptions = {
    windows: Number(values.windows),
    seconds: Number(values.seconds),
    warmSeconds: Number(values.warm),
    entry: values.entry,
    subjects:
      values.subjects === undefined
        ? undefined
        : chosenFrom(
            subjects().map(({ name }) => name),
            values.subjects,
          ),
    print,
  };
  const chosen = chosenFrom(Object.keys(sections), values.only);
  const stage = await setUp();
  try {
    print(`upstream: ${stage.upstream.kind}${cores === undefined ? '; nothing is pinned' : '; pinned to cores'}`);
    const ours = await stage.kept(oursUnshared(values.entry));
    demandRefused(await tryGuards(ours, stage.upstream));
    print(`${Object.keys(guards).length} requests that must be refused were refused`);
    await measureAll(stage, chosen, options, values.dry ? () => Promise.resolve() : writeAll);
  } finally {
    await stage.close();
  }
}

if (values.help) print(usage);
else if (values.report) await writeReport(readResults());
else
  await run().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
