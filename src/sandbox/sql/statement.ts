import { analyse } from './analysis.ts';
import type { Catalogue } from './analysis.ts';
import { toEngineDialect } from './dialect.ts';
import type { Answer, Engine } from './engine.ts';
import { BadStatement, PrivacyRefusal } from './errors.ts';
import { guard } from './groupSize.ts';
import { processed } from './policies.ts';
import { minGroupSize } from './rules.ts';
import { readTree, writeTree } from './ast.ts';
import type { QueryNode, Serialized } from './ast.ts';

const maxSampleRows = 20;

/**
 * Runs a statement over the datasets of its catalogue.
 *
 * @throws {BadStatement} when it does not parse, names what there is not, or fails.
 * @throws {PrivacyRefusal} when it would tell too much.
 */
export async function runStatement(
  engine: Engine,
  sql: string,
  catalogue: Catalogue,
  signal: AbortSignal,
): Promise<Answer> {
  const tree = readTree(await engine.ask('SELECT json_serialize_sql($1::VARCHAR)', toEngineDialect(sql)));
  const { outputs, datasets, guarded } = analyse(onlyStatement(tree), catalogue);
  for (const dataset of datasets) await engine.provide(dataset);
  const open = await textOf(engine, tree);
  guarded.forEach(guard);
  const answer = await engine.run(await textOf(engine, tree), signal, maxSampleRows);
  if (answer.rowCount === 0 && guarded.length > 0 && (await engine.run(open, signal, 1)).rowCount > 0) {
    throw new PrivacyRefusal(`every group of the result holds fewer than ${minGroupSize} records (convergence check)`);
  }
  const leaving = outputs.map(({ exposure }) => exposure.bare?.column);
  return {
    ...answer,
    columns: answer.columns.map((name) => name.toUpperCase()),
    rows: answer.rows.map((row) =>
      row.map((cell, index) => {
        const column = leaving[index];
        return cell !== null && column ? processed(column, cell) : cell;
      }),
    ),
  };
}

function onlyStatement(tree: Serialized): QueryNode {
  if (tree.error) {
    if (tree.error_type !== 'parser') throw new BadStatement('only SELECT statements are offered');
    const place = tree.position === undefined ? '' : ` (at character ${Number(tree.position) + 1})`;
    throw new BadStatement(`SQL syntax error: ${tree.error_message}${place}`);
  }
  const [statement, ...others] = tree.statements;
  if (!statement || others.length > 0) throw new BadStatement('a job has exactly one SELECT statement');
  return statement.node;
}

function textOf(engine: Engine, tree: Serialized): Promise<string> {
  return engine.ask('SELECT json_deserialize_sql($1::JSON)', writeTree(tree));
}
