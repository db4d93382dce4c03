import type { Dispatcher } from 'undici';
import { GatewayError } from '../errors.ts';
import type { AgentConfig, TicsConfig } from '../config/config.ts';
import { refusal, send, type Answer, type Exchange } from './exchange.ts';
import { writeJson } from './json.ts';
import { hideFromTexts } from './secrets.ts';
import { watchRequest, watchSignIn, type Observer } from './observer.ts';
import type { Token } from './tokens.ts';
import { instant, integer, record, text } from './wire.ts';

const signInTimeoutMs = 10_000;

/** Both planes document a life of 24 hours. */
const documentedLifeMs = 24 * 3_600_000;

/** The end that the answer states. One that can't be read, or is over already (clocks differ), is not believed. */
function expiryMs(raw: unknown): number {
  const statedMs = Date.parse(instant(raw) ?? '');
  return statedMs > Date.now() ? statedMs : Date.now() + documentedLifeMs;
}

/** Signing in is shared by many callers, so none of them can end it; only its own time limit does. */
function signInExchange(plane: Exchange['plane'], call: string, path: string, body: object): Exchange {
  return {
    plane,
    call,
    method: 'POST',
    path,
    headers: { accept: 'application/json', 'content-type': 'application/json', 'x-language': 'en_us' },
    body: writeJson(body),
    timeoutMs: signInTimeoutMs,
    signal: new AbortController().signal,
  };
}

function unreadable(exchange: Exchange, status: number): GatewayError {
  return new GatewayError('UPSTREAM_INVALID_ANSWER', `The answer of ${exchange.call} holds no token.`, {
    plane: exchange.plane,
    call: exchange.call,
    status,
  });
}

/** Sends a sign-in, watched as a request and as a sign-in, and reads its token. */
function signIn(
  observer: Observer,
  name: { readonly plane: Exchange['plane']; readonly agentId?: string },
  dispatcher: Dispatcher,
  origin: string,
  exchange: Exchange,
  read: (answer: Answer) => Token,
): Promise<Token> {
  return watchSignIn(observer, name, async () =>
    read(
      await watchRequest(
        observer,
        { ...name, call: exchange.call, method: exchange.method },
        (trace) => send(dispatcher, origin, { ...exchange, headers: { ...trace, ...exchange.headers } }),
        (answer) => void read(answer),
      ),
    ),
  );
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
  hideFromTexts(account.password);
  const exchange = signInExchange('IAM', 'createToken', '/v3/auth/tokens', {
    auth: {
      identity: {
        methods: ['password'],
        password: { user: { name: account.user, password: account.password, domain: { name: account.domain } } },
      },
      scope: { project: projectId === undefined ? { name: region } : { id: projectId } },
    },
  });
  return signIn(observer, { plane: 'IAM' }, dispatcher, iamUrl, exchange, (answer) => {
    if (answer.status >= 300) throw refusal(exchange, answer);
    const value = answer.headers['x-subject-token'];
    if (typeof value !== 'string' || value === '') throw unreadable(exchange, answer.status);
    hideFromTexts(value);
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
  hideFromTexts(password);
  const exchange = signInExchange('AGENT', 'createAgentToken', '/v1/agent/user/token', { user_name: user, password });
  return signIn(observer, { plane: 'AGENT', agentId: id }, dispatcher, origin, exchange, (answer) => {
    if (answer.status >= 300) throw refusal(exchange, answer);
    const { status, data, ...bare } = record(answer.body);
    if (status !== undefined && ![0, 200].includes(integer(status) ?? -1))
      throw refusal(exchange, answer, agentRefusal(status));
    const { token, expire_time: expiresAt } = record(data ?? bare);
    const value = text(token);
    if (!value) throw unreadable(exchange, answer.status);
    hideFromTexts(value);
    return { value, expiresAtMs: expiryMs(expiresAt) };
  });
}
