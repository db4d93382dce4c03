import { GraphQLError } from 'graphql';
import { expect, test, vi } from 'vitest';
import { createLog } from '../../src/telemetry/log.ts';
import { maskError } from '../../src/gateway/maskErrors.ts';
import { useStage } from '../support/gateway.ts';
import { overWebSocket, serve } from '../support/subscribe.ts';

const stage = useStage();

test.each([
  'Variable "$v" got invalid value "PLANTED77"',
  'Variable "$v" got invalid value { a: "PLANTED77; b" }; Expected type "Int".',
  'Int cannot represent non-integer value: "PLANTED77"',
])('no form of graphql-js’s errors repeats a value: %s', (message) => {
  expect(maskError(new GraphQLError(message), createLog('fatal')).message).not.toContain('77');
});

test.each<[string, string, Readonly<Record<string, unknown>>, object[]]>([
  ['executed', '{\n  node(id: "x") { id }\n}', {}, [{ line: 2, column: 3 }]],
  ['validated', '{ __typename\n\n nothing }', {}, [{ line: 3, column: 2 }]],
  ['given', 'query (\r\n $n: Int!) { leagues(first: $n) { totalCount } }', { n: 'x' }, [{ line: 2, column: 2 }]],
  ['parsed', '{\n nothing', {}, [{ line: 2, column: 9 }]],
])('an error says where it is in the document, when it is %s', async (_, query, variables, locations) => {
  const { errors } = await stage.ask(query, variables);
  expect(errors).toMatchObject([{ locations }]);
});

test('the lines of a document are not counted again for each error', async () => {
  const query = `query ($ids: [ID!]!) { ${'\n'.repeat(1_000)} nodes(ids: $ids) { id } }`;
  const searched = vi.spyOn(RegExp.prototype, 'exec');
  const { errors = [] } = await stage.ask(query, { ids: Array.from({ length: 20 }, () => 'x') });
  const times = searched.mock.calls.filter(([text]) => text === query).length;
  searched.mockRestore();
  expect(errors).toHaveLength(20);
  expect(errors.at(-1)).toMatchObject({ locations: [{ line: 1_001, column: 2 }] });
  expect(times).toBeLessThan(1_000);
});

test('an HTTP status is no part of an answer over WebSocket', async () => {
  const server = await serve(stage.sandbox);
  const client = overWebSocket(server.url);
  const answer = await client
    .ask({ query: 'query ($v: Int!) { leagues(first: $v) { totalCount } }', variables: { v: 'x' } })
    .next();
  expect(answer).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  expect(JSON.stringify(answer)).not.toContain('http');
  client.close();
  await server.close();
});

/** Each literal is wrong somewhere; the error says where, and not what it was. */
const wrongLiterals: Readonly<Record<string, string>> = {
  '{ leagues(first: "planted") { totalCount } }': 'Argument "first" of field "leagues": Int cannot represent',
  '{ leagues(role: "planted") { totalCount } }': 'Argument "role" of field "leagues": Enum "LeagueRoleInput" cannot',
  '{ viewer { name @include(if: "planted") } }': 'Argument "if" of directive "@include": Boolean cannot represent',
  'query ($n: Int = "planted") { leagues(first: $n) { totalCount } }':
    'Default value of variable "$n": Int cannot represent',
  '{ ...F } fragment F on Query { league(id: "1") { usage(from: "planted", to: "2026-01-31", every: DAY) { from } } }':
    'Argument "from" of field "usage": A Date looks like 2026-01-31.',
  '{ league(id: "1") { instances(filter: { statuses: [FAILED, PLANTED] }) { totalCount } } }':
    'Argument "filter.statuses[1]" of field "instances": The value does not exist in',
  '{ league(id: "1") { instances(filter: { from: "planted" }) { totalCount } } }':
    'Argument "filter.from" of field "instances": A DateTime looks like',
  '{ league(id: "1") { instances(filter: { planted: 1 }) { totalCount } } }':
    'Argument "filter.planted" of field "instances": Field "planted" is not defined',
  '{ league(id: "1") { instances(filter: [{}, 7]) { totalCount } } }':
    'Argument "filter" of field "instances": Expected value of type',
};

test.each(Object.entries(wrongLiterals))(
  'a wrong literal is named by its argument and field: %s',
  async (query, said) => {
    const { errors = [] } = await stage.ask(query);
    expect(errors.map(({ message }) => message)).toContainEqual(expect.stringContaining(said));
    expect(errors[0]?.locations).toHaveLength(1);
    const values = errors.filter(({ message }) => !message.includes('Field "planted"')).map(({ message }) => message);
    expect(values.join(' ')).not.toMatch(/"planted"|PLANTED/);
  },
);

test('a rule that no literal breaks says nothing of places', async () => {
  const { errors } = await stage.ask('query ($n: String) { leagues(first: $n, planted: 1) { totalCount planted } }');
  expect(errors?.filter(({ message }) => /^(Argument|Default)/.test(message))).toEqual([]);
});
