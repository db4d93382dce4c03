let count = 0;

/** A name that nothing in the embedded TICS has yet. */
export function newName(prefix: string): string {
  return `${prefix}_${(count += 1)}`;
}
