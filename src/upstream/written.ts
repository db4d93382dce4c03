import { GatewayError } from '../errors.ts';
import type { Wire } from './json.ts';
import { text } from './wire.ts';

/**
 * The id of the object that a write created.
 *
 * @throws GatewayError OUTCOME_UNKNOWN when the answer has none: the object exists, and a read must find it.
 */
export function writtenId(call: string, raw: Wire): string {
  const id = text(raw);
  if (!id) throw new GatewayError('OUTCOME_UNKNOWN', `The answer of ${call} has no id.`, { plane: 'AGENT', call });
  return id;
}
