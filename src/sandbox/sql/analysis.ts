import type { Catalogue } from './catalogue.ts';
import { columnNameOf } from './columnNames.ts';
import { engineName } from './rowId.ts';
import type { Dataset } from '../model/world.ts';
import { classOf } from '../data/privacyClass.ts';
import { checkConditions, readsSingleRecords } from './conditions.ts';
import { lineageOf, hasAggregate } from './lineage.ts';
import type { SelectContext } from './lineage.ts';
import { StatementError, PrivacyError } from './errors.ts';
import { checkOutput } from './rules.ts';
import { columnLength } from './textLength.ts';
import { matchesQualifiers, mergeLineage } from './scope.ts';
import type { OutputColumn, Scope, TableSource } from './scope.ts';
import { present, orderExpressions } from './ast.ts';
import type {
  BaseTable,
  CommonTable,
  Expression,
  From,
  Join,
  QueryNode,
  SelectNode,
  SetOperationNode,
  Star,
} from './ast.ts';

/** An aggregating SELECT and its datasets, for the minimum group size. */
export interface AggregatedSelect {
  readonly node: SelectNode;
  readonly keys: readonly string[];
}

export interface Analysis {
  readonly outputs: readonly OutputColumn[];
  readonly datasets: ReadonlySet<Dataset>;
  readonly aggregated: readonly AggregatedSelect[];
}

/** The engine's table of a dataset. */
export function engineTableOf({ agentId, id }: Dataset): { schema: string; table: string } {
  return {
    schema: `agent_${agentId}`,
    table: id,
  };
}

type CommonTables = ReadonlyMap<string, readonly OutputColumn[]>;

interface QueryContext {
  readonly commonTables: CommonTables;
  readonly outer: Scope | undefined;
  /** True for the outermost query, whose output is the result. */
  readonly isResult: boolean;
}

/**
 * Checks a statement against the privacy rules, and replaces its dataset names with the engine's table names.
 *
 * @throws {StatementError} for what does not exist or is not offered.
 * @throws {PrivacyError}
 */
export function analyse(statement: QueryNode, catalogue: Catalogue): Analysis {
  const analyser = new Analyser(catalogue);
  const outputs = analyser.analyse(statement);
  if (analyser.datasets.size === 0) throw new StatementError('the statement reads no dataset');
  return { outputs, datasets: analyser.datasets, aggregated: analyser.aggregated };
}

class Analyser {
  readonly datasets = new Set<Dataset>();
  readonly aggregated: AggregatedSelect[] = [];
  readonly #catalogue: Catalogue;
  /** Aliases may lead to a subquery twice; its table names are already replaced then. */
  readonly #checked = new Map<QueryNode, readonly OutputColumn[]>();

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  analyse(statement: QueryNode): readonly OutputColumn[] {
    return this.#query(statement, { commonTables: new Map(), outer: undefined, isResult: true });
  }

  #query(node: QueryNode, place: QueryContext): readonly OutputColumn[] {
    const columns = this.#checked.get(node) ?? this.#check(node, place);
    this.#checked.set(node, columns);
    return columns;
  }

  #check(node: QueryNode, place: QueryContext): readonly OutputColumn[] {
    const inner = { ...place, commonTables: this.#withCommonTables(node.cte_map.map, place.commonTables) };
    switch (node.type) {
      case 'SELECT_NODE':
        return this.#select(node, inner);
      case 'SET_OPERATION_NODE':
        return this.#combine(node, inner);
      default:
        throw new StatementError('only SELECT is offered, without recursion');
    }
  }

  #withCommonTables(declared: readonly CommonTable[], known: CommonTables): CommonTables {
    return declared.reduce((tables, { key, value }) => {
      const columns = this.#query(value.query.node, { commonTables: tables, outer: undefined, isResult: false });
      return new Map([...tables, [key.toUpperCase(), renamed(columns, value.aliases)]]);
    }, known);
  }

  #combine(node: SetOperationNode, place: QueryContext): readonly OutputColumn[] {
    if (node.setop_type === 'UNION_BY_NAME') throw new StatementError('UNION BY NAME is not offered');
    const left = this.#query(node.left, place);
    const right = this.#query(node.right, place);
    const columns = left.map(({ name, lineage }, index): OutputColumn => {
      const other = right[index]?.lineage ?? lineage;
      const areAlike = lineage.direct?.privacy === 'UNIQUE_ID' && other.direct?.privacy === 'UNIQUE_ID';
      return { name, lineage: areAlike ? lineage : mergeLineage([lineage, other]) };
    });
    for (const modifier of node.modifiers) {
      const expressions = modifier.type === 'ORDER_MODIFIER' ? orderExpressions(modifier.orders) : [];
      for (const { class: kind } of expressions) {
        if (kind !== 'COLUMN_REF' && kind !== 'CONSTANT') {
          throw new StatementError('a UNION is ordered by its columns only');
        }
      }
    }
    for (const { lineage } of columns) checkOutput(lineage, !place.isResult);
    return columns;
  }

  #select(node: SelectNode, place: QueryContext): readonly OutputColumn[] {
    if (node.sample) throw new StatementError('SAMPLE is not offered');
    const joins: Join[] = [];
    const { sources, merged } = this.#from(node.from_table, place, joins);
    const scope: Scope = { sources, merged, outer: place.outer };
    const { ordering, distinct } = modifiersOf(node);
    const isAggregated =
      node.aggregate_handling === 'FORCE_AGGREGATES' ||
      node.group_expressions.length > 0 ||
      [...node.select_list, ...present(node.having, node.qualify), ...ordering].some(hasAggregate);
    const context: SelectContext = {
      scope,
      aliases: node.select_list,
      isFiltered: false,
      requireSingleRecords() {
        if (readsSingleRecords(joins, node.where_clause, context)) return;
        throw new PrivacyError(
          'where a SENSITIVE column is used, FROM may name datasets only, each joined to another by an equality of UNIQUE_ID columns',
        );
      },
      query: (inner) => this.#query(inner, { commonTables: place.commonTables, outer: scope, isResult: false }),
    };
    const isFiltered = checkConditions(joins, node.where_clause, context, {
      isAggregated,
      isLookup: this.#catalogue.isLookup,
    });
    if (isFiltered) context.requireSingleRecords();
    const within: SelectContext = { ...context, isFiltered };

    const mayPassIdentifiers = !place.isResult && !isAggregated;
    const columns = node.select_list.flatMap((expression) => this.#outputsOf(expression, within, place.isResult));
    for (const { lineage } of columns) checkOutput(lineage, mayPassIdentifiers);
    for (const expression of [...node.group_expressions, ...distinct]) checkOutput(lineageOf(expression, within));
    for (const expression of present(node.qualify)) checkOutput(lineageOf(expression, within));
    for (const expression of present(node.having))
      checkOutput(lineageOf(expression, { ...within, aliasesFirst: true }));
    for (const expression of ordering) {
      // Whole names prefer aliases; names inside an expression mean columns.
      checkOutput(lineageOf(expression, { ...within, aliasesFirst: expression.class === 'COLUMN_REF' }));
    }
    const keys = sources.filter(({ isDataset }) => isDataset).map(({ key }) => key);
    if (isAggregated && keys.length > 0) this.aggregated.push({ node, keys });
    return columns;
  }

  #from(node: From, place: QueryContext, joins: Join[]): Omit<Scope, 'outer'> {
    switch (node.type) {
      case 'EMPTY':
        return { sources: [], merged: new Set() };
      case 'BASE_TABLE':
        return { sources: [this.#table(node, place)], merged: new Set() };
      case 'SUBQUERY': {
        const columns = this.#query(node.subquery.node, { ...place, outer: undefined, isResult: false });
        const { alias: name } = node;
        const source = { key: name, name, partnerAlias: undefined, isDataset: false };
        return { sources: [{ ...source, columns: renamed(columns, node.column_name_alias) }], merged: new Set() };
      }
      case 'JOIN': {
        if (!offeredJoins.has(node.join_type) || !offeredReferences.has(node.ref_type)) {
          throw new StatementError(
            `a ${node.ref_type === 'REGULAR' ? node.join_type : node.ref_type} JOIN is not offered`,
          );
        }
        const left = this.#from(node.left, place, joins);
        const right = this.#from(node.right, place, joins);
        joins.push(node);
        const merged = new Set([
          ...left.merged,
          ...right.merged,
          ...node.using_columns.map((name) => name.toUpperCase()),
        ]);
        return { sources: [...left.sources, ...right.sources], merged };
      }
      default:
        throw new StatementError(
          'only datasets and SELECTs of datasets can be read from: table functions and VALUES are not offered',
        );
    }
  }

  #table(node: BaseTable, { commonTables }: QueryContext): TableSource {
    const { schema_name: partnerAlias, table_name: name, alias } = node;
    if (node.sample) throw new StatementError('SAMPLE is not offered');
    if (node.column_name_alias.length > 0) throw new StatementError(`columns of ${name} can't be renamed in FROM`);
    if (node.catalog_name !== '')
      throw new StatementError(`${node.catalog_name}.${partnerAlias}.${name}: a dataset is named ALIAS.DATASET`);
    const common = partnerAlias === '' ? commonTables.get(name.toUpperCase()) : undefined;
    if (common) {
      return { key: alias || name, name: alias || name, partnerAlias: undefined, isDataset: false, columns: common };
    }
    if (partnerAlias === '') {
      throw new StatementError(`dataset ${name} must be named with the alias of its partner: ALIAS.${name}`);
    }
    const dataset = this.#catalogue.find(partnerAlias, name);
    this.datasets.add(dataset);
    const source: TableSource = {
      key: alias || `${partnerAlias}.${name}`,
      name: alias || name,
      partnerAlias: alias ? undefined : partnerAlias,
      isDataset: true,
      columns: dataset.columns.map((column) => {
        const origin = { datasetName: dataset.name, column, privacy: classOf(column) };
        return {
          name: engineName(column.name),
          lineage: { origins: new Set([origin]), direct: origin, length: columnLength },
        };
      }),
    };
    const { schema, table: tableName } = engineTableOf(dataset);
    Object.assign(node, { schema_name: schema, table_name: tableName, alias: source.key });
    return source;
  }

  #outputsOf(expression: Expression, context: SelectContext, isResult: boolean): readonly OutputColumn[] {
    if (expression.class === 'STAR') return starOf(expression, context.scope);
    const named = expression.class === 'COLUMN_REF' ? expression.column_names.at(-1) : undefined;
    const name = expression.alias || (named ?? columnNameOf(expression));
    // The engine must know a subquery's column by the same name.
    if (!isResult && named === undefined) expression.alias = name;
    const lineage = lineageOf(expression, context);
    return [{ name, lineage }];
  }
}

const offeredJoins: ReadonlySet<string> = new Set(['INNER', 'LEFT', 'RIGHT', 'OUTER', 'FULL']);
const offeredReferences: ReadonlySet<string> = new Set(['REGULAR', 'CROSS']);

/** Expands `*` and `table.*`. */
function starOf(star: Star, { sources, merged }: Scope): readonly OutputColumn[] {
  const lists = [star.exclude_list, star.qualified_exclude_list, star.replace_list, star.rename_list];
  if (star.columns || star.expr || lists.some(({ length }) => length > 0)) {
    throw new StatementError('* is offered as it is, without COLUMNS, EXCLUDE, REPLACE and RENAME');
  }
  const meant = sources.filter(
    (source) => star.relation_name === '' || matchesQualifiers(source, [star.relation_name]),
  );
  const [first] = meant;
  if (!first) throw new StatementError(`* of ${star.relation_name || 'nothing'}: there is no such table in FROM`);
  if (star.relation_name !== '') star.relation_name = first.key;
  const seen = new Set<string>();
  return meant.flatMap(({ columns }) =>
    columns.filter(({ name }) => {
      const upperCase = name.toUpperCase();
      const isRepeated = merged.has(upperCase) && seen.has(upperCase);
      seen.add(upperCase);
      return !isRepeated;
    }),
  );
}

function modifiersOf({ modifiers }: SelectNode): { ordering: readonly Expression[]; distinct: readonly Expression[] } {
  const limits = modifiers.flatMap((modifier) => ('limit' in modifier ? present(modifier.limit, modifier.offset) : []));
  if (limits.some(({ class: kind }) => kind !== 'CONSTANT'))
    throw new StatementError('LIMIT and OFFSET are plain numbers');
  return {
    ordering: modifiers.flatMap((modifier) =>
      modifier.type === 'ORDER_MODIFIER' ? orderExpressions(modifier.orders) : [],
    ),
    distinct: modifiers.flatMap((modifier) =>
      modifier.type === 'DISTINCT_MODIFIER' ? modifier.distinct_on_targets : [],
    ),
  };
}

function renamed(columns: readonly OutputColumn[], names: readonly string[]): readonly OutputColumn[] {
  return columns.map(({ name, lineage }, index) => ({ name: names[index] ?? name, lineage }));
}
