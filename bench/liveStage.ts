import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { createSandboxClient, type SandboxClient, type SandboxInfo } from '../src/sandbox/client.ts';
import type { SandboxReady } from '../src/sandbox/start.ts';
import type { Task, Told } from './liveClients.ts';

/** What a gateway says of itself at `/metrics`, after its garbage was collected where that was asked for. */
export interface Figures {
  readonly watches: number;
  readonly subscribers: number;
  readonly sockets: number;
  readonly heapBytes: number;
  readonly residentBytes: number;
  readonly cpuSeconds: number;
  /** Open files and sockets. */
  readonly openDescriptors: number;
}

/** The embedded TICS, the gateway as it is run, and subscribers: each a process of its own. */
export interface LiveStage {
  readonly tics: SandboxClient;
  readonly url: string;
  readonly figures: () => Promise<Figures>;
  readonly collectGarbage: () => Promise<void>;
  /** Has the subscribers carry out a task. */
  readonly ask: (task: Task) => Promise<void>;
  /** Listens to what the subscribers tell, until what it answers is called. */
  readonly onTold: (listen: (told: Told) => void) => () => void;
  readonly close: () => Promise<void>;
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

/** The first match in what a process writes; what comes later is read too, or the process would wait. */
function firstMatch(output: Readable, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: output });
    lines.on('line', (line) => {
      const found = pattern.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    lines.once('close', () => reject(new Error(`a process ended without having written ${pattern.source}`)));
  });
}

async function startTics(): Promise<{ child: ChildProcess; info: SandboxInfo }> {
  // Its time stands still: runs stay in the state that they are put into.
  const child = fork(pathOf('../src/sandbox/start.ts'), ['--port', '0', '--speed', '0']);
  const [{ info }] = (await once(child, 'message')) as [SandboxReady];
  return { child, info };
}

function configOf({ spaceUrl, iamUrl, projectId, region, account, agents }: SandboxInfo) {
  return {
    callers: 'anonymous',
    bi: 'off',
    port: 0,
    tics: {
      spaceUrl,
      iamUrl,
      projectId,
      region,
      account: { domain: account.domain, user: account.user, password: account.password },
      agents: agents.map(({ id, url, user, password, certificate }) => ({ id, url, user, password, certificate })),
    },
  };
}

/** Chrome's protocol, of which the bench needs a single command. */
async function inspect(address: string) {
  const socket = new WebSocket(address, { perMessageDeflate: false });
  await once(socket, 'open');
  let last = 0;
  return {
    collectGarbage: async (): Promise<void> => {
      const id = (last += 1);
      socket.send(JSON.stringify({ id, method: 'HeapProfiler.collectGarbage' }));
      for (;;) {
        const [data] = (await once(socket, 'message')) as [Buffer];
        if ((JSON.parse(data.toString()) as { id?: number }).id === id) return;
      }
    },
    close: () => socket.terminate(),
  };
}

async function readFigures(url: string): Promise<Figures> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const of = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? NaN);
  return {
    watches: of('tics_gateway_watches'),
    subscribers: of('tics_gateway_subscribers'),
    sockets: of('tics_gateway_sockets'),
    heapBytes: of('nodejs_heap_used_bytes'),
    residentBytes: of('process_resident_memory_bytes'),
    cpuSeconds: of('process_cpu_seconds_total'),
    openDescriptors: of('process_open_fds'),
  };
}

/** Starts everything. @param entry - the gateway's, built or as it is written */
export async function setUpLive(entry: string): Promise<LiveStage> {
  const { child: ticsProcess, info } = await startTics();
  const directory = await mkdtemp(join(tmpdir(), 'gateway-live-'));
  const config = join(directory, 'gateway.yaml');
  await writeFile(config, JSON.stringify(configOf(info)));
  const loader = entry.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const gateway = spawn(process.execPath, ['--inspect=127.0.0.1:0', ...loader, entry], {
    cwd: pathOf('..'),
    env: { PATH: process.env['PATH'], GATEWAY_CONFIG: config, HOST: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.once('exit', () => gateway.kill('SIGKILL'));
  const [inspector, url] = await Promise.all([
    firstMatch(gateway.stderr, /Debugger listening on (\S+)/).then(inspect),
    firstMatch(gateway.stdout, /"url":"([^"]+)".*"listening"/),
  ]);

  const clients = fork(pathOf('./liveClients.ts'));
  await once(clients, 'message');
  clients.once('exit', () =>
    listeners.forEach((listen) => listen({ kind: 'failed', message: 'the subscribers ended' })),
  );
  const listeners = new Set<(told: Told) => void>();
  clients.on('message', (told: Told) => listeners.forEach((listen) => listen(told)));

  return {
    tics: createSandboxClient(info.controlUrl),
    url,
    figures: () => readFigures(url),
    collectGarbage: inspector.collectGarbage,
    ask: (task) =>
      new Promise((resolve, reject) => {
        const listen = (told: Told): void => {
          if (told.kind !== 'done' && told.kind !== 'failed') return;
          listeners.delete(listen);
          if (told.kind === 'failed') reject(new Error(told.message));
          else resolve();
        };
        listeners.add(listen);
        clients.send(task);
      }),
    onTold: (listen) => {
      listeners.add(listen);
      return () => listeners.delete(listen);
    },
    close: async () => {
      inspector.close();
      const children = [clients, gateway, ticsProcess];
      const exited = children.map((child) => once(child, 'exit'));
      children.forEach((child) => child.kill('SIGKILL'));
      await Promise.all(exited);
      await rm(directory, { recursive: true });
    },
  };
}
