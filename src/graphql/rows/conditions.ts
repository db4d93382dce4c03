import type { InputFieldMap, InputObjectRef } from '@pothos/core';
import type { ColumnType, Table, Value } from '../../bi/model/types.ts';
import type { Comparison, Expression } from '../../bi/query/expression.ts';
import { builder, type BuilderTypes } from '../builder.ts';

type Types = PothosSchemaTypes.ExtendDefaultTypes<BuilderTypes>;
type Given = string | number | boolean;

/** Conditions on one column; all that are given must hold. */
interface Condition {
  readonly eq?: Given | null;
  readonly ne?: Given | null;
  readonly in?: readonly Given[] | null;
  readonly ge?: Given | null;
  readonly gt?: Given | null;
  readonly le?: Given | null;
  readonly lt?: Given | null;
  readonly contains?: string | null;
  readonly startsWith?: string | null;
  readonly isNull?: boolean | null;
}

/** Conditions by column. */
export type RowFilter = Readonly<Record<string, Condition | null | undefined>>;

const comparisons = {
  eq: 'Equal to this.',
  ne: 'Not equal to this, or no value.',
  ge: 'This or more.',
  gt: 'More than this.',
  le: 'This or less.',
  lt: 'Less than this.',
} as const satisfies Readonly<Record<Comparison, string>>;

const searches = { contains: 'Has this in it.', startsWith: 'Begins with this.' } as const;

/** Scalars of columns. */
export const scalars = {
  text: 'String',
  integer: 'Long',
  number: 'Float',
  boolean: 'Boolean',
  instant: 'DateTime',
  date: 'Date',
} as const satisfies Readonly<Record<ColumnType, string>>;

const made = new Map<ColumnType, InputObjectRef<Types, Condition>>();

/** The input type with the conditions on columns of one type. */
function conditionOn(type: ColumnType): InputObjectRef<Types, Condition> {
  const known = made.get(type);
  if (known !== undefined) return known;
  const scalar = scalars[type];
  const ref = builder.inputRef<Condition>(`${scalar === 'String' ? 'Text' : scalar}Condition`).implement({
    description: `Conditions on a column of type ${scalar}; all that are given must hold.`,
    fields: (t): InputFieldMap => ({
      ...Object.fromEntries(
        Object.entries(comparisons)
          .filter(([name]) => type !== 'boolean' || name === 'eq' || name === 'ne')
          .map(([name, description]) => [name, t.field({ type: scalar, description })]),
      ),
      ...(type !== 'boolean' && { in: t.field({ type: [scalar], description: 'One of these.' }) }),
      ...(type === 'text' &&
        Object.fromEntries(Object.entries(searches).map(([name, description]) => [name, t.string({ description })]))),
      isNull: t.boolean({ description: '`true`: has no value. `false`: has one.' }),
    }),
  });
  made.set(type, ref);
  return ref;
}

/** The input type that narrows down the rows of a table. */
export function filterOf(name: string, { columns }: Table, fieldOf: (column: string) => string) {
  const stored = Object.entries(columns).filter(([, { computed }]) => computed === undefined);
  return builder.inputRef<RowFilter>(`${name}Filter`).implement({
    description: 'Conditions on columns; all that are given must hold.',
    fields: (t) =>
      Object.fromEntries(
        stored.map(([column, { type, description }]) => [
          fieldOf(column),
          t.field({ type: conditionOn(type), description: description.en }),
        ]),
      ),
  });
}

function literal(type: ColumnType | 'null', value: Value): Expression {
  return { kind: 'literal', type, value };
}

/** The conditions on one column as expressions. */
function expressionsOf(name: string, type: ColumnType, condition: Condition): readonly Expression[] {
  const column: Expression = { kind: 'column', name };
  const valueOf = (given: Given): Expression => literal(type, type === 'integer' ? BigInt(given) : given);
  const compared = Object.keys(comparisons).flatMap((op): readonly Expression[] => {
    const given = condition[op as Comparison];
    return given === undefined || given === null
      ? []
      : [{ kind: 'compare', op: op as Comparison, left: column, right: valueOf(given) }];
  });
  const searched = (['contains', 'startsWith'] as const).flatMap((search): readonly Expression[] => {
    const given = condition[search];
    const call = search === 'contains' ? 'contains' : 'startswith';
    return typeof given === 'string' ? [{ kind: 'call', name: call, arguments: [column, literal('text', given)] }] : [];
  });
  const { in: among, isNull } = condition;
  return [
    ...compared,
    ...searched,
    ...(among ? [{ kind: 'in', value: column, list: among.map(valueOf) } as const] : []),
    ...(typeof isNull === 'boolean'
      ? [{ kind: 'compare', op: isNull ? 'eq' : 'ne', left: column, right: literal('null', null) } as const]
      : []),
  ];
}

/** A filter as the expression that all surfaces of BI compile. */
export function whereOf(
  { columns }: Table,
  filter: RowFilter | null | undefined,
  fieldOf: (column: string) => string,
): Expression | undefined {
  const terms = Object.entries(columns).flatMap(([name, { type }]) => {
    const condition = filter?.[fieldOf(name)];
    return condition ? expressionsOf(name, type, condition) : [];
  });
  return terms.length > 1 ? { kind: 'and', terms } : terms[0];
}
