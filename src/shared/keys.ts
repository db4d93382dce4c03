/** The API keys shared by all replicas, as one encrypted text. */
export interface SharedKeys {
  /** The text as last read; null when there is none. Undefined before the first successful read. */
  readonly latest: () => string | null | undefined;
  /** Replaces {@link latest}. CHANGED, and no effect, when another replica was first. Undefined while the store is unreachable. */
  readonly replace: (text: string) => Promise<'REPLACED' | 'CHANGED' | undefined>;
  /** Calls back when {@link latest} has changed, or may be gone, until the returned function is called. */
  readonly onChange: (listener: () => void) => () => void;
}
