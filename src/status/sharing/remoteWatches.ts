/** The watches of other replicas, watched here as well while this replica polls for them. */
export class RemoteWatches {
  readonly #read: () => Promise<readonly string[] | undefined>;
  readonly #watch: (key: string) => () => void;
  readonly #isWatched: (key: string) => boolean;
  /** Ends the watch of a key. */
  readonly #releases = new Map<string, () => void>();
  #isReading = false;
  /** They changed during the running read. */
  #isStale = false;

  /**
   * @param read - the keys that other replicas watch; undefined while the store is unreachable
   * @param here.watch - watches a key until the returned function is called
   * @param here.isWatched - false once the watch of a key has ended
   */
  constructor(
    read: () => Promise<readonly string[] | undefined>,
    here: { readonly watch: (key: string) => () => void; readonly isWatched: (key: string) => boolean },
  ) {
    this.#read = read;
    this.#watch = here.watch;
    this.#isWatched = here.isWatched;
  }

  /** Reads the keys and watches them here, unless this replica has stopped polling meanwhile. One read at a time. */
  async refresh(isLeading: () => boolean): Promise<void> {
    this.#isStale = true;
    if (!isLeading() || this.#isReading) return;
    this.#isReading = true;
    let read: readonly string[] | undefined;
    while (this.#isStale) {
      this.#isStale = false;
      read = await this.#read();
    }
    this.#isReading = false;
    if (read === undefined || !isLeading()) return;
    const keys = new Set(read);
    for (const [key, release] of this.#releases)
      if (!keys.has(key)) {
        this.#releases.delete(key);
        release();
      }
    // A watch that has ended may start again.
    for (const key of keys)
      if (!this.#releases.has(key) || !this.#isWatched(key)) this.#releases.set(key, this.#watch(key));
  }

  /** Ends all of them: another replica polls from now on. */
  release(): void {
    const releases = [...this.#releases.values()];
    this.#releases.clear();
    releases.forEach((release) => release());
  }
}
