/** Prints the figures of docs/decisions/figures.md, and the files of docs/decisions/027-long-files.md. `-- FOLDER` reads another checkout. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = process.argv[2] ?? fileURLToPath(new URL('../', import.meta.url));
const src = join(root, 'src');
const maxFunctionLines = 80;
const maxFileLines = 300;

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.includes('generated'),
);
const texts = new Map(files.map((file) => [file, readFileSync(join(src, file), 'utf8')]));

function importsOf(file: string): readonly string[] {
  return [...(texts.get(file) ?? '').matchAll(/(?:from|import\(?)\s*'(\.[^']+)'/g)]
    .map(([, path = '']) => normalize(join(dirname(file), path)))
    .filter((target) => texts.has(target));
}

/** Strongly connected components of more than one file (Tarjan's algorithm), largest first. */
function circles(): readonly (readonly string[])[] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    low.set(file, order.size - 1);
    stack.push(file);
    for (const target of importsOf(file)) {
      if (!order.has(target)) visit(target);
      if (stack.includes(target)) low.set(file, Math.min(low.get(file) ?? 0, low.get(target) ?? 0));
    }
    if (low.get(file) !== order.get(file)) return;
    const circle = stack.splice(stack.indexOf(file));
    if (circle.length > 1) found.push(circle);
  };
  for (const file of files) if (!order.has(file)) visit(file);
  return found.sort((one, other) => other.length - one.length);
}

/** Functions that are too long, each with its length. */
function longFunctions(): readonly string[] {
  return files.flatMap((file) => {
    const source = ts.createSourceFile(file, texts.get(file) ?? '', ts.ScriptTarget.Latest, true);
    const long: string[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
        const line = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
        const lines = line(node.getEnd()) - line(node.getStart()) + 1;
        if (lines > maxFunctionLines) long.push(`${file}:${line(node.getStart()) + 1} (${lines} lines)`);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    return long;
  });
}

/** Files that are too long, each with its length. */
function longFiles(): readonly string[] {
  return files.flatMap((file) => {
    const lines = (texts.get(file) ?? '').split('\n').length - 1;
    return lines > maxFileLines ? [`${file} (${lines} lines)`] : [];
  });
}

const found = circles();
const long = longFunctions();
const longest = longFiles();
const words = readFileSync(join(root, 'README.md'), 'utf8').split(/\s+/).length;
process.stdout.write(
  [
    `files in src/                       ${files.length}`,
    `files in the root of src/           ${files.filter((file) => !file.includes('/')).length}`,
    `circles of imports                  ${found.length}: ${found.map(({ length }) => length).join(', ') || 'none'}`,
    `functions over ${maxFunctionLines} lines in src/    ${long.length}`,
    `files over ${maxFileLines} lines in src/       ${longest.length}`,
    `words in the README                 ${words}`,
    '',
    ...[...long, ...longest].map((place) => `  ${place}`),
    '',
  ].join('\n'),
);
