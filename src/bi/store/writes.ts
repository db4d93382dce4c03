import { quoted, schemas, sqlType, type Engine } from '../model/ddl.ts';
import { tableNames, type TableName } from '../model/types.ts';
import { joined, mergeSql } from './merge.ts';
import { createQueue, createStamps, keepVersionsMs, type Store, type TableChange } from './store.ts';

/** One transaction of an engine. */
export interface Transaction {
  /** Puts the rows of a change where they are merged from. */
  readonly fillStage: (change: TableChange) => Promise<void>;
  /** Answers how many rows the statement has changed. */
  readonly run: (text: string, values: readonly string[]) => Promise<number>;
}

/** How an engine writes. */
export interface WritingEngine {
  readonly engine: Engine;
  readonly all: Store['all'];
  /** Commits when the work is done, and undoes it when it fails. One runs at a time. */
  readonly transact: (work: (transaction: Transaction) => Promise<void>) => Promise<void>;
}

const beginning = new Date(0).toISOString();

async function newestStamps({ all }: WritingEngine): Promise<Map<TableName, string>> {
  const stamps = new Map<TableName, string>();
  for (const name of tableNames) {
    const text = `SELECT max(updated_at) AS at FROM ${schemas.current}.${quoted(name)}`;
    const [row] = await all({ text, values: [] });
    if (typeof row?.['at'] === 'string') stamps.set(name, row['at']);
  }
  return stamps;
}

/** The writes of a store, each at an instant of its own. */
export async function createWrites(engine: WritingEngine) {
  const inTurn = createQueue();
  const instant = `CAST($1 AS ${sqlType(engine.engine, 'instant')})`;
  let stamps = await newestStamps(engine);
  const newest = (): string => [...stamps.values()].reduce((one, other) => (one > other ? one : other), beginning);
  let clock = createStamps(newest());
  let prunedMs = Date.now();

  const apply = async ({ fillStage, run }: Transaction, change: TableChange, at: string): Promise<number> => {
    await fillStage(change);
    const { keep, apply: statements } = mergeSql(change, instant);
    if (keep !== '') await run(keep, [at]);
    let changed = 0;
    for (const statement of statements) changed += await run(statement, [at]);
    return changed;
  };

  /** Deletes versions that no walk needs any more. */
  const prune = async ({ run }: Transaction): Promise<void> => {
    if (Date.now() - prunedMs <= keepVersionsMs / 6) return;
    prunedMs = Date.now();
    const before = new Date(prunedMs - keepVersionsMs).toISOString();
    for (const name of tableNames)
      await run(`DELETE FROM ${schemas.past}.${quoted(name)} WHERE replaced_at < ${instant}`, [before]);
  };

  const write: Store['write'] = (changes) =>
    inTurn(async () => {
      const at = clock.next();
      const counts = new Map<TableName, number>();
      await engine.transact(async (transaction) => {
        for (const change of joined(changes)) {
          const { name } = change.table;
          counts.set(name, (counts.get(name) ?? 0) + (await apply(transaction, change, at)));
        }
        await prune(transaction);
      });
      for (const [name, count] of counts) if (count > 0) stamps.set(name, at);
      return counts;
    });

  return {
    write,
    stamp: newest,
    stampOf: (table: TableName): string => stamps.get(table) ?? beginning,
    reload: (): Promise<void> =>
      inTurn(async () => {
        stamps = await newestStamps(engine);
        clock = createStamps(newest());
      }),
    /** Resolves when no write runs. */
    idle: (): Promise<void> => inTurn(() => Promise.resolve()),
  };
}
