import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { startSandbox, type Sandbox, type SandboxOptions } from './sandbox.ts';
import type { SandboxInfo } from './control/port.ts';

export { startSandbox, type Sandbox, type SandboxOptions } from './sandbox.ts';
export type { AgentAccess, SandboxInfo } from './control/port.ts';

/** Sent to the parent process once the embedded TICS listens. */
export interface SandboxReady {
  readonly kind: 'sandbox ready';
  readonly info: SandboxInfo;
}

const usage = `usage: npm run sandbox -- [--seed 1] [--leagues 5] [--days 90] [--scale 1] [--speed 1]
                          [--port 9200] [--ready-json | --config]

  --seed        the number that everything is drawn from
  --leagues     how many leagues, two in five joined, the others of the account
  --days        how many days of history (1 to 3650)
  --scale       how many times the usual datasets, jobs and instances (1 to 1000, times leagues 5000 at most); a
                league has 300 instances at 1
  --speed       how many seconds of the sandbox pass in a second
  --port        of the control port; the other servers take the ports after it; 0 takes any
  --ready-json  write addresses and credentials as one line of JSON
  --config      write a gateway.config.yaml by which a gateway uses this TICS (npm run --silent sandbox -- --config)
`;

const defaultPort = 9200;

const stopSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

function infoOf({ spaceUrl, iamUrl, controlUrl, projectId, region, account, agents }: Sandbox): SandboxInfo {
  return {
    spaceUrl,
    iamUrl,
    controlUrl,
    projectId,
    region,
    account,
    agents,
  };
}

function describe(info: SandboxInfo): string {
  const { account, agents } = info;
  const nameWidth = Math.max(...agents.map(({ name }) => name.length));
  return [
    'The embedded TICS is listening.',
    '',
    `  space plane   ${info.spaceUrl}`,
    `  IAM           ${info.iamUrl}`,
    `  control port  ${info.controlUrl}/control/info`,
    `  region        ${info.region}`,
    `  project id    ${info.projectId}`,
    `  account       domain ${account.domain}, user ${account.user}, password ${account.password}`,
    '',
    '  agents (HTTPS, each with its own self-signed certificate; see the control port)',
    ...agents.map(
      ({ id, name, url, user, password }) => `  ${id}  ${name.padEnd(nameWidth)}  ${url}  ${user} / ${password}`,
    ),
    '',
  ].join('\n');
}

/** A configuration file of the gateway. The agents' certificates stand in it, so that it needs no other file. */
function configOf({ spaceUrl, iamUrl, projectId, region, account, agents }: SandboxInfo): string {
  const { domain, user, password } = account;
  const tics = {
    region,
    projectId,
    spaceUrl,
    iamUrl,
    account: { domain, user, password },
    agents: agents.map((agent) => ({
      id: agent.id,
      url: agent.url,
      user: agent.user,
      password: agent.password,
      certificate: agent.certificate,
    })),
  };
  return [
    '# The embedded TICS, as long as it runs. Start the gateway beside it: npm start',
    stringify({ callers: 'anonymous', tics }),
  ].join('\n');
}

/** Output once the servers listen. */
function announce(info: SandboxInfo, form: 'text' | 'json' | 'config'): string {
  if (form === 'config') return configOf(info);
  return `${form === 'json' ? JSON.stringify({ kind: 'sandbox ready', info } satisfies SandboxReady) : describe(info)}\n`;
}

function numberOption(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new RangeError(`--${name} must be a number, not ${text}`);
  return value;
}

/** Two of five leagues belong to others; the account has joined them. */
function leaguesOf(count: number): Pick<SandboxOptions, 'ownedLeagues' | 'joinedLeagues'> {
  const joinedLeagues = Math.floor((count * 2) / 5);
  return { ownedLeagues: count - joinedLeagues, joinedLeagues };
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      leagues: { type: 'string' },
      days: { type: 'string' },
      scale: { type: 'string' },
      speed: { type: 'string' },
      port: { type: 'string' },
      'ready-json': { type: 'boolean' },
      config: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const seed = numberOption('seed', values.seed);
  const scale = numberOption('scale', values.scale);
  const speed = numberOption('speed', values.speed);
  const leagues = numberOption('leagues', values.leagues);
  const days = numberOption('days', values.days);
  const options: SandboxOptions = {
    ...(leagues === undefined ? {} : leaguesOf(leagues)),
    ...(days === undefined ? {} : { days }),
    ...(seed === undefined ? {} : { seed }),
    ...(scale === undefined ? {} : { scale }),
    ...(speed === undefined ? {} : { speed }),
    firstPort: numberOption('port', values.port) ?? defaultPort,
  };
  const form = values.config ? 'config' : values['ready-json'] ? 'json' : 'text';
  return { options, form, isHelpAsked: values.help === true } as const;
}

/** The command line. With an IPC channel, sends a `SandboxReady` message and exits with the parent. */
async function run(): Promise<void> {
  const hasParent = process.send !== undefined;
  let close = (): Promise<void> => Promise.resolve();
  const stop = (): void => void close().finally(() => process.exit(0));
  // Terminals and service managers signal all processes of a group. The parent needs this process until it has stopped
  // itself, and ends it then.
  for (const signal of stopSignals) process.on(signal, hasParent ? () => undefined : stop);
  process.once('disconnect', stop);
  const { options, form, isHelpAsked } = readOptions();
  if (isHelpAsked) return void process.stdout.write(usage);

  const sandbox = await startSandbox(options);
  close = () => sandbox.close();

  const info = infoOf(sandbox);
  if (process.send !== undefined) process.send({ kind: 'sandbox ready', info } satisfies SandboxReady);
  else process.stdout.write(announce(info, form));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  run().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(1);
  });
}
