import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isInputObjectType, isInterfaceType, isObjectType } from 'graphql';
import { generate } from 'selfsigned';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/config.ts';
import { errorCodes } from '../../src/errors.ts';
import { schema } from '../../src/graphql/schema.ts';
import { blocksOf, codeOf, document, documents, proseOf, root } from './markdown.ts';
import { makeDirectory } from '../support/directory.ts';

const scripts = Object.keys(
  (JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { scripts: Record<string, string> }).scripts,
);

/** GitHub's anchor of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

function anchorsIn(path: string): readonly string[] {
  return [...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

/** Why a relative link leads nowhere; undefined where it does not. */
function faultOf(from: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? join(root, from) : join(root, dirname(from), path);
  if (!existsSync(target)) return `${from}: ${link} does not exist`;
  return anchor !== undefined && !anchorsIn(target).includes(anchor)
    ? `${from}: ${link} has no such heading`
    : undefined;
}

describe('every document', () => {
  test('has relative links that resolve', () => {
    const links = documents.flatMap((from) =>
      [...proseOf(from).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, link = '']) => link)
        .filter((link) => !/^[a-z]+:/.test(link))
        .map((link) => ({ from: from.path, link })),
    );
    expect(links.length).toBeGreaterThan(20);
    expect(links.map(({ from, link }) => faultOf(from, link)).filter((fault) => fault !== undefined)).toEqual([]);
  });

  test('names files that exist', () => {
    // What the changelog names may have gone since.
    const current = documents.filter(({ path }) => path !== 'CHANGELOG.md');
    const named = current.flatMap((from) =>
      codeOf(from)
        .filter((code) => /^(src|test|docs|schema|ops|bench|examples)\/[\w./-]*$/.test(code))
        .map((path) => ({ from: from.path, path })),
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(({ path }) => !existsSync(`${root}${path}`))).toEqual([]);
  });

  test('names npm scripts that exist', () => {
    const named = documents.flatMap(({ path, text }) =>
      [...text.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, script = '']) => ({ path, script })),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(({ script }) => !scripts.includes(script))).toEqual([]);
  });

  test('names fields that the schema has', () => {
    /** Undefined for what is no type with fields. */
    const fieldsOf = (typeName = ''): readonly string[] | undefined => {
      const type = schema.getType(typeName);
      return isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)
        ? Object.keys(type.getFields())
        : undefined;
    };
    // The changelog names fields of earlier versions.
    const named = documents
      .filter(({ path }) => path !== 'CHANGELOG.md')
      .flatMap((from) =>
        codeOf(from)
          .filter((code) => /^[A-Z]\w+\.[a-z]\w*$/.test(code) && fieldsOf(code.split('.')[0]) !== undefined)
          .map((coordinate) => ({ from: from.path, coordinate })),
      );
    expect(named.length).toBeGreaterThan(10);
    expect(
      named.filter(({ coordinate }) => {
        const [typeName, field = ''] = coordinate.split('.');
        return fieldsOf(typeName)?.includes(field) !== true;
      }),
    ).toEqual([]);
  });
});

test('configurations in documents are accepted', async () => {
  const configurations = documents
    .flatMap(blocksOf)
    .filter(({ language, code }) => language === 'yaml' && /^(callers|tics|redis|bi):/m.test(code));
  expect(configurations.length).toBeGreaterThan(1);
  const directory = makeDirectory();
  const { cert } = await generate([{ name: 'commonName', value: 'agent' }]);
  await writeFile(join(directory, 'agent.pem'), cert);
  for (const { code, place } of configurations)
    expect(
      () => parseConfig(code, { TICS_PASSWORD: 'x', AGENT_PASSWORD: 'y' }, join(directory, 'gateway.config.yaml')),
      place,
    ).not.toThrow();
});

test('commands in documents name files and scripts that exist', () => {
  const commands = documents
    .flatMap(blocksOf)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ code, place }) => code.split('\n').map((line) => [place, line.replace(/ #.*/, '')] as const));
  const missing = commands.flatMap(([place, line]) => [
    ...[...line.matchAll(/(?<![\w/])(?:src|test|docs|schema|ops|bench|examples)\/[\w./-]+/g)]
      .filter(([path]) => !existsSync(join(root, path)))
      .map(([path]) => `${place}: ${path}`),
    ...[...line.matchAll(/\bnpm run (?:--silent )?([\w:]+)/g)]
      .filter(([, script = '']) => !scripts.includes(script))
      .map(([, script]) => `${place}: npm run ${script}`),
  ]);
  expect(missing).toEqual([]);
});

describe('README', () => {
  const readme = document('README.md');

  test('has at most 1,500 words', () => {
    expect(readme.text.split(/\s+/).length).toBeLessThanOrEqual(1_500);
  });
});

test('the life of a request names every error code', () => {
  const named = new Set(codeOf(document('docs/request-lifecycle.md')));
  expect(Object.keys(errorCodes).filter((code) => !named.has(code))).toEqual([]);
});

test('no count of calls is typed by hand: docs/calls.md has them, and is generated', () => {
  const written = documents.filter(
    ({ path, text }) => path !== 'CHANGELOG.md' && !text.includes('npm run generate`. Do not'),
  );
  const counts = written.flatMap(({ path, text }) =>
    [...text.matchAll(/\b\d+ (?:REST |reading |writing )?calls\b(?! (?:a|to|for))/g)].map(
      ([count]) => `${path}: ${count}`,
    ),
  );
  expect(counts).toEqual([]);
});
