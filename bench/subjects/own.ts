import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askOnce } from '../kit/ask.ts';
import { freePort } from '../../ops/freePort.ts';
import { lastLines, launch, untilAnswered, type Launch } from '../kit/process.ts';
import { asks, queryOf, type Ask } from '../kit/queries.ts';
import type { Question, RunningSubject, Subject, Surroundings } from '../kit/subject.ts';
import type { World } from '../kit/fixtures.ts';
import { pathOf } from './asks.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** How a subject with our schema is asked. */
export async function graphqlQuestion(ask: Ask, world: World): Promise<Question> {
  const reference = await world.reference(ask);
  return { method: 'POST', path: ['/graphql'], body: JSON.stringify({ query: queryOf(ask) }), reference };
}

async function pathQuestion(ask: Ask, world: World): Promise<Question> {
  return { method: 'GET', path: [pathOf(ask)], reference: await world.reference(ask) };
}

/** Starts a process and waits until it has answered a question rightly. @throws Error that says why it did not */
export async function startAnswering(
  command: (port: number) => Pick<Launch, 'command' | 'env' | 'cwd'>,
  logFile: string,
  question: Question,
  headers: Readonly<Record<string, string>> = {},
): Promise<RunningSubject> {
  const port = await freePort();
  const startedAt = performance.now();
  const running = launch({ core: 'subject', port, logFile, ...command(port) });
  let fault = '';
  const isAnswered = (): Promise<boolean> =>
    askOnce(port, question, headers).then(
      () => true,
      (error: unknown) => {
        fault = error instanceof Error ? error.message : String(error);
        return false;
      },
    );
  try {
    await untilAnswered(running, logFile, isAnswered);
  } catch (error) {
    await running.stop();
    throw new Error(`${fault}; ${String(error)}`, { cause: error });
  }
  return { ...running, headers, startMs: performance.now() - startedAt };
}

/** A module of ours in a process of its own. */
function scriptOf(file: string, ...args: readonly string[]): Pick<Launch, 'command' | 'cwd'> {
  return { command: [process.execPath, '--import', 'tsx', join(repository, 'bench', file), ...args], cwd: repository };
}

/** What is set in the gateway's configuration besides the upstream. */
export interface GatewaySettings {
  readonly sharing?: 'off';
  readonly cache?: { readonly freshMs: number };
  readonly callers?: { readonly keys: true };
  readonly dataDirectory?: string;
  readonly limits?: { readonly callerCallsPerMinute: number };
}

function configurationOf({ upstream, world }: Surroundings, settings: GatewaySettings): object {
  const { projectId, region, account } = world;
  return {
    host: '127.0.0.1',
    callers: 'anonymous',
    // Its tables are refreshed in the background: their calls would count as those of what is measured.
    bi: 'off',
    ...settings,
    tics: { spaceUrl: upstream.url, iamUrl: upstream.url, projectId, region, account, agents: [] },
  };
}

/** How a gateway is started, and asked. */
interface GatewayOptions {
  /** Of the build; another checkout's can be measured too. */
  readonly entry?: string | undefined;
  /** What stands before the entry. */
  readonly nodeOptions?: readonly string[];
  /** Headers of each request, made once the file of the configuration is there. */
  readonly headers?: (configFile: string, entry: string) => Readonly<Record<string, string>>;
}

/** The gateway as it ships. */
export function gatewaySubject(
  name: string,
  settings: GatewaySettings,
  { entry = join(repository, 'dist/main.js'), nodeOptions = [], headers = () => ({}) }: GatewayOptions = {},
): Subject {
  const start = async (surroundings: Surroundings, used: GatewaySettings): Promise<RunningSubject> => {
    const stem = join(surroundings.directory, name.replace(/\W+/g, '-'));
    await writeFile(`${stem}.json`, JSON.stringify(configurationOf(surroundings, used)));
    await writeFile(`${stem}.log`, '');
    return startAnswering(
      (port) => ({
        command: [process.execPath, ...nodeOptions, entry],
        cwd: surroundings.directory,
        env: { GATEWAY_CONFIG: `${stem}.json`, PORT: `${port}` },
      }),
      `${stem}.log`,
      await graphqlQuestion(asks.q1, surroundings.world),
      headers(`${stem}.json`, entry),
    ).catch((error: unknown) => {
      // A build from before the key existed refuses it, and shares nothing.
      if (used.sharing === undefined || !lastLines(`${stem}.log`).includes('sharing: no such key')) throw error;
      const { sharing: _unknown, ...known } = used;
      return start(surroundings, known);
    });
  };
  return { name, question: graphqlQuestion, start: (surroundings) => start(surroundings, settings) };
}

/** A budget of calls that is counted, and never used up. */
const unreachedCallsPerMinute = 1_000_000_000;

function createKey(configFile: string, entry: string): { readonly 'x-api-key': string } {
  const command = [entry, 'key', 'create', '--name', 'bench', '--role', 'viewer'];
  const env = { PATH: process.env['PATH'], GATEWAY_CONFIG: configFile };
  const options = { cwd: dirname(configFile), env, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, command, options);
  if (status !== 0) throw new Error(`a key can't be made: ${stderr}`);
  const [key = ''] = stdout.split('\n');
  return { 'x-api-key': key };
}

/** The gateway with nothing shared, asked with an API key: the caller is identified, and its calls are counted. */
export function identifiedSubject(entry: string | undefined): Subject {
  const settings = {
    sharing: 'off',
    callers: { keys: true },
    dataDirectory: 'identified.data',
    limits: { callerCallsPerMinute: unreachedCallsPerMinute },
  } as const;
  return gatewaySubject('ours, with a key', settings, { entry, headers: createKey });
}

/** The same calls by hand. */
export function rawSubject(name: string, isCached = false): Subject {
  return {
    name,
    question: pathQuestion,
    start: async ({ upstream, world, directory }) =>
      startAnswering(
        (port) =>
          scriptOf('subjects/raw.ts', `${port}`, upstream.url, world.projectId, ...(isCached ? ['--cached'] : [])),
        join(directory, `${name.replace(/\W+/g, '-')}.log`),
        await pathQuestion(asks.q1, world),
      ),
  };
}

/** The answers to Q1 and Q2 as bytes that never change. */
export const constantSubject: Subject = {
  name: 'constant',
  question: pathQuestion,
  start: async ({ world, directory }) => {
    const file = join(directory, 'constant.json');
    const bodies = Object.values(asks).map(async (ask) => [
      pathOf(ask),
      JSON.stringify({ data: await world.reference(ask) }),
    ]);
    await writeFile(file, JSON.stringify(Object.fromEntries((await Promise.all(bodies)) as [string, string][])));
    return startAnswering(
      (port) => scriptOf('subjects/constant.ts', `${port}`, file),
      join(directory, 'constant.log'),
      await pathQuestion(asks.q1, world),
    );
  },
};
