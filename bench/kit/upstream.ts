import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SignIn } from './fixtureFiles.ts';
import { hasNginx, startNginx } from './nginx.ts';
import { freePort } from '../../ops/freePort.ts';
import { launch, untilAnswered } from './process.ts';

/** Serves recorded answers, and counts what it is asked. */
export interface StaticUpstream {
  readonly kind: 'nginx' | 'worker';
  readonly url: string;
  readonly port: number;
  /** Requests so far, these readings left out. */
  readonly requests: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/** What is served and how. */
export interface UpstreamOptions {
  /** Of the recorded answers; see `fileOf`. */
  readonly root: string;
  /** For its own files. */
  readonly directory: string;
  readonly signIn: SignIn;
  /** Before each answer; nginx can't wait, so the worker serves. */
  readonly delayMs?: number;
}

async function startWorker({ root, directory, signIn, delayMs = 0 }: UpstreamOptions): Promise<StaticUpstream> {
  const port = await freePort();
  await mkdir(directory, { recursive: true });
  const signInFile = join(directory, 'signIn.json');
  await writeFile(signInFile, JSON.stringify(signIn));
  const logFile = join(directory, 'upstream.log');
  const entry = fileURLToPath(new URL('./upstreamWorker.ts', import.meta.url));
  const url = `http://127.0.0.1:${port}`;
  const running = launch({
    core: 'others',
    command: [process.execPath, '--import', 'tsx', entry, root, `${port}`, `${delayMs}`, signInFile],
    port,
    logFile,
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  });
  const requests = async (): Promise<number> => Number(await (await fetch(`${url}/requests`)).text());
  await untilAnswered(running, logFile, async () => Number.isFinite(await requests()));
  return { kind: 'worker', url, port, requests, close: running.stop };
}

/** Starts nginx where it is there and answers are not to be slow, else a worker. */
export function startUpstream(options: UpstreamOptions): Promise<StaticUpstream> {
  return hasNginx() && options.delayMs === undefined
    ? startNginx(options.root, options.directory, options.signIn)
    : startWorker(options);
}
