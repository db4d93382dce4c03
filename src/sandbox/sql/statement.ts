import { analyse } from './analysis.ts';
import type { Catalogue } from './catalogue.ts';
import { MissingColumnError } from '../data/rows.ts';
import { ComputeTimeExceeded } from '../model/yielding.ts';
import type { Dataset } from '../model/world.ts';
import { toEngineDialect } from './dialect.ts';
import { syntaxErrorOf } from './engineErrors.ts';
import { givenName, renameRowId } from './rowId.ts';
import type { StatementResult, Engine } from './engine.ts';
import { StatementError, PrivacyError } from './errors.ts';
import { requireGroupSize } from './groupSize.ts';
import { applyPrivacyPolicy } from './policies.ts';
import { minGroupSize } from './rules.ts';
import { parseAst, stringifyAst } from './ast.ts';
import type { QueryNode, SerializedStatements } from './ast.ts';

const maxSampleRows = 20;

/**
 * Runs a statement over the datasets of its catalogue.
 *
 * @throws {StatementError} when it does not parse, names something unknown, or fails.
 * @throws {PrivacyError} when it would disclose too much.
 */
export async function runStatement(
  engine: Engine,
  sql: string,
  catalogue: Catalogue,
  signal: AbortSignal,
): Promise<StatementResult & { readonly columns: readonly string[] }> {
  const { tree, node } = await parseStatement(engine, sql);
  const { outputs, datasets, aggregated } = guardingDepth(() => analyse(node, catalogue));
  for (const dataset of datasets) await load(engine, dataset);
  const open = await textOf(engine, tree);
  aggregated.forEach(requireGroupSize);
  const answer = await engine.run(await textOf(engine, tree), signal, maxSampleRows);
  if (answer.rowCount === 0 && aggregated.length > 0 && (await engine.run(open, signal, 1)).rowCount > 0) {
    throw new PrivacyError(`every group of the result holds fewer than ${minGroupSize} records (convergence check)`);
  }
  const leaving = outputs.map(({ lineage }) => lineage.direct?.column);
  return {
    ...answer,
    columns: outputs.map(({ name }) => givenName(name).toUpperCase()),
    rows: answer.rows.map((row) =>
      row.map((cell, index) => {
        const column = leaving[index];
        return cell !== null && column ? applyPrivacyPolicy(column, cell) : cell;
      }),
    ),
  };
}

export interface ParsedStatement {
  readonly tree: SerializedStatements;
  readonly node: QueryNode;
}

/** @throws {StatementError} when the text is not exactly one SELECT. */
export async function parseStatement(engine: Engine, sql: string): Promise<ParsedStatement> {
  const json = await engine.queryText('SELECT json_serialize_sql($1::VARCHAR)', toEngineDialect(sql));
  const tree = guardingDepth(() => parseAst(json));
  const node = onlyStatement(tree);
  guardingDepth(() => renameRowId(node));
  return { tree, node };
}

/** Trees are walked recursively; overflowing the stack is the statement's fault. */
function guardingDepth<T>(walk: () => T): T {
  try {
    return walk();
  } catch (error) {
    if (error instanceof RangeError) throw new StatementError('the statement is nested too deeply');
    throw error;
  }
}

async function load(engine: Engine, dataset: Dataset): Promise<void> {
  try {
    await engine.loadTable(dataset);
  } catch (error) {
    if (error instanceof StatementError || error instanceof MissingColumnError) throw error;
    if (error instanceof ComputeTimeExceeded) throw new StatementError(`dataset ${dataset.name}: ${error.message}`);
    throw new StatementError(`dataset ${dataset.name} cannot be read: its values do not fit the types of its columns`);
  }
}

function onlyStatement(tree: SerializedStatements): QueryNode {
  if (tree.error) {
    if (tree.error_type !== 'parser') throw new StatementError('only SELECT statements are offered');
    throw syntaxErrorOf(tree.error_message, tree.position);
  }
  const [statement, ...others] = tree.statements;
  if (!statement || others.length > 0) throw new StatementError('a job has exactly one SELECT statement');
  return statement.node;
}

function textOf(engine: Engine, tree: SerializedStatements): Promise<string> {
  return engine.queryText('SELECT json_deserialize_sql($1::JSON)', stringifyAst(tree));
}
