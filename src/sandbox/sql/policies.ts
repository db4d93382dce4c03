import { createHash } from 'node:crypto';
import type { DatasetColumn } from '../model/world.ts';

/** Applies a column's policy to a value that leaves its agent. */
export function applyPrivacyPolicy({ privacyPolicy, privacyPolicyText }: DatasetColumn, value: string): string {
  switch (privacyPolicy) {
    case 'NONE':
      return value;
    case 'HASH':
      return createHash('sha256').update(value).digest('hex');
    case 'MASK':
      return mask(value, privacyPolicyText);
    default:
      // ANONYMIZE (脱敏), and policies that the reference does not explain.
      return mask(value, undefined);
  }
}

/** Keeps characters at both ends as the policy says, by default the first, and never all. */
function mask(value: string, policyText: string | undefined): string {
  const characters = [...value];
  const { keepFirst, keepLast } = keptCharacters(policyText);
  const first = Math.min(keepFirst, characters.length - 1);
  const last = Math.min(keepLast, Math.max(0, characters.length - 1 - first));
  const hidden = characters.length - first - last;
  return characters.length === 0
    ? ''
    : [...characters.slice(0, first), '*'.repeat(hidden), ...characters.slice(first + hidden)].join('');
}

function keptCharacters(policyText = ''): { keepFirst: number; keepLast: number } {
  const numberOf = (name: string): number | undefined => {
    const digits = new RegExp(`"${name}"\\s*:\\s*(\\d+)`).exec(policyText)?.[1];
    return digits === undefined ? undefined : Number(digits);
  };
  const keepFirst = numberOf('keepFirst');
  const keepLast = numberOf('keepLast');
  return keepFirst === undefined && keepLast === undefined
    ? { keepFirst: 1, keepLast: 0 }
    : { keepFirst: keepFirst ?? 0, keepLast: keepLast ?? 0 };
}
