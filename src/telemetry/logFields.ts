/*
 * All log lines of the gateway and their fields. Types of the lines and docs/operating.md are made from these tables.
 */

/** Fields of every line. */
export const commonFields = {
  level: '`debug`, `info`, `warn`, `error` or `fatal`.',
  time: 'When it was written, UTC.',
  msg: 'What the line is, in the words of the headings here.',
} as const;

/** `operation`: one line for each operation that was executed, at its end. */
export const operationFields = {
  requestId:
    'The request’s `X-Request-Id`: the caller’s own, or one made here. The answer carries it too; over WebSocket, where each operation has its own, answers with errors do, in `extensions`.',
  traceId: 'The trace that it belongs to; null while traces are off.',
  caller: 'Who asked.',
  operation: 'The name of the operation; null when it has none.',
  kind: '`query`, `mutation`, `subscription`, or `unknown` where the document holds no operation of that name.',
  durationMs: 'From its arrival to its whole answer; of a subscription, to its end.',
  upstreamCalls: 'Calls that its fields made.',
  upstreamMs: 'What these calls took, added up; they run side by side, so it may be more than `durationMs`.',
  cost: 'Requests that were sent upstream for it, repeated ones included.',
  outcome: '`OK`, `ERRORS` (maybe beside data) or `ABORTED` (the caller left).',
  errorCodes: 'The codes of its errors, each once.',
  userErrorCodes: 'The codes of its mutations’ `userErrors`, each once.',
  shared: 'True where it was answered with the result of an identical operation under way, at no cost of its own.',
} as const;

/** `request refused`: one line for each request that was not executed. */
export const refusalFields = {
  requestId: 'As above.',
  status: 'The HTTP status of the answer; null over WebSocket.',
  durationMs: 'From its arrival to its answer.',
  errorCodes: 'Why, as codes; empty where the answer has none.',
} as const;

/** `audit`: one line for each mutation of an operation, at its end. */
export const auditFields = {
  requestId: 'As above.',
  caller: 'Who asked: the name of the key or token.',
  callerId: 'What tells callers of equal names apart, such as issuer and subject of a token; null for keys.',
  roles: 'The roles that it had.',
  mutation: 'The name of the mutation.',
  objects: 'The ids in its input.',
  made: 'Raw ids of what it made or changed, as far as TICS told them.',
  outcome:
    '`DONE`, `REFUSED` (`errorCodes` say why), `UNKNOWN` (it may have been carried out) or `FAILED` (by a fault of the gateway, or its caller left).',
  errorCodes: 'The codes of its `userErrors`, or why nothing was executed, each once.',
  calls: 'The writing calls that were sent for it.',
  upstreamRequestIds: 'The service’s own ids of these requests.',
} as const;

/** `upstream call failed`: level `warn` when the upstream is at fault, `debug` when it refused the request or the same was told. */
export const upstreamFailureFields = {
  requestId: 'The request that it was sent for; null where it was sent for all, such as a sign-in.',
  plane: '`SPACE`, `AGENT` or `IAM`.',
  agentId: 'Which agent; null on the other planes.',
  call: 'The operation id in the table of calls.',
  outcome: 'The error code, or `ABORTED` (the caller left).',
  reason:
    'Why no connection came about or why it broke, as a code of Node.js, undici or OpenSSL, such as `ECONNREFUSED`, `ENOTFOUND` or `CERT_HAS_EXPIRED`; null where an answer came.',
  status: 'The HTTP status; null where no answer came.',
  upstreamCode: 'The service’s own error code.',
  upstreamRequestId: 'The service’s own id of the request: what its support asks for.',
  durationMs: 'From sending it to its failure.',
} as const;

/** Other lines, by `msg`, with their additional fields. */
export const otherLines = {
  'internal error': 'The gateway itself failed: a fault of ours. `err` has the error with its stack. Report it.',
  'log lines dropped':
    '`lines` lines could not be written, because nothing took the output of the process, and are lost. `tics_gateway_log_lines_dropped_total` counts them.',
  'upstream answers again':
    'An upstream to which no connection came about, `plane` and `agentId`, has answered; `failures` requests had failed.',
  'agent certificate trusted on first use':
    'Agent `agentId` was met for the first time: from now on only the certificate with this SHA-256 `fingerprint` is taken. Compare it with the agent’s.',
  'token refused':
    'A JSON Web Token was not valid: `reason` is the code of the library jose, `claim` the claim that did not fit.',
  'the keys of an issuer could not be read':
    'The address `url` of a token issuer answered no keys; `reason` says why. The last ones serve for an hour.',
  'the audit file could not be written':
    '`reason` says why. The line of the request `requestId` stands in the log alone. Make room, or mend the rights of `dataDirectory`.',
  listening: 'It takes requests at `url`, and answers `/metrics` at `metricsUrl`.',
  'no tics is configured: the embedded TICS has started':
    'There is no `tics` in the configuration: everything asked is answered by the embedded one, a process of its own (`pid`) at the addresses given.',
  'the embedded TICS has ended, and its state is gone':
    'It ended with `code` or by `signal`. The gateway ends with code 1, since ids that callers hold lead nowhere.',
  'callers: anonymous. Whoever reaches the port acts with the rights of tics.account.':
    'A reminder at the start; see the configuration.',
  'plain HTTP beyond loopback: set tls, or end TLS before and set trustedProxies or publicUrl':
    'A reminder at the start: credentials and data cross the network in the clear, unless TLS ends before the gateway, which the configuration does not say.',
  'keys taken over': 'The file of API keys has changed: its keys are in use from now on.',
  'keys refused: the old ones stay': 'The file of API keys has changed, and has a fault; `reason` says where.',
  'stopping: requests in flight may finish': '`signal` came: SIGTERM, SIGINT, or SIGHUP of a terminal that was closed.',
  'configuration taken over':
    'After SIGHUP: `keys` of the file are in use from now on; `status`, `space` and `agents` say what answers by them.',
  'configuration read again: nothing to take over': 'After SIGHUP: the old one stays, since it is the same.',
  'configuration refused: the old one stays':
    'After SIGHUP: the file has `faults`, each with `path` and what was `expected`. Correct it and send SIGHUP again.',
  'configuration refused: upstreams that answer would not any more':
    'After SIGHUP: `keys` of the file have changed, and by them the upstreams in `lost` do not answer; each is told with a code, such as SIGN_IN_REFUSED. The old configuration stays. Correct it and send SIGHUP again.',
  'configuration: the environment overrides keys of the file':
    'Each of `keys` has its path and the `variable` that overrides it.',
  'configuration: these keys change only with a restart':
    'After SIGHUP: `keys` of the file have changed that are read at the start only, such as `host` and `port`.',
  bi: 'An answer below `/bi` or `/odata`: `path` (without the query), `caller`, `status`, `durationMs`, and `code` where it was refused.',
  'bi: an answer was cut':
    'As `bi`, of an answer that had begun: its reader has less than it asked for and can see so, since the connection was cut. `code` says why.',
  'bi: a refresh failed':
    'Rows of `tables` in the league `leagueId` stay as old as they are; `err` says why. The next refresh tries again, and `sync_status` shows it.',
  'bi: reading history':
    '`pendingDays` of usage are still to be read, of `historyDays` that were at the start. Every 10 s.',
  'bi: reading history failed': 'The days that are missing are read with the next refresh; `err` says why.',
  'bi: watched runs were not kept; the next poll tries again':
    'States of runs of the league `leagueId`, which subscriptions polled, are not in the tables; `err` says why.',
  'bi: the tables can’t be opened':
    'Nothing is served below `/bi` and `/odata`; `reason` or `err` says why. The next request tries again.',
  'bi: another gateway refreshes the tables':
    'Several gateways share the Postgres: this one reads what the other writes, and goes on when that one is gone.',
  'bi: rows are kept in memory and read again at each start; set dataDirectory to keep them':
    'A reminder at the start; see `bi` in the configuration.',
  'redis: answers, replicas act as one': 'What `redis` is for works again; `replicas` are alive.',
  'redis: does not answer, this replica relies on its own memory until it does':
    '`reason` is `UNREACHABLE`, `SLOW` or `READ_ONLY`. No request fails because of it.',
  'redis: a value is of another version or was encrypted by another key; it is left alone, and this replica relies on its own memory':
    '`what` could not be read. Compare `redis.encryptionKeys` of the replicas.',
  'traces were not exported':
    'The receiver of the traces does not take them; `reason` says why. Nothing else is affected.',
} as const;

/** A line that has exactly the fields of a table. */
export type LogLine<Fields> = Readonly<Record<keyof Fields, string | number | boolean | null | readonly string[]>>;
