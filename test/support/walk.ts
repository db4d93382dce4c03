/** A page of a connection, as tests select it. */
export interface PageAnswer<Row> {
  readonly totalCount: number | null;
  readonly nodes: readonly Row[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** The fields of a connection besides its rows. */
export const pageFields = 'totalCount pageInfo { hasNextPage endCursor }';

/** Reads a connection page by page to its end. */
export async function walk<Row>(
  read: (after: string | null) => Promise<PageAnswer<Row>>,
): Promise<{ readonly rows: readonly Row[]; readonly totals: readonly (number | null)[] }> {
  const rows: Row[] = [];
  const totals: (number | null)[] = [];
  let page: PageAnswer<Row> | undefined;
  do {
    page = await read(page?.pageInfo.endCursor ?? null);
    rows.push(...page.nodes);
    totals.push(page.totalCount);
  } while (page.pageInfo.hasNextPage);
  return { rows, totals };
}
