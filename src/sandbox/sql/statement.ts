import { analyse } from './analysis.ts';
import type { Catalogue } from './analysis.ts';
import { toEngineDialect } from './dialect.ts';
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
 * @throws {StatementError} when it does not parse, names what there is not, or fails.
 * @throws {PrivacyError} when it would tell too much.
 */
export async function runStatement(
  engine: Engine,
  sql: string,
  catalogue: Catalogue,
  signal: AbortSignal,
): Promise<StatementResult> {
  const tree = parseAst(await engine.queryText('SELECT json_serialize_sql($1::VARCHAR)', toEngineDialect(sql)));
  const { outputs, datasets, aggregated: aggregated } = analyse(onlyStatement(tree), catalogue);
  for (const dataset of datasets) await engine.loadTable(dataset);
  const open = await textOf(engine, tree);
  aggregated.forEach(requireGroupSize);
  const answer = await engine.run(await textOf(engine, tree), signal, maxSampleRows);
  if (answer.rowCount === 0 && aggregated.length > 0 && (await engine.run(open, signal, 1)).rowCount > 0) {
    throw new PrivacyError(`every group of the result holds fewer than ${minGroupSize} records (convergence check)`);
  }
  const leaving = outputs.map(({ lineage: lineage }) => lineage.direct?.column);
  return {
    ...answer,
    columns: answer.columns.map((name) => name.toUpperCase()),
    rows: answer.rows.map((row) =>
      row.map((cell, index) => {
        const column = leaving[index];
        return cell !== null && column ? applyPrivacyPolicy(column, cell) : cell;
      }),
    ),
  };
}

function onlyStatement(tree: SerializedStatements): QueryNode {
  if (tree.error) {
    if (tree.error_type !== 'parser') throw new StatementError('only SELECT statements are offered');
    const place = tree.position === undefined ? '' : ` (at character ${Number(tree.position) + 1})`;
    throw new StatementError(`SQL syntax error: ${tree.error_message}${place}`);
  }
  const [statement, ...others] = tree.statements;
  if (!statement || others.length > 0) throw new StatementError('a job has exactly one SELECT statement');
  return statement.node;
}

function textOf(engine: Engine, tree: SerializedStatements): Promise<string> {
  return engine.queryText('SELECT json_deserialize_sql($1::JSON)', stringifyAst(tree));
}
