/**
 * Names what changed in schema/gateway.graphql since it was committed before, breaking changes first, and fails on
 * breaking ones unless the version in package.json has moved on too.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';

const file = 'schema/gateway.graphql';

function git(...args: string[]): string | undefined {
  try {
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}

const now = readFileSync(new URL('gateway.graphql', import.meta.url), 'utf8');
// The commit that changed the file last, or the one before it where nothing has changed since.
const [last, previous] = (git('log', '-2', '--format=%H', '--', file) ?? '').trim().split('\n');
const base = last && git('show', `${last}:${file}`) !== now ? last : previous;
const before = base ? git('show', `${base}:${file}`) : undefined;

if (base === undefined || before === undefined) {
  process.stdout.write('schema: there is no earlier version to compare with\n');
} else {
  const versionOf = (json: string | undefined): string =>
    (JSON.parse(json ?? '{}') as { version?: string }).version ?? '';
  const hasMovedOn = versionOf(git('show', `${base}:package.json`)) !== versionOf(readFileSync('package.json', 'utf8'));
  const changes = await diff(buildSchema(before), buildSchema(now));
  const breaking = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
  for (const { message } of breaking) process.stdout.write(`breaking: ${message}\n`);
  process.stdout.write(`schema: ${changes.length} changes, ${breaking.length} of them breaking\n`);
  if (breaking.length > 0 && !hasMovedOn) process.exitCode = 1;
}
