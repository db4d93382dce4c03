import { messageOf } from '../errors.ts';
import type { SharedKeys } from '../shared/keys.ts';
import type { KeyFile } from './keyFile.ts';
import { parseKeys, writeKeys, type ApiKey } from './keys.ts';

function isSame(one: ApiKey | undefined, other: ApiKey | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function areSame(some: readonly ApiKey[], others: readonly ApiKey[]): boolean {
  return writeKeys(some) === writeKeys(others);
}

/**
 * Merges the keys of a file with those of all replicas. What was changed on one side since they were equal holds. A key that was
 * taken out of the file is revoked; one that is missing among those of all is not: the server may have lost what it kept.
 *
 * @param base - the keys when both sides were equal; undefined where that is not known
 */
export function mergeKeys(
  base: readonly ApiKey[] | undefined,
  own: readonly ApiKey[],
  shared: readonly ApiKey[],
  nowMs: number,
): readonly ApiKey[] {
  const bySha = (keys: readonly ApiKey[] = []) => new Map(keys.map((key) => [key.sha256, key]));
  const [before, mine, theirs] = [bySha(base), bySha(own), bySha(shared)];
  const names = new Set([...theirs.keys(), ...mine.keys()]);
  return [...names].flatMap((name) => {
    const [was, here, there] = [before.get(name), mine.get(name), theirs.get(name)];
    if (there === undefined) return here ?? [];
    if (here === undefined)
      return was === undefined ? there : { ...there, revokedAt: there.revokedAt ?? new Date(nowMs).toISOString() };
    // Nobody gets a right back by being out of date.
    if (here.revokedAt !== null || there.revokedAt !== null) return there.revokedAt === null ? here : there;
    return was !== undefined && isSame(was, there) ? here : there;
  });
}

/** @throws Error where the keys are of another version */
function keysIn(text: string | null | undefined): readonly ApiKey[] | undefined {
  return text === null ? [] : text === undefined ? undefined : parseKeys(text);
}

/**
 * Changes the keys of a file, and those of all replicas where there are several.
 *
 * @returns false if the other replicas can't be notified now
 * @throws Error when the file has a fault
 */
export async function changeKeys(
  { file, shared }: { readonly file: KeyFile; readonly shared?: SharedKeys | undefined },
  change: (keys: readonly ApiKey[]) => readonly ApiKey[],
): Promise<boolean> {
  for (;;) {
    let keys: readonly ApiKey[] = [];
    await file.exclusively(() => {
      keys = change(allKeys(file, shared));
      file.write(keys);
    });
    const outcome = shared === undefined ? 'REPLACED' : await shared.replace(writeKeys(keys));
    if (outcome !== 'CHANGED') return outcome === 'REPLACED';
  }
}

/** The keys of a file with those of all replicas. @throws Error when the file has a fault */
export function allKeys(file: KeyFile, shared: SharedKeys | undefined): readonly ApiKey[] {
  const own = file.read();
  return mergeKeys(undefined, own, keysIn(shared?.latest()) ?? own, Date.now());
}

/** What keeps the keys of a replica. */
export interface ReplicaKeysOptions {
  readonly file: KeyFile;
  readonly shared: SharedKeys;
  /** Is given the keys as they now are. */
  readonly onKeys: (keys: readonly ApiKey[]) => void;
  readonly onFault: (reason: string, message: string) => void;
}

/**
 * Keeps the keys of this replica's file and those of all replicas equal: each has them on its own disk, and holds them while
 * nobody can tell what the others have.
 *
 * @returns stops it
 * @throws Error when the file has a fault at the start
 */
export function keepKeys({ file, shared, onKeys, onFault }: ReplicaKeysOptions): () => void {
  let base: readonly ApiKey[] | undefined;
  let current: readonly ApiKey[] = [];
  let isFileWritable = true;

  const readFile = (): readonly ApiKey[] | undefined => {
    try {
      return file.read();
    } catch (error) {
      if (base === undefined) throw error;
      onFault(messageOf(error), 'keys refused: the old ones stay');
      return undefined;
    }
  };

  const readShared = (): readonly ApiKey[] | undefined => {
    try {
      return keysIn(shared.latest());
    } catch (error) {
      onFault(messageOf(error), 'keys of the other replicas refused: the old ones stay');
      return undefined;
    }
  };

  const writeFile = (keys: readonly ApiKey[]): void => {
    try {
      file.write(keys);
    } catch (error) {
      if (isFileWritable) onFault(messageOf(error), 'keys can not be kept on disk: they are gone with a restart');
      isFileWritable = false;
    }
  };

  const sync = (): void => {
    const isFirst = base === undefined;
    const onDisk = readFile();
    // A file that can't be written lags behind.
    const own = onDisk === undefined ? current : isFileWritable ? onDisk : mergeKeys(undefined, onDisk, current, 0);
    const known = readShared();
    const theirs = known ?? base ?? own;
    const merged = mergeKeys(base, own, theirs, Date.now());
    const isChanged = isFirst || !areSame(merged, current);
    base = current = merged;
    if (isChanged) onKeys(merged);
    if (onDisk !== undefined && !areSame(merged, onDisk)) writeFile(merged);
    if (known !== undefined && !areSame(merged, theirs)) void shared.replace(writeKeys(merged));
  };

  sync();
  const stops = [shared.onChange(sync), file.watch(sync)];
  return () => stops.forEach((stop) => stop());
}
