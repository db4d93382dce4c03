/** The raw TICS id at the end of a global id, for example `b` of `Job:a/sql/b`. */
export function rawId(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}
