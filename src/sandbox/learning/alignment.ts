/** Ids that every party has, in the first party's order, each once. */
export function intersect(parties: readonly (readonly string[])[]): string[] {
  const [first = [], ...others] = parties;
  const known = others.map((ids) => new Set(ids));
  return [...new Set(first)].filter((id) => known.every((ids) => ids.has(id)));
}

/** Where each of the ids stands in a party's rows; the first row counts where an id comes twice. */
export function rowsOfIds(ids: readonly string[], own: readonly string[]): number[] {
  const rowOf = new Map<string, number>();
  own.forEach((id, row) => {
    if (!rowOf.has(id)) rowOf.set(id, row);
  });
  return ids.map((id) => rowOf.get(id)).filter((row) => row !== undefined);
}

/**
 * Coarse screening: of the party with the label only the first characters of its ids are told; the others keep the ids
 * that begin like one of those.
 */
export function keepByPrefix(ids: readonly string[], labelIds: readonly string[], prefixLength: number): string[] {
  const prefixes = new Set(labelIds.map((id) => id.slice(0, prefixLength)));
  return ids.filter((id) => prefixes.has(id.slice(0, prefixLength)));
}

const heldOutShare = 0.25;

/** Whether a record is kept back for measuring: said by its id alone, so that every party and every run agrees. */
export function isHeldOut(id: string): boolean {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32 < heldOutShare;
}
