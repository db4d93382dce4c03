/** Intersects id lists, in the order of the first. */
export function intersect(parties: readonly (readonly string[])[]): string[] {
  const [first = [], ...others] = parties;
  const known = others.map((ids) => new Set(ids));
  return [...new Set(first)].filter((id) => known.every((ids) => ids.has(id)));
}

/** The row of each id. Repeated ids mean their first row. */
export function rowsOfIds(ids: readonly string[], own: readonly string[]): number[] {
  const rowOf = new Map<string, number>();
  own.forEach((id, row) => {
    if (!rowOf.has(id)) rowOf.set(id, row);
  });
  return ids.map((id) => rowOf.get(id)).filter((row) => row !== undefined);
}

/** Screening: keeps the ids that share a prefix with an id of the label party, which discloses prefixes only. */
export function keepByPrefix(ids: readonly string[], labelIds: readonly string[], prefixLength: number): string[] {
  const prefixes = new Set(labelIds.map((id) => id.slice(0, prefixLength)));
  return ids.filter((id) => prefixes.has(id.slice(0, prefixLength)));
}

const heldOutShare = 0.25;

/** Decides by the id alone whether a record is held out, so all parties and runs agree. */
export function isHeldOut(id: string): boolean {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32 < heldOutShare;
}
