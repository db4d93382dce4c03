import type { WebSocket } from 'ws';
import { initOf, letIn, type Opening, type Step, type Target } from './target.ts';

/** An attack by the protocol of WebSockets, or by that of graphql-ws. */
export interface SocketAttack {
  readonly opening?: Opening;
  readonly steps: (target: Target) => readonly Step[];
  /** What must come: messages, and `closed` with a code; `HTTP` with a status where it is not opened. */
  readonly expected: RegExp;
  readonly never?: RegExp;
}

function message(type: string, more: object = {}): string {
  return JSON.stringify({ type, ...more });
}

function subscribe(id: string, query: string): string {
  return message('subscribe', { id, payload: { query } });
}

const viewer = subscribe('1', '{ viewer { name } }');

function afterInit(...steps: readonly Step[]): SocketAttack['steps'] {
  return ({ key }) => [initOf(key), letIn, ...steps];
}

/** Writes bytes past the library, as no client does. */
function bytes(hexadecimal: string): Step {
  return (socket) =>
    (socket as WebSocket & { _socket: { write: (data: Buffer) => void } })._socket.write(
      Buffer.from(hexadecimal, 'hex'),
    );
}

function events(id: string, league: string): string {
  return subscribe(id, `subscription { leagueInstances(leagueId: "League:${league}") { status } }`);
}

/** Sockets that are opened where or how they may not be. */
const openings: Readonly<Record<string, SocketAttack>> = {
  'another origin': {
    opening: { headers: { origin: 'https://evil.example' } },
    steps: afterInit(viewer),
    expected: /^HTTP 403/,
  },
  'the origin null': { opening: { headers: { origin: 'null' } }, steps: afterInit(viewer), expected: /^HTTP 403/ },
  'an origin that begins like an allowed one': {
    opening: { headers: { origin: 'https://console.example.com.evil.example' } },
    steps: afterInit(viewer),
    expected: /^HTTP 403/,
  },
  'an origin that ends like an allowed one': {
    opening: { headers: { origin: 'https://evilconsole.example.com' } },
    steps: afterInit(viewer),
    expected: /^HTTP 403/,
  },
  'another host with its own origin': {
    opening: { headers: { host: 'evil.example', origin: 'http://evil.example' } },
    steps: afterInit(viewer),
    expected: /^HTTP 421/,
  },
  'another host': { opening: { headers: { host: '10.9.8.7' } }, steps: afterInit(viewer), expected: /^HTTP 421/ },
  'another path': { opening: { path: '/metrics' }, steps: afterInit(viewer), expected: /^HTTP 404/ },
  'a path that leads upwards': {
    opening: { path: '/graphql/%2e%2e/metrics' },
    steps: afterInit(viewer),
    expected: /^HTTP 404/,
  },
  'the former protocol': {
    opening: { protocol: 'graphql-ws' },
    steps: afterInit(viewer),
    expected: /closed (4406|1006|1002)|HTTP 400/,
  },
  'no protocol that is known': {
    opening: { protocol: ['mqtt', 'soap'] },
    steps: afterInit(viewer),
    expected: /closed (4406|1006|1002)|HTTP 400/,
  },
  'two keys in two lines': {
    opening: { headers: { authorization: ['Bearer tics_x', 'Bearer tics_y'] } },
    steps: afterInit(viewer),
    expected: /^HTTP 400/,
  },
  'a key in the address': {
    opening: { path: '/graphql?x-api-key=tics_x&access_token=tics_x' },
    steps: () => [message('connection_init', { payload: {} }), viewer],
    expected: /closed 4401/,
  },
};

/** Whoever does not say, or says wrongly, who it is. */
const introductions: Readonly<Record<string, SocketAttack>> = {
  'no introduction': { steps: () => [], expected: /^closed 4408/ },
  'an operation before the introduction': { steps: () => [viewer], expected: /^closed 4401/ },
  'an operation before the answer to it': {
    steps: ({ key }) => [initOf(key), viewer],
    expected: /"attacker"|closed 4401/,
  },
  'no key': { steps: () => [message('connection_init')], expected: /^closed 4401/ },
  'a wrong key': { steps: () => [initOf('tics_wrong')], expected: /^closed 4401/ },
  'a key with a line break': { steps: ({ key }) => [initOf(`${key}\r\nX-Api-Key: x`)], expected: /^closed 4401/ },
  'a key as a list': {
    steps: ({ key }) => [message('connection_init', { payload: { 'X-Api-Key': [key, 'x'] } })],
    expected: /^closed 4401/,
  },
  'a key as an object': {
    steps: () => [message('connection_init', { payload: { 'X-Api-Key': { toString: 'x' } } })],
    expected: /^closed 4401/,
  },
  'a payload that is a list': { steps: () => [message('connection_init', { payload: [1] })], expected: /^closed 44/ },
  'a payload that is a text': { steps: () => [message('connection_init', { payload: 'x' })], expected: /^closed 44/ },
  'two keys in fields of other letters': {
    steps: ({ key, bystander }) => [
      message('connection_init', { payload: { 'x-api-key': key, 'X-Api-Key': bystander } }),
    ],
    expected: /^closed 4401/,
  },
  'a right key beside a wrong one': {
    steps: ({ key }) => [message('connection_init', { payload: { 'X-Api-Key': key, Authorization: 'Bearer x' } })],
    expected: /^closed 4401/,
  },
  '`__proto__` in the payload': {
    steps: ({ key }) => [
      `{"type":"connection_init","payload":{"__proto__":{"X-Api-Key":"${key}"},"constructor":{"prototype":{"polluted":1}}}}`,
    ],
    expected: /^closed 4401/,
  },
  'other headers in the payload': {
    steps: ({ key }) => [
      message('connection_init', {
        payload: {
          'X-Api-Key': key,
          host: 'evil.example',
          'x-forwarded-for': '127.0.0.1',
          'x-request-id': 'planted\r\n',
        },
      }),
      letIn,
      viewer,
    ],
    expected: /"attacker"/,
    never: /evil|planted/,
  },
  'a second introduction': { steps: ({ key }) => [initOf(key), initOf(key)], expected: /closed 4429/ },
  'a second introduction as somebody else': {
    steps: ({ key }) => [initOf(key), initOf('tics_other'), viewer],
    expected: /closed 4429/,
    never: /"bystander"/,
  },
  'thousands of introductions': {
    steps: ({ key }) => Array.from({ length: 3_000 }, () => initOf(key)),
    expected: /closed 4429/,
  },
  'tokens of TICS where none are taken': {
    steps: ({ key }) => [message('connection_init', { payload: { 'X-Api-Key': key, 'X-Auth-Token': 'x' } })],
    expected: /^closed 4401/,
  },
};

/** Messages that are none of graphql-ws, or come out of turn. */
const messages: Readonly<Record<string, SocketAttack>> = {
  'no JSON': { steps: afterInit('{"type":'), expected: /closed 4400/ },
  'a list': { steps: afterInit('[]'), expected: /closed 4400/ },
  null: { steps: afterInit('null'), expected: /closed 4400/ },
  'another type': {
    steps: afterInit(message('start', { id: '1', payload: { query: '{ viewer { name } }' } })),
    expected: /closed 4400/,
  },
  'a type of the prototype': {
    steps: afterInit(message('__proto__'), message('constructor')),
    expected: /closed 4400/,
  },
  'an operation without an id': {
    steps: afterInit(message('subscribe', { payload: { query: '{ __typename }' } })),
    expected: /closed 4400/,
  },
  'an id that is empty': { steps: afterInit(subscribe('', '{ __typename }')), expected: /closed 4400/ },
  'an id that is a number': {
    steps: afterInit(message('subscribe', { id: 1, payload: { query: '{ __typename }' } })),
    expected: /closed 4400/,
  },
  'an id of the prototype': {
    steps: afterInit(subscribe('__proto__', '{ viewer { name } }')),
    expected: /"attacker"|closed 44/,
  },
  'another id of the prototype': {
    steps: afterInit(subscribe('constructor', '{ viewer { name } }')),
    expected: /"attacker"|closed 44/,
  },
  'an id of 50 kB': {
    steps: afterInit(subscribe('a'.repeat(50_000), '{ viewer { name } }')),
    expected: /"attacker"|closed 44/,
  },
  'an id twice': {
    steps: ({ key, ownLeague }) => [initOf(key), letIn, events('1', ownLeague), events('1', ownLeague)],
    expected: /closed 4409/,
  },
  'an end of what was not begun': {
    steps: afterInit(message('complete', { id: 'x' }), viewer),
    expected: /"attacker"/,
  },
  'messages that only the gateway sends': {
    steps: afterInit(message('connection_ack'), message('next', { id: '1', payload: { data: {} } })),
    expected: /closed 4400/,
  },
  'deep JSON': {
    steps: afterInit(`{"type":"ping","payload":${'['.repeat(30_000)}${']'.repeat(30_000)}}`),
    expected: /closed 4400|"pong"/,
  },
  'thousands of pings': {
    steps: afterInit(...Array.from({ length: 3_000 }, () => message('ping')), viewer),
    expected: /"attacker"/,
  },
  'thousands of operations that are left at once': {
    steps: afterInit(
      ...Array.from({ length: 300 }, (_, index) => [
        subscribe(`${index}`, '{ leagues { totalCount } }'),
        message('complete', { id: `${index}` }),
      ]).flat(),
      subscribe('last', '{ viewer { name } }'),
    ),
    expected: /"attacker"/,
  },
  'more operations than a socket carries': {
    steps: ({ key, ownLeague }) => [
      initOf(key),
      letIn,
      ...Array.from({ length: 60 }, (_, index) => events(`${index}`, ownLeague)),
    ],
    expected: /carries at most 50 operations/,
  },
  'a document by a hash that is not known': {
    steps: afterInit(
      message('subscribe', {
        id: '1',
        payload: { extensions: { persistedQuery: { version: 1, sha256Hash: '__proto__' } } },
      }),
    ),
    expected: /PERSISTED_QUERY_NOT_FOUND/,
  },
};

/** Frames that are too large, in pieces, or none. */
const frames: Readonly<Record<string, SocketAttack>> = {
  'a frame of 70 kB': { steps: afterInit('a'.repeat(70_000)), expected: /closed 1009/ },
  'a frame of 70 kB before the introduction': { steps: () => ['a'.repeat(70_000)], expected: /^closed 1009/ },
  'a frame that says it has an exabyte': {
    steps: afterInit(bytes('81ff7fffffffffffffff00000000')),
    expected: /closed 10\d\d/,
  },
  'a message of 70 kB in pieces': {
    steps: afterInit((socket) => {
      for (let piece = 0; piece < 70; piece += 1) socket.send('a'.repeat(1_000), { fin: piece === 69 });
    }),
    expected: /closed 1009/,
  },
  'a message in thousands of pieces': {
    steps: afterInit(
      (socket) => {
        for (let piece = 0; piece < 20_000; piece += 1) socket.send(' ', { fin: false });
      },
      (socket) => socket.send('x', { fin: true }),
    ),
    expected: /closed (4400|1008|1009)/,
  },
  'a piece of no message': { steps: afterInit(bytes('808100000000ff')), expected: /closed 1002/ },
  'a frame that is not masked': { steps: afterInit(bytes('810161')), expected: /closed 1002/ },
  'a frame with bits that nobody agreed on': { steps: afterInit(bytes('f18100000000ff')), expected: /closed 1002/ },
  'a packed frame': { steps: afterInit(bytes('c18100000000ff')), expected: /closed 1002/ },
  'a frame of no kind': { steps: afterInit(bytes('8b8100000000ff')), expected: /closed 1002/ },
  'a text that is no UTF-8': { steps: afterInit(bytes('818200000000fffe')), expected: /closed 1007/ },
  'a ping of 200 bytes': { steps: afterInit(bytes('89fe00c800000000')), expected: /closed 1002/ },
  'thousands of pings of the protocol': {
    steps: afterInit((socket) => {
      for (let count = 0; count < 3_000; count += 1) socket.ping();
    }, viewer),
    expected: /"attacker"|closed 1006/,
  },
  'a binary frame': { steps: afterInit(Buffer.from(viewer)), expected: /"attacker"|closed 4400|closed 1003/ },
  'an end with a code that is none': { steps: afterInit(bytes('8882000000000001')), expected: /closed 1002/ },
  'HTTP in place of frames': {
    steps: afterInit(bytes(Buffer.from('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n').toString('hex'))),
    expected: /closed 100\d/,
    never: /# HELP/,
  },
};

export const socketAttacks = { openings, introductions, messages, frames };
