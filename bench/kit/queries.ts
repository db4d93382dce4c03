/** The GraphQL operations that are measured. All subjects with our schema get exactly these texts. */

/** Q1: one list, one upstream call. */
export const q1 = '{ leagues(role: OWNER, first: 20) { nodes { id name status } } }';

/** Q2 at 20 leagues: one call for the leagues, one for all agents, and two a league. */
export function overviewQuery(leagues: number): string {
  return `{
  leagues(role: OWNER, first: ${leagues}) {
    nodes {
      id name status
      agents { nodes { id name deployStatus version } }
      datasets(first: 10) { nodes { id name dataType accountName createdAt } }
      instances(first: 10) { nodes { id jobName type status startedAt endedAt } }
    }
  }
}`;
}

/** One long list: as many calls as it has pages of 100 rows, and one for its league. */
export function rowsQuery(rows: number): string {
  return `{ leagues(role: OWNER, first: 1) { nodes { id instances(first: ${rows}) { nodes { id jobName status } } } } }`;
}

/** What is asked: how many leagues or rows, and by which kind of query. */
export type Ask =
  | { readonly kind: 'list' }
  | { readonly kind: 'overview'; readonly leagues: number }
  | { readonly kind: 'rows'; readonly rows: number };

/** Q1 and Q2. */
export const asks = {
  q1: { kind: 'list' },
  q2: { kind: 'overview', leagues: 20 },
} as const satisfies Record<string, Ask>;

/** The text of a query in our schema. */
export function queryOf(ask: Ask): string {
  switch (ask.kind) {
    case 'list':
      return q1;
    case 'overview':
      return overviewQuery(ask.leagues);
    case 'rows':
      return rowsQuery(ask.rows);
  }
}

/** Upstream calls that one answer takes when nothing is shared. */
export function callsOf(ask: Ask): number {
  switch (ask.kind) {
    case 'list':
      return 1;
    case 'overview':
      return 2 + 2 * ask.leagues;
    case 'rows':
      return 1 + Math.ceil(ask.rows / 100);
  }
}
