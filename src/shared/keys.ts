/** The API keys of all replicas, as one text that only they can read. */
export interface SharedKeys {
  /** As it was read last; null where there is none. Undefined where nobody could tell so far. */
  readonly latest: () => string | null | undefined;
  /** Replaces {@link latest}. CHANGED where another replica was first: nothing is replaced then. Undefined where nobody can tell. */
  readonly replace: (text: string) => Promise<'REPLACED' | 'CHANGED' | undefined>;
  /** Calls back when {@link latest} has changed, or may be gone, until the returned function is called. */
  readonly onChange: (listener: () => void) => () => void;
}
