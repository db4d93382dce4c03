import { createAgentLoaders } from '../../tics/agents/loaders.ts';
import { createAuditLoaders } from '../../tics/audit/loaders.ts';
import { createDatasetLoaders } from '../../tics/datasets/loaders.ts';
import { createInstanceLoaders } from '../../tics/instances/loaders.ts';
import { createJobLoaders } from '../../tics/jobs/loaders.ts';
import { createLeagueLoaders } from '../../tics/leagues/loaders.ts';
import { createStatisticsLoaders } from '../../tics/statistics/loaders.ts';
import { isOfAgent, maxPageRows, placesOf, readWindow, type Page, type ReadPage } from '../../tics/pages.ts';
import type { Planes } from '../../tics/planes/planes.ts';

/** The loaders that BI reads with. */
export function createSource(planes: Planes) {
  return {
    planes,
    agents: createAgentLoaders(planes),
    audit: createAuditLoaders(planes),
    datasets: createDatasetLoaders(planes),
    instances: createInstanceLoaders(planes),
    jobs: createJobLoaders(planes),
    leagues: createLeagueLoaders(planes),
    statistics: createStatisticsLoaders(planes),
  };
}

export type Source = ReturnType<typeof createSource>;

/** A whole list, and whether all of it came: only then may what is not in it be gone. */
export interface WholeList<Row> {
  readonly rows: readonly Row[];
  readonly isComplete: boolean;
}

function isShort({ rows, total, gaps }: Pick<Page<unknown>, 'rows' | 'total' | 'gaps'>): boolean {
  return gaps !== undefined || total === null || rows.length < Number(total);
}

/** An agent has answered for the space plane, which is away: it may not know of all that the league has. */
export function isFromAgent({ call }: Pick<Page<unknown>, 'call'>): boolean {
  return isOfAgent(call);
}

/** Reads a whole list. One of the space plane that an agent gave any page of is not complete. @throws GatewayError */
export async function readWhole<Row>(read: ReadPage<Row>, plane: 'SPACE' | 'AGENT' = 'SPACE'): Promise<WholeList<Row>> {
  let hasAgentPage = false;
  const readPage: ReadPage<Row> = async (offset, limit) => {
    const page = await read(offset, limit);
    hasAgentPage ||= plane === 'SPACE' && isFromAgent(page);
    return page;
  };
  const page = await readWindow(readPage, 0, Number.MAX_SAFE_INTEGER);
  return { rows: page.rows, isComplete: !isShort(page) && !hasAgentPage };
}

/** Page by page, each with what comes behind it. The consumer stops where it has seen enough. */
export async function* pagesOf<Row>(readPage: () => ReadPage<Row>) {
  for (let offset = 0; ;) {
    // Loaders remember what they read: each page has its own.
    const page = await readPage()(offset, maxPageRows);
    const { length } = placesOf(page);
    offset += length;
    const isLast = length === 0 || (page.total === null ? length < maxPageRows : offset >= Number(page.total));
    yield { ...page, isLast };
    if (isLast) return;
  }
}
