import { GatewayError } from '../errors.ts';
import type { Wire } from './json.ts';
import { text } from './wire.ts';

/**
 * The id of what a write made.
 *
 * @throws GatewayError OUTCOME_UNKNOWN when the answer tells none: something was made, and a read must find it.
 */
export function writtenId(call: string, raw: Wire): string {
  const id = text(raw);
  if (!id) throw new GatewayError('OUTCOME_UNKNOWN', `The answer of ${call} has no id.`, { plane: 'AGENT', call });
  return id;
}
