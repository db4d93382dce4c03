/** Names of datasets, aliases and columns of tables are the same in any case, as in SQL. */
export function equalsIgnoreCase(a: string, b: string): boolean {
  return foldCase(a) === foldCase(b);
}

/** A name's form for comparison: equal for names that are the same. */
export function foldCase(name: string): string {
  return name.normalize('NFC').toUpperCase();
}
