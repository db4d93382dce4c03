import type { AggregatedSelect } from './analysis.ts';
import { minGroupSize } from './rules.ts';
import type { Expression } from './ast.ts';

/** Adds HAVING COUNT(DISTINCT t.rowid) >= 5 for every dataset of the SELECT. */
export function requireGroupSize({ node, keys }: AggregatedSelect): void {
  const conditions = keys.map((key) =>
    expression('COMPARISON', 'COMPARE_GREATERTHANOREQUALTO', {
      left: expression('FUNCTION', 'FUNCTION', {
        function_name: 'count',
        schema: '',
        catalog: '',
        children: [expression('COLUMN_REF', 'COLUMN_REF', { column_names: [key, 'rowid'] })],
        filter: null,
        order_bys: { type: 'ORDER_MODIFIER', orders: [] },
        distinct: true,
        is_operator: false,
        export_state: false,
      }),
      right: expression('CONSTANT', 'VALUE_CONSTANT', {
        value: { type: { id: 'INTEGER', type_info: null }, is_null: false, value: minGroupSize },
      }),
    }),
  );
  const children = node.having ? [node.having, ...conditions] : conditions;
  node.having = expression('CONJUNCTION', 'CONJUNCTION_AND', { children });
}

/** A node of the engine's tree. */
function expression(kind: string, type: string, content: object): Expression {
  return { class: kind, type, alias: '', ...content } as Expression;
}
