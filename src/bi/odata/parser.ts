import type { ColumnType, Value } from '../model/types.ts';
import { functionNames, QueryError, type Arithmetic, type Comparison, type Expression } from '../query/expression.ts';
import { aggregations, type Aggregate, type Order } from '../query/relation.ts';
import type { Computation, Step } from '../query/pipeline.ts';
import { tokensOf, type Token } from './lexer.ts';

const comparisons = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const satisfies readonly Comparison[];
const additive = ['add', 'sub'] as const satisfies readonly Arithmetic[];
const multiplicative = ['mul', 'div', 'divby', 'mod'] as const satisfies readonly Arithmetic[];

/** What OData has and this server has not: the answer names it. */
const unsupportedFunctions = [
  'cast',
  'isof',
  'geo.distance',
  'geo.intersects',
  'geo.length',
  'any',
  'all',
  'has',
  'case',
  'matchesPattern',
  'time',
  'totaloffsetminutes',
  'totalseconds',
  'fractionalseconds',
  'maxdatetime',
  'mindatetime',
  'hassubset',
  'hassubsequence',
] as const;
const unsupportedSteps = [
  'topsum',
  'toppercent',
  'bottomsum',
  'bottompercent',
  'expand',
  'search',
  'join',
  'outerjoin',
  'nest',
  'rollup',
  'addnested',
  'ancestors',
  'descendants',
  'traverse',
] as const;

const maxDepth = 64;
const maxTerms = 4_000;

/** Engines plan expressions in more than twice the time where they have twice the operators: 720 took seconds, 60 take 20 ms. */
const maxOperators = 120;

/** In computed columns, which may be put together from one another: each doubles a text, and 16 made 2 GB of a thousand ids. */
const maxConcats = 6;

function isOneOf<Word extends string>(words: readonly Word[], text: string | undefined): text is Word {
  return words.some((word) => word === text);
}

/** Reads the text of one query option by recursive descent. */
class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #operators = 0;
  #concats = 0;
  #isComputing = false;

  /** @throws QueryError */
  constructor(text: string) {
    this.#tokens = tokensOf(text);
    if (this.#tokens.length > maxTerms) throw new QueryError('The text is too long.');
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', at: 0 };
  }

  #next(): Token {
    const token = this.#peek();
    this.#at += 1;
    return token;
  }

  #fail(expected: string): never {
    throw new QueryError(`${expected} is expected at character ${this.#peek().at + 1}.`);
  }

  #isSign(text: string): boolean {
    const token = this.#peek();
    return token.kind === 'sign' && token.text === text;
  }

  #takeSign(text: '(' | ')' | ',' | '/' | '-' | '*'): boolean {
    if (!this.#isSign(text)) return false;
    this.#at += 1;
    return true;
  }

  #needSign(text: '(' | ')' | ','): void {
    if (!this.#takeSign(text)) this.#fail(text);
  }

  #word(): string | undefined {
    const token = this.#peek();
    return token.kind === 'name' ? token.text : undefined;
  }

  #takeWord(word: string): boolean {
    if (this.#word() !== word) return false;
    this.#at += 1;
    return true;
  }

  #name(): string {
    const word = this.#word();
    if (word === undefined) return this.#fail('A name');
    this.#at += 1;
    return word;
  }

  end(): void {
    if (this.#peek().kind !== 'end') this.#fail('The end');
  }

  list<Item>(item: () => Item): readonly Item[] {
    const items = [item()];
    while (this.#takeSign(',')) items.push(item());
    return items;
  }

  expression(): Expression {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new QueryError('The text is nested too deeply.');
    const terms = [this.#conjunction()];
    while (this.#takeWord('or')) terms.push(this.#conjunction());
    this.#depth -= 1;
    const [only] = terms;
    return terms.length === 1 && only !== undefined ? only : { kind: 'or', terms };
  }

  #conjunction(): Expression {
    const terms = [this.#negation()];
    while (this.#takeWord('and')) terms.push(this.#negation());
    const [only] = terms;
    return terms.length === 1 && only !== undefined ? only : { kind: 'and', terms };
  }

  #negation(): Expression {
    let negations = 0;
    while (this.#takeWord('not')) negations += 1;
    const term = this.#comparison();
    if (negations === 0) return term;
    const negated: Expression = { kind: 'not', term };
    return negations % 2 === 1 ? negated : { kind: 'not', term: negated };
  }

  #comparison(): Expression {
    const left = this.#sum();
    const op = this.#word();
    if (isOneOf(comparisons, op)) {
      this.#at += 1;
      return { kind: 'compare', op, left, right: this.#sum() };
    }
    if (op === 'has') throw new QueryError('has is not supported.', 'UNSUPPORTED');
    if (!this.#takeWord('in')) return left;
    this.#needSign('(');
    const list = this.list(() => this.#sum());
    this.#needSign(')');
    return { kind: 'in', value: left, list };
  }

  #sum(): Expression {
    return this.#chain(additive, () => this.#product());
  }

  #product(): Expression {
    return this.#chain(multiplicative, () => this.#signed());
  }

  #chain(operators: readonly Arithmetic[], operand: () => Expression): Expression {
    let left = operand();
    for (let levels = 1; ; levels += 1) {
      const op = this.#word();
      if (!isOneOf(operators, op)) return left;
      this.#at += 1;
      // Each operator nests what stands before it.
      if (levels > maxDepth) throw new QueryError('The text is nested too deeply.');
      left = this.#arithmetic(op, left, operand());
    }
  }

  #signed(): Expression {
    if (!this.#takeSign('-')) return this.#primary();
    const operand = this.#primary();
    if (operand.kind === 'literal' && typeof operand.value === 'bigint') return { ...operand, value: -operand.value };
    if (operand.kind === 'literal' && typeof operand.value === 'number') return { ...operand, value: -operand.value };
    const zero: Expression = { kind: 'literal', type: 'integer', value: 0n };
    return this.#arithmetic('sub', zero, operand);
  }

  #arithmetic(op: Arithmetic, left: Expression, right: Expression): Expression {
    this.#operators += 1;
    if (this.#operators > maxOperators)
      throw new QueryError(`The text has more than ${maxOperators} operators of arithmetic.`);
    return { kind: 'arithmetic', op, left, right };
  }

  #primary(): Expression {
    const token = this.#next();
    if (token.kind === 'literal') return { kind: 'literal', type: token.type, value: token.value };
    if (token.kind === 'name') return this.#isSign('(') ? this.#call(token.text) : this.#column(token.text);
    this.#at -= 1;
    if (!this.#takeSign('(')) return this.#fail('A value');
    const inner = this.expression();
    this.#needSign(')');
    return inner;
  }

  #column(name: string): Expression {
    if (this.#isSign('/')) throw new QueryError('Paths are not supported: tables are flat.', 'UNSUPPORTED');
    return { kind: 'column', name };
  }

  #call(name: string): Expression {
    if (isOneOf(unsupportedFunctions, name)) throw new QueryError(`${name} is not supported.`, 'UNSUPPORTED');
    this.#needSign('(');
    const given = this.#isSign(')') ? [] : this.list(() => this.expression());
    this.#needSign(')');
    if (name === 'now' && given.length === 0)
      return { kind: 'literal', type: 'instant', value: new Date().toISOString() };
    if (!isOneOf(functionNames, name)) throw new QueryError(`There is no function ${name.slice(0, 64)}.`);
    if (name === 'concat' && this.#isComputing) this.#concats += 1;
    if (this.#concats > maxConcats) throw new QueryError(`Computed columns have concat more than ${maxConcats} times.`);
    return { kind: 'call', name, arguments: given };
  }

  order(): Order {
    const column = this.#name();
    if (this.#isSign('(') || this.#isSign('/')) throw new QueryError('$orderby takes columns only.', 'UNSUPPORTED');
    const isDescending = this.#takeWord('desc');
    if (!isDescending) this.#takeWord('asc');
    return { column, descending: isDescending };
  }

  column(): string {
    if (this.#takeSign('*')) return '*';
    return this.#name();
  }

  steps(): readonly Step[] {
    const steps = [...this.#step()];
    while (this.#takeSign('/')) steps.push(...this.#step());
    return steps;
  }

  #step(): readonly Step[] {
    const name = this.#name();
    if (name === 'identity') return [];
    if (isOneOf(unsupportedSteps, name)) throw new QueryError(`$apply: ${name} is not supported.`, 'UNSUPPORTED');
    this.#needSign('(');
    const step = this.#stepBody(name);
    this.#needSign(')');
    return [step];
  }

  #stepBody(name: string): Step {
    switch (name) {
      case 'filter':
        return { kind: 'filter', where: this.expression() };
      case 'aggregate':
        return { kind: 'group', by: [], aggregates: this.list(() => this.#aggregate()) };
      case 'groupby':
        return this.#groupBy();
      case 'compute':
        return { kind: 'compute', columns: this.list(() => this.computation()) };
      case 'concat':
        return { kind: 'concat', sequences: this.#sequences() };
      case 'orderby':
        return { kind: 'order', by: this.list(() => this.order()) };
      case 'top':
        return { kind: 'slice', limit: this.#count() };
      case 'skip':
        return { kind: 'slice', offset: this.#count() };
      case 'topcount':
      case 'bottomcount':
        return this.#extreme(name === 'topcount' ? 'LARGEST' : 'SMALLEST');
      default:
        throw new QueryError(
          '$apply takes filter, groupby, aggregate, compute, concat, orderby, top, skip, topcount and bottomcount.',
        );
    }
  }

  #sequences(): readonly (readonly Step[])[] {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new QueryError('The text is nested too deeply.');
    const sequences = this.list(() => this.steps());
    this.#depth -= 1;
    if (sequences.length < 2) this.#fail('A second sequence');
    return sequences;
  }

  #extreme(of: 'LARGEST' | 'SMALLEST'): Step {
    const rows = this.#count();
    this.#needSign(',');
    return { kind: 'extreme', of, rows, value: this.#sum() };
  }

  #count(): number {
    const token = this.#next();
    if (token.kind === 'literal' && typeof token.value === 'bigint' && token.value <= BigInt(Number.MAX_SAFE_INTEGER))
      return Number(token.value);
    this.#at -= 1;
    return this.#fail('A whole number from 0');
  }

  computation(): Computation {
    this.#isComputing = true;
    const value = this.expression();
    this.#isComputing = false;
    return { value, as: this.#alias() };
  }

  #groupBy(): Step {
    this.#needSign('(');
    const by = this.list(() => this.#groupColumn());
    this.#needSign(')');
    if (!this.#takeSign(',')) return { kind: 'group', by, aggregates: [] };
    const [inner, ...more] = this.steps();
    if (inner?.kind !== 'group' || inner.by.length > 0 || more.length > 0)
      throw new QueryError('$apply: groupby takes aggregate only.', 'UNSUPPORTED');
    return { kind: 'group', by, aggregates: inner.aggregates };
  }

  #groupColumn(): string {
    const name = this.#name();
    if (name === 'rollup' || this.#isSign('('))
      throw new QueryError(`$apply: ${name} is not supported.`, 'UNSUPPORTED');
    if (this.#isSign('/')) throw new QueryError('Paths are not supported: tables are flat.', 'UNSUPPORTED');
    return name;
  }

  #aggregate(): Aggregate {
    if (this.#takeWord('$count')) return { method: 'count', as: this.#alias() };
    const of = this.#sum();
    if (!this.#takeWord('with')) this.#fail('with');
    const method = this.#name();
    if (method === 'from' || !isOneOf(aggregations, method))
      throw new QueryError(`$apply: with ${method.slice(0, 64)} is not supported.`, 'UNSUPPORTED');
    if (this.#word() === 'from') throw new QueryError('$apply: from is not supported.', 'UNSUPPORTED');
    return { method, of, as: this.#alias() };
  }

  #alias(): string {
    if (!this.#takeWord('as')) this.#fail('as');
    const name = this.#name();
    if (!/^[A-Za-z_]\w{0,63}$/.test(name)) throw new QueryError('An alias has letters, digits and underscores.');
    return name;
  }
}

function whole<Result>(text: string, read: (parser: Parser) => Result): Result {
  const parser = new Parser(text);
  const result = read(parser);
  parser.end();
  return result;
}

/** `$filter`. @throws QueryError */
export function parseFilter(text: string): Expression {
  return whole(text, (parser) => parser.expression());
}

/** `$orderby`. @throws QueryError */
export function parseOrder(text: string): readonly Order[] {
  return whole(text, (parser) => parser.list(() => parser.order()));
}

/** `$select`. @throws QueryError */
export function parseSelect(text: string): readonly string[] {
  return whole(text, (parser) => parser.list(() => parser.column()));
}

/** `$apply`. @throws QueryError */
export function parseApply(text: string): readonly Step[] {
  return whole(text, (parser) => parser.steps());
}

/** `$compute`. @throws QueryError */
export function parseCompute(text: string): readonly Computation[] {
  return whole(text, (parser) => parser.list(() => parser.computation()));
}

/** The key in `table('key')` or `table(name='key')`. @throws QueryError */
export function parseKey(text: string, key: string): { readonly type: ColumnType | 'null'; readonly value: Value } {
  const [, name = key, literal = text] = /^\s*(\w+)\s*=\s*([^]*)$/.exec(text) ?? [];
  const read = parseFilter(literal);
  if (name !== key || read.kind !== 'literal') throw new QueryError(`The key is ${key}, and a literal.`);
  return { type: read.type, value: read.value };
}
