import type { Execution } from '../model/execution.ts';
import type { Instance, World } from '../model/world.ts';
import type { Catalogue } from './analysis.ts';
import { catalogueOf, liveCatalogueOf } from './catalogue.ts';
import { engineOf } from './engine.ts';
import { StatementError, PrivacyError } from './errors.ts';
import { MissingColumnError } from '../data/rows.ts';
import { runStatement } from './statement.ts';

/** Runs the statement of a SQL job over its partners' datasets. */
export function executeSql(world: World, instance: Instance, signal: AbortSignal): Promise<Execution> {
  return execute(world, instance, liveCatalogueOf(world, instance), signal);
}

/** What a seeded run would have come to, if it had been run: with the job's statement and the datasets as they are now. */
export function executePastSql(world: World, instance: Instance): Promise<Execution> {
  return execute(world, instance, catalogueOf(world, instance), new AbortController().signal);
}

async function execute(
  world: World,
  { jobId, jobSnapshot: definition }: Instance,
  catalogue: Catalogue,
  signal: AbortSignal,
): Promise<Execution> {
  // An edit in the meantime is not what was started, or approved.
  const job = definition ?? world.job(jobId);
  if (job?.type !== 'SQL') return { kind: 'failed', message: 'the job is gone' };
  if (job.sql.trim() === '') return { kind: 'failed', message: 'the job has no statement' };
  try {
    const { columns, rows, rowCount } = await runStatement(engineOf(world), job.sql, catalogue, signal);
    return { kind: 'succeeded', results: { sample: { columns, rows }, recordCount: rowCount } };
  } catch (error) {
    if (error instanceof PrivacyError) return { kind: 'failed', message: error.message, intercepted: true };
    if (error instanceof StatementError || error instanceof MissingColumnError) {
      return { kind: 'failed', message: `The statement failed: ${error.message}` };
    }
    throw error;
  }
}
