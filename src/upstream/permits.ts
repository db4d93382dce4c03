/** A call that waits for a permit. */
export interface PermitHolder {
  /** Called once, when the permit is given. Does not throw. */
  readonly onPermit: () => void;
}

/** Lets a number of calls run at once. The others wait in the order in which they came. */
export class Permits {
  readonly #queue = new Set<PermitHolder>();
  #free: number;
  #isHandingOut = false;

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** Gives a permit: before it returns where one is free, so that nothing is scheduled for it. */
  take(holder: PermitHolder): void {
    if (this.#free === 0) {
      this.#queue.add(holder);
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
    return this.#queue.delete(holder);
  }

  /** Returns a permit: the first of the queue gets it. */
  release(): void {
    this.#free += 1;
    // A holder that fails at once releases its permit from within: a loop, or a long queue would overflow the stack.
    if (this.#isHandingOut) return;
    this.#isHandingOut = true;
    for (const next of this.#queue) {
      if (this.#free === 0) break;
      this.#queue.delete(next);
      this.#free -= 1;
      next.onPermit();
    }
    this.#isHandingOut = false;
  }
}
