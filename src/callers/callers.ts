import { openDataDirectory, type CallersConfig } from '../config/config.ts';
import { GatewayError, messageOf } from '../errors.ts';
import type { SharedKeys } from '../shared/keys.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Caller, Identify, RequestHeaders } from './caller.ts';
import { CallerTokens } from './callerTokens.ts';
import { isJwt, JwtCallers } from './jwt.ts';
import { keyFileIn } from './keyFile.ts';
import { KeyRing } from './keyRing.ts';
import { keepKeys } from './replicaKeys.ts';

/** Callers that act upstream with the configured account share its reads and polls. */
const accountScope = 'account';

/** Authentication of callers, and their budgets. */
export interface Callers {
  readonly identify: Identify;
  readonly close: () => void;
}

/** Where keys are kept. */
interface KeysOptions {
  readonly dataDirectory: string;
  readonly log: Logger;
  /** The keys of all replicas. Left out: this is the only one. */
  readonly shared?: SharedKeys | undefined;
}

/** Where credentials stand: HTTP headers, and fields of a WebSocket's `connection_init`. */
export const credentialHeaders = ['x-api-key', 'authorization', 'x-auth-token', 'x-agent-token'] as const;

/** The caller when no callers are configured, as before the embedded TICS. */
export const anonymous: Caller = {
  upstreamScope: accountScope,
  name: 'anonymous',
  isAnonymous: true,
  roles: ['VIEWER', 'OPERATOR', 'APPROVER', 'ADMINISTRATOR'],
  leagues: 'ALL',
};

/** The key or token of a request; undefined where it has none. `Basic` and the like are none that is known here. */
function credentialOf(headers: RequestHeaders): string | undefined {
  // Node drops an empty header on HTTP: it is none on WebSockets either.
  const key = headers.get('x-api-key')?.trim();
  const authorization = headers.get('authorization');
  if (!authorization) return key || undefined;
  const token = /^bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (!key) return token ?? '';
  // Of two different ones neither is chosen. A proxy may have its own `Authorization`, such as `Basic`.
  return token === undefined || token === key ? key : '';
}

/** A pass-through caller: acts upstream with its own tokens, and the service decides its rights. */
function withTokens(tokens: CallerTokens, caller?: Caller): Caller {
  const { hash } = tokens;
  return {
    ...(caller ?? { name: `tokens ${hash.slice(0, 8)}`, roles: anonymous.roles, leagues: 'ALL' }),
    id: JSON.stringify(['tokens', hash, caller?.id ?? caller?.name]),
    ...(caller && { payer: caller.id ?? caller.name }),
    upstreamScope: `tokens ${hash}`,
    tokens,
  };
}

function unauthenticated(message: string): GatewayError {
  return new GatewayError('UNAUTHENTICATED', message);
}

/**
 * Authenticates callers by the configuration.
 *
 * @throws Error when the file of keys has a fault
 */
export function createCallers(config: CallersConfig | undefined, { dataDirectory, log, shared }: KeysOptions): Callers {
  const unknown: Caller | undefined =
    config === undefined ? anonymous : config.anonymous && { ...anonymous, ...config.anonymous };
  const ring = new KeyRing(accountScope);
  const stopWatching = config?.keys ? openKeys(ring, { dataDirectory, log, shared }) : () => undefined;

  const tokens = config?.jwt && new JwtCallers(config.jwt, accountScope, log);

  /** By its key or token of an issuer; undefined where it has none. */
  const knownCaller = (headers: RequestHeaders): Caller | Promise<Caller> | undefined => {
    const credential = config?.keys || tokens ? credentialOf(headers) : undefined;
    if (credential === undefined) return undefined;
    if (tokens !== undefined && isJwt(credential)) return tokens.callerOf(credential);
    const caller = ring.callerOf(credential);
    // One answer for all: that a key exists and has ended is nobody's business.
    if (caller === undefined) throw unauthenticated('The key is invalid, expired or revoked.');
    return caller;
  };

  const identify = ({ headers }: { readonly headers: RequestHeaders }): Caller | Promise<Caller> => {
    const own = CallerTokens.in(headers);
    // Ignored, they would have their caller act with the account's rights.
    if (own !== undefined && config?.passThrough === undefined)
      throw unauthenticated('Pass-through tokens are not accepted here.');
    const known = knownCaller(headers);
    if (own === undefined) {
      const caller = known ?? unknown;
      if (caller !== undefined) return caller;
      throw unauthenticated('Send a key or token: X-Api-Key, or Authorization: Bearer.');
    }
    // Beside a key its roles and leagues hold as well.
    return known instanceof Promise ? known.then((caller) => withTokens(own, caller)) : withTokens(own, known);
  };

  return {
    identify,
    close: () => {
      stopWatching();
      ring.close();
      tokens?.close();
    },
  };
}

/** Keeps the ring as the file is. A file with faults changes nothing, but at the start. */
function openKeys(ring: KeyRing, { dataDirectory, log, shared }: KeysOptions): () => void {
  const file = keyFileIn(openDataDirectory(dataDirectory));
  if (shared !== undefined)
    return keepKeys({
      file,
      shared,
      onKeys: (keys) => {
        ring.replace(keys);
        log.info('keys taken over');
      },
      onFault: (reason, message) => log.error({ reason }, message),
    });
  ring.replace(file.read());
  return file.watch(() => {
    try {
      ring.replace(file.read());
      log.info('keys taken over');
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'keys refused: the old ones stay');
    }
  });
}
