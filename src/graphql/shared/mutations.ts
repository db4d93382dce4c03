import type { ObjectFieldsShape } from '@pothos/core';
import { builder, type BuilderTypes } from '../builder.ts';
import type { FieldCall } from '../calls.ts';
import type { Role } from '../../callers/caller.ts';
import { createLoaders, type Context } from '../context.ts';
import { GatewayError } from '../../errors.ts';
import type { Input } from './input.ts';
import {
  inputErrors,
  rememberUserErrors,
  toUserError,
  UserErrorType,
  type FaultFields,
  type UserError,
} from './userErrors.ts';

type Types = PothosSchemaTypes.ExtendDefaultTypes<BuilderTypes>;

/** Result of a mutation: the keys of what it found or made, from which the payload's fields read the objects, and errors. */
export type Outcome<Result extends object> = Partial<Result> & { readonly userErrors?: readonly UserError[] };

/** What the fields of a payload are made with. */
export type PayloadFields<Result extends object> = PothosSchemaTypes.ObjectFieldBuilder<Types, Outcome<Result>>;

/** One mutation. */
export interface MutationOptions<Given extends object, Result extends object> {
  /** Description for API readers. The calls that it sends and its role are appended. */
  readonly description: string;
  /** The calls that it sends, and those that it costs besides. */
  readonly calls: readonly FieldCall[];
  /** Whom it is for: anybody else is refused before anything is executed. */
  readonly role: Role;
  /** Its input. All broken rules are answered at once, and nothing is sent. */
  readonly input: Input<Given>;
  /** Fields of the payload besides `userErrors`. They read through fresh sources, so that they see what was changed. */
  readonly payload: ObjectFieldsShape<Types, Outcome<Result>>;
  /** Does it. A GatewayError becomes a user error. */
  readonly run: (input: Given, context: Context) => Promise<Outcome<Result>>;
  /** After OUTCOME_UNKNOWN: reads whether it was carried out all the same, and answers what it made if so. */
  readonly reconcile?: (input: Given, context: Context) => Promise<Outcome<Result> | null>;
  /** The fields that the service's refusals are about, where the refusal does not tell. */
  readonly faultFields?: FaultFields;
}

/** Every mutation calls it so. */
const commonFaultFields: FaultFields = { AGENT_REQUIRED: ['agentId'] };

/** An outcome whose errors name the fields at fault, as far as their codes tell them. */
function withFields<Result extends object>(outcome: Outcome<Result>, faultFields: FaultFields): Outcome<Result> {
  return outcome.userErrors === undefined
    ? outcome
    : {
        ...outcome,
        userErrors: outcome.userErrors.map((error) => ({
          ...error,
          field: error.field ?? faultFields[error.code] ?? null,
        })),
      };
}

/** What a mutation came to that did nothing. */
function failed<Result extends object>(userErrors: readonly UserError[]): Outcome<Result> {
  const none: Partial<Result> = {};
  return { ...none, userErrors };
}

/** Forgets what was read, so that reads in the same operation see what was changed. */
export function forgetReads(context: Context): void {
  context.loaders = createLoaders(context.planes);
}

builder.mutationType({
  description:
    'Everything that can be changed. Each mutation checks its input first, sends each of its writes once, and answers with the object as it then is. What is refused stands in `userErrors`. An operation that needs a role which its caller has not is refused with FORBIDDEN, and nothing is sent.',
});

/** The outcome of a write is unknown: it may have been carried out. */
export function isUncertain(error: unknown): boolean {
  return error instanceof GatewayError && error.code === 'OUTCOME_UNKNOWN';
}

/** Adds a mutation with one `input` and a payload `<Name>Payload` that always has `userErrors`. */
export function mutation<Given extends object, Result extends object>(
  name: string,
  {
    description,
    calls,
    role,
    input: inputType,
    payload,
    run,
    reconcile,
    faultFields = {},
  }: MutationOptions<Given, Result>,
): void {
  const Payload = builder.objectRef<Outcome<Result>>(`${name[0]?.toUpperCase()}${name.slice(1)}Payload`);
  builder.objectType(Payload, {
    description: `Payload of \`${name}\`.`,
    fields: (t) => ({
      userErrors: t.field({
        type: [UserErrorType],
        nullable: { list: false, items: false },
        description: 'Why it was not carried out in full; empty on success.',
        resolve: ({ userErrors = [] }) => userErrors,
      }),
    }),
  });
  builder.objectFields(Payload, payload);

  const faults = { ...commonFaultFields, ...faultFields };
  const carryOut = async (input: Given, context: Context): Promise<Outcome<Result>> => {
    const broken = inputErrors(inputType.rule, input);
    if (broken.length > 0) return failed<Result>(broken);
    try {
      return withFields(await run(input, context), faults);
    } catch (error) {
      const refused = withFields(failed<Result>([toUserError(error)]), faults);
      if (reconcile === undefined || !isUncertain(error)) return refused;
      forgetReads(context);
      const found = await reconcile(input, context).catch(() => null);
      return { ...found, ...refused };
    } finally {
      forgetReads(context);
    }
  };

  const resolve = async (input: Given, context: Context): Promise<Outcome<Result>> => {
    const { operation } = context;
    const { writes } = operation.usage;
    const before = writes.length;
    let outcome: Outcome<Result> | undefined;
    try {
      outcome = await carryOut(input, context);
      rememberUserErrors(operation, outcome.userErrors);
      return outcome;
    } finally {
      operation.onMutation?.({ name, input, outcome, sent: writes.slice(before) });
    }
  };

  builder.mutationField(name, (t) =>
    t.field({
      type: Payload,
      calls,
      role,
      description,
      args: { input: t.arg({ type: inputType, required: true, description: `Parameters of \`${name}\`.` }) },
      resolve: (_, args, context) => resolve((args as { input: Given }).input, context) as never,
    }),
  );
}
