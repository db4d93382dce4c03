import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';

/** What V8's sampling profiler answers (Profiler.Profile of the DevTools protocol). */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Of a process that was started with `--inspect`. */
export interface Profiler {
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<CpuProfile>;
  readonly close: () => void;
}

const samplingIntervalUs = 200;

/** @param port - where the inspector of the process listens */
export async function connectProfiler(port: number): Promise<Profiler> {
  const response = await fetch(`http://127.0.0.1:${port}/json`);
  const [target] = (await response.json()) as { webSocketDebuggerUrl: string }[];
  const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '');
  await once(socket, 'open');
  let sent = 0;
  const send = async (method: string, params = {}): Promise<unknown> => {
    const id = (sent += 1);
    socket.send(JSON.stringify({ id, method, params }));
    for (;;) {
      const [data] = (await once(socket, 'message')) as [Buffer];
      const message = JSON.parse(data.toString()) as { id?: number; result?: unknown };
      if (message.id === id) return message.result;
    }
  };
  await send('Profiler.enable');
  await send('Profiler.setSamplingInterval', { interval: samplingIntervalUs });
  return {
    start: async () => void (await send('Profiler.start')),
    stop: async () => ((await send('Profiler.stop')) as { profile: CpuProfile }).profile,
    close: () => socket.close(),
  };
}

/** The source file of each line of a bundle, by the comments that esbuild writes. */
function sourcesOf(bundle: string): readonly string[] {
  let source = bundle;
  return readFileSync(bundle, 'latin1')
    .split('\n')
    .map((line) => (source = /^\s*\/\/ ((?:src|node_modules)\/\S+)$/.exec(line)?.[1] ?? source));
}

/** `src/upstream`, `undici`, `node:http`; functions of Node in C++ have no file. */
function groupOf(source: string): string {
  const [first = '', second = '', third = ''] = source.split('/');
  if (first === 'src') return third === '' ? 'src' : `src/${second}`;
  if (first === 'node_modules') return second.startsWith('@') ? `${second}/${third}` : second;
  return source.startsWith('node:') ? 'Node’s own modules' : 'Node in C++: sockets, text, JSON, crypto';
}

const named: Readonly<Record<string, string>> = {
  '(garbage collector)': 'garbage collection',
  '(program)': 'Node in C++: sockets, text, JSON, crypto',
};

/** Shares of the busy time by what was at work, the greatest first. @param bundle - the script that ran */
export function sharesOf({ nodes, samples, timeDeltas }: CpuProfile, bundle: string): ReadonlyMap<string, number> {
  const sources = sourcesOf(bundle);
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times = new Map<string, number>();
  let busy = 0;
  samples.forEach((sample, index) => {
    const { functionName = '', url = '', lineNumber = 0 } = frames.get(sample) ?? {};
    if (functionName === '(idle)') return;
    const source = url.endsWith(bundle) ? (sources[lineNumber] ?? '') : url;
    const group = named[functionName] ?? groupOf(source);
    const time = timeDeltas[index] ?? 0;
    busy += time;
    times.set(group, (times.get(group) ?? 0) + time);
  });
  return new Map([...times].sort(([, one], [, other]) => other - one).map(([group, time]) => [group, time / busy]));
}
