import { GraphQLError, Kind, valueFromASTUntyped, type ValueNode } from 'graphql';
import { builder } from '../builder.ts';
import { UploadedFile } from '../../upstream/form.ts';
import { decimal as readDecimal, type Decimal, type Long } from '../../upstream/wire.ts';

function refuse(scalar: string, form: string): never {
  throw new GraphQLError(`A ${scalar} looks like ${form}.`, { extensions: { code: 'INVALID_ARGUMENT' } });
}

/** Reads a literal of a document. Its error tells where it stands. */
function literal<Value>(read: (node: ValueNode) => Value): (node: ValueNode) => Value {
  return (node) => {
    try {
      return read(node);
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      throw new GraphQLError(error.message, { nodes: node, extensions: error.extensions });
    }
  };
}

/** Dates are parsed with days that no month has, such as February 30: those come out as others. */
function isDate(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    /^\d{4}-\d{2}-\d{2}$/.test(value) &&
    new Date(value).toJSON()?.startsWith(value) === true
  );
}

function isDateTime(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    /^.{10}T.*(Z|[+-]\d{2}:\d{2})$/.test(value) &&
    isDate(value.slice(0, 10)) &&
    // Not in the year 10000 of UTC, nor before the year 0, which are written with a sign.
    /^\d/.test(new Date(value).toJSON() ?? '')
  );
}

function isLong(value: unknown): value is Long {
  return typeof value === 'number'
    ? Number.isSafeInteger(value)
    : typeof value === 'string' && /^-?\d{1,19}$/.test(value);
}

/** As loaders make instants, which were checked when they were read. */
const canonicalDateTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

function writeDateTime(value: unknown): string {
  return typeof value === 'string' && canonicalDateTime.test(value) ? value : dateTime(value);
}

function dateTime(value: unknown): string {
  return isDateTime(value) ? new Date(value).toISOString() : refuse('DateTime', '2026-01-31T08:00:00.000Z');
}
function date(value: unknown): string {
  return isDate(value) ? value : refuse('Date', '2026-01-31');
}
function long(value: unknown): Long {
  return isLong(value) ? value : refuse('Long', '12 or "9007199254740993"');
}

function decimal(value: unknown): Decimal {
  return (typeof value === 'boolean' ? null : readDecimal(value)) ?? refuse('Decimal', '"0.0000001" or 0.05');
}

builder.scalarType('DateTime', {
  description: 'An instant, as ISO 8601 in UTC with milliseconds: `2026-01-31T08:00:00.000Z`.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time',
  serialize: writeDateTime,
  parseValue: dateTime,
  parseLiteral: literal((node) => dateTime(valueFromASTUntyped(node))),
});

builder.scalarType('Date', {
  description: "A day of the service's calendar (its time zone is configured), as ISO 8601: `2026-01-31`.",
  specifiedByURL: 'https://scalars.graphql.org/andimarek/local-date',
  serialize: date,
  parseValue: date,
  parseLiteral: literal((node) => date(valueFromASTUntyped(node))),
});

builder.scalarType('Long', {
  description:
    'A whole number of up to 64 bits: a JSON number while JavaScript holds it exactly (below 2^53), else a string of its digits.',
  serialize: long,
  parseValue: long,
  parseLiteral: literal((node) =>
    long(node.kind === Kind.INT && !Number.isSafeInteger(Number(node.value)) ? node.value : valueFromASTUntyped(node)),
  ),
});

builder.scalarType('Decimal', {
  description:
    'A decimal number whose digits count, answered as a string of them, without an exponent: `"0.0000001"`. As input a number is taken too; a string, or a number in the document itself, keeps more digits than JSON numbers do.',
  serialize: decimal,
  parseValue: decimal,
  parseLiteral: literal((node) =>
    decimal(node.kind === Kind.INT || node.kind === Kind.FLOAT || node.kind === Kind.STRING ? node.value : null),
  ),
});

builder.scalarType('JSON', {
  description: 'Any JSON value. Used only where the service itself has an object of any keys.',
  serialize: (value) => value,
  parseValue: (value) => value,
});

builder.scalarType('Upload', {
  description:
    'A file, sent beside the operation as multipart/form-data: the parts `operations` and `map` first, then one file, with the header `GraphQL-Require-Preflight`. See the GraphQL multipart request specification.',
  specifiedByURL: 'https://github.com/jaydenseric/graphql-multipart-request-spec',
  serialize: () => refuse('file', 'nothing that can be answered'),
  parseValue: (value) =>
    value instanceof UploadedFile ? value : refuse('file', 'a part of a multipart/form-data request'),
  parseLiteral: literal(() => refuse('file', 'a variable, filled by a part of a multipart/form-data request')),
});
