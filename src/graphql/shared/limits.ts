import { z } from 'zod';
import { GatewayError } from '../../errors.ts';
import { parseId, type IdKind } from './ids.ts';

/**
 * The reference's limits on input, as rules. They are checked before anything is sent, all at once; a rule's text says what is
 * expected and never repeats a value.
 */

/** Names of jobs, connectors and the like: 1 to 128 characters, no blank at either end, none of \ / : * ? " < >. */
export const nameRule = z
  .string()
  .min(1, 'at least 1 character')
  .max(128, 'at most 128 characters')
  .regex(/^[^\\/:*?"<>]*$/, 'none of the characters \\ / : * ? " < >')
  .refine((name) => name === name.trim(), 'no blanks at either end');

/** Text of at most `max` characters. */
export function textRule(max: number) {
  return z.string().max(max, `at most ${max} characters`);
}

/** The largest integer of the service, whose integers have 32 bits. */
export const maxInt = 2_147_483_647;

/** A whole number between two bounds. */
export function countRule(min: number, max: number) {
  return z.number().int('a whole number').min(min, `at least ${min}`).max(max, `at most ${max}`);
}

/** A decimal number between two bounds. */
export function decimalRule(min: number, max: number) {
  return z.number().min(min, `at least ${min}`).max(max, `at most ${max}`);
}

/** A value, null, or nothing at all: what GraphQL makes of an optional input field. */
export function optional<Rule extends z.ZodType>(rule: Rule) {
  return rule.nullish();
}

const longestId = 32;

/** An id of one kind. Each of the service's own ids in it has at most 32 characters. */
export function idRule(kind: IdKind) {
  return z.string().superRefine((id, context) => {
    try {
      if (parseId(kind, id).some((part) => part.length > longestId))
        context.addIssue({ code: 'custom', message: `ids of at most ${longestId} characters` });
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof GatewayError ? error.message : 'an id' });
    }
  });
}

/**
 * The rules of an update that keeps what is left out: it must change something. Sent with nothing in it, it would do no more
 * than what every save does besides, such as ending an approval.
 *
 * @param target - fields that say what is changed
 * @param change - fields that say how
 */
export function updateRules(target: z.ZodRawShape, change: z.ZodRawShape) {
  const names = Object.keys(change);
  return z
    .object({ ...target, ...change })
    .refine((input) => names.some((name) => input[name] !== null && input[name] !== undefined), {
      message: `There is nothing to change: give at least one of ${names.join(', ')}`,
      // Beside faults of single fields too.
      when: () => true,
    });
}
