import type { z } from 'zod';
import { builder } from '../builder.ts';
import { GatewayError, type ErrorCode } from '../../errors.ts';
import { ErrorCodeEnum } from './enums.ts';

/** Why a mutation did not do what it was asked to, for the user who asked. */
export interface UserError {
  readonly code: ErrorCode;
  readonly message: string;
  /** Where in the input: names and indexes. */
  readonly field: readonly string[] | null;
  readonly call: string | null;
  readonly upstreamCode: string | null;
  readonly retryAfter: number | null;
}

/** Which field of an input is at fault, by the code of the error. */
export type FaultFields = Readonly<Partial<Record<ErrorCode, readonly string[]>>>;

/** A failure as a user error; any other error is no user's and goes on its way. */
export function toUserError(error: unknown, field: readonly string[] | null = null): UserError {
  if (!(error instanceof GatewayError)) throw error;
  const { call = null, upstreamCode = null, retryAfter = null, field: itsField = field } = error.details;
  return { code: error.code, message: error.message, field: itsField, call, upstreamCode, retryAfter };
}

const reportedCodes = new WeakMap<object, Set<ErrorCode>>();

/** Remembers, for as long as an operation is known, what its payloads told the user. */
export function rememberUserErrors(operation: object, errors: readonly UserError[] = []): void {
  const codes = reportedCodes.get(operation) ?? new Set();
  errors.forEach(({ code }) => codes.add(code));
  reportedCodes.set(operation, codes);
}

/** Codes of the user errors of an operation, each once, whether its caller asked for them or not. */
export function userErrorsOf(operation: object): readonly ErrorCode[] {
  return [...(reportedCodes.get(operation) ?? [])];
}

/** Every broken rule of an input, each with its field path; none of them repeats a value. */
export function inputErrors(rules: z.ZodType, input: unknown): readonly UserError[] {
  return (rules.safeParse(input).error?.issues ?? []).map(({ path, message }) => ({
    code: 'INVALID_INPUT',
    message: [...(path.length === 0 ? [] : [path.join('.')]), message.replace(/\.?$/, '.')].join(': '),
    field: path.map(String),
    call: null,
    upstreamCode: null,
    retryAfter: null,
  }));
}

export const UserErrorType = builder.objectRef<UserError>('UserError').implement({
  description:
    'Why a mutation did not do what it was asked to. Unless the code is OUTCOME_UNKNOWN, the call that it tells of changed nothing.',
  fields: (t) => ({
    code: t.expose('code', { type: ErrorCodeEnum, nullable: false, description: 'Stable code.' }),
    message: t.exposeString('message', { nullable: false, description: 'What is wrong and what to do, for a person.' }),
    field: t.exposeStringList('field', {
      description: 'Path of the input field that is at fault; null when none is.',
    }),
    call: t.exposeString('call', { description: 'The call that was refused; null when none was sent.' }),
    upstreamCode: t.exposeString('upstreamCode', { description: 'The service’s own code.' }),
    retryAfter: t.exposeInt('retryAfter', { description: 'Seconds to wait before asking again, where that helps.' }),
  }),
});
