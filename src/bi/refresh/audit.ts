import { quoted, schemas } from '../model/ddl.ts';
import { tables } from '../model/tables.ts';
import type { Store } from '../store/store.ts';
import type { WriteReferring } from './references.ts';
import { auditRow, datedChanges, type RowContext } from './rows.ts';
import { pagesOf, type Source } from './source.ts';

/** What reads of audit logs need. */
export interface AuditReads {
  readonly store: Store;
  readonly write: WriteReferring;
  readonly source: () => Source;
  readonly context: () => RowContext;
  readonly oldest: () => string;
}

/** Reads audit logs: the newest pages until one brings nothing. A log only grows, so that nothing of it is ever gone. */
export function createAuditReads({ store, write, source, context, oldest }: AuditReads) {
  /** Events that a log counts and that are not kept, such as those before the history: as the last whole read found it. */
  const surplus = new Map<string, number>();

  const countOf = async (leagueId: string): Promise<number> => {
    const [row] = await store.all({
      text: `SELECT count(*) AS count FROM ${schemas.current}.${quoted('audit_event')} WHERE league_id = $1`,
      values: [leagueId],
    });
    return Number(row?.['count'] ?? 0);
  };

  return {
    /** Answers whether anything changed. */
    readNewest: async (leagueId: string): Promise<boolean> => {
      const at = context();
      const from = oldest();
      let hasChanged = false;
      for await (const page of pagesOf(() => source().audit.log(leagueId))) {
        const rows = page.rows.map((event) => auditRow(leagueId, event, at));
        const changed = (await write(datedChanges(tables.audit_event, rows, at))).get('audit_event') ?? 0;
        hasChanged ||= changed > 0;
        if (page.isLast || (rows.length > 0 && rows.every((row) => String(row['created_at']) < from))) {
          if (page.total !== null) surplus.set(leagueId, Number(page.total) - (await countOf(leagueId)));
          break;
        }
        if (changed > 0) continue;
        // Events may have been missed while the page before moved on: their number tells.
        if (page.total === null) break;
        if ((await countOf(leagueId)) >= Number(page.total) - (surplus.get(leagueId) ?? 0)) break;
      }
      return hasChanged;
    },
  };
}
