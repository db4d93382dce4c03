/**
 * Compares schema/gateway.graphql with the schema of the last version, which is the newest commit whose package.json has
 * another version, and names what changed. Of breaking changes pass
 * - all of a new major version,
 * - in a new minor version those that remove what the last version had marked `@deprecated`,
 * - all of 0.3.0, the last version before this rule.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChangeType, CriticalityLevel, diff, type Change } from '@graphql-inspector/core';
import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  type GraphQLSchema,
} from 'graphql';

const file = 'schema/gateway.graphql';
/** Versions whose breaking changes need no `@deprecated`. */
const freeVersions = ['0.3.0'];

type Git = (...args: string[]) => string | undefined;

/** Runs git in a directory; undefined where the command fails. */
function gitIn(directory: string): Git {
  return (...args) => {
    try {
      return execFileSync('git', args, { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    } catch {
      return undefined;
    }
  };
}

function versionOf(json: string | undefined): string | undefined {
  return json === undefined ? undefined : (JSON.parse(json) as { version?: string }).version;
}

interface Version {
  readonly name: string;
  readonly schema: GraphQLSchema;
}

/** The newest committed version other than `name` that has a schema. */
function lastVersionBefore(git: Git, name: string | undefined): Version | undefined {
  // The version can only differ before a commit that touched package.json, or in the working tree.
  const parents = (git('log', '--format=%H^', '--', 'package.json') ?? '').split('\n');
  for (const commit of ['HEAD', ...parents].filter(Boolean)) {
    const version = versionOf(git('show', `${commit}:package.json`));
    if (version === undefined || version === name) continue;
    const text = git('show', `${commit}:${file}`);
    if (text !== undefined) return { name: version, schema: buildSchema(text) };
  }
  return undefined;
}

/** Which part of the version moved. */
function stepBetween(before: string, after = ''): 'major' | 'minor' | 'patch' {
  const [[major, minor] = [], [newMajor, newMinor] = []] = [before, after].map((version) => version.split('.'));
  if (major !== newMajor) return 'major';
  return minor === newMinor ? 'patch' : 'minor';
}

/** What stands at a coordinate such as `Type.field.argument`, as far as it can be deprecated. */
function elementAt(schema: GraphQLSchema, coordinate = '') {
  const [typeName = '', name = '', argumentName] = coordinate.split('.');
  const type = schema.getType(typeName);
  if (isEnumType(type)) return type.getValue(name);
  if (isInputObjectType(type)) return type.getFields()[name];
  if (!isObjectType(type) && !isInterfaceType(type)) return undefined;
  const field = type.getFields()[name];
  return argumentName === undefined ? field : field?.args.find((argument) => argument.name === argumentName);
}

/** Whether fragments on a type can be written where a wider type is returned. */
function isMember(schema: GraphQLSchema, name: string): boolean {
  const type = schema.getType(name);
  if (!isObjectType(type)) return false;
  const unions = Object.values(schema.getTypeMap()).filter(isUnionType);
  return type.getInterfaces().length > 0 || unions.some((union) => union.getTypes().includes(type));
}

/** Whether a change takes away what the schema before had announced. The fields of a type that goes are judged themselves. */
function wasAnnounced(before: GraphQLSchema, { type, path }: Change): boolean {
  switch (type) {
    case ChangeType.FieldRemoved:
    case ChangeType.FieldArgumentRemoved:
    case ChangeType.InputFieldRemoved:
    case ChangeType.EnumValueRemoved:
      return typeof elementAt(before, path)?.deprecationReason === 'string';
    case ChangeType.TypeRemoved:
      return !isMember(before, path ?? '');
    default:
      return false;
  }
}

/**
 * Compares the schema in the working tree with that of the last version.
 *
 * @returns what changed, line by line, and whether a change is refused
 */
export async function compareWithLastVersion(directory: string): Promise<{ report: string; isRefused: boolean }> {
  const version = versionOf(readFileSync(join(directory, 'package.json'), 'utf8'));
  const last = lastVersionBefore(gitIn(directory), version);
  if (last === undefined) return { report: 'schema: there is no earlier version to compare with\n', isRefused: false };
  const changes = await diff(last.schema, buildSchema(readFileSync(join(directory, file), 'utf8')));
  const breaking = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
  const step = stepBetween(last.name, version);
  const isFree = step === 'major' || freeVersions.includes(version ?? '');
  const isRefused = (change: Change) => !isFree && !(step === 'minor' && wasAnnounced(last.schema, change));
  const refused = breaking.filter(isRefused);
  const lines = [
    ...breaking.map((change) => `${isRefused(change) ? 'refused' : 'breaking'}: ${change.message}`),
    `schema: ${changes.length} changes since ${last.name}, ${breaking.length} breaking, ${refused.length} refused`,
    ...(refused.length > 0 ? ['Mark what is to go @deprecated for one minor version, with what to use instead.'] : []),
  ];
  return { report: lines.map((line) => `${line}\n`).join(''), isRefused: refused.length > 0 };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { report, isRefused } = await compareWithLastVersion(process.cwd());
  process.stdout.write(report);
  if (isRefused) process.exitCode = 1;
}
