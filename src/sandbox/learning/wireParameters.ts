import { LearningFailure } from './failure.ts';

/** Parameters of a request or of `ext`, by their wire names. */
export type WireParameters = Readonly<Record<string, unknown>>;

/**
 * A number, also as text; undefined when missing.
 *
 * @throws {LearningFailure} for anything else.
 */
export function numberIn(given: WireParameters, key: string): number | undefined {
  const value = given[key];
  if (value === undefined || value === null || (typeof value === 'string' && value.trim() === '')) return undefined;
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : NaN;
  if (!Number.isFinite(number)) throw new LearningFailure(`${key} must be a finite number`);
  return number;
}

/**
 * A whole number from `least`.
 *
 * @throws {LearningFailure} for anything else.
 */
export function countIn(given: WireParameters, key: string, least = 1): number | undefined {
  const number = numberIn(given, key);
  if (number !== undefined && (!Number.isInteger(number) || number < least)) {
    throw new LearningFailure(`${key} must be a whole number from ${least}, not ${number}`);
  }
  return number;
}

/** An object, also as JSON text; empty for anything else. */
export function objectIn(value: unknown): WireParameters {
  if (typeof value === 'object' && value !== null) return value as WireParameters;
  if (typeof value !== 'string') return {};
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'object' && parsed !== null ? (parsed as WireParameters) : {};
  } catch {
    return {};
  }
}

/** Text, or a number as text. */
export function textIn(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : typeof value === 'string' && value !== '' ? value : undefined;
}
