import { watchFile } from 'node:fs';

/** Files are looked at this often: notices of the system miss links that are exchanged, as in mounted secrets. */
const intervalMs = 2_000;

/** Calls back when one of these files has changed. */
export function watchFiles(paths: readonly string[], changed: () => void): void {
  for (const path of paths) watchFile(path, { interval: intervalMs, persistent: false }, changed);
}
