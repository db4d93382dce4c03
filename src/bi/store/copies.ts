import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { deleteOrphanedTemporaryFiles, temporaryPath } from '../../files.ts';
import { within } from '../../time.ts';
import type { Work } from './queryLimits.ts';
import type { CopyFormat, Statement, Store } from './store.ts';

/** Files at once: each may hold a whole table for as long as its reader takes. */
const filesAtOnce = 8;

const pieceBytes = 65_536;

/** How often a file is read again that has not grown. */
const growthMs = 10;

const copyOptions: Readonly<Record<CopyFormat, string>> = {
  // One column is written as it is: the statement has quoted what needs it.
  LINES: "FORMAT csv, HEADER false, DELIMITER '', QUOTE '', ESCAPE ''",
  // A group of rows is held in memory until it is full.
  PARQUET: 'FORMAT parquet, ROW_GROUP_SIZE 20480',
};

function makeDirectory(path: string): void {
  mkdirSync(path, { mode: 0o700, recursive: true });
}

function deleteDirectory(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

/**
 * The directory of the files that the engine writes answers into: beside the database, else among temporary files. It exists
 * while a copy is under way; what gateways have left that were killed meanwhile is deleted. Undefined where it cannot be made.
 *
 * @param databasePath - of a database that this process has opened
 */
export function copyDirectoryOf(databasePath: string | undefined): string | undefined {
  const path = databasePath === undefined ? temporaryPath() : `${databasePath}.copies`;
  try {
    if (databasePath === undefined) deleteOrphanedTemporaryFiles();
    deleteDirectory(path);
    makeDirectory(path);
    deleteDirectory(path);
    return path;
  } catch {
    return undefined;
  }
}

/** How a query is limited, as `createQueryLimits` answers. */
type Limited = (signal: AbortSignal | undefined, cancel: () => void) => Work;

/** What a copy needs of its engine. */
interface CopyEngine {
  readonly connect: () => Promise<DuckDBConnection>;
  readonly limited: Limited;
  /** From `copyDirectoryOf`. */
  readonly directory: string | undefined;
}

/** Copies of the embedded engine. Rows that pass through V8 wait for its collection, and take several times the memory. */
export function createCopies({ connect, limited, directory = '' }: CopyEngine): NonNullable<Store['copy']> {
  let underWay = 0;

  const read = async function* (written: Promise<unknown>, path: string, file: FileHandle) {
    let isWhole = false;
    const settled = written.catch(() => undefined).then(() => (isWhole = true));
    for (;;) {
      // In this order: what is written in between is read.
      const isLast = isWhole;
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes, null);
      if (bytesRead > 0) {
        // The engine has it open. Without a name it is gone with this process, however that ends.
        await rm(path, { force: true });
        yield buffer.subarray(0, bytesRead);
      } else if (isLast) break;
      else await within(settled, growthMs, () => undefined);
    }
    await written;
  };

  const copy = async function* ({ text, values }: Statement, format: CopyFormat, signal: AbortSignal) {
    const connection = await connect();
    const path = join(directory, randomUUID());
    const file = await open(path, 'wx+', 0o600);
    const left = new AbortController();
    const { step } = limited(AbortSignal.any([signal, left.signal]), () => connection.interrupt());
    const to = `'${path.replaceAll("'", "''")}' (${copyOptions[format]}, USE_TMP_FILE false)`;
    const written = step(() => connection.run(`COPY (${text}) TO ${to}`, [...values]));
    try {
      for await (const piece of read(written, path, file)) {
        signal.throwIfAborted();
        yield piece;
      }
    } finally {
      left.abort(new Error('The reader has left.'));
      await written.catch(() => undefined);
      await Promise.all([file.close(), rm(path, { force: true })]);
      connection.closeSync();
    }
  };

  const counted = async function* (...asked: Parameters<typeof copy>) {
    if (underWay === 0) makeDirectory(directory);
    underWay += 1;
    try {
      yield* copy(...asked);
    } finally {
      underWay -= 1;
      if (underWay === 0) deleteDirectory(directory);
    }
  };

  return (...asked) => (directory === '' || underWay >= filesAtOnce ? undefined : counted(...asked));
}
