/** A call that waits for a permit. */
export interface PermitHolder {
  /** Called once, when the permit is given. Does not throw. */
  readonly onPermit: () => void;
  /** No caller waits for its answer: calls with a waiting caller go first. */
  readonly isBackground?: boolean;
}

/** Limits the calls at once. The others queue in the order of arrival, background calls behind all others. */
export class Permits {
  readonly #queue = new Set<PermitHolder>();
  readonly #background = new Set<PermitHolder>();
  #free: number;
  #isHandingOut = false;

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** Gives a permit; synchronously when one is free. */
  take(holder: PermitHolder): void {
    if (this.#free === 0) {
      (holder.isBackground ? this.#background : this.#queue).add(holder);
      return;
    }
    this.#free -= 1;
    holder.onPermit();
  }

  /**
   * Leaves the queue.
   *
   * @returns false when the holder was not in it
   */
  leave(holder: PermitHolder): boolean {
    return this.#queue.delete(holder) || this.#background.delete(holder);
  }

  #first(): PermitHolder | undefined {
    for (const queue of [this.#queue, this.#background])
      for (const holder of queue) {
        queue.delete(holder);
        return holder;
      }
    return undefined;
  }

  /** Returns a permit: the first that waits gets it. */
  release(): void {
    this.#free += 1;
    // A holder that fails at once releases its permit from within: a loop, or a long queue would overflow the stack.
    if (this.#isHandingOut) return;
    this.#isHandingOut = true;
    while (this.#free > 0) {
      const next = this.#first();
      if (next === undefined) break;
      this.#free -= 1;
      next.onPermit();
    }
    this.#isHandingOut = false;
  }
}
