import { GatewayError } from '../../../errors.ts';
import { findRow, maxPageRows, placesOf, readAll, readWindow } from '../../../tics/pages.ts';
import type { Mark } from './cursor.ts';
import type { MergeOptions, MergeSource } from './source.ts';

/** A row and its position in its source. */
interface Placed<Row> {
  readonly row: Row;
  readonly position: number;
}

/** A part of a source. */
interface Window<Row> {
  readonly from: number;
  readonly rows: readonly Placed<Row>[];
  /** Where it ends, rows that can't be read included. */
  readonly to: number;
  /** Rows of the source; infinite while a source that has no total goes on. */
  readonly total: number;
  /** The source has no row from `from` on, whatever total it has. */
  readonly isEmpty: boolean;
  /** The reason for which some rows are missing. */
  readonly fault: GatewayError | undefined;
}

/** The row that was shown last is searched within so many rows before and behind its old position: by one call. */
const searchedRows = maxPageRows / 2;

async function readPart<Row>({ read }: MergeSource<Row>, from: number, count: number): Promise<Window<Row>> {
  const page = await readWindow(read, from, count);
  const places = placesOf(page);
  const [to, total] =
    page.total === null
      ? [from + places.length, places.length < count ? from + places.length : Infinity]
      : [Math.max(from, Math.min(from + count, Number(page.total))), Number(page.total)];
  return {
    from,
    to,
    total,
    rows: places.flatMap((row, index) => (row === null ? [] : [{ row, position: from + index }])),
    isEmpty: places.length === 0,
    fault: page.gaps?.fault,
  };
}

/** Two parts, of which the first begins earlier, and ends within the other or behind it. */
function joined<Row>(one: Window<Row>, other: Window<Row>): Window<Row> {
  const further = other.rows.filter(({ position }) => position >= one.to);
  return { ...one, rows: [...one.rows, ...further], to: Math.max(one.to, other.to), fault: one.fault ?? other.fault };
}

export function failureOf(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  throw error;
}

/** Reads one source, a page ahead of the rows that are shown. */
export class SourceReader<Row> {
  readonly source: MergeSource<Row>;
  /** The row that was shown last is gone. */
  readonly isChanged: boolean;
  readonly #idOf: (row: Row) => string;
  readonly #readFrom: number;
  /** Ids of the rows that were read, shown or not. */
  readonly #ids = new Set<string>();
  /** Readers of the sources that show a row in place of this one. */
  #earlier: readonly SourceReader<Row>[] = [];
  #mark: Mark;
  /** Rows read and not yet shown. */
  #buffer: Placed<Row>[];
  #readTo: number;
  #total: number;
  #fault: GatewayError | undefined;
  #failure: GatewayError | undefined;

  private constructor(
    source: MergeSource<Row>,
    idOf: (row: Row) => string,
    window: Window<Row>,
    mark: Mark,
    isChanged: boolean,
  ) {
    this.source = source;
    this.isChanged = isChanged;
    this.#idOf = idOf;
    this.#readFrom = window.from;
    this.#mark = mark;
    this.#buffer = window.rows.filter(({ position }) => position >= mark.position);
    this.#readTo = window.to;
    this.#total = window.total;
    this.#fault = window.fault;
    for (const { row } of window.rows) this.#ids.add(idOf(row));
  }

  /**
   * Opens a source behind the row that was shown last. It is read again with one row of overlap: where that row has moved,
   * because others came or went before it, the source is anchored at its new position; where it is gone, `isChanged` says so.
   *
   * @throws GatewayError
   */
  static async open<Row>(
    source: MergeSource<Row>,
    { position, lastId }: Mark,
    size: number,
    { idOf, isOnceOnly = false }: MergeOptions<Row>,
  ): Promise<SourceReader<Row>> {
    const readerOf = (window: Window<Row>, at: number, isChanged = false): SourceReader<Row> =>
      new SourceReader(source, idOf, window, { position: at, lastId }, isChanged);
    // Rows that may be left out, since another source has them or they are of no type that was asked for, are read as whole
    // pages: counting them reads the same pages, which the operation has then.
    const areWhole = isOnceOnly || source.keep !== undefined;
    const whole = (rows: number): number =>
      areWhole ? Math.ceil(Math.max(rows, 1) / maxPageRows) * maxPageRows : rows;
    if (position === 0) return readerOf(await readPart(source, 0, whole(size)), 0);
    const last = position - 1;
    const from = areWhole && last < maxPageRows ? 0 : last;
    const window = await readPart(source, from, whole(last - from + size + 1));
    const isLast = ({ row }: Placed<Row>): boolean => idOf(row) === lastId;
    const known = window.rows.find(isLast);
    if (known !== undefined) return readerOf(window, known.position + 1);
    const searchFrom = Math.max(0, Math.min(from, last - searchedRows));
    if (searchFrom === from) return readerOf(window, last, true);
    const around = joined(await readPart(source, searchFrom, maxPageRows), window);
    const moved = around.rows.find(isLast);
    return moved === undefined ? readerOf(window, last, true) : readerOf(around, moved.position + 1);
  }

  get mark(): Mark {
    return this.#mark;
  }

  /** Set when the source could not be read further. */
  get failure(): GatewayError | undefined {
    return this.#failure;
  }

  get fault(): GatewayError | undefined {
    return this.#fault;
  }

  /** The row to be shown next, as far as it was read. */
  get head(): Row | undefined {
    return this.#failure === undefined ? this.#buffer[0]?.row : undefined;
  }

  /** The next row is known without a call. */
  get isReady(): boolean {
    if (this.#failure !== undefined) return true;
    const [head] = this.#buffer;
    if (head === undefined) return this.#readTo >= this.#total;
    return this.#earlier.length === 0 && this.#isKept(head.row);
  }

  /** Leaves rows to other sources that have them too. */
  giveWayTo(earlier: readonly SourceReader<Row>[]): void {
    this.#earlier = earlier;
  }

  /** Brings the next row that is to be shown to the head, reading on while there may be one. */
  async advance(): Promise<Row | undefined> {
    while (this.#failure === undefined) {
      const [head] = this.#buffer;
      if (head === undefined) {
        if (this.#readTo >= this.#total) return undefined;
        await this.#readOn();
      } else if (this.#isKept(head.row) && !(await this.#isShownEarlier(head.row))) return head.row;
      else this.take();
    }
    return undefined;
  }

  /** Passes the head. */
  take(): void {
    const head = this.#buffer.shift();
    if (head !== undefined) this.#mark = { position: head.position + 1, lastId: this.#idOf(head.row) };
  }

  /** The source has another row to show. Only a source that leaves rows out must be read on to know it. */
  async hasNext(): Promise<boolean> {
    if (this.#showsAll || this.#failure !== undefined) return this.#buffer.length > 0 || this.#readTo < this.#total;
    return (await this.advance()) !== undefined;
  }

  /** Number of rows that the source shows; not finite where it is unknown. */
  async count(): Promise<number> {
    if (this.#showsAll) return this.#total;
    const kept = (await readAll(this.source.read)).filter((row) => this.#isKept(row));
    const areShownEarlier = await Promise.all(kept.map((row) => this.#isShownEarlier(row)));
    return areShownEarlier.filter((isShown) => !isShown).length;
  }

  get #showsAll(): boolean {
    return this.source.keep === undefined && this.#earlier.length === 0;
  }

  #isKept(row: Row): boolean {
    return this.source.keep?.(row) ?? true;
  }

  async #isShownEarlier(row: Row): Promise<boolean> {
    const id = this.#idOf(row);
    for (const reader of this.#earlier) if (await reader.#has(id)) return true;
    return false;
  }

  /** The source has a row, which is searched where the source was not read wholly. */
  async #has(id: string): Promise<boolean> {
    if (this.#ids.has(id)) return true;
    if (this.#readFrom === 0 && this.#readTo >= this.#total) return false;
    const row = await findRow(this.source.read, (each) => this.#idOf(each) === id).catch((error: unknown) => {
      failureOf(error);
    });
    return row !== undefined;
  }

  async #readOn(): Promise<void> {
    try {
      // Counting the rows asks for the same pages, which the operation has then.
      const window = await readPart(this.source, this.#readTo, Math.min(maxPageRows, this.#total - this.#readTo));
      this.#buffer = [...window.rows];
      for (const { row } of window.rows) this.#ids.add(this.#idOf(row));
      this.#fault ??= window.fault;
      // An empty page ends the list. Its total stays what the service says of it.
      this.#readTo = window.isEmpty ? window.total : window.to;
      this.#total = window.total;
    } catch (error) {
      this.#failure = failureOf(error);
    }
  }
}
