/** Names of datasets, aliases and table columns ignore case, as in SQL. */
export function equalsIgnoreCase(a: string, b: string): boolean {
  return foldCase(a) === foldCase(b);
}

/** A key that is equal for equal names. */
export function foldCase(name: string): string {
  return name.normalize('NFC').toUpperCase();
}
