/** Items by id and by other keys, each list newest first. */
export class IndexedList<T extends { readonly id: string | number }> {
  readonly all: T[];
  readonly #timeOf: (item: T) => number;
  readonly #keysOf: Readonly<Record<string, (item: T) => readonly string[]>>;
  readonly #byId = new Map<string | number, T>();
  readonly #by: Record<string, Map<string, T[]>> = {};

  constructor(
    items: readonly T[],
    timeOf: (item: T) => number,
    keysOf: Readonly<Record<string, (item: T) => readonly string[]>>,
  ) {
    this.#timeOf = timeOf;
    this.#keysOf = keysOf;
    this.all = [...items].sort((a, b) => timeOf(b) - timeOf(a));
    for (const name of Object.keys(keysOf)) this.#by[name] = new Map();
    for (const item of this.all) {
      this.#byId.set(item.id, item);
      for (const list of this.#listsOf(item)) list.push(item);
    }
  }

  get(id: string | number): T | undefined {
    return this.#byId.get(id);
  }

  by(name: string, key: string): readonly T[] {
    return this.#by[name]?.get(key) ?? [];
  }

  add(item: T): void {
    this.#byId.set(item.id, item);
    for (const list of [this.all, ...this.#listsOf(item)]) {
      const older = list.findIndex((other) => this.#timeOf(other) <= this.#timeOf(item));
      list.splice(older === -1 ? list.length : older, 0, item);
    }
  }

  remove(id: string | number): void {
    const item = this.#byId.get(id);
    if (!item) return;
    this.#byId.delete(id);
    for (const list of [this.all, ...this.#listsOf(item)]) list.splice(list.indexOf(item), 1);
  }

  /** The next number, for items with numeric ids. */
  nextNumber(): number {
    return this.all.reduce((highest, { id }) => Math.max(highest, Number(id)), 0) + 1;
  }

  #listsOf(item: T): T[][] {
    return Object.entries(this.#keysOf).flatMap(([name, keys]) =>
      [...new Set(keys(item))].map((key) => {
        const index = (this.#by[name] ??= new Map<string, T[]>());
        const list = index.get(key) ?? [];
        index.set(key, list);
        return list;
      }),
    );
  }
}
