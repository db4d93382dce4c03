import {
  getNamedType,
  isCompositeType,
  isObjectType,
  isRequiredArgument,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
} from 'graphql';
import type { IdsByKind } from './costSweep.ts';
import { valuesOf } from './sweep.ts';

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** So many fields lead from Query to the deepest value. */
const deepest = 9;

/** Where a cursor stands in an answer: below the rows or the page of a connection, whose alias begins with the field's name. */
const cursorName = /^(cursor|startCursor|endCursor)_/;
const withinPage = /^(edges|pageInfo)_/;

/**
 * Makes queries from the schema: any fields, arguments and ids of the world, in fragments and out of them, with pages of a few
 * rows, seldom of more than a call answers, and with cursors of answers.
 */
export class RandomQueries {
  readonly #schema: GraphQLSchema;
  readonly #ids: IdsByKind;
  readonly #random: () => number;
  readonly #cursors = new Map<string, string[]>();
  #aliases = 0;

  /** @param random - decides everything: the same numbers make the same queries */
  constructor(schema: GraphQLSchema, ids: IdsByKind, random: () => number) {
    this.#schema = schema;
    this.#ids = ids;
    this.#random = random;
  }

  /** A query of at most four fields of Query. */
  next(): string {
    this.#aliases = 0;
    const query = this.#schema.getQueryType();
    if (!query) throw new Error('there is no Query');
    return this.#selection(query, 0);
  }

  /** Takes the cursors of an answer, which further queries go on from. */
  learn(answered: unknown, connection = ''): void {
    if (typeof answered !== 'object' || answered === null) return;
    for (const [alias, value] of Object.entries(answered)) {
      const name = alias.split('_')[0] ?? '';
      if (typeof value === 'string' && cursorName.test(alias))
        this.#cursors.set(connection, [...(this.#cursors.get(connection) ?? []), value]);
      else this.learn(value, Array.isArray(answered) || withinPage.test(alias) ? connection : name);
    }
  }

  #isIn(chance: number): boolean {
    return this.#random() < chance;
  }

  #oneOf<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.#random() * items.length)];
  }

  #selection(type: GraphQLCompositeType, depth: number): string {
    if (!isObjectType(type)) {
      const possible = this.#schema.getPossibleTypes(type).filter(() => this.#isIn(0.5));
      const parts = possible.map((one) => `... on ${one.name} ${this.#selection(one, depth)}`);
      return `{ __typename ${parts.join(' ')} }`;
    }
    const fields = Object.values(type.getFields()).filter((field) => this.#mayBeAsked(field, depth));
    const wanted = depth === 0 ? 1 + Math.floor(this.#random() * 3) : 1 + Math.floor(this.#random() * 5);
    const texts = Array.from({ length: wanted }, () => this.#oneOf(fields)).flatMap((field) =>
      field === undefined ? [] : [this.#field(field, depth)],
    );
    // A connection without its rows leads nowhere.
    const rows = type.getFields()['nodes'];
    if (rows !== undefined && type.name.endsWith('Connection') && this.#isIn(0.9)) texts.push(this.#field(rows, depth));
    const all = texts.filter((text) => text !== '').join(' ') || '__typename';
    return this.#isIn(0.1) ? `{ ... on ${type.name} { ${all} } }` : `{ ${all} }`;
  }

  /** Polls, and tables for BI tools, whose cost is another matter, are left out. */
  #mayBeAsked(field: GraphQLField<unknown, unknown>, depth: number): boolean {
    if (field.args.some(({ name }) => /timeout|seconds/i.test(name)) || field.name.endsWith('Rows')) return false;
    return depth < deepest || !isCompositeType(getNamedType(field.type));
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string {
    const args: string[] = [];
    for (const argument of field.args) {
      const value = this.#value(argument, field);
      if (value === undefined && isRequiredArgument(argument)) return '';
      if (value !== undefined) args.push(`${argument.name}: ${value}`);
    }
    this.#aliases += 1;
    const target = getNamedType(field.type);
    const below = isCompositeType(target) ? ` ${this.#selection(target, depth + 1)}` : '';
    return `${field.name}_${this.#aliases}: ${field.name}${args.length === 0 ? '' : `(${args.join(', ')})`}${below}`;
  }

  #first(): string | undefined {
    if (this.#isIn(0.02)) return `${Math.floor(this.#random() * 250)}`;
    return this.#isIn(0.9) ? `${1 + Math.floor(this.#random() ** 3 * 30)}` : undefined;
  }

  #after(connection: string): string | undefined {
    const cursor = this.#oneOf(this.#cursors.get(connection) ?? []);
    return cursor === undefined ? undefined : JSON.stringify(cursor);
  }

  #value(argument: GraphQLArgument, field: GraphQLField<unknown, unknown>): string | undefined {
    const { name, type } = argument;
    if (name === 'first') return this.#first();
    if (name === 'after') return this.#isIn(0.2) ? this.#after(field.name) : undefined;
    if (!isRequiredArgument(argument) && !this.#isIn(0.3)) return undefined;
    const own = [...this.#ids].filter(([kind]) => kind === getNamedType(field.type).name).flatMap(([, ids]) => ids);
    const all = [...this.#ids.values()].flat();
    if (name === 'id') return JSON.stringify(this.#oneOf(own.length > 0 ? own : all));
    if (name === 'ids')
      return JSON.stringify(Array.from({ length: 1 + Math.floor(this.#random() * 4) }, () => this.#oneOf(all)));
    const idsOf = (kind: string): readonly string[] =>
      [...this.#ids].flatMap(([key, ids]) => (key.toLowerCase() === kind.toLowerCase() ? ids : []));
    return this.#oneOf(valuesOf(type, name, idsOf));
  }
}
