import * as z from 'zod';
import { GatewayError } from '../../errors.ts';
import { parseId, type IdKind } from './ids.ts';

/**
 * The reference's limits on input, as rules. They are checked before anything is sent, all at once; a rule's text says what is
 * expected and never repeats a value.
 */

/** A limit on a value: what is expected, for descriptions and for errors, and whether a value keeps it. */
export interface Limit<Value> {
  readonly expected: string;
  readonly accepts: (value: Value) => boolean;
}

function characters(count: number): string {
  return `${count} character${count === 1 ? '' : 's'}`;
}

export function minLength(min: number): Limit<string> {
  return { expected: `at least ${characters(min)}`, accepts: ({ length }) => length >= min };
}

export function maxLength(max: number): Limit<string> {
  return { expected: `at most ${characters(max)}`, accepts: ({ length }) => length <= max };
}

export function lengthBetween(min: number, max: number): Limit<string> {
  return { expected: `${min} to ${characters(max)}`, accepts: ({ length }) => length >= min && length <= max };
}

/** A text none of whose characters is one of these. */
export function noneOf(characters: string): Limit<string> {
  return {
    expected: `none of the characters ${[...characters].join(' ')}`,
    accepts: (text) => ![...characters].some((character) => text.includes(character)),
  };
}

export const filled = minLength(1);
export const notBlank: Limit<string> = { expected: 'not blank', accepts: (text) => /\S/.test(text) };
const unpadded: Limit<string> = { expected: 'no blanks at either end', accepts: (text) => text === text.trim() };

/** Names of jobs, connectors and the like. */
export const nameLimits: readonly Limit<string>[] = [lengthBetween(1, 128), noneOf('\\/:*?"<>'), unpadded];

export function atLeast(min: number): Limit<number> {
  return { expected: `at least ${min}`, accepts: (value) => value >= min };
}

export function between(min: number, max: number): Limit<number> {
  return { expected: `${min} to ${max}`, accepts: (value) => value >= min && value <= max };
}

/** A list of at least one of what it holds. */
export function atLeastOne(what: string): Limit<readonly unknown[]> {
  return { expected: `at least 1 ${what}`, accepts: ({ length }) => length > 0 };
}

/** One of some words of an enum. */
export function oneOf<Word extends string>(words: readonly Word[]): Limit<string> {
  return { expected: `one of ${words.join(', ')}`, accepts: (given) => words.some((word) => word === given) };
}

/** A value that the service keeps as a text of limited length. */
export function writtenWithin<Value>(max: number, form: string, write: (value: Value) => string): Limit<Value> {
  return {
    expected: `at most ${characters(max)} when written ${form}`,
    accepts: (value) => write(value).length <= max,
  };
}

const maxIdLength = 32;

/** An id of one kind. Each of the service's own ids in it has at most 32 characters. */
function idRule(kind: IdKind) {
  return z.string().superRefine((id, context) => {
    try {
      if (parseId(kind, id).some((part) => part.length > maxIdLength))
        context.addIssue({ code: 'custom', message: `ids of at most ${maxIdLength} characters` });
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof GatewayError ? error.message : 'an id' });
    }
  });
}

const serviceForm = /^[0-9A-Za-z_]{1,32}$/;

/** Ids as the service has them: each part has at most 32 letters, digits and underscores. */
export function serviceIdRule(kind: IdKind) {
  return idRule(kind).refine(
    (id) =>
      id
        .replace(/^\w+:/, '')
        .split('/')
        .every((part) => serviceForm.test(part)),
    {
      error: 'ids of at most 32 letters, digits and underscores',
      // Of an id that is none, that is all there is to say.
      when: ({ issues }) => issues.length === 0,
    },
  );
}
