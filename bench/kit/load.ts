import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadResult, LoadTask } from './loadTask.ts';
import { pinned } from './process.ts';

/** The load process. */
export interface Load {
  readonly run: (task: LoadTask) => Promise<LoadResult>;
  readonly close: () => void;
}

/** Starts the load process. It ends with this one. */
export async function startLoad(): Promise<Load> {
  const entry = fileURLToPath(new URL('./loadProcess.ts', import.meta.url));
  const [first, ...rest] = pinned('others', [process.execPath, '--import', 'tsx', entry]);
  const child = spawn(first, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' });
  await once(child, 'message');
  const ended = once(child, 'exit').then(() => {
    throw new Error('the load process ended');
  });
  ended.catch(() => undefined);
  return {
    run: async (task) => {
      const answered = once(child, 'message');
      child.send(task);
      const [result] = (await Promise.race([answered, ended])) as [LoadResult];
      return result;
    },
    close: () => void child.disconnect(),
  };
}
