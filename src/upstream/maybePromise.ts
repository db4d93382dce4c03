/** A value, or one that comes later. */
export type MaybePromise<Value> = Value | Promise<Value>;

/** True for a value that comes later. */
export function isPromise<Value>(value: MaybePromise<Value>): value is Promise<Value> {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
}

/** What `read` makes of a value: at once where the value is there, so that the fields of a row wait for nothing. */
export function mapMaybePromise<Value, Read>(
  value: MaybePromise<Value>,
  read: (value: Value) => MaybePromise<Read>,
): MaybePromise<Read> {
  return isPromise(value) ? value.then(read) : read(value);
}
