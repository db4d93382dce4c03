import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  parse,
  validate,
  type GraphQLArgument,
  type GraphQLInputField,
} from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../../src/graphql/schema.ts';

test('no two enums have the same values', () => {
  const enums = Object.values(schema.getTypeMap())
    .filter(isEnumType)
    .filter(({ name }) => !name.startsWith('__'));
  expect(enums.length).toBeGreaterThan(10);
  const words = enums.map((type) =>
    type
      .getValues()
      .map(({ name }) => name)
      .sort()
      .join(' '),
  );
  const namesakes = enums.filter((_, index) => words.indexOf(words[index] ?? '') < index).map(({ name }) => name);
  expect(namesakes).toEqual([]);
});

/** Every argument and input field of the schema, by its coordinate. */
function inputs(): [string, GraphQLArgument | GraphQLInputField][] {
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (isInputObjectType(type))
      return Object.values(type.getFields()).map((field): [string, GraphQLInputField] => [
        `${type.name}.${field.name}`,
        field,
      ]);
    if (type.name.startsWith('__') || (!isObjectType(type) && !isInterfaceType(type))) return [];
    return Object.values(type.getFields()).flatMap((field) =>
      field.args.map((arg): [string, GraphQLArgument] => [`${type.name}.${field.name}(${arg.name}:)`, arg]),
    );
  });
}

test('UNKNOWN is read, never given: no argument or input field has it', () => {
  const enums = inputs().filter(([, { type }]) => isEnumType(getNamedType(type)));
  expect(enums.length).toBeGreaterThan(30);
  const open = enums.filter(([, { type }]) => {
    const named = getNamedType(type);
    return isEnumType(named) && named.getValue('UNKNOWN') !== undefined;
  });
  expect(open.map(([coordinate]) => coordinate)).toEqual([]);
});

test.each([
  'leagues(role: UNKNOWN) { totalCount }',
  'league(id: "League:l") { jobs(types: [SQL, UNKNOWN]) { totalCount } }',
  'league(id: "League:l") { jobs(filter: { algorithms: [UNKNOWN] }) { totalCount } }',
  'league(id: "League:l") { instances(filter: { statuses: [UNKNOWN] }) { totalCount } }',
  'agent(id: "Agent:a") { connectors(type: UNKNOWN) { totalCount } }',
])('%s does not validate', (selection) => {
  expect(validate(schema, parse(`{ ${selection} }`))).toMatchObject([
    { message: expect.stringContaining('"UNKNOWN" does not exist') as string },
  ]);
});
