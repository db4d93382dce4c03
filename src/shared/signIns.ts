/** An account at one upstream. */
export interface SharedAccount {
  /** Whose token it is. */
  readonly upstreamScope: string;
  /** Tells accounts apart; made of nothing secret. */
  readonly name: string;
  /** Changes with all that makes it another account: its password too. Kept encrypted. */
  readonly fingerprint: string;
}

/** What replicas know of an account. Instants are milliseconds since 1970. */
export interface SignInRecord {
  readonly fingerprint: string;
  readonly token?: { readonly value: string; readonly expiresAtMs: number };
  readonly refusal?: {
    readonly code: string;
    readonly message: string;
    readonly details: object;
    readonly untilMs: number;
  };
  /** When the latest sign-ins were answered, by a token or a refusal. */
  readonly answeredAtMs: readonly number[];
}

/** The right to sign in, which one replica has at a time. */
export interface SignInLock {
  /** Keeps what came of it, unless the right has passed to another replica meanwhile. */
  readonly write: (record: SignInRecord) => Promise<void>;
  readonly release: () => Promise<void>;
}

/** Sign-ins of all replicas. */
export interface SharedSignIns {
  /** Null where nothing is known; undefined where nobody can tell: each replica is on its own then. */
  readonly read: (account: SharedAccount) => Promise<SignInRecord | null | undefined>;
  /** BUSY while another replica signs in. Undefined where nobody can tell. */
  readonly lock: (account: SharedAccount) => Promise<SignInLock | 'BUSY' | undefined>;
  /** How many replicas there are, and the place of this one, for when nobody can tell. */
  readonly share: () => { readonly replicas: number; readonly rank: number };
}
