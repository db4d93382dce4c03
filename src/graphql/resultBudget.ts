/** Limits of one result. Without them a short query with cycles has a result that no process can hold. */
export interface ResultLimits {
  /** Objects, those of lists included. */
  readonly objects: number;
  /** Values of leaf fields. */
  readonly values: number;
  /** Of its JSON, as far as data make it. */
  readonly bytes: number;
}

/** Lists and objects of a result whose JSON is large, with its bytes. What is in none of them is small. */
export type LargeParts = ReadonlyMap<unknown, number>;

const largePartBytes = 8_192;

/** Results have neither a prototype nor a `toJSON`; what a scalar of JSON holds may have them. */
function isOfResult(value: object): boolean {
  return Array.isArray(value) || Object.getPrototypeOf(value) === null;
}

/** Adds up what JSON has for a value, and stops above `most`. Collects large parts. */
function bytesIn(value: unknown, most: number, largeParts: Map<unknown, number>): number {
  if (typeof value === 'string') return Buffer.byteLength(value) + 2;
  if (typeof value !== 'object' || value === null) return 4;
  let bytes = 2;
  if (Array.isArray(value)) {
    for (const item of value) if (bytes <= most) bytes += bytesIn(item, most - bytes, largeParts) + 1;
  } else
    for (const name in value) {
      if (bytes > most) break;
      bytes += name.length + 4 + bytesIn((value as Readonly<Record<string, unknown>>)[name], most - bytes, largeParts);
    }
  if (bytes > largePartBytes && isOfResult(value)) largeParts.set(value, bytes);
  return bytes;
}

/** Limits where none are configured. */
export const defaultResultLimits: ResultLimits = { objects: 50_000, values: 1_000_000, bytes: 10_000_000 };

/** Execution yields to other work after so many objects. */
const objectsATurn = 500;

/** Counts one result while it is executed, and stops execution that has no time left. */
export class ResultBudget {
  readonly limits: ResultLimits;
  #objects = 0;
  #values = 0;
  #yieldedAt = 0;
  #isOutOfTime = false;
  #bytes = 0;
  readonly #largeParts = new Map<unknown, number>();

  constructor(limits: ResultLimits) {
    this.limits = limits;
  }

  get isExceeded(): boolean {
    return this.#bytes > this.limits.bytes || this.#objects > this.limits.objects || this.#values > this.limits.values;
  }

  /** Of the data that were taken. */
  get largeParts(): LargeParts {
    return this.#largeParts;
  }

  /** The time was up while it was executed. */
  get isOutOfTime(): boolean {
    return this.#isOutOfTime;
  }

  /** Nothing more is added to the result. */
  get isStopped(): boolean {
    return this.#isOutOfTime || this.isExceeded;
  }

  /** Long texts may make few values many bytes. An answer in parts takes each of them. */
  takeData(data: unknown): void {
    this.#bytes += bytesIn(data, this.limits.bytes - this.#bytes, this.#largeParts);
  }

  take(objects: number, values: number): void {
    this.#objects += objects;
    this.#values += values;
  }

  /** True once every `objectsATurn` objects. */
  isTurnOver(remainingMs: () => number): boolean {
    if (this.#objects - this.#yieldedAt < objectsATurn) return false;
    this.#yieldedAt = this.#objects;
    this.#isOutOfTime = remainingMs() <= 0;
    return true;
  }
}
