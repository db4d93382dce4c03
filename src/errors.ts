import { GraphQLError } from 'graphql';

/** The two REST planes of TICS, and IAM, which hands out the space plane's tokens. */
export type Plane = 'IAM' | 'SPACE' | 'AGENT';

/**
 * Every code that `errors[].extensions.code` can carry, with what it means and what to do next. The GraphQL enum
 * `ErrorCode` is made from this table.
 */
export const errorCodes = {
  INVALID_ID: 'An id has the wrong form or names another type; the message says what it looks like. Correct the id.',
  INVALID_ARGUMENT: 'An argument is out of its range; the message names the limit. Correct the argument.',
  INVALID_CURSOR: 'A cursor was not made by this connection. Start again without `after`.',
  NOT_FOUND: 'There is no such object, or the caller may not see it. Both answer alike.',
  UNAUTHENTICATED: 'The caller’s right has ended, or was never shown. Come again with a token that is valid.',
  FORBIDDEN:
    'The service refuses the account this call, or the caller lacks the role that it needs. Ask for the right, or name another agent.',
  SIGN_IN_REFUSED: 'The service refused the account or its password. An operator must correct the configuration.',
  ACCOUNT_LOCKED: 'Too many wrong passwords: the account is locked for a minute. Wait for `retryAfter`.',
  RATE_LIMITED:
    'The service answers too many requests at the moment, or refuses its own tokens soon after it gave them. Wait for `retryAfter`.',
  AGENT_UNAVAILABLE: 'No agent that could answer is configured or known. Name an agent, or configure its account.',
  AGENT_CERTIFICATE: 'The agent showed another certificate than the one configured. An operator must check it.',
  UPSTREAM_TIMEOUT: 'The call did not answer within its time limit. Ask again later.',
  UPSTREAM_UNREACHABLE: 'No connection, or it broke. Ask again later.',
  UPSTREAM_PAUSED: 'The upstream has not answered lately, so it is left alone for a moment. Wait for `retryAfter`.',
  UPSTREAM_INVALID_ANSWER: 'The answer could not be read. Report it with `upstreamRequestId`.',
  UPSTREAM_REFUSED: 'The service refused the call; its own code and text are given.',
  UPSTREAM_FAILED: 'The service failed; its own code and text are given. Ask again later.',
  SEARCH_LIMIT: 'The object was not among the rows that may be searched for it. Reach it through its parent list.',
  INVALID_INPUT: 'An input field breaks a rule; `field` says which one. Nothing was sent. Correct the field.',
  AGENT_REQUIRED: 'Several agents of the league could carry this out. Name one in `agentId`.',
  NAME_TAKEN: 'Something of this kind has the name already. Choose another one.',
  WRONG_STATE: 'The object is not in a state that allows this. Read it again.',
  NOT_PUBLISHED: 'A dataset must be published first.',
  PARTNER_NOT_VERIFIED: 'The partner is not verified by the service yet.',
  SQL_REFUSED: 'The SQL breaks the privacy rules of the datasets, or is no SQL; the service says where. Correct it.',
  QUEUE_FULL: 'The agent runs as much as it may. Send it again when a run has ended.',
  STEP_FAILED:
    'A run that is a step of a workflow failed or was stopped, so those after it were not begun. Read the error of its instance.',
  OUTCOME_UNKNOWN:
    'The connection broke after the request was sent: it may have been carried out. Look at the object before sending it again.',
  BAD_REQUEST: 'The request is not a valid GraphQL request. Correct it.',
  GRAPHQL_PARSE_FAILED: 'The document is not GraphQL. Correct it.',
  GRAPHQL_VALIDATION_FAILED: 'The document does not agree with the schema. Correct it.',
  OVERLOADED: 'The gateway has more to do than it can. Nothing was executed. Wait for `retryAfter` and send it again.',
  RECONNECT:
    'The stream ends because the gateway shuts down, or because its reader was too slow. Subscribe again with `after`: the cursor of the last event.',
  INTERNAL: 'The gateway itself failed. Report it with the `X-Request-Id` of the answer.',
} as const;

/** A stable, documented error code. */
export type ErrorCode = keyof typeof errorCodes;

/** What an error tells besides its code and text. */
export interface ErrorDetails {
  /** The plane that was called. */
  readonly plane?: Plane;
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

/** An error that a caller is meant to read: a stable code, a sentence, and where it came from. */
export class GatewayError extends GraphQLError {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { extensions: { code, ...details } });
    this.name = 'GatewayError';
    this.code = code;
    this.details = details;
  }
}
