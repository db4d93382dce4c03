import type { Execution } from '../model/execution.ts';
import type { Instance, SqlJob, World } from '../model/world.ts';
import type { Catalogue } from './catalogue.ts';
import { catalogueOf, liveCatalogueOf } from './catalogue.ts';
import { engineOf } from './engine.ts';
import { StatementError, PrivacyError } from './errors.ts';
import { MissingColumnError } from '../data/rows.ts';
import { runStatement } from './statement.ts';

/** Runs the statement of an SQL job over its partners' datasets. */
export function executeSql(world: World, instance: Instance, signal: AbortSignal): Promise<Execution> {
  const job = sqlJobOf(world, instance);
  return execute(world, job, liveCatalogueOf(world, instance, job?.isPrivateLookup ?? false), signal);
}

/** Executes the statement of a seeded run over the datasets as they are now. */
export function executePastSql(world: World, instance: Instance): Promise<Execution> {
  const { seededQuery } = instance;
  const job = sqlJobOf(world, instance);
  const isLookup = seededQuery ? seededQuery.kind === 'lookup' : (job?.isPrivateLookup ?? false);
  return execute(
    world,
    seededQuery ?? job,
    catalogueOf(world, { ...instance, isLookup }),
    new AbortController().signal,
  );
}

/** The snapshot wins: edits since the start were neither started nor approved. */
function sqlJobOf(world: World, { jobId, jobSnapshot }: Instance): SqlJob | undefined {
  const job = jobSnapshot ?? world.job(jobId);
  return job?.type === 'SQL' ? job : undefined;
}

async function execute(
  world: World,
  job: Pick<SqlJob, 'sql'> | undefined,
  catalogue: Catalogue,
  signal: AbortSignal,
): Promise<Execution> {
  if (job === undefined) return { kind: 'failed', message: 'the job is gone' };
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
