import { createHash } from 'node:crypto';
import type { Target } from './target.ts';

/** An attack by an operation, the same over HTTP, server-sent events and WebSocket. */
export interface OperationAttack {
  /** JSON of the request's body, and of the payload of `subscribe`. */
  readonly payload: string | ((target: Target) => string);
  /** What must come; the first of it is a code of errors, or a piece of the data. */
  readonly expected: RegExp;
  /** Over WebSocket, where graphql-ws takes what is no message of its own for the end. */
  readonly onSocket?: RegExp;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Values that only stand in variables: no answer and no log line repeats them. */
export const planted = 'planted-variable-value';

const invalid = /GRAPHQL_VALIDATION_FAILED/;
const unparsed = /GRAPHQL_PARSE_FAILED/;
const costly = /COST_LIMIT/;
const bad = /BAD_REQUEST/;
const forbidden = /FORBIDDEN/;
const closed = /closed 4400|BAD_REQUEST/;

/** Longer ones are refused by their bytes alone: WebSockets read 64 kB. */
const most = 60_000;

function repeated(count: number, write: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => write(index)).join(' ');
}

function asked(query: string, variables?: unknown, more: object = {}): string {
  return JSON.stringify({ query, variables, ...more });
}

function nested(open: string, close: string, levels: number): string {
  return open.repeat(levels) + close.repeat(levels);
}

const cycle = `{ leagues { nodes { ${'agents { nodes { league { '.repeat(18)} id ${'} } } '.repeat(18)} } } }`;

/** Documents that ask for too much, or can't be read. */
const documents: Readonly<Record<string, OperationAttack>> = {
  'a cycle eighteen deep': { payload: asked(cycle), expected: invalid },
  'a cycle in fragments, each of them shallow': {
    payload: asked(
      `{ leagues { nodes { ...F0 } } } ${repeated(12, (index) => `fragment F${index} on League { agents { nodes { league { ...F${index + 1} } } } }`)} fragment F12 on League { id }`,
    ),
    expected: invalid,
  },
  'a cycle of the allowed depth, many times by alias': {
    payload: asked(
      `{ ${repeated(40, (index) => `a${index}: leagues { nodes { agents { nodes { league { agents { nodes { league { agents { nodes { id } } } } } } } } } }`)} }`,
    ),
    expected: /"data"|COST_LIMIT|RESULT_TOO_LARGE/,
  },
  'everything of everything': {
    payload: asked(
      '{ leagues(first: 100) { nodes { instances(first: 100) { nodes { report { jobName } executionGraph { round } } } } } }',
    ),
    expected: costly,
  },
  'one expensive field by many aliases': {
    payload: asked(
      `{ ${repeated(80, (index) => `a${index}: leagues(first: ${index + 20}) { nodes { instances(first: 1) { totalCount } } }`)} }`,
    ),
    expected: costly,
  },
  'the largest page of everything': {
    payload: asked(
      'query ($n: Int) { leagues(first: $n) { nodes { datasets(first: $n) { nodes { id privacy { __typename } } } } } }',
      { n: 2147483647 },
    ),
    expected: /COST_LIMIT|INVALID_ARGUMENT/,
  },
  'many ids by many aliases': {
    payload: asked(`query ($ids: [ID!]!) { ${repeated(400, (index) => `a${index}: nodes(ids: $ids) { id }`)} }`, {
      ids: Array.from({ length: 12_000 }, () => 'x'),
    }),
    expected: costly,
  },
  'many aliases': { payload: asked(`{ ${repeated(600, (index) => `a${index}: __typename`)} }`), expected: invalid },
  'many directives': { payload: asked(`{ __typename ${'@skip(if: false) '.repeat(60)} }`), expected: invalid },
  'many unknown directives': { payload: asked(`{ __typename ${'@aa'.repeat(5_000)} }`), expected: /GRAPHQL_/ },
  'directives spread over many fields': {
    payload: asked(`{ ${repeated(60, (index) => `a${index}: __typename @include(if: true)`)} }`),
    expected: invalid,
  },
  'many tokens': { payload: asked(`{ ${'a '.repeat(12_000)} }`), expected: unparsed },
  'one field thousands of times': {
    payload: asked(`{ ${'__typename '.repeat(5_000)} }`),
    expected: /"__typename":"Query"|GRAPHQL_/,
  },
  'fields with one name and different arguments, in pairs': {
    payload: asked(`{ ${repeated(900, (index) => `leagues(first: ${index + 1}) { totalCount }`)} }`),
    expected: /GRAPHQL_/,
  },
  'nested selections of one name': {
    payload: asked(`{ ${repeated(100, () => 'leagues { nodes { id name agents { nodes { id } } } }')} }`),
    expected: /"leagues"|GRAPHQL_/,
  },
  'deep nesting': { payload: asked('{a'.repeat(9_000)), expected: unparsed },
  'a deep list': { payload: asked(`{ league(id: ${nested('[', ']', 9_000)}) { id } }`), expected: unparsed },
  'a deep object': { payload: asked(`{ league(id: ${'{a:'.repeat(9_000)}`), expected: unparsed },
  'a deep type': { payload: asked(`query ($a: ${nested('[', ']', 9_000)}) { a }`), expected: unparsed },
  'fragments that spread themselves': {
    payload: asked('{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }'),
    expected: invalid,
  },
  'a fragment that spreads itself': { payload: asked('{ ...A } fragment A on Query { ...A }'), expected: invalid },
  'a long circle of fragments': {
    payload: asked(`{ ...F0 } ${repeated(900, (index) => `fragment F${index} on Query { ...F${(index + 1) % 900} }`)}`),
    expected: /GRAPHQL_/,
  },
  'fragments that spread the next one twice': {
    payload: asked(
      `{ ...F0 } ${repeated(40, (index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`)} fragment F40 on Query { __typename }`,
    ),
    expected: /COST_LIMIT|GRAPHQL_|"__typename"/,
  },
  'many fragments that nobody spreads': {
    payload: asked(`{ __typename } ${repeated(1_200, (index) => `fragment F${index} on Query { __typename }`)}`),
    expected: /GRAPHQL_/,
  },
  'many variables that nobody uses': {
    payload: asked(`query (${repeated(2_000, (index) => `$v${index}: Int`)}) { __typename }`),
    expected: /GRAPHQL_/,
  },
  'many operations': {
    payload: asked(repeated(900, (index) => `query Q${index} { __typename }`)),
    expected: /BAD_REQUEST|GRAPHQL_/,
  },
  'a string without an end': { payload: asked(`{ league(id: "${'\\"'.repeat(most / 4)}`), expected: unparsed },
  'a block string without an end': { payload: asked(`{ league(id: """${'\\"""'.repeat(7_000)}`), expected: unparsed },
  'half escapes': { payload: asked(`{ league(id: ${'"\\'.repeat(most / 5)}`), expected: unparsed },
  commas: { payload: asked(`{${','.repeat(most)}__typename}`), expected: /"__typename":"Query"/ },
  'a comment': { payload: asked(`#${'{'.repeat(most)}\n{ __typename }`), expected: /"__typename":"Query"/ },
  'white space alone': { payload: asked(' \n\t'), expected: /GRAPHQL_PARSE_FAILED|BAD_REQUEST/ },
  'definitions of a schema': {
    payload: asked('type Query { a: Int } extend type Query { b: Int }'),
    expected: /GRAPHQL_|BAD_REQUEST/,
  },
  'nested parts of an answer': {
    payload: asked(`{ ${'... @defer { '.repeat(60)} __typename ${'} '.repeat(60)} }`),
    expected: invalid,
  },
  'a stream from before its beginning': {
    payload: asked('{ leagues { nodes @stream(initialCount: -1) { id } } }'),
    expected: /errors/,
  },
  'a deadline that is none': {
    payload: asked('{ leagues @deadline(ms: -2147483648) { totalCount } }'),
    expected: /errors/,
  },
};

/** What tells the schema to those who may not read it. */
const schemaReading: Readonly<Record<string, OperationAttack>> = {
  introspection: { payload: asked('{ __schema { types { name } } }'), expected: invalid },
  'introspection by alias': {
    payload: asked('{ viewer { name } s: __schema { queryType { name } } }'),
    expected: invalid,
  },
  'introspection of one type': { payload: asked('{ __type(name: "League") { fields { name } } }'), expected: invalid },
  'introspection in a fragment': {
    payload: asked('{ ...F } fragment F on Query { ... on Query { __schema { types { name } } } }'),
    expected: invalid,
  },
  'introspection beside a variable': {
    payload: asked('query ($n: String!) { __type(name: $n) { name } }', { n: 'League' }),
    expected: invalid,
  },
  'introspection that is skipped': {
    payload: asked('{ viewer { name } __schema @skip(if: true) { types { name } } }'),
    expected: invalid,
  },
  'introspection in circles': {
    payload: asked(`{ __schema { types { ${'fields { type { '.repeat(8)} name ${'} } '.repeat(8)} } } }`),
    expected: invalid,
  },
  'introspection in a mutation': { payload: asked('mutation { __schema { types { name } } }'), expected: invalid },
  'introspection in a subscription': {
    payload: asked('subscription { __schema { types { name } } }'),
    expected: invalid,
  },
  'a wrong field': { payload: asked('{ leages { totalCount } }'), expected: invalid },
  'a wrong field below': { payload: asked('{ leagues { nodes { nme } } }'), expected: invalid },
  'a wrong argument': { payload: asked('{ leagues(frist: 1) { totalCount } }'), expected: invalid },
  'a wrong enum value': { payload: asked('{ leagues(role: OWNR) { totalCount } }'), expected: invalid },
  'a wrong enum value in a variable': {
    payload: asked('query ($r: LeagueRoleInput) { leagues(role: $r) { totalCount } }', { r: 'OWNR' }),
    expected: /"BAD_REQUEST"/,
  },
  'a wrong field of an input in a variable': {
    payload: asked('query ($f: JobFilter) { league(id: "x") { jobs(filter: $f) { totalCount } } }', {
      f: { nam: 'x' },
    }),
    expected: /"BAD_REQUEST"/,
  },
  'a wrong enum value in a list in a variable': {
    payload: asked('query ($t: [JobTypeInput!]) { league(id: "x") { jobs(types: $t) { totalCount } } }', {
      t: ['SQ', 'HF'],
    }),
    expected: /"BAD_REQUEST"/,
  },
  'a wrong type': { payload: asked('query ($a: Leage) { leagues { totalCount } }'), expected: invalid },
  'a wrong type of a fragment': { payload: asked('{ ... on Leage { id } }'), expected: invalid },
  'a wrong directive': { payload: asked('{ __typename @skp(if: true) }'), expected: invalid },
  'a wrong field of an input': {
    payload: asked('mutation { stopInstance(input: { idd: "x" }) { userErrors { code } } }'),
    expected: /GRAPHQL_VALIDATION_FAILED|FORBIDDEN/,
  },
  'a selection that is missing': { payload: asked('{ leagues }'), expected: invalid },
  'many names at once, for suggestions': {
    payload: asked(`{ ${repeated(400, (index) => `agen${index}t`)} }`),
    expected: invalid,
  },
};

/** What is no request, and what JSON may hold besides what was expected. */
const bodies: Readonly<Record<string, OperationAttack>> = {
  'a batch': { payload: `[${asked('{ __typename }')},${asked('{ __typename }')}]`, expected: bad, onSocket: closed },
  'a batch of one': { payload: `[${asked('{ __typename }')}]`, expected: bad, onSocket: closed },
  'a large batch': {
    payload: `[${Array.from({ length: 500 }, () => asked('{ viewer { name } }')).join(',')}]`,
    expected: bad,
    onSocket: closed,
  },
  nothing: { payload: '{}', expected: bad, onSocket: closed },
  null: { payload: 'null', expected: bad, onSocket: closed },
  'a query that is a number': { payload: '{"query":1}', expected: bad, onSocket: closed },
  'a query that is an object': { payload: '{"query":{"toString":"x"}}', expected: bad, onSocket: closed },
  'a query that is a list': { payload: '{"query":["{ __typename }"]}', expected: bad, onSocket: closed },
  'variables that are a list': {
    payload: '{"query":"{ __typename }","variables":[1]}',
    expected: bad,
    onSocket: closed,
  },
  'variables that are a text': {
    payload: '{"query":"{ __typename }","variables":"{}"}',
    expected: bad,
    onSocket: closed,
  },
  'extensions that are a text': {
    payload: '{"query":"{ __typename }","extensions":"x"}',
    expected: /BAD_REQUEST|"__typename":"Query"/,
    onSocket: /closed 4400|"__typename"/,
  },
  'a name of an operation that is an object': {
    payload: '{"query":"{ __typename }","operationName":{}}',
    expected: bad,
    onSocket: closed,
  },
  'an operation that is not there': {
    payload: asked('query A { __typename }', {}, { operationName: planted }),
    expected: bad,
  },
  'two operations, none of them named': {
    payload: asked('query A { __typename } query B { __typename }'),
    expected: bad,
  },
  'one name, of no property but of the prototype': {
    payload: asked('query A { __typename } query B { __typename }', {}, { operationName: '__proto__' }),
    expected: bad,
  },
  'a key twice': {
    payload: '{"query":"{ __typename }","query":"{ __schema { types { name } } }"}',
    expected: invalid,
  },
  '`__proto__` in the body': {
    payload:
      '{"query":"{ viewer { name } }","__proto__":{"isAdministrator":true},"constructor":{"prototype":{"polluted":1}}}',
    expected: /"attacker"|BAD_REQUEST/,
    onSocket: /"attacker"|closed 4400/,
  },
  '`__proto__` in variables': {
    payload:
      '{"query":"query ($first: Int) { leagues(first: $first) { totalCount } }","variables":{"__proto__":{"first":"x","polluted":1}}}',
    expected: /"totalCount":1\b/,
  },
  '`constructor` in variables': {
    payload:
      '{"query":"query ($first: Int) { leagues(first: $first) { totalCount } }","variables":{"constructor":{"prototype":{"polluted":1}}}}',
    expected: /"totalCount":1\b/,
  },
  '`__proto__` in extensions': {
    payload:
      '{"query":"{ viewer { name } }","extensions":{"__proto__":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}}',
    expected: /"attacker"/,
  },
  '`__proto__` as an alias': {
    payload: asked('{ __proto__: __typename constructor: __typename }'),
    expected: /"constructor":"Query"|GRAPHQL_/,
  },
  '`__proto__` as a variable': {
    payload:
      '{"query":"query ($__proto__: Int, $constructor: Int) { leagues(first: $__proto__) { totalCount } b: leagues(first: $constructor) { totalCount } }","variables":{}}',
    expected: /"totalCount":1\b|GRAPHQL_|BAD_REQUEST/,
  },
  'a key that hides in variables': {
    payload: asked('{ viewer { name roles } }', { 'x-api-key': 'x', authorization: 'Bearer x' }),
    expected: /"attacker"/,
  },
};

/** Values of variables and literals. */
const values: Readonly<Record<string, OperationAttack>> = {
  'a text for a number': {
    payload: asked('query ($n: Int) { leagues(first: $n) { totalCount } }', { n: planted }),
    expected: bad,
  },
  'an object for a number': {
    payload: asked('query ($n: Int) { leagues(first: $n) { totalCount } }', { n: { [planted]: planted } }),
    expected: bad,
  },
  'a list for a number': {
    payload: asked('query ($n: Int) { leagues(first: $n) { totalCount } }', { n: [planted] }),
    expected: bad,
  },
  'a huge number': {
    payload: '{"query":"query ($n: Int) { leagues(first: $n) { totalCount } }","variables":{"n":1e999}}',
    expected: bad,
  },
  'a number of thousands of digits': {
    payload: `{"query":"query ($n: Int) { leagues(first: $n) { totalCount } }","variables":{"n":${'9'.repeat(most / 2)}}}`,
    expected: bad,
  },
  'a literal of thousands of digits': {
    payload: asked(`{ leagues(first: ${'9'.repeat(most / 2)}) { totalCount } }`),
    expected: /GRAPHQL_VALIDATION_FAILED/,
  },
  'a number that is none': {
    payload: '{"query":"query ($n: Int) { leagues(first: $n) { totalCount } }","variables":{"n":NaN}}',
    expected: bad,
    onSocket: closed,
  },
  'a negative page': { payload: asked('{ leagues(first: -1) { totalCount } }'), expected: /INVALID_ARGUMENT/ },
  'half a row': { payload: asked('query ($n: Int) { leagues(first: $n) { totalCount } }', { n: 1.5 }), expected: bad },
  'null where something must be': {
    payload: asked('query ($id: ID!) { league(id: $id) { name } }', { id: null }),
    expected: bad,
  },
  'a variable that is missing': { payload: asked('query ($id: ID!) { league(id: $id) { name } }'), expected: bad },
  'a deep variable': {
    payload: `{"query":"query ($id: ID!) { league(id: $id) { name } }","variables":{"id":${nested('[', ']', most / 3)}}}`,
    expected: bad,
    onSocket: closed,
  },
  'a deep variable that nobody uses': {
    payload: `{"query":"{ viewer { name } }","variables":{"a":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}}`,
    expected: /"attacker"|BAD_REQUEST/,
    onSocket: /"attacker"|BAD_REQUEST|closed 4400/,
  },
  'deep extensions': {
    payload: `{"query":"{ viewer { name } }","extensions":{"a":${nested('[', ']', 25_000)}}}`,
    expected: /"attacker"|BAD_REQUEST/,
    onSocket: /"attacker"|BAD_REQUEST|closed 4400/,
  },
  'a list of thousands of variables': {
    payload: asked('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      ids: Array.from({ length: 3_000 }, (_, index) => `Job:x/sql/${index}`),
    }),
    expected: /INVALID_ARGUMENT|COST_LIMIT/,
  },
  'a long id': {
    payload: asked('query ($id: ID!) { league(id: $id) { name } }', { id: planted.repeat(2_000) }),
    expected: /INVALID_ID|"league":null/,
  },
  'an id that leads upwards': {
    payload: asked('{ league(id: "League:../../v1/admin") { name } }'),
    expected: /INVALID_ID|NOT_FOUND/,
  },
  'an id with an escaped path': {
    payload: asked('{ league(id: "League:%2e%2e%2f%2e%2e") { name } }'),
    expected: /INVALID_ID|NOT_FOUND|"league":null/,
  },
  'an id with a query': {
    payload: asked('{ league(id: "League:x?project_id=y#z") { name } }'),
    expected: /INVALID_ID|NOT_FOUND|"league":null/,
  },
  'an id with a line break': {
    payload: asked('{ league(id: "League:x\\r\\nHost: evil.example") { name } }'),
    expected: /INVALID_ID|NOT_FOUND|"league":null/,
  },
  'an id with a zero': {
    payload: '{"query":"{ league(id: \\"League:x\\\\u0000\\") { name } }"}',
    expected: /INVALID_ID|NOT_FOUND|"league":null/,
  },
  'an id with half a character': {
    payload: '{"query":"query ($id: ID!) { league(id: $id) { name } }","variables":{"id":"League:\\ud800"}}',
    expected: /INVALID_ID|NOT_FOUND|"league":null/,
  },
  'an id of no kind': {
    payload: asked('{ node(id: "__proto__:x") { id } a: node(id: "constructor:x") { id } }'),
    expected: /INVALID_ID/,
  },
  'ids of an agent that lead upwards': {
    payload: asked('{ agent(id: "Agent:..%2f..") { name } node(id: "Connector:../x/../../y") { id } }'),
    expected: /INVALID_ID|NOT_FOUND|null/,
  },
  'a cursor of another making': {
    payload: asked('{ leagues(after: "eyJfX3Byb3RvX18iOnsib2Zmc2V0IjotMX19") { totalCount } }'),
    expected: /INVALID_CURSOR/,
  },
  'a cursor of a huge place': {
    payload: asked(
      `{ leagues(after: "${Buffer.from('offset:99999999999999999999').toString('base64')}") { totalCount } }`,
    ),
    expected: /INVALID_CURSOR/,
  },
  'a filter as an expression': {
    payload: asked('query ($n: String) { leagues { nodes { jobs(filter: { name: $n }) { totalCount } } } }', {
      n: `(a+)+$${'a'.repeat(10_000)}!`,
    }),
    expected: /"jobs"|INVALID_ARGUMENT|BAD_REQUEST/,
  },
  'SQL in a filter': {
    payload: asked(`query ($n: String) { leagues { nodes { jobs(filter: { name: $n }) { totalCount } } } }`, {
      n: `' OR 1=1; DROP TABLE jobs; --`,
    }),
    expected: /"totalCount":0/,
  },
  'a literal of another type': { payload: asked(`{ leagues(first: "${planted}") { totalCount } }`), expected: invalid },
  'a block string of another type': {
    payload: asked(`{ leagues(role: """${'Value "'.repeat(4_000)}${planted}""") { totalCount } }`),
    expected: invalid,
  },
};

/** What the attacker has no right to. */
const rights: Readonly<Record<string, OperationAttack>> = {
  'a mutation without its role': {
    payload: asked(`mutation { stopInstance(input: { id: "Instance:x/${planted}" }) { userErrors { code } } }`),
    expected: forbidden,
  },
  'many mutations without their role': {
    payload: asked(
      `mutation { ${repeated(60, (index) => `a${index}: deleteJob(input: { id: "Job:x/sql/${index}" }) { userErrors { code } }`)} }`,
    ),
    expected: /FORBIDDEN|COST_LIMIT/,
  },
  'a mutation beside a query': {
    payload: asked(
      'query A { viewer { name } } mutation B { deleteJob(input: { id: "Job:x/sql/y" }) { userErrors { code } } }',
      {},
      { operationName: 'B' },
    ),
    expected: forbidden,
  },
  'a mutation in a fragment': {
    payload: asked(
      'mutation { ...F } fragment F on Mutation { deleteJob(input: { id: "Job:x/sql/y" }) { userErrors { code } } }',
    ),
    expected: forbidden,
  },
  'a mutation that is skipped by a variable': {
    payload: asked(
      'mutation ($s: Boolean!) { deleteJob(input: { id: "Job:x/sql/y" }) @skip(if: $s) { userErrors { code } } }',
      { s: false },
    ),
    expected: forbidden,
  },
  'the league of others': {
    payload: ({ foreignLeague }) => asked(`{ league(id: "League:${foreignLeague}") { name memberCount } }`),
    expected: /"league":null/,
  },
  'the node of others': {
    payload: ({ foreignLeague, foreignAgent }) =>
      asked(`{ nodes(ids: ["League:${foreignLeague}", "Agent:${foreignAgent}"]) { id } }`),
    expected: /"nodes":\[null,null\]/,
  },
  'a run of others by way of the own league': {
    payload: ({ ownLeague }) => asked(`{ node(id: "Instance:${ownLeague}/1") { id } }`),
    expected: /"node":null/,
  },
  'the counts of all': { payload: asked('{ overview { leagueCount } }'), expected: forbidden },
  'events of others': {
    payload: ({ foreignLeague }) =>
      asked(`subscription { leagueInstances(leagueId: "League:${foreignLeague}") { status } }`),
    expected: /NOT_FOUND|None of the media types/,
  },
  'many subscriptions in one': {
    payload: asked(
      `subscription { ${repeated(50, (index) => `a${index}: leagueInstances(leagueId: "League:x") { status }`)} }`,
    ),
    expected: invalid,
  },
  'a cost that is not told': {
    payload: asked('{ viewer { name } }'),
    headers: { 'x-cost': '__proto__' },
    expected: /"attacker"/,
  },
};

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function persisted(sha256Hash: unknown, query?: string, version: unknown = 1): string {
  return JSON.stringify({ query, extensions: { persistedQuery: { version, sha256Hash } } });
}

/** Documents by hash. */
const hashes: Readonly<Record<string, OperationAttack>> = {
  'a hash of another document': { payload: persisted(hashOf('{ __typename }'), '{ viewer { name } }'), expected: bad },
  'a hash that is not known': { payload: persisted('0'.repeat(64)), expected: /PERSISTED_QUERY_NOT_FOUND/ },
  'a hash that is an object': {
    payload: persisted({ toString: 'x' }),
    expected: /PERSISTED_QUERY_NOT_FOUND|BAD_REQUEST/,
  },
  'a hash of the prototype': { payload: persisted('__proto__'), expected: /PERSISTED_QUERY_NOT_FOUND/ },
  'a hash of another version': { payload: persisted('0'.repeat(64), undefined, 2), expected: bad },
  'a path in place of a hash': {
    payload: '{"documentId":"../../../etc/passwd"}',
    expected: /PERSISTED_QUERY_NOT_FOUND/,
  },
  'a document that is refused, by its hash': {
    payload: persisted(hashOf('{ __schema { types { name } } }'), '{ __schema { types { name } } }'),
    expected: invalid,
  },
};

export const operationAttacks = { documents, schemaReading, bodies, values, rights, hashes };
