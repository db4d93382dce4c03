import { watchFile } from 'node:fs';

/** Polls: `fs.watch` misses exchanged symlinks, as in mounted Kubernetes secrets. */
const intervalMs = 2_000;

/** Calls back when one of the files has changed. */
export function watchFiles(paths: readonly string[], changed: () => void): void {
  for (const path of paths) watchFile(path, { interval: intervalMs, persistent: false }, changed);
}
