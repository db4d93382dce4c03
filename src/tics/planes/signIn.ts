import type { Dispatcher } from 'undici';
import { GatewayError } from '../../errors.ts';
import type { AgentConfig, TicsConfig } from '../../config/config.ts';
import { refusal, type Answer } from '../../upstream/answer.ts';
import { exchange, type ExchangeRequest } from '../../upstream/exchange.ts';
import { writeJson } from '../../upstream/json.ts';
import { hideFromTexts } from '../../upstream/secrets.ts';
import type { Observer, Outcome, UpstreamName } from '../../upstream/observer.ts';
import type { Token } from '../../upstream/tokens.ts';
import { instant, integer, record, text } from '../../upstream/wire.ts';

const signInTimeoutMs = 10_000;

/** Both planes document a life of 24 hours. */
const documentedLifeMs = 24 * 3_600_000;

/** The expiry in the answer. One that can't be read, or is past (clocks differ), is replaced by the documented life. */
function expiryMs(raw: unknown): number {
  const statedMs = Date.parse(instant(raw) ?? '');
  return statedMs > Date.now() ? statedMs : Date.now() + documentedLifeMs;
}

/** A sign-in has its own time limit and no caller: many wait for it. */
function signInRequest(name: UpstreamName, call: string, path: string, body: object): ExchangeRequest {
  return {
    ...name,
    call,
    method: 'POST',
    path,
    headers: { accept: 'application/json', 'content-type': 'application/json', 'x-language': 'en_us' },
    traceHeaders: {},
    body: writeJson(body),
    isWrite: false,
    timeoutMs: signInTimeoutMs,
  };
}

function unreadable({ plane, call }: ExchangeRequest, status: number): GatewayError {
  return new GatewayError('UPSTREAM_INVALID_ANSWER', `The answer of ${call} has no token.`, { plane, call, status });
}

/** Sends a sign-in and reads its token. */
async function signIn(
  observer: Observer,
  name: UpstreamName,
  dispatcher: Dispatcher,
  origin: string,
  request: ExchangeRequest,
  readToken: (answer: Answer) => Token,
): Promise<Token> {
  const startedAtMs = performance.now();
  const end = (outcome: Outcome): void =>
    observer.signIn({ ...name, outcome, durationMs: performance.now() - startedAtMs });
  try {
    const token = await exchange(dispatcher, origin, request, observer, readToken);
    hideFromTexts(token.value);
    end('OK');
    return token;
  } catch (error) {
    end(error instanceof GatewayError ? error.code : 'ABORTED');
    throw error;
  }
}

/**
 * Signs in at IAM (`POST /v3/auth/tokens`, reference 3.1) for the project, or for the region's project while its id is
 * not known. The token comes in `X-Subject-Token` and lives 24 hours.
 */
export function signInToIam(
  dispatcher: Dispatcher,
  { iamUrl, account, projectId, region }: TicsConfig,
  observer: Observer,
): Promise<Token> {
  const request = signInRequest({ plane: 'IAM' }, 'createToken', '/v3/auth/tokens', {
    auth: {
      identity: {
        methods: ['password'],
        password: { user: { name: account.user, password: account.password, domain: { name: account.domain } } },
      },
      scope: { project: projectId === undefined ? { name: region } : { id: projectId } },
    },
  });
  return signIn(observer, { plane: 'IAM' }, dispatcher, iamUrl, request, (answer) => {
    if (answer.status >= 300) throw refusal({ ...request, purpose: 'SIGN_IN' }, answer);
    const value = answer.headers['x-subject-token'];
    if (typeof value !== 'string' || value === '') throw unreadable(request, answer.status);
    return { value, expiresAtMs: expiryMs(record(record(answer.body)['token'])['expires_at']) };
  });
}

/** 6 and 400 are a wrong password, 401 too many of them; all of them come with HTTP 200. */
function agentRefusal(status: unknown) {
  return integer(status) === 401 ? 'ACCOUNT_LOCKED' : 'SIGN_IN_REFUSED';
}

/**
 * Signs in at an agent (`POST /v1/agent/user/token`, reference 7.1.1). A wrong password is answered with HTTP 200 and
 * `{status: 6, message}`: only an answer with `data.token` is a success.
 */
export function signInToAgent(
  dispatcher: Dispatcher,
  origin: string,
  { id, user, password }: Pick<AgentConfig, 'id' | 'user' | 'password'>,
  observer: Observer,
): Promise<Token> {
  const name = { plane: 'AGENT', agentId: id } as const;
  const request = signInRequest(name, 'createAgentToken', '/v1/agent/user/token', { user_name: user, password });
  return signIn(observer, name, dispatcher, origin, request, (answer) => {
    if (answer.status >= 300) throw refusal({ ...request, purpose: 'SIGN_IN' }, answer);
    const { status, data, ...bare } = record(answer.body);
    if (status !== undefined && ![0, 200].includes(integer(status) ?? -1))
      throw refusal({ ...request, purpose: 'SIGN_IN' }, answer, agentRefusal(status));
    const { token, expire_time: expiresAt } = record(data ?? bare);
    const value = text(token);
    if (!value) throw unreadable(request, answer.status);
    return { value, expiresAtMs: expiryMs(expiresAt) };
  });
}
