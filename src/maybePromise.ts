/** A value, or a promise of it. */
export type MaybePromise<Value> = Value | Promise<Value>;

/** True for a promise, or any other thenable. */
export function isPromise<Value>(value: MaybePromise<Value>): value is Promise<Value> {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
}

/** Applies `read` to a value, synchronously where the value is there: then the fields of a row wait for nothing. */
export function mapMaybePromise<Value, Read>(
  value: MaybePromise<Value>,
  read: (value: Value) => MaybePromise<Read>,
): MaybePromise<Read> {
  return isPromise(value) ? value.then(read) : read(value);
}
