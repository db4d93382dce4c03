import { brotliCompressSync, gzipSync } from 'node:zlib';
import { bytesOf, type RawRequest, type Target } from './target.ts';

/** An attack by the bytes of a request, or of something else, over HTTP. */
export interface RequestAttack {
  /** What is sent; several pieces: one after the other, slowly. */
  readonly sent: RawRequest | ((target: Target) => Buffer | readonly Buffer[]);
  /** What must come, from the status line on. */
  readonly expected: RegExp;
  /** What must not come. */
  readonly never?: RegExp;
  /** It takes its time: the gateway waits so long for a request. */
  readonly isSlow?: true;
}

const query = '{"query":"{ viewer { name } }"}';
const mutation = 'mutation{deleteJob(input:{id:"Job:x/sql/y"}){userErrors{code}}}';
const served = /^HTTP\/1\.1 200 [^]*"attacker"/;
const unauthenticated = /^HTTP\/1\.1 401 [^]*"UNAUTHENTICATED"/;
const nothing = /^HTTP\/1\.1 40[045] /;
/** Node answers by itself what is no HTTP, or closes the connection. */
const noHttp = /^HTTP\/1\.1 4\d\d |^$/;
const foreign = /access-control-allow-(origin|credentials)/i;

function status(...codes: readonly number[]): RegExp {
  return new RegExp(`^HTTP/1\\.1 (${codes.join('|')}) `);
}

function graphql(headers: readonly string[], more: Partial<RawRequest> = {}): RawRequest {
  return { body: query, headers, ...more };
}

function get(path: string, headers: readonly string[] = [], more: Partial<RawRequest> = {}): RawRequest {
  return { method: 'GET', path, headers, without: ['content-length', 'content-type'], ...more };
}

function typed(type: string, body: string | Buffer = query, headers: readonly string[] = []): RawRequest {
  return { body, headers: [`Content-Type: ${type}`, ...headers], without: ['content-type'] };
}

/** A request as it stands here: a line of it in each text. */
function written(lines: readonly string[], body: string | Buffer = ''): RequestAttack['sent'] {
  return ({ key }) =>
    Buffer.concat([
      Buffer.from([...lines.map((line) => line.replace('KEY', key)), '', ''].join('\r\n'), 'latin1'),
      Buffer.from(body),
    ]);
}

const post = [
  'POST /graphql HTTP/1.1',
  'Host: localhost',
  'X-Api-Key: KEY',
  'Content-Type: application/json',
  'Connection: close',
];

function form(parts: readonly (readonly [name: string, content: string, filename?: string])[]): string {
  return `${parts
    .map(
      ([name, content, filename]) =>
        `--x\r\nContent-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}\r\n\r\n${content}\r\n`,
    )
    .join('')}--x--\r\n`;
}

function upload(body: string, headers: readonly string[] = ['GraphQL-Require-Preflight: 1']): RawRequest {
  return typed('multipart/form-data; boundary=x', body, headers);
}

const zeros = gzipSync(Buffer.alloc(60_000_000));
const encodedQuery = encodeURIComponent('{ viewer { name } }');

/** Pages of others, which have their readers' browsers send requests. */
const pages: Readonly<Record<string, RequestAttack>> = {
  'an HTML form': { sent: typed('application/x-www-form-urlencoded', `query=${encodedQuery}`), expected: status(415) },
  'an HTML form of plain text': { sent: typed('text/plain', query), expected: status(415) },
  'no content type': { sent: { body: query, without: ['content-type'] }, expected: status(415) },
  'an HTML form with a file': {
    sent: upload(
      form([
        ['operations', query],
        ['map', '{}'],
      ]),
      [],
    ),
    expected: status(400),
  },
  'a content type that only begins like JSON': { sent: typed('application/jsonp'), expected: status(415) },
  'a content type behind another one': { sent: typed('text/plain; application/json'), expected: status(415) },
  'two content types': { sent: graphql(['Content-Type: text/plain']), expected: status(400) },
  'a mutation by GET': { sent: get(`/graphql?query=${encodeURIComponent(mutation)}`), expected: status(405) },
  'a mutation by GET, by its name': {
    sent: get(
      `/graphql?operationName=B&query=${encodeURIComponent(`query A{viewer{name}} ${mutation.replace('mutation', 'mutation B')}`)}`,
    ),
    expected: status(405),
  },
  'a mutation by GET with another method in a header': {
    sent: get(`/graphql?query=${encodeURIComponent(mutation)}`, [
      'X-HTTP-Method-Override: POST',
      'X-Method-Override: POST',
      'X-HTTP-Method: POST',
    ]),
    expected: status(405),
  },
  'a mutation by HEAD': {
    sent: get(`/graphql?query=${encodeURIComponent(mutation)}`, [], { method: 'HEAD' }),
    expected: status(400, 404, 405),
  },
  'another origin': { sent: graphql(['Origin: https://evil.example']), expected: status(403), never: foreign },
  'the origin null': { sent: graphql(['Origin: null']), expected: status(403), never: foreign },
  'an origin that begins like an allowed one': {
    sent: graphql(['Origin: https://console.example.com.evil.example']),
    expected: status(403),
    never: foreign,
  },
  'an origin that ends like an allowed one': {
    sent: graphql(['Origin: https://evilconsole.example.com']),
    expected: status(403),
    never: foreign,
  },
  'an allowed origin without TLS': {
    sent: graphql(['Origin: http://console.example.com']),
    expected: status(403),
    never: foreign,
  },
  'two origins': {
    sent: graphql(['Origin: https://evil.example', 'Origin: https://console.example.com']),
    expected: status(400),
    never: foreign,
  },
  'a preflight of another origin': {
    sent: get(
      '/graphql',
      [
        'Origin: https://evil.example',
        'Access-Control-Request-Method: POST',
        'Access-Control-Request-Headers: x-api-key',
      ],
      { method: 'OPTIONS' },
    ),
    expected: status(204),
    never: foreign,
  },
  'cookies of an allowed origin': {
    sent: graphql(['Origin: https://console.example.com', 'Cookie: session=x']),
    expected: served,
    never: /access-control-allow-credentials|set-cookie/i,
  },
  'a private network': {
    sent: get('/graphql', ['Origin: https://evil.example', 'Access-Control-Request-Private-Network: true'], {
      method: 'OPTIONS',
    }),
    expected: status(204),
    never: /private-network/i,
  },
};

/** Names of the gateway that are not its own. */
const hosts: Readonly<Record<string, RequestAttack>> = Object.fromEntries(
  [
    ...['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example', '10.9.8.7', '169.254.169.254', '[::2]'],
    ...[
      'localhost@evil.example',
      'evil.example#localhost',
      'evil.example\\@localhost',
      'localhost, evil.example',
      'a b',
      '',
      '%00',
    ],
    ...['127.1', '2130706433', '0x7f.1', '0177.0.0.1', '127.0.0.1.', 'localhost.', '[::ffff:127.0.0.1]', '[::1%25lo]'],
    ...['localhost:80:90', 'localhost:99999', '0', '2130706434', 'localhost/../evil.example', 'x'.repeat(5_000)],
  ].map((host): [string, RequestAttack] => [
    `the host ${host === '' ? 'that is empty' : `\`${host.slice(0, 40)}\``}`,
    { sent: graphql([`Host: ${host}`], { without: ['host'] }), expected: status(400, 421) },
  ]),
);

const hostsMore: Readonly<Record<string, RequestAttack>> = {
  'no host': { sent: graphql([], { without: ['host'] }), expected: status(400) },
  'two hosts': { sent: graphql(['Host: evil.example']), expected: status(400), never: /evil/ },
  'a target of another host': { sent: { ...graphql([]), path: 'http://evil.example/graphql' }, expected: status(421) },
  'a host that a proxy would name': {
    sent: graphql([
      'X-Forwarded-Host: evil.example',
      'X-Host: evil.example',
      'Forwarded: host=evil.example',
      'X-Forwarded-Proto: gopher',
    ]),
    expected: served,
    never: /evil|gopher/,
  },
  'another path in a header': {
    sent: get('/healthz', ['X-Original-URL: /metrics', 'X-Rewrite-URL: /metrics', 'X-Forwarded-Prefix: /metrics']),
    expected: status(200),
    never: /# HELP/,
  },
  'metrics by way of a proxy': {
    sent: get('/metrics', ['X-Forwarded-For: 127.0.0.1']),
    expected: status(404),
    never: /# HELP/,
  },
  'details of readiness by way of a proxy': {
    sent: get('/readyz', ['Forwarded: for=127.0.0.1']),
    expected: /"status"/,
    never: /agents|upstream/,
  },
  'metrics by another name of this machine': {
    sent: get('/metrics', ['Host: evil.example'], { without: ['host', 'content-length', 'content-type'] }),
    expected: status(404),
    never: /# HELP/,
  },
  'an answer that caches keep': {
    sent: get(`/graphql?query=${encodedQuery}`, ['X-Forwarded-Host: evil.example']),
    expected: /cache-control: [^\r]*no-store/i,
    never: /evil|cache-control: [^\r]*(public|max-age=[1-9])/i,
  },
};

/** Paths that lead elsewhere. */
const paths: Readonly<Record<string, RequestAttack>> = Object.fromEntries(
  [
    ...[
      '/graphql/../../../etc/passwd',
      '/..%2f..%2f..%2fetc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/graphql%00',
      '/graphql/',
      '/GRAPHQL',
    ],
    ...[
      '//graphql',
      '/./graphql',
      '/graphql;a=b',
      '/.env',
      '/.git/config',
      '/package.json',
      '/keys.json',
      '/data/keys.json',
      '/audit.ndjson',
    ],
    ...[
      '/admin',
      '/console',
      '/playground',
      '/altair',
      '/voyager',
      '/graphiql',
      '/v1/graphql',
      '/api',
      '/debug/pprof',
      '/server-status',
      '/actuator/env',
    ],
    ...[
      '/bi/../../etc/passwd',
      '/bi/%2e%2e/%2e%2e/etc/passwd',
      '/odata/..%2f..%2fetc/passwd',
      '/%',
      '/%zz',
      '/%c0%ae%c0%ae/etc/passwd',
      '/\\..\\..',
    ],
  ].map((path): [string, RequestAttack] => [
    `the path \`${path}\``,
    { sent: get(path), expected: status(400, 404), never: /root:|"sha256"|"dependencies"/ },
  ]),
);

const methods: Readonly<Record<string, RequestAttack>> = Object.fromEntries(
  ['PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'PURGE', 'LINK', 'CONNECT'].map((method): [string, RequestAttack] => [
    `the method \`${method}\``,
    {
      sent: graphql(['X-Reflected: planted-header'], {
        method,
        path: method === 'CONNECT' ? 'localhost:22' : '/graphql',
      }),
      expected: method === 'CONNECT' ? noHttp : nothing,
      never: /planted-header/,
    },
  ]),
);

/** Bytes that several readers take for different requests, and what is no HTTP at all. */
const framing: Readonly<Record<string, RequestAttack>> = {
  'a length and chunks': {
    sent: written(
      [...post, 'Content-Length: 4', 'Transfer-Encoding: chunked'],
      '0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n',
    ),
    expected: noHttp,
    never: /# HELP/,
  },
  'two lengths': {
    sent: written([...post, 'Content-Length: 3', 'Content-Length: 31'], query),
    expected: noHttp,
    never: /"attacker"/,
  },
  'two lengths in one line': { sent: written([...post, 'Content-Length: 31, 31'], query), expected: noHttp },
  'a length with a sign': { sent: written([...post, 'Content-Length: +31'], query), expected: noHttp },
  'a negative length': { sent: written([...post, 'Content-Length: -1'], query), expected: noHttp },
  'a length in hexadecimal': { sent: written([...post, 'Content-Length: 0x1f'], query), expected: noHttp },
  'a length of a terabyte': { sent: written([...post, 'Content-Length: 1000000000000'], query), expected: status(413) },
  'a length beyond numbers': {
    sent: written([...post, `Content-Length: ${'9'.repeat(400)}`], query),
    expected: noHttp,
  },
  'chunks of another spelling': {
    sent: written([...post, 'Transfer-Encoding: xchunked'], `1f\r\n${query}\r\n0\r\n\r\n`),
    expected: noHttp,
  },
  'chunks and identity': {
    sent: written([...post, 'Transfer-Encoding: chunked, identity'], `1f\r\n${query}\r\n0\r\n\r\n`),
    expected: noHttp,
  },
  'chunks of something packed': {
    sent: written([...post, 'Transfer-Encoding: gzip, chunked'], `1f\r\n${query}\r\n0\r\n\r\n`),
    expected: status(400),
  },
  'chunks in HTTP/1.0': {
    sent: written(
      ['POST /graphql HTTP/1.0', ...post.slice(1), 'Transfer-Encoding: chunked'],
      `1f\r\n${query}\r\n0\r\n\r\n`,
    ),
    expected: status(400),
  },
  'chunks twice': {
    sent: written([...post, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], `1f\r\n${query}\r\n0\r\n\r\n`),
    expected: noHttp,
  },
  'sizes of chunks in another spelling': {
    sent: written([...post, 'Transfer-Encoding: chunked'], `0x1f\r\n${query}\r\n0\r\n\r\n`),
    expected: noHttp,
  },
  'a WebSocket by POST': {
    sent: written(
      [
        ...post,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ],
      query,
    ),
    expected: noHttp,
  },
  'a space before the colon': {
    sent: written([...post, 'Transfer-Encoding : chunked'], '0\r\n\r\n'),
    expected: noHttp,
  },
  'a folded header': {
    sent: written([...post, 'X-Folded: a', ' Transfer-Encoding: chunked', 'Content-Length: 31'], query),
    expected: /^HTTP\/1\.1 (4\d\d|200) /,
  },
  'line feeds alone': {
    sent: ({ key }) => Buffer.from(`POST /graphql HTTP/1.1\nHost: localhost\nX-Api-Key: ${key}\nContent-Length: 0\n\n`),
    expected: noHttp,
  },
  'a chunk longer than it says': {
    sent: written([...post, 'Transfer-Encoding: chunked'], `1\r\n${query}\r\n0\r\n\r\n`),
    expected: noHttp,
  },
  'a chunk of no length': {
    sent: written([...post, 'Transfer-Encoding: chunked'], `zz\r\n${query}\r\n0\r\n\r\n`),
    expected: noHttp,
  },
  'a chunk with a long extension': {
    sent: written([...post, 'Transfer-Encoding: chunked'], `1f;${'a'.repeat(40_000)}\r\n${query}\r\n0\r\n\r\n`),
    expected: noHttp,
  },
  'a second request in the first one’s body': {
    sent: written([...post, 'Content-Length: 0'], 'POST /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    expected: status(400),
    never: /# HELP/,
  },
  'a trailer with a key': {
    sent: written(
      [
        'POST /graphql HTTP/1.1',
        'Host: localhost',
        'Content-Type: application/json',
        'Connection: close',
        'Trailer: X-Api-Key',
        'Transfer-Encoding: chunked',
      ],
      `1f\r\n${query}\r\n0\r\nX-Api-Key: x\r\n\r\n`,
    ),
    expected: unauthenticated,
  },
  'a zero in a header': { sent: written([...post, 'X-Zero: a\0b', 'Content-Length: 31'], query), expected: noHttp },
  'a header without a name': { sent: written([...post, ': x', 'Content-Length: 31'], query), expected: noHttp },
  'a preface of HTTP/2': { sent: () => Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), expected: noHttp },
  'HTTP/0.9': { sent: () => Buffer.from('GET /metrics\r\n\r\n'), expected: noHttp, never: /# HELP/ },
  'another version': { sent: () => Buffer.from('GET /graphql HTTP/9.9\r\nHost: localhost\r\n\r\n'), expected: noHttp },
  'a greeting of TLS': { sent: () => Buffer.from('16030100050100000100', 'hex'), expected: noHttp },
  noise: {
    sent: () => Buffer.from(Array.from({ length: 4_000 }, (_, index) => (index * 7_919) % 256)),
    expected: noHttp,
  },
  'a header of 20 kB': { sent: graphql([`X-Long: ${'a'.repeat(20_000)}`]), expected: status(431) },
  'a thousand headers': {
    sent: graphql(Array.from({ length: 1_900 }, (_, index) => `X-${index}: a`)),
    expected: status(200, 431),
  },
  'a target of 20 kB': { sent: get(`/graphql?query=${'a'.repeat(20_000)}`), expected: status(431, 414) },
  'an expectation': { sent: graphql(['Expect: 200-ok']), expected: status(417) },
  'a hundred requests at once': {
    sent: (target) => {
      const one = bytesOf(target, graphql([])).toString().replace('Connection: close\r\n', '');
      return Buffer.concat([...Array.from({ length: 100 }, () => Buffer.from(one)), bytesOf(target, graphql([]))]);
    },
    expected: served,
  },
  'headers that trickle': {
    sent: () => [
      Buffer.from('POST /graphql HTTP/1.1\r\nHost: localhost\r\n'),
      ...Array.from({ length: 60 }, (_, index) => Buffer.from(`X-${index}: a\r\n`)),
    ],
    expected: /^HTTP\/1\.1 408 |^$/,
    isSlow: true,
  },
  'a body that trickles': {
    sent: ({ key }) => [
      Buffer.from(`${post.join('\r\n').replace('KEY', key)}\r\nContent-Length: 5000\r\n\r\n`),
      ...Array.from({ length: 60 }, () => Buffer.from('{')),
    ],
    expected: status(408),
    isSlow: true,
  },
  'a body that never comes': {
    sent: ({ key }) => Buffer.from(`${post.join('\r\n').replace('KEY', key)}\r\nContent-Length: 5000\r\n\r\n`),
    expected: status(408),
    isSlow: true,
  },
};

/** Bodies that become more than they are, or are none. */
const bodies: Readonly<Record<string, RequestAttack>> = {
  'a body that unpacks to 60 MB': { sent: { body: zeros, headers: ['Content-Encoding: gzip'] }, expected: status(413) },
  'one of Brotli': {
    sent: { body: brotliCompressSync(Buffer.alloc(20_000_000)), headers: ['Content-Encoding: br'] },
    expected: status(413),
  },
  'one packed twice': {
    sent: { body: gzipSync(zeros), headers: ['Content-Encoding: gzip, gzip'] },
    expected: status(415),
  },
  'a packing that breaks off': {
    sent: { body: zeros.subarray(0, 5_000), headers: ['Content-Encoding: gzip'] },
    expected: status(400, 413),
  },
  'a packing that is none': { sent: { body: query, headers: ['Content-Encoding: gzip'] }, expected: status(400) },
  'a packing of no name': { sent: { body: query, headers: ['Content-Encoding: __proto__'] }, expected: status(415) },
  'a packed upload': {
    sent: { ...upload(form([['operations', query]]), ['GraphQL-Require-Preflight: 1', 'Content-Encoding: gzip']) },
    expected: status(415),
  },
  'a body of 200 kB': { sent: { body: JSON.stringify({ query: '#'.repeat(200_000) }) }, expected: status(413) },
  'a body of 200 kB in chunks': {
    sent: written(
      [...post, 'Transfer-Encoding: chunked'],
      `${(200_000).toString(16)}\r\n${'a'.repeat(200_000)}\r\n0\r\n\r\n`,
    ),
    expected: status(413),
  },
  'variables that nest 15,000 levels': {
    sent: graphql([], {
      body: `{"query":"{ viewer { name } }","variables":${'{"a":'.repeat(15_000)}1${'}'.repeat(15_000)}}`,
    }),
    expected: status(400),
  },
  'extensions that nest 40,000 levels': {
    sent: graphql([], {
      body: `{"query":"{ viewer { name } }","extensions":{"a":${'['.repeat(40_000)}${']'.repeat(40_000)}}}`,
    }),
    expected: status(400),
  },
  'a body of several packings, each of them small': {
    sent: typed(
      'application/json',
      Buffer.concat(Array.from({ length: 10 }, () => gzipSync(Buffer.alloc(9_000_000, ' ')))),
      ['Content-Encoding: gzip'],
    ),
    expected: status(413),
  },
  'bytes that are no UTF-8': {
    sent: { body: Buffer.from('7b227175657279223a22fffe227d', 'hex') },
    expected: status(400, 415),
  },
  'UTF-16': { sent: { body: Buffer.from(`\ufeff${query}`, 'utf16le') }, expected: status(400, 415) },
  'UTF-7': { sent: typed('application/json; charset=utf-7'), expected: status(415) },
  'lists of JSON, deep': { sent: { body: '['.repeat(99_000) }, expected: status(400) },
  'objects of JSON, deep': { sent: { body: '{"a":'.repeat(19_000) }, expected: status(400) },
  'deep lists that end': { sent: { body: `${'['.repeat(49_000)}${']'.repeat(49_000)}` }, expected: status(400) },
  'deep variables': {
    sent: { body: `{"query":"{ viewer { name } }","variables":{"a":${'['.repeat(49_000)}${']'.repeat(49_000)}}}` },
    expected: status(200, 400),
  },
  'a number of 90 kB': {
    sent: { body: `{"query":"{ __typename }","a":${'9'.repeat(90_000)}}` },
    expected: status(200, 400),
  },
  'a quote without an end': {
    sent: { body: JSON.stringify({ query: `{ a(b: "${'\\"'.repeat(24_000)}` }) },
    expected: /GRAPHQL_PARSE_FAILED/,
  },
  'a document in the query string that is no UTF-8': { sent: get('/graphql?query=%ff%fe'), expected: status(400) },
  'variables in the query string that are no JSON': {
    sent: get(`/graphql?query=${encodedQuery}&variables=%7B`),
    expected: status(400),
  },
  '`__proto__` in the query string': {
    sent: get(`/graphql?query=${encodedQuery}&__proto__[polluted]=1&__proto__=x`),
    expected: served,
  },
  'a form without a boundary': {
    sent: typed('multipart/form-data', 'x', ['GraphQL-Require-Preflight: 1']),
    expected: status(400),
  },
  'a form with a long boundary': {
    sent: typed(`multipart/form-data; boundary=${'-'.repeat(7_000)}`, 'x', ['GraphQL-Require-Preflight: 1']),
    expected: status(400),
  },
  'a form that puts a file into the prototype': {
    sent: upload(
      form([
        ['operations', '{"query":"{ __typename }","variables":{}}'],
        ['map', '{"0":["variables.__proto__.polluted"]}'],
        ['0', 'x', 'a'],
      ]),
    ),
    expected: status(400),
  },
  'a form that puts a file elsewhere': {
    sent: upload(
      form([
        ['operations', '{"query":null}'],
        ['map', '{"0":["query"]}'],
        ['0', 'x', 'a'],
      ]),
    ),
    expected: status(400),
  },
  'a form of many parts': {
    sent: upload(
      form([
        ['operations', query],
        ['map', '{}'],
        ...Array.from({ length: 800 }, (_, index): [string, string] => [`${index}`, 'x']),
      ]),
    ),
    expected: status(200, 400),
  },
  'a form whose file has a path': {
    sent: upload(
      form([
        ['operations', '{"query":"query ($f: Upload) { __typename }","variables":{"f":null}}'],
        ['map', '{"0":["variables.f"]}'],
        ['0', 'x', '../../../../etc/passwd'],
      ]),
    ),
    expected: status(200, 400),
    never: /passwd/,
  },
};

/** Headers with what an answer, a log or a cache would take for its own. */
const headers: Readonly<Record<string, RequestAttack>> = {
  'an id of a request with line breaks': {
    sent: graphql(['X-Request-Id: a%0d%0aSet-Cookie: planted=1']),
    expected: served,
    never: /planted|set-cookie/i,
  },
  'an id of a request of 8 kB': {
    sent: graphql([`X-Request-Id: ${'a'.repeat(8_000)}`]),
    expected: served,
    never: /a{100}/,
  },
  'an id of a request in other letters': {
    sent: graphql(['X-Request-Id: \xe9\xff<script>']),
    expected: served,
    never: /script/,
  },
  'a language of another kind': {
    sent: graphql([`Accept-Language: ${'zh;q=0.1,'.repeat(1_500)}../../etc`]),
    expected: served,
    never: /etc/,
  },
  'a language of spaces': { sent: graphql([`Accept-Language: a${' '.repeat(15_000)}b`]), expected: served },
  'thousands of media types': { sent: graphql([`Accept: ${',;'.repeat(7_000)}*/*`]), expected: status(200, 406) },
  'a media type of semicolons': { sent: graphql([`Accept: ${';'.repeat(15_000)}`]), expected: status(200, 406) },
  'a media type of quotes': { sent: graphql([`Accept: ${',"'.repeat(7_000)}`]), expected: status(200, 406) },
  'a content type of semicolons': { sent: typed(`application/json${';'.repeat(15_000)}`), expected: status(200, 415) },
  'HTML wanted': { sent: graphql(['Accept: text/html']), expected: status(200, 406), never: /<html/i },
  'HTML wanted by GET': {
    sent: get('/graphql?query=<script>alert(1)</script>', ['Accept: text/html']),
    expected: status(200, 400, 406),
    never: /<script|<html/i,
  },
  'a range': { sent: graphql(['Range: bytes=0-1', 'If-None-Match: *']), expected: served },
  'a trace of another form': {
    sent: graphql(['Traceparent: 00-<script>-x', `Tracestate: ${'a=b,'.repeat(1_000)}`]),
    expected: served,
    never: /script/,
  },
  'a cost of no kind': { sent: graphql([`X-Cost: ${'fields,'.repeat(1_000)}`]), expected: served },
};

/** Requests to reach what a key is needed for without one; each also with the rest of a credential. */
const keyless: Readonly<Record<string, RequestAttack>> = Object.fromEntries(
  [
    ['no key', []],
    ['an empty key', ['X-Api-Key:']],
    ['a key of spaces', ['X-Api-Key:    ']],
    ['a key in a cookie', ['Cookie: x-api-key=KEY; authorization=KEY']],
    ['a key by Basic', ['Authorization: Basic KEY']],
    ['a key without its scheme', ['Authorization: KEY']],
    ['a key by a proxy’s header', ['Proxy-Authorization: Bearer KEY']],
    ['half a key', ['X-Api-Key: HALF']],
    ['a key with more behind it', ['X-Api-Key: KEYa']],
    ['two keys', ['X-Api-Key: KEY', 'X-Api-Key: x']],
    ['a wrong key beside a right one', ['X-Api-Key: x', 'Authorization: Bearer KEY']],
    ['a right key beside a wrong one', ['X-Api-Key: KEY', 'Authorization: Bearer x']],
    ['the hash of a key', ['X-Api-Key: HASH']],
    ['a wildcard', ['X-Api-Key: *']],
    ['a key of the prototype', ['X-Api-Key: __proto__']],
    ['a key of 8 kB', [`X-Api-Key: ${'a'.repeat(8_000)}`]],
    ['a key in other letters', ['X-Api-Key: \xff\xfe\xe9']],
    ['a name of a user', ['X-Forwarded-User: bystander', 'X-Remote-User: bystander', 'X-Real-IP: 127.0.0.1']],
  ].map(([name, lines]): [string, RequestAttack] => [
    name as string,
    {
      sent: (target) =>
        bytesOf(target, {
          body: query,
          without: ['key'],
          headers: (lines as readonly string[]).map((line) =>
            line.replace('KEY', target.key).replace('HALF', target.key.slice(0, 20)).replace('HASH', 'a'.repeat(64)),
          ),
        }),
      expected: unauthenticated,
      never: /attacker|bystander/,
    },
  ]),
);

const keysElsewhere: Readonly<Record<string, RequestAttack>> = {
  'two keys in two lines': {
    sent: ({ key, bystander }) =>
      bytesOf(
        { key },
        {
          body: query,
          without: ['key'],
          headers: [`Authorization: Bearer ${key}`, `Authorization: Bearer ${bystander}`],
        },
      ),
    expected: status(400),
    never: /"attacker|"bystander/,
  },
  'a key in the address': {
    sent: (target) =>
      bytesOf(
        target,
        get(
          `/graphql?query=${encodedQuery}&api_key=${target.key}&x-api-key=${target.key}&access_token=${target.key}`,
          [],
          { without: ['key', 'content-type', 'content-length'] },
        ),
      ),
    expected: unauthenticated,
  },
  'a key in the body': {
    sent: (target) =>
      bytesOf(target, {
        body: JSON.stringify({
          query: '{ viewer { name } }',
          extensions: { headers: { 'x-api-key': target.key }, 'x-api-key': target.key },
        }),
        without: ['key'],
      }),
    expected: unauthenticated,
  },
  'a user in the address': {
    sent: get('http://admin:admin@localhost/graphql', [], { without: ['key', 'content-type', 'content-length'] }),
    expected: status(400, 401, 421),
  },
  'a document without a key': {
    sent: { body: '{"query":"{a'.repeat(3_000), without: ['key'] },
    expected: unauthenticated,
  },
  'a body of 200 kB without a key': {
    sent: { body: '['.repeat(200_000), without: ['key'] },
    expected: unauthenticated,
  },
  'introspection without a key': {
    sent: { body: '{"query":"{ __schema { types { name } } }"}', without: ['key'] },
    expected: unauthenticated,
  },
  'tables without a key': {
    sent: get('/bi/tables/leagues.csv', [], { without: ['key', 'content-type', 'content-length'] }),
    expected: status(401, 404),
  },
};

export const requestAttacks = {
  pages,
  hosts: { ...hosts, ...hostsMore },
  paths,
  methods,
  framing,
  bodies,
  headers,
  keys: { ...keyless, ...keysElsewhere },
};
