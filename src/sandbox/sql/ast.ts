import { isSafeNumber, LosslessNumber, parse, stringify } from 'lossless-json';
import { StatementError } from './errors.ts';

/** The AST of DuckDB's `json_serialize_sql`, as far as statements may use it. */

export type Expression =
  | ColumnReference
  | Star
  | FunctionCall
  | Comparison
  | Subquery
  | Window
  | (Base & { readonly class: 'CONSTANT'; readonly value: Constant })
  | (Base & { readonly class: 'CONJUNCTION' | 'OPERATOR'; readonly children: readonly Expression[] })
  | (Base & {
      readonly class: 'CAST';
      readonly child: Expression;
      readonly cast_type: CastType;
      readonly try_cast: boolean;
    })
  | (Base & { readonly class: 'COLLATE'; readonly child: Expression })
  | (Base & {
      readonly class: 'BETWEEN';
      readonly input: Expression;
      readonly lower: Expression;
      readonly upper: Expression;
    })
  | (Base & {
      readonly class: 'CASE';
      readonly case_checks: readonly { readonly when_expr: Expression; readonly then_expr: Expression }[];
      readonly else_expr: Expression;
    });

interface CastType {
  readonly id: string;
  /** Names a type that the parser does not know. */
  readonly type_info?: { readonly name?: unknown } | null;
}

interface Base {
  readonly type: string;
  alias: string;
}

/** A literal. Decimals and long numbers keep their digits. */
export interface Constant {
  readonly type: { readonly id: string; readonly type_info: { readonly scale?: unknown } | null };
  readonly is_null: boolean;
  readonly value?: unknown;
}

export interface ColumnReference extends Base {
  readonly class: 'COLUMN_REF';
  column_names: readonly string[];
}

export interface Star extends Base {
  readonly class: 'STAR';
  relation_name: string;
  readonly exclude_list: readonly unknown[];
  readonly qualified_exclude_list: readonly unknown[];
  readonly replace_list: readonly unknown[];
  readonly rename_list: readonly unknown[];
  /** COLUMNS(…). */
  readonly columns: boolean;
  readonly expr: Expression | null;
}

export interface FunctionCall extends Base {
  readonly class: 'FUNCTION';
  readonly function_name: string;
  readonly children: readonly Expression[];
  readonly filter: Expression | null;
  readonly distinct: boolean;
  readonly is_operator: boolean;
  readonly order_bys: { readonly orders: readonly Order[] };
}

export interface Comparison extends Base {
  readonly class: 'COMPARISON';
  readonly left: Expression;
  readonly right: Expression;
}

export interface Subquery extends Base {
  readonly class: 'SUBQUERY';
  readonly subquery_type: 'SCALAR' | 'EXISTS' | 'NOT_EXISTS' | 'ANY';
  readonly subquery: { readonly node: QueryNode };
  /** The left side of IN and ANY. */
  readonly child: Expression | null;
  readonly comparison_type: string;
}

export interface Window extends Base {
  readonly class: 'WINDOW';
  readonly function_name: string;
  readonly children: readonly Expression[];
  readonly partitions: readonly Expression[];
  readonly orders: readonly Order[];
  readonly arg_orders: readonly Order[];
  readonly start_expr: Expression | null;
  readonly end_expr: Expression | null;
  readonly offset_expr: Expression | null;
  readonly default_expr: Expression | null;
  readonly filter_expr: Expression | null;
}

export interface Order {
  readonly expression: Expression;
}

export type Modifier =
  | { readonly type: 'ORDER_MODIFIER'; readonly orders: readonly Order[] }
  | { readonly type: 'DISTINCT_MODIFIER'; readonly distinct_on_targets: readonly Expression[] }
  | {
      readonly type: 'LIMIT_MODIFIER' | 'LIMIT_PERCENT_MODIFIER';
      readonly limit: Expression | null;
      readonly offset: Expression | null;
    };

interface Query {
  readonly modifiers: readonly Modifier[];
  readonly cte_map: { readonly map: readonly CommonTable[] };
}

/** `WITH name AS (…)`. */
export interface CommonTable {
  readonly key: string;
  readonly value: { readonly aliases: readonly string[]; readonly query: { readonly node: QueryNode } };
}

export interface SelectNode extends Query {
  readonly type: 'SELECT_NODE';
  readonly select_list: readonly Expression[];
  readonly from_table: From;
  readonly where_clause: Expression | null;
  readonly group_expressions: readonly Expression[];
  readonly aggregate_handling: string;
  having: Expression | null;
  readonly qualify: Expression | null;
  readonly sample: unknown;
}

export interface SetOperationNode extends Query {
  readonly type: 'SET_OPERATION_NODE';
  readonly setop_type: string;
  readonly left: QueryNode;
  readonly right: QueryNode;
}

export type QueryNode = SelectNode | SetOperationNode;

export interface BaseTable {
  readonly type: 'BASE_TABLE';
  alias: string;
  catalog_name: string;
  schema_name: string;
  table_name: string;
  readonly column_name_alias: readonly string[];
  readonly sample: unknown;
}

export interface Join {
  readonly type: 'JOIN';
  readonly left: From;
  readonly right: From;
  readonly condition: Expression | null;
  readonly join_type: string;
  readonly ref_type: string;
  readonly using_columns: readonly string[];
}

export type From =
  | BaseTable
  | Join
  | { readonly type: 'EMPTY' }
  | {
      readonly type: 'SUBQUERY';
      readonly alias: string;
      readonly subquery: { readonly node: QueryNode };
      readonly column_name_alias: readonly string[];
    };

/** Result of `json_serialize_sql`. */
export type SerializedStatements =
  | { readonly error: false; readonly statements: readonly { readonly node: QueryNode }[] }
  | { readonly error: true; readonly error_type: string; readonly error_message: string; readonly position?: string };

/**
 * @throws {StatementError} when a number of the statement has no finite value: the engine then writes `Infinity`, which is
 * no JSON.
 */
export function parseAst(json: string): SerializedStatements {
  try {
    return parse(json, undefined, (digits) =>
      // `1000.0` must not become `1000`: the point makes it a double.
      /^-?\d+$/.test(digits) && isSafeNumber(digits) ? Number(digits) : new LosslessNumber(digits),
    ) as SerializedStatements;
  } catch (error) {
    if (error instanceof SyntaxError) throw new StatementError('a number is out of range');
    throw error;
  }
}

export function stringifyAst(tree: SerializedStatements): string {
  return stringify(tree) ?? '';
}

/** Direct parts of an expression, without subqueries. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.class) {
    case 'COLUMN_REF':
    case 'CONSTANT':
      return [];
    case 'STAR':
      return present(expression.expr);
    case 'FUNCTION':
      return [...expression.children, ...present(expression.filter), ...orderExpressions(expression.order_bys.orders)];
    case 'COMPARISON':
      return [expression.left, expression.right];
    case 'CONJUNCTION':
    case 'OPERATOR':
      return expression.children;
    case 'CAST':
    case 'COLLATE':
      return [expression.child];
    case 'BETWEEN':
      return [expression.input, expression.lower, expression.upper];
    case 'CASE':
      return [
        ...expression.case_checks.flatMap((check) => [check.when_expr, check.then_expr]),
        ...present(expression.else_expr),
      ];
    case 'SUBQUERY':
      return present(expression.child);
    case 'WINDOW':
      return [
        ...expression.children,
        ...expression.partitions,
        ...orderExpressions([...expression.orders, ...expression.arg_orders]),
        ...present(
          expression.start_expr,
          expression.end_expr,
          expression.offset_expr,
          expression.default_expr,
          expression.filter_expr,
        ),
      ];
    default:
      // The grammar has more node types than ours.
      return [];
  }
}

export function present(...expressions: readonly (Expression | null | undefined)[]): Expression[] {
  return expressions.filter((expression) => expression !== null && expression !== undefined);
}

export function orderExpressions(orders: readonly Order[]): Expression[] {
  return orders.map(({ expression }) => expression);
}
