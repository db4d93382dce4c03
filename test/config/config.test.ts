import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { generate } from 'selfsigned';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  ConfigError,
  configSchema,
  parseConfig,
  readConfig,
  type ConfigFault,
  type OverriddenKey,
} from '../../src/config/config.ts';
import { makeDirectory } from '../support/directory.ts';

function faultsOf(text: string, environment: Record<string, string> = {}): readonly ConfigFault[] {
  try {
    parseConfig(text, environment, 'gateway.config.yaml');
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

function pathsOf(text: string, environment?: Record<string, string>): readonly string[] {
  return faultsOf(text, environment)
    .map(({ path }) => path)
    .sort();
}

const account = 'account: { domain: d, user: u, password: p }';

describe('configuration', () => {
  test('nothing at all: the embedded TICS, on loopback', () => {
    expect(parseConfig('', {}, 'none')).toEqual({
      port: 4000,
      host: '127.0.0.1',
      shutdownDelayMs: 2_000,
      dataDirectory: resolve('data'),
      auditFile: 'off',
      documents: { onlyTrusted: 'off', automatic: 'on' },
      sharing: 'on',
      limits: {
        operations: 500,
        resultObjects: 50_000,
        resultValues: 1_000_000,
        resultBytes: 10_000_000,
        subscriptions: 20_000,
        upstreamConnections: 128,
        connectionsPerAddress: 2_000,
        failedAuthenticationsPerMinute: 60,
        operationTimeoutMs: 30_000,
        depth: 25,
        aliases: 500,
        directives: 50,
        tokens: 10_000,
        operationCalls: 500,
        callerCallsPerMinute: 3_000,
        cost: 'enforce',
      },
      cache: { freshMs: 0, staleMs: 0, staleIfErrorMs: 300_000 },
      watching: {
        quickMs: 1_000,
        slowestMs: 15_000,
        agentQuickMs: 5_000,
        agentSlowestMs: 60_000,
        longestPauseMs: 60_000,
        rememberMs: 60_000,
        pollsPerSecond: 20,
      },
      bi: {
        storage: 'memory',
        refreshMs: 30_000,
        dimensionsMs: 900_000,
        sweepMs: 21_600_000,
        historyDays: 365,
        callsPerSecond: 20,
        queryTimeoutMs: 60_000,
        answerTimeoutMs: 600_000,
        maxRows: 10_000_000,
        memoryLimitMb: 512,
      },
    });
  });

  test('BI is switched off in a word', () => {
    expect(parseConfig('bi: off', {}, 'file').bi.storage).toBe('off');
    expect(parseConfig('dataDirectory: d', {}, 'file').bi.storage).toBe('file');
    expect(parseConfig('{ dataDirectory: d, bi: { storage: memory } }', {}, 'file').bi.storage).toBe('memory');
    expect(parseConfig('{ dataDirectory: d, bi: off }', {}, 'file').bi.storage).toBe('off');
    expect(parseConfig('bi: { storage: file, leagues: [l1] }', {}, 'file').bi).toMatchObject({
      storage: 'file',
      leagues: ['l1'],
    });
    const DATABASE_URL = 'postgres://bi@db/tics';
    expect(parseConfig('', { DATABASE_URL }, 'file').bi).toMatchObject({
      storage: 'memory',
      databaseUrl: DATABASE_URL,
    });
    expect(parseConfig('bi: off', { DATABASE_URL }, 'file').bi.storage).toBe('off');
    expect(pathsOf('bi: { databaseUrl: "mysql://db" }')).toEqual(['bi.databaseUrl']);
    expect(pathsOf('bi: { storage: disk, refreshMs: 1, historyDays: 0, leagues: [a/b], keep: 1 }')).toEqual([
      'bi.historyDays',
      'bi.keep',
      'bi.leagues.0',
      'bi.refreshMs',
      'bi.storage',
    ]);
  });

  test('callers are kinds, side by side; the word anonymous is one of them, with all rights', () => {
    const callersOf = (callers: string) => parseConfig(`callers: ${callers}`, {}, 'file').callers;
    const all = { roles: ['VIEWER', 'OPERATOR', 'APPROVER', 'ADMINISTRATOR'], leagues: 'ALL' };
    for (const text of ['anonymous', '{ anonymous: true }', '{ anonymous: {} }'])
      expect(callersOf(text)).toEqual({ anonymous: all });
    expect(callersOf('{ keys: true, anonymous: { roles: [viewer], leagues: [l1, l2] } }')).toEqual({
      keys: {},
      anonymous: { roles: ['VIEWER'], leagues: ['l1', 'l2'] },
    });
    expect(pathsOf('callers: {}')).toEqual(['callers']);
    expect(pathsOf('callers: { keys: false, anonymous: { roles: [king], leagues: [a/b], rights: all } }')).toEqual([
      'callers.anonymous.leagues.0',
      'callers.anonymous.rights',
      'callers.anonymous.roles.0',
      'callers.keys',
    ]);
  });

  test('how long answers are kept is whole milliseconds', () => {
    expect(parseConfig('cache: { freshMs: 1000, staleIfErrorMs: 0 }', {}, 'file').cache).toEqual({
      freshMs: 1000,
      staleMs: 0,
      staleIfErrorMs: 0,
    });
    expect(pathsOf('cache: { freshMs: -1, staleMs: soon, forever: 1 }')).toEqual([
      'cache.forever',
      'cache.freshMs',
      'cache.staleMs',
    ]);
  });

  test('a length of time that no timer holds is a fault: it would be over at once', () => {
    const ms = 2_147_483_648;
    const config = {
      cache: { staleMs: ms },
      limits: { operationTimeoutMs: ms },
      watching: { slowestMs: ms },
      bi: { refreshMs: ms, answerTimeoutMs: ms, historyDays: 1e9 },
    };
    expect(pathsOf(JSON.stringify(config))).toEqual([
      'bi.answerTimeoutMs',
      'bi.historyDays',
      'bi.refreshMs',
      'cache.staleMs',
      'limits.operationTimeoutMs',
      'watching.slowestMs',
    ]);
    expect(pathsOf(JSON.stringify({ limits: { operationTimeoutMs: ms - 1 } }))).toEqual([]);
  });

  test('says how often what is watched is looked at', () => {
    const watching = { quickMs: 500, slowestMs: 30_000, pollsPerSecond: 5 };
    expect(parseConfig(JSON.stringify({ watching }), {}, 'file').watching).toMatchObject(watching);
    expect(
      pathsOf('watching: { quickMs: 2000, slowestMs: 1000, agentQuickMs: 1, pollsPerSecond: 0, often: yes }'),
    ).toEqual(['watching.agentQuickMs', 'watching.often', 'watching.pollsPerSecond', 'watching.slowestMs']);
  });

  test('takes origins of pages, which have no path', () => {
    expect(parseConfig('origins: [https://console.example.com]', {}, 'file').origins).toEqual([
      'https://console.example.com',
    ]);
    expect(pathsOf('origins: [https://console.example.com/, console.example.com, "*"]')).toEqual([
      'origins.0',
      'origins.1',
      'origins.2',
    ]);
  });

  test('a region is enough for the addresses', () => {
    const config = parseConfig(`callers: anonymous\ntics: { region: cn-north-4, ${account} }`, {}, 'file');
    expect(config.tics).toMatchObject({
      spaceUrl: 'https://tics.cn-north-4.myhuaweicloud.com',
      iamUrl: 'https://iam.cn-north-4.myhuaweicloud.com',
      timeZone: 'Asia/Shanghai',
      language: 'en_us',
      agents: [],
    });
  });

  test('values come from the environment as text, whatever they hold; PORT and HOST override', () => {
    const config = parseConfig(
      `port: 1\ncallers: { anonymous: true }\ntics: { region: r, account: { domain: d, user: u, password: "\${SECRET}" } }`,
      { SECRET: 'a: {b} # "c"', PORT: '8080', HOST: '0.0.0.0' },
      'file',
    );
    expect(config).toMatchObject({ port: 8080, host: '0.0.0.0', tics: { account: { password: 'a: {b} # "c"' } } });
  });

  test('proxies of the environment are those of tics, unless the file names one', () => {
    const environment = {
      HTTPS_PROXY: 'proxy.example:3128',
      http_proxy: 'http://lower:1',
      HTTP_PROXY: 'http://upper:1',
      NO_PROXY: 'a,b',
    };
    const proxyOf = (more: string) =>
      parseConfig(
        `callers: anonymous\ntics:\n  region: r\n  account: { domain: d, user: u, password: p }\n${more}`,
        environment,
        'text',
      ).tics?.proxy;
    const all = { https: 'http://proxy.example:3128', http: 'http://lower:1', except: 'a,b', agents: 'off' };
    expect(proxyOf('')).toEqual(all);
    expect(proxyOf('  proxy: { https: https://own, agents: on }')).toEqual({
      ...all,
      https: 'https://own',
      agents: 'on',
    });
    expect(parseConfig('port: 1', environment, 'text').tics).toBeUndefined();
    expect(() => proxyOf('  proxy: { http: "ftp://x" }')).toThrow(/tics\.proxy\.http/);
  });

  describe('keys of the file that the environment overrides are told', () => {
    const overriddenBy = (text: string, environment: Record<string, string>) => {
      const told: OverriddenKey[] = [];
      parseConfig(text, environment, 'text', (keys) => told.push(...keys));
      return told;
    };
    const tics = `callers: anonymous\ntics: { region: r, ${account}, proxy: { https: "http://own:1" } }`;

    test.each<[string, string, Record<string, string>, readonly [string, string][]]>([
      ['port', 'port: 1', { PORT: '2' }, [['port', 'PORT']]],
      ['host', 'host: 127.0.0.1', { HOST: '0.0.0.0' }, [['host', 'HOST']]],
      [
        'the address of a database',
        'bi: { databaseUrl: "postgres://a/b" }',
        { DATABASE_URL: 'postgres://c/d' },
        [['bi.databaseUrl', 'DATABASE_URL']],
      ],
      [
        'the address of a receiver, by both variables',
        'tracing: { endpoint: "http://a" }',
        { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://b', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c/v1/traces' },
        [
          ['tracing.endpoint', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
          ['tracing.endpoint', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'],
        ],
      ],
      [
        'a sampler',
        'tracing: { ratio: 0.5 }',
        { OTEL_TRACES_SAMPLER: 'always_on' },
        [['tracing.ratio', 'OTEL_TRACES_SAMPLER']],
      ],
      ['the same value', 'port: 1\nhost: a', { PORT: '1', HOST: 'a' }, []],
      ['keys that the file has not', 'port: 1', { HOST: 'a', DATABASE_URL: 'postgres://c/d' }, []],
      ['defaults', `host: a\n${tics}`, { GATEWAY_DEFAULT_HOST: 'b', HTTPS_PROXY: 'c' }, []],
    ])('%s', (_, text, environment, expected) => {
      expect(overriddenBy(text, environment)).toEqual(expected.map(([key, variable]) => ({ key, variable })));
    });
  });

  test('the image has a default for the address, and overrides no key of the file', async () => {
    const dockerfile = await readFile(resolve('Dockerfile'), 'utf8');
    const environment = Object.fromEntries(
      [...dockerfile.matchAll(/^(?:ENV|\s+)\s*([A-Z_]+)=(\S+)/gm)].map(([, name = '', value = '']) => [name, value]),
    );
    expect(parseConfig('', environment, 'text')).toMatchObject({ host: '0.0.0.0', port: 4000 });
    expect(parseConfig('host: 10.0.0.1\nport: 8080', environment, 'text')).toMatchObject({
      host: '10.0.0.1',
      port: 8080,
    });
    expect(parseConfig('', { ...environment, HOST: '::1' }, 'text').host).toBe('::1');
  });

  test('TLS takes a certificate and the key that belongs to it, in the file or in files of their own', async () => {
    const make = () => generate([{ name: 'commonName', value: 'tics.example.com' }], { keySize: 2048 });
    const [{ cert, private: key }, { private: otherKey }] = await Promise.all([make(), make()]);
    const directory = makeDirectory();
    await writeFile(join(directory, 'cert.pem'), cert);
    await writeFile(join(directory, 'key.pem'), key);
    const read = (tls: object) => parseConfig(JSON.stringify({ tls }), {}, join(directory, 'gateway.yaml')).tls;
    const paths = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
    expect(read({ certificate: 'cert.pem', key: 'key.pem' })).toEqual({ certificate: cert, key, paths });
    expect(read({ certificate: cert, key })).toEqual({ certificate: cert, key, paths: [] });
    expect(() => read({ certificate: cert, key: otherKey })).toThrow(
      'tls: a certificate and the key that belongs to it',
    );
    expect(() => read({ certificate: 'nothing.pem', key })).toThrow('tls.certificate: a certificate: the path');
    expect(() => read({ certificate: cert })).toThrow('tls.key');
  });

  test('empty variables override nothing', () => {
    expect(parseConfig('port: 1', { PORT: '', HOST: '' }, 'text')).toMatchObject({ port: 1, host: '127.0.0.1' });
  });

  test('a secret may stand in a file of its own, with or without a line end', async () => {
    const directory = makeDirectory();
    await writeFile(join(directory, 'secret'), '${HOME}: "x" \n');
    const text = 'publicUrl: "https://${file:secret}"';
    const read = () => parseConfig('host: "${file:secret}"', {}, join(directory, 'config.yaml'));
    expect(read().host).toBe('${HOME}: "x" ');
    expect(faultsOf(text)).toEqual([{ path: 'publicUrl', expected: 'the path of a readable file' }]);
  });

  test('sharing is on or off', () => {
    expect(parseConfig('sharing: off', {}, 'text').sharing).toBe('off');
    expect(pathsOf('sharing: no')).toEqual(['sharing']);
  });

  test('limits are positive; without them the gateway has its own', () => {
    expect(parseConfig('limits: { operations: 7, subscriptions: 9 }', {}, 'text').limits).toMatchObject({
      operations: 7,
      resultObjects: 50_000,
      resultValues: 1_000_000,
      subscriptions: 9,
      operationTimeoutMs: 30_000,
    });
    expect(
      pathsOf('limits: { operations: 0, resultObjects: 0, subscriptions: 1.5, eventLoopLagMs: 100, more: 1 }'),
    ).toEqual([
      'limits.eventLoopLagMs',
      'limits.more',
      'limits.operations',
      'limits.resultObjects',
      'limits.subscriptions',
    ]);
  });

  test.each(['', '""', 'null', 'true', '[]', '1.5', 'x'])('port: %s is a fault, not any port', (port) => {
    expect(faultsOf(`port: ${port}`).map(({ path }) => path)).toEqual(['port']);
  });

  test('every fault is reported at once, each with its path', () => {
    const text = `
port: 99999
host: ''
extra: 1
tics:
  spaceUrl: http://tics.example.com
  projectId: no spaces
  account: { domain: d, user: u, password: "\${NOT_SET}" }
  timeZone: Mars/Base
  language: fr
  agents:
    - { id: a, url: "ftp://x", user: u }
    - { id: a, url: "http://127.0.0.1:1", user: u, password: p, certificate: ./nope.pem, more: 1 }
`;
    expect(pathsOf(text)).toEqual([
      'callers',
      'extra',
      'host',
      'port',
      'tics.account.password',
      'tics.agents.0.password',
      'tics.agents.0.url',
      'tics.agents.1.certificate',
      'tics.agents.1.id',
      'tics.agents.1.more',
      'tics.iamUrl',
      'tics.language',
      'tics.projectId',
      'tics.spaceUrl',
      'tics.timeZone',
    ]);
    expect(faultsOf(text).every(({ expected }) => expected.length > 3)).toBe(true);
  });

  test.each([
    ['agent_2', []],
    ['a'.repeat(32), []],
    ['a'.repeat(33), ['tics.agents.0.id']],
    ['a-b', ['tics.agents.0.id']],
    ['a/b', ['tics.agents.0.id']],
  ])('the id of an agent holds letters, digits and underscores: %s', (id, paths) => {
    const text = `
callers: anonymous
tics: { region: r, ${account}, agents: [{ id: ${id}, user: u, password: p }] }
`;
    expect(pathsOf(text)).toEqual(paths);
  });

  test.each(['localhost:4000', 'ftp://tics.example.com', 'data:text/plain,x', 'https://tics.example.com?a=b', 'x'])(
    'publicUrl: %s is a fault: its origin is not one of pages',
    (url) => expect(pathsOf(`publicUrl: "${url}"`)).toEqual(['publicUrl']),
  );

  test('metrics may have a port of their own', () => {
    expect(parseConfig('metricsPort: 9464', {}, 'text').metricsPort).toBe(9464);
    expect(pathsOf('metricsPort: 65536')).toEqual(['metricsPort']);
  });

  test.each([
    ['to what is not there', 'host: *nothing'],
    [
      'to far too much',
      [
        'a: &a [1]',
        ...['b', 'c', 'd'].map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abc'[index]}`).join()}]`),
      ].join('\n'),
    ],
  ])('YAML that refers %s is a fault', (_, text) => {
    expect(faultsOf(text)).toEqual([{ path: '(the whole file)', expected: 'YAML whose aliases can be resolved' }]);
  });

  test.each([
    [
      'an address of plain HTTP elsewhere',
      `tics: { spaceUrl: http://10.0.0.1, iamUrl: https://i, region: r, ${account} }`,
      ['tics.spaceUrl'],
    ],
    [
      'an address without a project',
      `tics: { spaceUrl: https://s, iamUrl: https://i, ${account} }`,
      ['tics.projectId'],
    ],
    [
      'an address with a path',
      `tics: { spaceUrl: https://s/base, iamUrl: https://i, region: r, ${account} }`,
      ['tics.spaceUrl'],
    ],
    [
      'an address with a password',
      `tics: { spaceUrl: "https://:p@s", iamUrl: "https://u@i", region: r, ${account} }`,
      ['tics.iamUrl', 'tics.spaceUrl'],
    ],
    [
      'an address with a query',
      `tics: { spaceUrl: "https://s?a=b", iamUrl: "https://i#a", region: r, ${account} }`,
      ['tics.iamUrl', 'tics.spaceUrl'],
    ],
    ['neither region nor address', `tics: { ${account} }`, ['tics.region']],
    ['IAM alone', `tics: { iamUrl: https://i, region: r, ${account} }`, ['tics.spaceUrl']],
    ['no account', 'tics: { region: r }', ['tics.account']],
    ['a region that is no name', `tics: { region: "evil.example.com/", ${account} }`, ['tics.region']],
    ['a word where a map belongs', 'tics: yes please', ['tics']],
  ])('%s is refused', (_, tics, expected) => {
    expect(pathsOf(`callers: anonymous\n${tics}`)).toEqual(expected);
  });

  test('loopback may be plain HTTP', () => {
    expect(
      pathsOf(
        `callers: anonymous\ntics: { spaceUrl: "http://127.0.0.1:1", iamUrl: "http://localhost:2", projectId: p, ${account} }`,
      ),
    ).toEqual([]);
  });

  test('an interval at rest follows the quick one where only that is given', () => {
    expect(parseConfig('watching: { quickMs: 20000, agentQuickMs: 90000 }', {}, 'file').watching).toMatchObject({
      slowestMs: 20_000,
      agentSlowestMs: 90_000,
    });
  });

  test.each([
    ['prot: 1', 'prot', 'port'],
    ['TICS: {}', 'TICS', 'tics'],
    ['limits: { operation: 1 }', 'limits.operation', 'operations'],
    [`callers: anonymous\ntics: { region: r, acount: {}, ${account} }`, 'tics.acount', 'account'],
    [
      `callers: anonymous\ntics: { region: r, ${account}, agents: [{ id: a, user: u, pasword: x, password: p }] }`,
      'tics.agents.0.pasword',
      'password',
    ],
    ['callers: { anonymus: true, anonymous: true }', 'callers.anonymus', 'anonymous'],
    ['watching: { quick: 1000 }', 'watching.quick', 'quickMs'],
    ['zzz: 1', 'zzz', undefined],
  ])('%s: a key that nobody knows, with what was maybe meant', (file, path, meant) => {
    const [fault] = faultsOf(file);
    expect(fault?.path).toBe(path);
    expect(/did you mean (\w+)/.exec(fault?.expected ?? '')?.[1]).toBe(meant);
  });

  describe('at every key of the schema', () => {
    /** Paths of all keys that the file may have, found from the schema. `0` is the first one of a list. */
    const pathsIn = (schema: z.core.$ZodType, path: readonly string[] = []): readonly (readonly string[])[] => {
      if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
        return pathsIn(schema.unwrap(), path);
      if (schema instanceof z.ZodPipe) return pathsIn(schema.in, path);
      if (schema instanceof z.ZodArray) return [path, ...pathsIn(schema.element, [...path, '0'])];
      if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => pathsIn(option, path));
      if (!(schema instanceof z.ZodObject)) return [path];
      const shape = schema.shape as Readonly<Record<string, z.core.$ZodType>>;
      return [path, ...Object.entries(shape).flatMap(([key, inner]) => pathsIn(inner, [...path, key]))];
    };
    const paths = [...new Set(pathsIn(configSchema('.')).map((path) => JSON.stringify(path)))].map(
      (text) => JSON.parse(text) as readonly string[],
    );

    const at = ([step, ...below]: readonly string[], value: unknown): unknown => {
      if (step === undefined) return value;
      return step === '0' ? [at(below, value)] : { [step]: at(below, value) };
    };

    test('texts of faults are ours, whatever stands there', { timeout: 120_000 }, () => {
      const junk = [null, 1, 'text', [], {}, [[1]], -1.5, true, { a: { b: 1 } }, 1e300];
      const faults = paths.flatMap((path) => junk.flatMap((value) => faultsOf(JSON.stringify(at(path, value)))));
      expect(paths.length).toBeGreaterThan(60);
      expect(faults.length).toBeGreaterThan(300);
      expect(
        faults.filter(({ expected }) => /invalid|received|expected|too (small|big)|null|undefined/i.test(expected)),
      ).toEqual([]);
    });

    test('a misspelt key is told with the one that was meant', () => {
      const misspelt = paths.flatMap((path) => {
        const key = path.at(-1);
        if (key === undefined || key === '0' || key.length < 4) return [];
        const wrong = `${key.slice(0, 2)}${key.slice(3)}`;
        const written = [...path.slice(0, -1), wrong];
        const fault = faultsOf(JSON.stringify(at(written, 'x'))).find((one) => one.path === written.join('.'));
        return fault?.expected.includes('did you mean') ? [] : [`${written.join('.')}: ${fault?.expected}`];
      });
      expect(misspelt).toEqual([]);
    });
  });

  test('faults never repeat a value', () => {
    const secret = 'hunter2';
    const faults = faultsOf(
      `callers: anonymous\ntics: { region: r, account: { domain: [${secret}], user: { a: ${secret} } } }`,
    );
    expect(faults.length).toBe(3);
    expect(JSON.stringify(faults)).not.toContain(secret);
  });

  test('text that is no YAML tells its line', () => {
    expect(faultsOf('port: 1\nhost: [')).toEqual([
      { path: 'line 2', expected: expect.stringContaining('YAML') as string },
    ]);
  });

  test('a certificate is a PEM, or a path seen from the file', async () => {
    const { cert } = await generate([{ name: 'commonName', value: 'agent' }]);
    const directory = makeDirectory();
    await writeFile(join(directory, 'agent.pem'), cert);
    const file = join(directory, 'config.yaml');
    await writeFile(
      file,
      JSON.stringify({
        callers: 'anonymous',
        tics: {
          region: 'r',
          account: { domain: 'd', user: 'u', password: 'p' },
          agents: [
            { id: 'a', user: 'u', password: 'p', certificate: 'agent.pem' },
            { id: 'b', user: 'u', password: 'p', certificate: cert },
          ],
        },
      }),
    );
    const [one, other] = readConfig({ GATEWAY_CONFIG: file }).tics?.agents ?? [];
    expect(one?.certificate).toContain('BEGIN CERTIFICATE');
    expect(one?.certificate).toBe(other?.certificate);
  });

  test('a certificate may be the first that is shown, but not through a proxy, where none is seen', () => {
    const withProxy = (proxy: string): string =>
      `callers: anonymous\ntics:\n  region: r\n  account: { domain: d, user: u, password: p }\n  proxy: ${proxy}\n  agents: [{ id: a, user: u, password: p, certificate: trust-on-first-use }]`;
    expect(pathsOf(withProxy('{ https: "http://p:1", agents: on }'))).toEqual(['tics.proxy']);
    expect(pathsOf(withProxy('{ https: "http://p:1" }'))).toEqual([]);
  });

  test.each([
    ['[10.0.0.0/8, "fd00::/8", 192.168.1.7]', []],
    ['[10.0.0.0/33]', ['tics.agentNetworks.0']],
    ['["fd00::/129"]', ['tics.agentNetworks.0']],
    ['[example.com]', ['tics.agentNetworks.0']],
    ['[10.0.0.0/8/8]', ['tics.agentNetworks.0']],
    ['[]', ['tics.agentNetworks']],
  ])('networks of agents: %s', (networks, paths) => {
    const tics = `{ region: r, account: { domain: d, user: u, password: p }, agentNetworks: ${networks} }`;
    expect(pathsOf(`callers: anonymous\ntics: ${tics}`)).toEqual(paths);
  });

  test('a named file that is not there is a fault', () => {
    expect(() => readConfig({ GATEWAY_CONFIG: '/nowhere/gateway.yaml' })).toThrow('GATEWAY_CONFIG');
  });

  test('a file that is there and can not be read is a fault, not a reason to start the embedded TICS', async () => {
    const before = process.cwd();
    const directory = makeDirectory();
    try {
      process.chdir(directory);
      expect(readConfig({})).toMatchObject({ port: 4000, host: '127.0.0.1' });
      await mkdir('gateway.config.yaml');
      expect(() => readConfig({})).toThrow(ConfigError);
    } finally {
      process.chdir(before);
    }
  });
});
