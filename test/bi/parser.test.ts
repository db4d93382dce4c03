import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseApply, parseFilter } from '../../src/bi/odata/parser.ts';
import { functionNames, QueryError, type Expression } from '../../src/bi/query/expression.ts';

const reserved = new Set(
  'null true false not and or in eq ne lt le gt ge add sub mul div divby mod has with as from asc desc INF NaN now'.split(
    ' ',
  ),
);
const name = fc.stringMatching(/^[a-z][a-z_]{0,8}$/).filter((word) => !reserved.has(word));

const literal: fc.Arbitrary<Expression> = fc.oneof(
  fc.string({ unit: 'binary' }).map((value): Expression => ({ kind: 'literal', type: 'text', value })),
  fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((value): Expression => ({ kind: 'literal', type: 'integer', value })),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((value) => !Object.is(value, -0))
    .map((value): Expression => ({ kind: 'literal', type: 'number', value })),
  fc.boolean().map((value): Expression => ({ kind: 'literal', type: 'boolean', value })),
  fc.constant<Expression>({ kind: 'literal', type: 'null', value: null }),
  fc
    .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-30T23:59:59Z'), noInvalidDate: true })
    .map((at): Expression => ({ kind: 'literal', type: 'instant', value: at.toISOString() })),
  fc
    .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-30T23:59:59Z'), noInvalidDate: true })
    .map((at): Expression => ({ kind: 'literal', type: 'date', value: at.toISOString().slice(0, 10) })),
);

const { expression } = fc.letrec<{ readonly expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 5, depthIdentifier: 'expression' },
    name.map((column): Expression => ({ kind: 'column', name: column })),
    literal,
    fc
      .record({
        op: fc.constantFrom('eq', 'ne', 'lt', 'le', 'gt', 'ge'),
        left: tie('expression'),
        right: tie('expression'),
      })
      .map((parts): Expression => ({ kind: 'compare', ...parts })),
    fc
      .record({
        op: fc.constantFrom('add', 'sub', 'mul', 'div', 'divby', 'mod'),
        left: tie('expression'),
        right: tie('expression'),
      })
      .map((parts): Expression => ({ kind: 'arithmetic', ...parts })),
    fc
      .record({
        kind: fc.constantFrom('and', 'or'),
        terms: fc.array(tie('expression'), { minLength: 2, maxLength: 3 }),
      })
      .map((parts): Expression => parts),
    tie('expression').map((term): Expression => ({ kind: 'not', term })),
    fc
      .record({ value: tie('expression'), list: fc.array(tie('expression'), { minLength: 1, maxLength: 3 }) })
      .map((parts): Expression => ({ kind: 'in', ...parts })),
    fc
      .record({ name: fc.constantFrom(...functionNames), arguments: fc.array(tie('expression'), { maxLength: 3 }) })
      .map((parts): Expression => ({ kind: 'call', ...parts })),
  ),
}));

function literalText({ type, value }: Extract<Expression, { readonly kind: 'literal' }>): string {
  if (type === 'text') return `'${String(value).replaceAll("'", "''")}'`;
  if (type !== 'number') return String(value);
  // A whole one must not pass for an integer.
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** Writes an expression with brackets around all that stands in another one. */
function textOf(written: Expression): string {
  const inner = (part: Expression): string => `(${textOf(part)})`;
  switch (written.kind) {
    case 'column':
      return written.name;
    case 'literal':
      return literalText(written);
    case 'compare':
    case 'arithmetic':
      return `${inner(written.left)} ${written.op} ${inner(written.right)}`;
    case 'and':
    case 'or':
      return written.terms.map(inner).join(` ${written.kind} `);
    case 'not':
      return `not ${inner(written.term)}`;
    case 'in':
      return `${inner(written.value)} in (${written.list.map(inner).join(', ')})`;
    case 'call':
      return `${written.name}(${written.arguments.map(textOf).join(',')})`;
  }
}

describe('the parser', () => {
  test('reads what is written', () => {
    fc.assert(
      fc.property(expression, (written) => {
        expect(parseFilter(textOf(written))).toEqual(written);
      }),
      { numRuns: 500 },
    );
  });

  test('any other text is read or refused, and nothing else happens', () => {
    const pieces = fc.constantFrom(
      '(',
      ')',
      ',',
      '/',
      '-',
      '*',
      "'",
      ' ',
      'a',
      'eq',
      ' and ',
      'not ',
      '1',
      '2026-01-01',
      'filter',
      'groupby',
      '$count',
      ' as ',
      ' with ',
      'sum',
      '\u0000',
      '"',
      ';',
      '%',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), fc.constantFrom(parseFilter, parseApply), (parts, parse) => {
        try {
          parse(parts.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(QueryError);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('bounds what engines plan slowly, and texts that double', () => {
    const product = `${'1 mul '.repeat(60)}1`;
    expect(() => parseFilter(`${product} eq ${product}`)).not.toThrow();
    expect(() => parseFilter(`${product} eq ${product} and -a eq 1`)).toThrow(
      'The text has more than 120 operators of arithmetic.',
    );
    const doubled = (times: number): string =>
      Array.from({ length: times }, (_, at) => `compute(concat(c${at},c${at}) as c${at + 1})`).join('/');
    expect(() => parseApply(doubled(6))).not.toThrow();
    expect(() => parseApply(doubled(7))).toThrow('Computed columns have concat more than 6 times.');
  });

  test('binds as OData does', () => {
    const same = (one: string, other: string) => expect(parseFilter(one)).toEqual(parseFilter(other));
    same('a eq 1 or b eq 2 and c eq 3', 'a eq 1 or (b eq 2 and c eq 3)');
    same('not a eq 1 and b', '(not (a eq 1)) and b');
    same('a add b mul c eq d sub e sub f', '(a add (b mul c)) eq ((d sub e) sub f)');
    same('-a add 1', '(0 sub a) add 1');
    same('a in (1,2) and b', '(a in (1,2)) and b');
  });

  test('an offset without its plus encoded is still an offset', () => {
    expect(parseFilter('a ge 2026-01-01T00:00:00 08:00')).toEqual(parseFilter('a ge 2025-12-31T16:00:00Z'));
  });
});
