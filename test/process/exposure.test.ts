import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/config.ts';
import { warnOfOpenDoors } from '../../src/process/listening.ts';
import { makeDirectory } from '../support/directory.ts';
import { configFor, useStage } from '../support/gateway.ts';
import { listening, spawnGateway, type GatewayProcess } from '../support/gatewayProcess.ts';
import { logTo } from '../support/log.ts';

const stage = useStage();
const repository = fileURLToPath(new URL('../..', import.meta.url));
const openDoor = 'plain HTTP beyond loopback: set tls, or end TLS before and set trustedProxies or publicUrl';

const directory = makeDirectory('exposure-');
let gateway: GatewayProcess | undefined;

afterEach(async () => {
  gateway?.child.kill('SIGKILL');
  await gateway?.exited;
});

describe('at the start the log', () => {
  function logged(text: string): readonly unknown[] {
    const lines: Readonly<Record<string, unknown>>[] = [];
    const tics = 'tics: { region: r, account: { domain: d, user: u, password: p } }\ncallers: { keys: true }\n';
    warnOfOpenDoors(parseConfig(tics + text, {}, join(directory, 'gateway.config.yaml')), logTo(lines));
    return lines.map(({ level, msg, host }) => [level, msg, host]);
  }

  test.each([
    '0.0.0.0',
    '::',
    '10.1.2.3',
    '192.168.0.7',
    '2001:db8::1',
    'fe80::1',
    '128.0.0.1',
    'gateway',
    '127.example',
  ])('warns of plain HTTP on the host %s', (host) => {
    expect(logged(`host: "${host}"`)).toEqual([['warn', openDoor, host]]);
    expect(logged(`host: "${host}"\npublicUrl: "http://localhost:4000"\ntrustedProxies: []`)).toHaveLength(1);
  });

  test.each(['', '127.0.0.1', 'localhost', '::1', '127.0.0.2', '::ffff:127.0.0.1', 'LOCALHOST'])(
    'is silent of the host "%s", which is loopback',
    (host) => {
      expect(logged(host === '' ? '' : `host: "${host}"`)).toEqual([]);
    },
  );

  test('is silent where TLS ends here, or before', () => {
    const [certificate, key] = [join(directory, 'tls.crt'), join(directory, 'tls.key')];
    const subject = ['-subj', '/CN=gateway.example', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    spawnSync('openssl', ['req', '-x509', '-nodes', '-keyout', key, '-out', certificate, ...subject]);
    expect(logged(`host: 0.0.0.0\ntls: { certificate: ${certificate}, key: ${key} }`)).toEqual([]);
    expect(logged('host: 0.0.0.0\npublicUrl: https://gateway.example')).toEqual([]);
    expect(logged('host: 0.0.0.0\ntrustedProxies: [10.0.0.0/8]')).toEqual([]);
  });
});

/** Ids of a process and of those that it started, and theirs. */
async function withDescendants(pid: number): Promise<readonly number[]> {
  const all = await Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => {
        const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
        return { pid: Number(name), parent: Number(/\) \S (\d+)/.exec(stat)?.[1]) };
      }),
  );
  const below = (parent: number): readonly number[] => [
    parent,
    ...all.filter((one) => one.parent === parent).flatMap((one) => below(one.pid)),
  ];
  return below(pid);
}

// `/proc` is Linux's.
test.runIf(process.platform === 'linux')(
  'secrets that come from files stand neither in the command line nor in the environment of any process',
  async () => {
    const { agents, account, ...tics } = configFor(stage.sandbox);
    const secrets = [account.password, ...agents.map(({ password }) => password)];
    const reference = async (secret: string, index: number): Promise<string> => {
      await writeFile(join(directory, `secret${index}`), secret, { mode: 0o600 });
      return `\${file:secret${index}}`;
    };
    const [password = '', ...passwords] = await Promise.all(secrets.map(reference));
    const file = join(directory, 'gateway.config.yaml');
    const settings = {
      callers: { keys: true },
      tics: {
        ...tics,
        account: { ...account, password },
        agents: agents.map((agent, index) => ({ ...agent, password: passwords[index] })),
      },
    };
    await writeFile(file, JSON.stringify(settings));
    const env = { PATH: process.env['PATH'], GATEWAY_CONFIG: file };
    const create = ['--import', 'tsx', 'src/main.ts', 'key', 'create', '--name', 'reader', '--role', 'viewer'];
    const { stdout } = spawnSync(process.execPath, create, { cwd: repository, env, encoding: 'utf8' });
    const [key = ''] = stdout.split('\n');
    gateway = spawnGateway({ env: { GATEWAY_CONFIG: file, HOST: '0.0.0.0' } });
    const port = new URL(await listening(gateway)).port;
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      body: JSON.stringify({ query: '{ leagues { nodes { agents { nodes { runtime { __typename } } } } } }' }),
    });
    // Some agents of the embedded TICS are away.
    expect(await response.text()).toContain('AgentRuntime');

    const pids = await withDescendants(gateway.child.pid ?? 0);
    const told = pids.map((pid) =>
      Promise.all(['cmdline', 'environ'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8'))),
    );
    const shown = (await Promise.all(told)).flat().join('\n');
    expect(shown).toContain('src/main.ts');
    for (const secret of [key, ...secrets]) {
      expect(secret.length).toBeGreaterThan(7);
      expect(shown).not.toContain(secret);
      expect(JSON.stringify(gateway.lines)).not.toContain(secret);
    }
    // The process says where it listens, too.
    expect(gateway.lines).toContainEqual(expect.objectContaining({ level: 'warn', msg: openDoor, host: '0.0.0.0' }));
  },
  60_000,
);
