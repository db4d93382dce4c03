import { PrivacyError } from './errors.ts';
import type { Lineage, SourceColumn } from './scope.ts';

/**
 * The privacy rules of analysis. The reference names the classes of columns and the checks that a statement goes through
 * (隐私规则检查 and 收敛检测), not the rules themselves; these are what the names imply:
 *
 * 1. A SENSITIVE column is output in groups only, by COUNT, SUM, AVG, STDDEV and VARIANCE over it or over a calculation
 *    with it (+ - * / and constants), without conditions. It is never selected, grouped, sorted or put into a function as
 *    it is; MIN and MAX would reveal one record.
 * 2. A SENSITIVE column may narrow (WHERE, ON) a SELECT that aggregates, and no other; that SELECT then answers with those
 *    aggregates and its group's keys alone.
 * 3. A SELECT that uses a SENSITIVE column in either way names datasets in its FROM, joined on UNIQUE_ID columns, so that
 *    no record counts more than once.
 * 4. A UNIQUE_ID column is joined on (`=` with another one, USING, IN over a SELECT of one), tested for NULL and counted.
 *    A subquery may pass it to the enclosing SELECT. Only a private lookup compares it with a value.
 * 5. A NON_SENSITIVE column may be used in any way.
 * 6. An unclassified column counts as UNIQUE_ID when it is the identifier of a file for learning, else as SENSITIVE.
 * 7. A group holds at least {@link minGroupSize} different records of every dataset in its FROM. Smaller ones are left
 *    out; when that leaves nothing, the run is refused (收敛检测).
 * 8. A column with a policy (HASH, MASK) leaves its agent processed, whole and alone in its place, and narrows as a
 *    SENSITIVE one does.
 *
 * Every SELECT of a statement obeys the rules by itself. Not defended against: the difference between the
 * answers of two statements, and whatever two parties’ NON_SENSITIVE columns reveal when joined.
 */
export const minGroupSize = 5;

export function isProtected({ privacy, column }: SourceColumn): boolean {
  return privacy === 'SENSITIVE' || column.privacyPolicy !== 'NONE';
}

export function nameOf({ datasetName, column }: SourceColumn): string {
  return `${column.name} of ${datasetName}`;
}

/** Throws when an output discloses a protected column. */
export function checkOutput({ origins, direct }: Lineage, mayPassIdentifiers = false): void {
  for (const origin of origins) {
    if (origin.privacy === 'UNIQUE_ID' && !(mayPassIdentifiers && direct === origin)) throw identifierError(origin);
    if (origin.privacy === 'SENSITIVE') {
      throw new PrivacyError(
        `column ${nameOf(origin)} is SENSITIVE and must not be told as it is, only aggregated by COUNT, SUM, AVG, STDDEV or VARIANCE`,
      );
    }
    if (origin.column.privacyPolicy !== 'NONE' && direct !== origin) {
      throw new PrivacyError(
        `column ${nameOf(origin)} has the policy ${origin.column.privacyPolicy} and may only be selected whole and by itself`,
      );
    }
  }
}

/** Throws when a SELECT without aggregates filters by a protected column. True when the filter is protected. */
export function checkFilter({ origins }: Lineage, isAggregated: boolean): boolean {
  for (const origin of origins) {
    if (origin.privacy === 'UNIQUE_ID') throw identifierError(origin);
    if (isProtected(origin) && !isAggregated) {
      throw new PrivacyError(
        `column ${nameOf(origin)} is ${origin.privacy === 'SENSITIVE' ? 'SENSITIVE' : `under the policy ${origin.column.privacyPolicy}`} and may only narrow a SELECT that aggregates`,
      );
    }
  }
  return [...origins].some(isProtected);
}

export function identifierError(origin: SourceColumn): PrivacyError {
  return new PrivacyError(`column ${nameOf(origin)} is a UNIQUE_ID and may only be joined on and counted`);
}
