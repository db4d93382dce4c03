import type { EnumRef, InputObjectRef, InputType } from '@pothos/core';
import * as z from 'zod';
import { builder, type BuilderTypes } from '../builder.ts';
import type { Decimal } from '../../upstream/wire.ts';
import type { UploadedFile } from '../../upstream/form.ts';
import type { JobKind } from '../../tics/jobs/job.ts';
import { acceptsTicsId, looksLike, type IdKind } from './ids.ts';
import { serviceIdRule, type Limit } from './limits.ts';

/**
 * Inputs of mutations. A field is defined once: its type, what it is, and its limits. Its description in the schema and the
 * rule that its values are checked by are made from that.
 */

type Types = PothosSchemaTypes.ExtendDefaultTypes<BuilderTypes>;
type FieldType = InputType<Types> | readonly [FieldType];

/** One field of an input. */
export interface InputField<Value, Required extends boolean = boolean> {
  readonly type: FieldType;
  readonly isRequired: Required;
  /** What the value is, in a sentence without its limits. */
  readonly what: string;
  /** What ids look like. */
  readonly form?: string;
  /** What the limits expect. */
  readonly expected: readonly string[];
  /** Checks a value that is given. */
  readonly rule: z.ZodType;
  readonly defaultValue?: Value;
  /** For the compiler alone. */
  readonly value?: Value;
}

type Optional<Value> = InputField<Value, false>;

function field<Value>(
  type: FieldType,
  what: string,
  limits: readonly Limit<Value>[],
  rule: z.ZodType = z.any(),
): Optional<Value> {
  return {
    type,
    isRequired: false,
    what,
    expected: limits.map(({ expected }) => expected),
    rule: limits.reduce(
      (checked, { expected, accepts }) => checked.refine((value) => accepts(value as Value), expected),
      rule,
    ),
  };
}

/** A text. */
export function text(what: string, ...limits: readonly Limit<string>[]): Optional<string> {
  return field('String', what, limits);
}

/** A whole number. */
export function integer(what: string, ...limits: readonly Limit<number>[]): Optional<number> {
  return field('Int', what, limits);
}

/** A decimal number by its digits. The range is that of the number, further limits are those of its digits. */
export function decimal(what: string, range?: Limit<number>, ...limits: readonly Limit<Decimal>[]): Optional<Decimal> {
  const inRange = range && { expected: range.expected, accepts: (digits: Decimal) => range.accepts(Number(digits)) };
  return field('Decimal', what, [...(inRange ? [inRange] : []), ...limits]);
}

export function boolean(what: string): Optional<boolean> {
  return field('Boolean', what, []);
}

/** An uploaded file. */
export function upload(what: string): Optional<UploadedFile> {
  return field('Upload', what, []);
}

/** A value of an enum. */
export function choice<Value>(type: EnumRef<Types, Value>, what: string, ...limits: readonly Limit<Value>[]) {
  return field<Value>(type, what, limits);
}

/** An id of one kind; `what` is what it names. Jobs may be of some kinds only. */
export function id(kind: IdKind, what: string, ...jobKinds: readonly JobKind[]): Optional<string> {
  const looks = `\`${looksLike(kind, jobKinds)}\``;
  const fits: Limit<string> = {
    expected: `a job that looks like ${looksLike(kind, jobKinds)}`,
    accepts: (given) => jobKinds.length === 0 || jobKinds.some((jobKind) => jobKind === given.split('/')[1]),
  };
  return {
    ...field<string>(
      'ID',
      what,
      [],
      serviceIdRule(kind).refine(fits.accepts, {
        error: fits.expected,
        // Of an id that is none, that is all there is to say.
        when: ({ issues }) => issues.length === 0,
      }),
    ),
    form: acceptsTicsId(kind) ? `${looks}, or the raw TICS id` : looks,
  };
}

/** The agent that a write in a league goes to. */
export const writingAgentId = id(
  'Agent',
  'The agent that carries it out. May be left out where the league has one agent whose account is configured.',
);

/** A list. The limits are those of the list; each element has its own. */
export function list<Value>(
  of: InputField<Value>,
  what: string,
  ...limits: readonly Limit<readonly Value[]>[]
): Optional<readonly Value[]> {
  const made = field<readonly Value[]>([of.type], what, limits, z.array(of.rule));
  return {
    ...made,
    ...(of.form !== undefined && { form: of.form }),
    expected: [...made.expected, ...(of.expected.length > 0 ? [`each ${of.expected.join(', ')}`] : [])],
  };
}

/** An object: another input. The limits are those of it as a whole. */
export function object<Shape extends object>(
  of: Input<Shape>,
  what: string,
  ...limits: readonly Limit<Shape>[]
): Optional<Shape> {
  return field(of as FieldType, what, limits, of.rule);
}

const isObject: Limit<object> = {
  expected: 'an object',
  accepts: (value) => typeof value === 'object' && !Array.isArray(value),
};

/** A JSON object whose keys nobody but the service knows. */
export function openMap(what: string, ...limits: readonly Limit<object>[]): Optional<object> {
  return field('JSON', what, [isObject, ...limits]);
}

/** The same field, which must be given. */
export function required<Value>(of: InputField<Value>): InputField<Value, true> {
  return { ...of, isRequired: true };
}

/** The same field, which is this where it is left out. */
export function withDefault<Value>(of: InputField<Value>, defaultValue: Value): InputField<Value, true> {
  return { ...of, isRequired: true, defaultValue };
}

function sentence(words: string): string {
  return words === '' ? '' : `${words[0]?.toUpperCase()}${words.slice(1)}.`;
}

/** A field's description: what it is, what ids look like, and its limits. */
function description({ what, form, expected }: InputField<unknown>): string {
  const [first = '', ...more] = what.split('. ');
  const named = form === undefined ? [what] : [`${first.replace(/\.$/, '')}: ${form}.`, more.join('. ')];
  return [...named, sentence(expected.join(', '))].filter((part) => part !== '').join(' ');
}

/** The fields of an input by their names. */
export type InputFields = Readonly<Record<string, InputField<unknown>>>;

type ValueOf<Field> = Field extends InputField<infer Value> ? Value : never;

/** What callers give for these fields. */
export type ShapeOf<Fields extends InputFields> = {
  readonly [Name in keyof Fields as Fields[Name]['isRequired'] extends true ? Name : never]: ValueOf<Fields[Name]>;
} & {
  readonly [Name in keyof Fields as Fields[Name]['isRequired'] extends true ? never : Name]?:
    ValueOf<Fields[Name]> | null | undefined;
};

/** An input type, and the rule of its values. */
export type Input<Shape extends object> = InputObjectRef<Types, Shape> & { readonly rule: z.ZodType };

/** What callers give for an input. */
export type Given<Of> = Of extends Input<infer Shape> ? Shape : never;

/** Refuses what stands at a path of an input. */
export type Refuse = (path: readonly (string | number)[], expected: string) => void;

export interface InputOptions<Fields extends InputFields> {
  readonly description: string;
  readonly fields: Fields;
  /** Exactly one field is given (`@oneOf`); not left to the executor alone, since not each checks variables for it. */
  readonly isOneOf?: boolean;
  /** Rules of several fields. Checked whatever else is broken, so that all is told at once. */
  readonly check?: (input: ShapeOf<Fields>, refuse: Refuse) => void;
}

/** True for a value that was given. */
export function isGiven(value: unknown): boolean {
  return value !== null && value !== undefined;
}

/** A check of an update that keeps what is left out: it must change something, since a save may end an approval. */
export function changesSomething(change: InputFields) {
  const names = Object.keys(change);
  return (input: Readonly<Record<string, unknown>>, refuse: Refuse): void => {
    if (!names.some((name) => isGiven(input[name])))
      refuse([], `There is nothing to change: give at least one of ${names.join(', ')}`);
  };
}

function ruleOf<Fields extends InputFields>({ fields, isOneOf, check }: InputOptions<Fields>): z.ZodType {
  const names = Object.keys(fields);
  return z
    .object(
      Object.fromEntries(
        Object.entries(fields).map(([name, { isRequired, rule }]) => [name, isRequired ? rule : rule.nullish()]),
      ),
    )
    .superRefine(
      (input, context) => {
        const refuse: Refuse = (path, message) => context.addIssue({ code: 'custom', path: [...path], message });
        if (isOneOf && names.filter((name) => isGiven(input[name])).length !== 1)
          refuse([], `exactly one of ${names.join(', ')}`);
        check?.(input as ShapeOf<Fields>, refuse);
      },
      { when: () => true },
    );
}

/** Defines an input type by its fields. */
export function input<Fields extends InputFields>(name: string, options: InputOptions<Fields>): Input<ShapeOf<Fields>> {
  const ref = builder.inputRef<ShapeOf<Fields>, false>(name);
  // Pothos can't see that the fields make up the shape.
  const fields = (t: PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>) =>
    Object.fromEntries(
      Object.entries(options.fields).map(([fieldName, definition]) => [
        fieldName,
        t.field({
          type: definition.type as 'String',
          required: definition.isRequired,
          description: description(definition),
          ...(definition.defaultValue !== undefined && { defaultValue: definition.defaultValue as string }),
        }),
      ]),
    );
  ref.implement({
    description: options.description,
    ...(options.isOneOf && { isOneOf: true }),
    fields: fields as never,
  });
  return Object.assign(ref, { rule: ruleOf(options) });
}
