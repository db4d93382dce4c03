/** The watches of other replicas, watched here as well while this replica polls for them. */
export class RemoteWatches {
  readonly #read: () => Promise<readonly string[]>;
  readonly #watch: (key: string) => () => void;
  /** Ends the watch of a key. */
  readonly #releases = new Map<string, () => void>();
  #isReading = false;
  /** They have changed while they were read. */
  #isStale = false;

  /**
   * @param read - the keys that other replicas watch
   * @param watch - watches a key until the returned function is called
   */
  constructor(read: () => Promise<readonly string[]>, watch: (key: string) => () => void) {
    this.#read = read;
    this.#watch = watch;
  }

  /** Reads them and watches the same, unless this replica has ceased to poll meanwhile. One read at a time. */
  async refresh(isLeading: () => boolean): Promise<void> {
    this.#isStale = true;
    if (!isLeading() || this.#isReading) return;
    this.#isReading = true;
    let keys: ReadonlySet<string> = new Set();
    while (this.#isStale) {
      this.#isStale = false;
      keys = new Set(await this.#read());
    }
    this.#isReading = false;
    if (!isLeading()) return;
    for (const [key, release] of this.#releases)
      if (!keys.has(key)) {
        this.#releases.delete(key);
        release();
      }
    for (const key of keys) if (!this.#releases.has(key)) this.#releases.set(key, this.#watch(key));
  }

  /** Other replicas' watches are polled by another replica from now on. */
  release(): void {
    const releases = [...this.#releases.values()];
    this.#releases.clear();
    releases.forEach((release) => release());
  }
}
