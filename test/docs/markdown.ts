import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** A document, by its path from the root. */
export interface Document {
  readonly path: string;
  readonly text: string;
}

/** A fenced block of code. */
export interface Block {
  readonly language: string;
  readonly code: string;
  /** Where it begins, for messages: `docs/writing.md:42`. */
  readonly place: string;
}

const skipped = new Set(['node_modules', 'dist', '.git']);

function pathsIn(folder: string): readonly string[] {
  return readdirSync(`${root}${folder}`, { withFileTypes: true })
    .filter(({ name }) => !skipped.has(name))
    .flatMap((entry) =>
      entry.isDirectory()
        ? pathsIn(`${folder}${entry.name}/`)
        : entry.name.endsWith('.md')
          ? [`${folder}${entry.name}`]
          : [],
    );
}

/** Every document of the repository. */
export const documents: readonly Document[] = pathsIn('').map((path) => ({
  path,
  text: readFileSync(`${root}${path}`, 'utf8'),
}));

/** One document. */
export function document(path: string): Document {
  const found = documents.find((one) => one.path === path);
  if (found === undefined) throw new Error(`there is no ${path}`);
  return found;
}

/** The fenced blocks of a document, in order. */
export function blocksOf({ path, text }: Document): readonly Block[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(({ 1: language = '', 2: code = '', index }) => ({
    language,
    code,
    place: `${path}:${text.slice(0, index).split('\n').length}`,
  }));
}

/** A document without its blocks. */
export function proseOf({ text }: Document): string {
  return text.replace(/^```(\w*)\n[\s\S]*?^```$/gm, '');
}

/** What stands in backticks in a document's prose. */
export function codeOf(from: Document): readonly string[] {
  return [...proseOf(from).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}
