/** Narrows something that the embedded TICS must have for a test; throws where it is missing. */
export function required<Thing>(thing: Thing | undefined | null, what: string): Thing {
  if (thing === undefined || thing === null) throw new Error(`the embedded TICS has no ${what}`);
  return thing;
}
