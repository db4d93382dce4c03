import { GraphQLError } from 'graphql';

/** The two REST planes of TICS, and IAM, which hands out the space plane's tokens. */
export type Plane = 'IAM' | 'SPACE' | 'AGENT';

/** Alert rules (`ops/alerts.yaml`) that count errors by their code. */
export type CodeAlert =
  | 'TicsGatewayErrors'
  | 'TicsGatewayInternalErrors'
  | 'TicsUpstreamFailing'
  | 'TicsSignInRefused'
  | 'TicsAgentCertificate'
  | 'TicsAgentAddress'
  | 'TicsOutcomeUnknown';

/** All decisions that depend on an error's code. A code compiles only when all are stated. */
export interface ErrorFacts {
  /** Meaning, and what to do next. */
  readonly description: string;
  /** Sends a failed read again. `ANSWERED`: only if the upstream answered, so that there is an HTTP status. */
  readonly retry: 'NO' | 'YES' | 'ANSWERED';
  /** Counted by the upstream's breaker as. */
  readonly breaker: 'SUCCESS' | 'FAILURE';
  /** Health of the upstream. A refusal shows that it is up. */
  readonly health: 'UP' | 'DOWN';
  /** A stale cached answer replaces the failed read. */
  readonly staleIfError: boolean;
  /** Another agent of the league, or the other plane, may answer instead. */
  readonly failover: boolean;
  /** The agent may have moved: its address is looked up again. */
  readonly relocate: boolean;
  /** Next step of a poll. `SLOW_DOWN`: the upstream is up but takes no more requests. */
  readonly poll: 'CONTINUE' | 'SLOW_DOWN' | 'END';
  /** A lookup by id answers NOT_FOUND instead, so that nobody learns that the object exists. */
  readonly hidden: boolean;
  /** Result of a sign-in. After `REFUSED` the account pauses: further attempts could lock it. */
  readonly signIn: 'REFUSED' | 'FAILED';
  /** Level of the log line about the upstream call. */
  readonly logLevel: 'debug' | 'warn';
  /** Alert rules that count it. */
  readonly alerts: readonly CodeAlert[];
  /** HTTP status of a refused request; null if the code never refuses a whole request. */
  readonly httpStatus: number | null;
}

type Decisions = Omit<ErrorFacts, 'description'>;

/** Nothing was sent, or the upstream refused what was asked: asking again, or elsewhere, gives the same answer. */
const refused = {
  retry: 'NO',
  breaker: 'SUCCESS',
  health: 'UP',
  staleIfError: false,
  failover: false,
  relocate: false,
  poll: 'CONTINUE',
  hidden: false,
  signIn: 'FAILED',
  logLevel: 'debug',
  alerts: [],
  httpStatus: null,
} as const satisfies Decisions;

/** Waiting doesn't help. */
const refusedForGood = { ...refused, poll: 'END' } as const satisfies Decisions;

/** The request itself is at fault; nothing of it is executed. */
const badRequest = { ...refused, httpStatus: 400 } as const satisfies Decisions;

/** The upstream gives no usable answer at the moment. */
const failed = {
  ...refused,
  health: 'DOWN',
  staleIfError: true,
  failover: true,
  logLevel: 'warn',
} as const satisfies Decisions;

/** Nobody is admitted until an operator acts or time passes; cached answers would hide that. */
const notAdmitted = { ...failed, staleIfError: false } as const satisfies Decisions;

const failing = ['TicsGatewayErrors', 'TicsUpstreamFailing'] as const;

/**
 * Every code of `errors[].extensions.code`, with all decisions that depend on it. The GraphQL enum `ErrorCode` and the
 * operators' page are generated from this table.
 */
export const errorCodes = {
  INVALID_ID: {
    description: 'An id has the wrong form or names another type; the message says what it looks like. Correct the id.',
    ...refusedForGood,
  },
  INVALID_ARGUMENT: {
    description: 'An argument is out of its range; the message names the limit. Correct the argument.',
    ...refusedForGood,
  },
  INVALID_CURSOR: { description: 'A cursor was not made by this connection. Start again without `after`.', ...refused },
  NOT_FOUND: {
    description:
      'There is no such object, or the caller may not see it. Both answer alike. With HTTP 404: nothing is at the path; the message says where the API is.',
    ...refusedForGood,
    hidden: true,
    httpStatus: 404,
  },
  UNAUTHENTICATED: {
    description: 'The key or token is missing, invalid or expired. Send a valid one.',
    ...refused,
    httpStatus: 401,
  },
  ISSUER_UNAVAILABLE: {
    description:
      'The signing keys of the token’s issuer cannot be read at the moment, so the token cannot be verified. Nothing was executed. Send it again later.',
    ...refused,
    httpStatus: 503,
  },
  FORBIDDEN: {
    description:
      'The service refuses the account this call, or the caller lacks the role that it needs. Ask for the right, or name another agent.',
    ...refusedForGood,
    failover: true,
    hidden: true,
    signIn: 'REFUSED',
    alerts: ['TicsSignInRefused'],
    httpStatus: 403,
  },
  TOKEN_REQUIRED: {
    description:
      'You act with your own tokens, and brought none for this upstream, or one that it does not take. Nothing was carried out. Send `X-Auth-Token`, or `X-Agent-Token: <agent id>=<token>`.',
    ...refusedForGood,
  },
  SIGN_IN_REFUSED: {
    description: 'The service refused the account or its password. An operator must correct the configuration.',
    ...notAdmitted,
    poll: 'END',
    signIn: 'REFUSED',
    alerts: ['TicsSignInRefused'],
  },
  ACCOUNT_LOCKED: {
    description: 'Too many wrong passwords: the account is locked for a minute. Wait for `retryAfter`.',
    ...notAdmitted,
    signIn: 'REFUSED',
    alerts: ['TicsSignInRefused'],
  },
  RATE_LIMITED: {
    description:
      'The service answers too many requests at the moment, or refuses its own tokens soon after it gave them. Wait for `retryAfter`.',
    ...failed,
    retry: 'YES',
    health: 'UP',
    poll: 'SLOW_DOWN',
    alerts: ['TicsGatewayErrors'],
  },
  AGENT_UNAVAILABLE: {
    description: 'No agent that could answer is configured or known. Name an agent, or configure its account.',
    ...notAdmitted,
    logLevel: 'debug',
  },
  AGENT_CERTIFICATE: {
    description:
      'The agent showed another certificate than the one configured, or trusted before. An operator must check it.',
    ...notAdmitted,
    relocate: true,
    poll: 'END',
    alerts: ['TicsAgentCertificate'],
  },
  AGENT_ADDRESS: {
    description:
      'The space plane names an address of the agent that nothing is sent to, such as this host or its metadata service. An operator must check it, or allow it by `agentNetworks`.',
    ...notAdmitted,
    relocate: true,
    alerts: ['TicsAgentAddress'],
  },
  UPSTREAM_TIMEOUT: {
    description: 'The call did not answer within its time limit. Ask again later.',
    ...failed,
    breaker: 'FAILURE',
    relocate: true,
    alerts: failing,
  },
  UPSTREAM_UNREACHABLE: {
    description: 'The connection could not be made, or it broke. Try again later.',
    ...failed,
    retry: 'YES',
    breaker: 'FAILURE',
    relocate: true,
    alerts: failing,
  },
  UPSTREAM_PAUSED: {
    description: 'The upstream has not answered lately, so it is left alone for a moment. Wait for `retryAfter`.',
    ...failed,
    poll: 'SLOW_DOWN',
    logLevel: 'debug',
  },
  UPSTREAM_INVALID_ANSWER: {
    description: 'The answer could not be read. Report it with `upstreamRequestId`.',
    ...failed,
    retry: 'ANSWERED',
    alerts: failing,
  },
  UPSTREAM_REFUSED: {
    description: 'The service refused the call; its own code and text are given.',
    ...refused,
    signIn: 'REFUSED',
  },
  UPSTREAM_FAILED: {
    description: 'The service failed; its own code and text are given. Ask again later.',
    ...failed,
    alerts: failing,
  },
  SEARCH_LIMIT: {
    description: 'The object was not among the rows that may be searched for it. Reach it through its parent list.',
    ...refused,
  },
  INVALID_INPUT: {
    description: 'An input field breaks a rule; `field` says which one. Nothing was sent. Correct the field.',
    ...refused,
  },
  AGENT_REQUIRED: {
    description: 'Several agents of the league could carry this out. Name one in `agentId`.',
    ...refused,
  },
  NAME_TAKEN: { description: 'Another object of this kind has the name. Choose another one.', ...refused },
  WRONG_STATE: { description: 'The object is not in a state that allows this. Read it again.', ...refused },
  NOT_PUBLISHED: { description: 'A dataset must be published first.', ...refused },
  PARTNER_NOT_VERIFIED: { description: 'The partner is not verified by the service yet.', ...refused },
  SQL_REFUSED: {
    description:
      'The SQL is invalid or violates the privacy rules of the datasets; the message says where. Correct it.',
    ...refused,
  },
  QUEUE_FULL: {
    description: 'The agent has reached its limit of runs. Send it again when a run has ended.',
    ...refused,
  },
  STEP_FAILED: {
    description:
      'A step of the workflow failed or was stopped, so later steps were not started. Read the error of its instance.',
    ...refused,
  },
  OUTCOME_UNKNOWN: {
    description:
      'The connection broke after the request was sent: it may have been carried out. Look at the object before sending it again.',
    ...refused,
    breaker: 'FAILURE',
    health: 'DOWN',
    logLevel: 'warn',
    alerts: ['TicsOutcomeUnknown'],
  },
  TABLES_UNAVAILABLE: {
    description:
      'The tables for BI tools are switched off, or cannot be opened at the moment; the message says which. Ask again later, or ask an operator.',
    ...refused,
    httpStatus: 503,
  },
  QUERY_LIMIT: {
    description:
      'A query of the tables for BI tools takes more time, memory or rows than one may; the message says which. Ask for fewer rows, days or groups, or for a feed in parts.',
    ...refused,
  },
  BAD_REQUEST: { description: 'The request is not a valid GraphQL request. Correct it.', ...badRequest },
  PERSISTED_QUERY_NOT_FOUND: {
    description: 'No document of this hash is known. Send its text beside the hash.',
    ...refused,
  },
  PERSISTED_QUERY_NOT_SUPPORTED: {
    description: 'Documents cannot be persisted here. Send the text of the document.',
    ...refused,
  },
  DOCUMENT_NOT_TRUSTED: {
    description: 'Only trusted documents are executed here, and this is not one. Have it added to them.',
    ...badRequest,
  },
  RESULT_TOO_LARGE: {
    description:
      'The result has more objects, values or bytes than one answer may have. Ask for fewer with `first`, or in several operations.',
    ...refused,
  },
  COST_LIMIT: {
    description:
      'The operation costs more upstream calls, or has more objects, than one operation may. Nothing was executed; a query that has data beside this was ended, since lists of TICS are longer than it asks for. Ask for fewer with `first`, or in several operations.',
    ...refused,
    httpStatus: 400,
  },
  THROTTLED: {
    description:
      'The caller has used up its upstream calls for the moment, or has as many operations under way as one may. Nothing was executed; a query that has data beside this was ended, since lists of TICS are longer than it asks for. Wait for `retryAfter` and send it again.',
    ...refused,
    poll: 'SLOW_DOWN',
    httpStatus: 429,
  },
  GRAPHQL_PARSE_FAILED: { description: 'The document has a syntax error. Correct it.', ...badRequest },
  GRAPHQL_VALIDATION_FAILED: { description: 'The document is not valid for the schema. Correct it.', ...badRequest },
  OVERLOADED: {
    description:
      'The gateway has more to do than it can. Nothing was executed. Wait for `retryAfter` and send it again.',
    ...refused,
    poll: 'SLOW_DOWN',
    httpStatus: 503,
  },
  RECONNECT: {
    description:
      'The stream ends because the gateway shuts down, or because its reader was too slow. Subscribe again with `after`: the cursor of the last event.',
    ...refused,
    httpStatus: 503,
  },
  SHUTTING_DOWN: {
    description:
      'The gateway stops and could not wait for the answer. Nothing was written by the field that says so. Send it again after `retryAfter`.',
    ...refused,
    httpStatus: 503,
  },
  INTERNAL: {
    description: 'The gateway itself failed. Report it with the `X-Request-Id` of the answer.',
    ...refused,
    alerts: ['TicsGatewayErrors', 'TicsGatewayInternalErrors'],
    httpStatus: 500,
  },
} as const satisfies Readonly<Record<string, ErrorFacts>>;

/** A stable, documented error code. */
export type ErrorCode = keyof typeof errorCodes;

/** Details of an error besides code and message. */
export interface ErrorDetails {
  /** The plane that was called. */
  readonly plane?: Plane;
  /** The agent whose token the caller lacks. */
  readonly agentId?: string;
  /** The contract's operation id of the call. */
  readonly call?: string;
  /** The HTTP status the plane answered with. */
  readonly status?: number;
  /** The service's own error code. */
  readonly upstreamCode?: string;
  /** The service's own id of the request. */
  readonly upstreamRequestId?: string;
  /** Seconds to wait before asking again. */
  readonly retryAfter?: number;
  /** Path of the field of a mutation's input that is at fault. */
  readonly field?: readonly string[];
}

/** An error for callers: a stable code, a message, and its origin. */
export class GatewayError extends GraphQLError {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  /** Decisions that depend on its code. */
  get facts(): ErrorFacts {
    return errorCodes[this.code];
  }

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    // Nobody is shown where it was made, and writing that out is most of what 10,000 errors cost.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message, { extensions: { code, ...details } });
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'GatewayError';
    this.code = code;
    this.details = details;
  }
}

/** The code of an error of Node.js, OpenSSL or undici, such as ECONNREFUSED; empty where it has none. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** The message of any thrown value, for the log. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
