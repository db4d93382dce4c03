import { statSync } from 'node:fs';
import { join } from 'node:path';
import { changeExclusively, readIfPresent, replacePrivateFile } from '../files.ts';
import { parseKeys, writeKeys, type ApiKey } from './keys.ts';

/** A change of the file is noticed within this time: a revoked key ends its streams within a second. */
const pollMs = 400;

/** The keys on disk, in the data directory. */
export interface KeyFile {
  /** @throws Error when the file has a fault. A missing file has no keys. */
  readonly read: () => readonly ApiKey[];
  /** Replaces the file at once: whoever reads it sees the old keys or the new ones. */
  readonly write: (keys: readonly ApiKey[]) => void;
  /** Runs `change`, which reads and writes, while no other process changes the file by this function. */
  readonly exclusively: (change: () => void) => Promise<void>;
  /** Calls `onChange` after each change of the file since it was read last, until the returned function is called. */
  readonly watch: (onChange: () => void) => () => void;
}

/** Version of a file: inode, time of the last change, length. */
function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
}

export function keyFileIn(directory: string): KeyFile {
  const path = join(directory, 'keys.json');
  let readAt = '';

  const read = (): readonly ApiKey[] => {
    // Taken before the file is read, so that a change meanwhile is read again.
    readAt = stampOf(path);
    const text = readIfPresent(path);
    return text === undefined ? [] : parseKeys(text);
  };

  return {
    read,
    write: (keys) => replacePrivateFile(path, writeKeys(keys)),
    exclusively: (change) => changeExclusively(path, change),
    watch: (onChange) => {
      // Not by notification: editors and mounted volumes replace files, and some file systems notify nobody. `fs.watchFile`
      // misses what changes before its first look.
      const timer = setInterval(() => {
        if (stampOf(path) !== readAt) onChange();
      }, pollMs).unref();
      return () => clearInterval(timer);
    },
  };
}
