import type { DatasetColumn } from '../model/world.ts';

/** The engine's pseudo-column that counts records. A user's column of that name gets a substitute. */
const rowId = 'rowid';
const substitute = '$rowid';

function isRowId(name: string): boolean {
  return name.toLowerCase() === rowId;
}

export function engineName(name: string): string {
  return isRowId(name) ? substitute : name;
}

export function givenName(name: string): string {
  return name.toLowerCase() === substitute ? rowId : name;
}

/** Column names in the engine, which ignores case: repeated ones are numbered. */
export function engineNamesOf(columns: readonly DatasetColumn[]): string[] {
  const seen = new Map<string, number>();
  return columns.map(({ name }) => {
    const key = name.toLowerCase();
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return count === 1 ? engineName(name) : `${name}#${count}`;
  });
}

const singleNames = ['alias', 'key'] as const;
const nameLists = ['using_columns', 'column_name_alias', 'aliases'] as const;

/** Replaces `rowid` throughout a statement's tree. */
export function renameRowId(node: unknown): void {
  if (Array.isArray(node)) return node.forEach(renameRowId);
  if (typeof node !== 'object' || node === null) return;
  const part = node as Record<string, unknown>;
  if (part.class === 'COLUMN_REF' && Array.isArray(part.column_names)) {
    const names = part.column_names.map(String);
    part.column_names = [...names.slice(0, -1), engineName(names.at(-1) ?? '')];
  }
  for (const property of singleNames) {
    if ('class' in part && typeof part[property] === 'string') part[property] = engineName(part[property]);
  }
  for (const property of nameLists) {
    const list = part[property];
    if (Array.isArray(list)) part[property] = list.map((name) => engineName(String(name)));
  }
  for (const held of Object.values(part)) renameRowId(held);
}
