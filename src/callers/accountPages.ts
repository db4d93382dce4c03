import { GatewayError } from '../errors.ts';
import type { ListAnswer } from '../tics/pages.ts';
import type { Caller } from './caller.ts';

/** A page of a list of the whole account. */
export type AccountPage = ListAnswer<Readonly<Record<string, unknown>>>;

export type ReadAccountPage = (offset: number, limit: number) => Promise<AccountPage>;

interface KeptList {
  /** The first page as JSON: while it is the same, so are the others taken to be. */
  readonly first: string;
  readonly begunAtMs: number;
  readonly pages: Map<number, Promise<AccountPage>>;
}

/** Pages are read again after this time. */
const keptMs = 5_000;

/**
 * Lists that one caller may ask for within {@link keptMs}, beside one for each of its leagues: each filter makes another list, with
 * pages of its own.
 */
const listsOfCaller = 20;

/**
 * Pages behind the first one of lists of the whole account, for callers limited to leagues. Their number tells of leagues that these
 * may not see, so no operation can be charged for them: the gateway reads them for itself, once for all that ask in a moment.
 */
export class AccountPages {
  readonly #lists = new Map<string, KeptList>();
  readonly #asked = new Map<string, { readonly begunAtMs: number; readonly keys: Set<string> }>();

  /**
   * Counts a list for its caller, whatever its length: a refusal must not tell of hidden rows either.
   *
   * @throws GatewayError THROTTLED
   */
  count({ id, name, leagues }: Pick<Caller, 'id' | 'name' | 'leagues'>, key: string): void {
    const caller = id ?? name;
    const most = listsOfCaller + (leagues === 'ALL' ? 0 : leagues.length);
    const nowMs = performance.now();
    for (const [other, { begunAtMs }] of this.#asked) if (nowMs - begunAtMs > keptMs) this.#asked.delete(other);
    const { begunAtMs, keys } = this.#asked.get(caller) ?? { begunAtMs: nowMs, keys: new Set() };
    this.#asked.set(caller, { begunAtMs, keys });
    if (keys.size < most) keys.add(key);
    if (keys.has(key)) return;
    const message = `You have asked for ${most} lists of the account with different filters in ${keptMs / 1000} seconds, as many as a caller limited to leagues may.`;
    throw new GatewayError('THROTTLED', message, { retryAfter: keptMs / 1000 });
  }

  /**
   * @param first - the first page, just read
   * @param read - reads a page for the gateway itself
   */
  behind(key: string, first: AccountPage, read: ReadAccountPage): ReadAccountPage {
    const { pages } = this.#listOf(key, JSON.stringify(first));
    return (offset, limit) => {
      const known = pages.get(offset);
      if (known !== undefined) return known;
      const page = read(offset, limit);
      pages.set(offset, page);
      page.catch(() => pages.delete(offset));
      return page;
    };
  }

  #listOf(key: string, first: string): KeptList {
    const nowMs = performance.now();
    for (const [other, { begunAtMs }] of this.#lists) if (nowMs - begunAtMs > keptMs) this.#lists.delete(other);
    const known = this.#lists.get(key);
    if (known?.first === first) return known;
    const list = { first, begunAtMs: nowMs, pages: new Map<number, Promise<AccountPage>>() };
    this.#lists.set(key, list);
    return list;
  }
}
