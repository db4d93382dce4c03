import { readdirSync, readFileSync } from 'node:fs';
import { isInputObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { integer, input, list, required, text } from '../../../src/graphql/shared/input.ts';
import { atLeastOne, between, maxLength, noneOf } from '../../../src/graphql/shared/limits.ts';
import { schema } from '../../../src/graphql/schema.ts';

const Probe = input('ProbeOfInputTestInput', {
  description: 'Not part of the schema.',
  isOneOf: true,
  fields: { name: text('A name.', maxLength(2), noneOf(',')), count: integer('A count.', between(1, 3)) },
});

function faults(
  rule: { safeParse: (value: unknown) => { error?: { issues: readonly { message: string }[] } | undefined } },
  value: unknown,
) {
  return (rule.safeParse(value).error?.issues ?? []).map(({ message }) => message);
}

test('the rule of an input refuses what its limits do, in their words', () => {
  expect(faults(Probe.rule, { name: 'a,b' })).toEqual(['at most 2 characters', 'none of the characters ,']);
  expect(faults(Probe.rule, { count: 4 })).toEqual(['1 to 3']);
  expect(faults(Probe.rule, { name: 'ab' })).toEqual([]);
});

test('exactly one field is checked by the rule too, whatever executes the document', () => {
  for (const value of [{}, { name: 'a', count: 1 }, { name: null }])
    expect(faults(Probe.rule, value)).toEqual(['exactly one of name, count']);
  expect(faults(Probe.rule, { name: null, count: 1 })).toEqual([]);
});

test('limits of a list and of its elements are told and checked', () => {
  const names = required(list(text('', maxLength(2)), 'Names.', atLeastOne('name')));
  expect(names.expected).toEqual(['at least 1 name', 'each at most 2 characters']);
  expect(faults(names.rule, ['abc', 'a'])).toEqual(['at most 2 characters']);
  expect(faults(names.rule, [])).toEqual(['at least 1 name']);
});

/** A mutation takes an input that brings its rule along; whoever imports zod elsewhere writes a second list of rules. */
test('rules are made by the definitions of fields alone', () => {
  const importers = readdirSync('src/graphql', { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && /from 'zod'/.test(readFileSync(`src/graphql/${file}`, 'utf8')),
  );
  expect(importers.sort()).toEqual(['input', 'limits', 'userErrors'].map((file) => `shared/${file}.ts`));
});

/** The inputs of these mutations are defined by `input`; a limit that stood in the text alone would not be checked. */
test.each([
  ['CreateConnectorInput', 'name', '1 to 128 characters'],
  ['DatasetRegistrationInput', 'name', 'a letter from A to Z or a to z first'],
  ['OracleConnectorInput', 'databasePort', '1 to 65535'],
  ['UpdateLeagueInput', 'description', 'at most 512 characters'],
  ['UpdateHorizontalJobInput', 'datasets', 'at most 1024 characters when written as a list'],
  ['RunSqlJobInput', 'sql', 'not blank'],
  ['AlignmentPartyInput', 'idColumn', 'no comma'],
])('%s.%s tells its limits', (name, fieldName, limit) => {
  const type = schema.getType(name);
  const description = isInputObjectType(type) ? type.getFields()[fieldName]?.description : '';
  expect(description?.toLowerCase()).toContain(limit.toLowerCase());
});

test('inputs of which exactly one field is given are @oneOf', () => {
  const oneOf = Object.values(schema.getTypeMap()).filter((type) => isInputObjectType(type) && type.isOneOf);
  expect(oneOf.map(({ name }) => name).sort()).toEqual(
    expect.arrayContaining(['ConnectorSettingsInput', 'ConnectorTestTargetInput', 'DatasetSourceInput']),
  );
});
