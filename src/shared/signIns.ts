/** An account at one upstream. */
export interface SharedAccount {
  /** Whose token it is. */
  readonly upstreamScope: string;
  /** Identifies the account. Contains no secret. */
  readonly name: string;
  /** Changes with every property of the account, its password included. Stored encrypted. */
  readonly fingerprint: string;
}

/** The shared record of an account. Times are milliseconds since 1970. */
export interface SignInRecord {
  readonly fingerprint: string;
  readonly token?: { readonly value: string; readonly expiresAtMs: number };
  readonly refusal?: {
    readonly code: string;
    readonly message: string;
    readonly details: object;
    readonly untilMs: number;
  };
  /** Times of the latest answered sign-ins, with a token or a refusal. */
  readonly answeredAtMs: readonly number[];
}

/** The lock for signing in, held by one replica at a time. */
export interface SignInLock {
  /** Stores the result, unless the lock has passed to another replica meanwhile. */
  readonly write: (record: SignInRecord) => Promise<void>;
  readonly release: () => Promise<void>;
}

/** Sign-ins shared by all replicas. */
export interface SharedSignIns {
  /** Null without a record. Undefined while the store is unreachable: each replica is on its own then. */
  readonly read: (account: SharedAccount) => Promise<SignInRecord | null | undefined>;
  /** BUSY while another replica signs in. Undefined while the store is unreachable. */
  readonly lock: (account: SharedAccount) => Promise<SignInLock | 'BUSY' | undefined>;
  /** The number of replicas and the rank of this one, for when the store is unreachable. */
  readonly share: () => { readonly replicas: number; readonly rank: number };
}
