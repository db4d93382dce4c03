import {
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import type { JwtConfig } from '../config/config.ts';
import { GatewayError, messageOf } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';
import { roleNames, type Caller, type Role } from './caller.ts';
import { hashOf } from './keys.ts';
import { Session } from './session.ts';

/** A token with an unknown key has the keys read again, this often at most. */
const keysCooldownMs = 2_000;
/** Keys are read again after this long: one that its issuer has taken back lets in no longer. */
const keysFreshMs = 5 * 60_000;
/** For so long the last keys stand in while their server is away. */
const keysStaleMs = 3_600_000;
/** A verified token is verified again after this time. */
const verifiedForMs = 60_000;
/** Tokens that are remembered as verified; the oldest is forgotten first, and verified anew. */
const maxVerified = 10_000;
const maxNameLength = 100;

type Fetch = (url: string, options?: RequestInit) => Promise<Response>;

/** No set of keys is as long. */
const maxBytes = 1_000_000;

/** @throws Error where a body is longer than {@link maxBytes} */
async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = body?.getReader();
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    bytes += part.value.length;
    chunks.push(part.value);
    if (bytes <= maxBytes) continue;
    await reader?.cancel();
    throw new Error(`more than ${maxBytes} bytes`);
  }
  return Buffer.concat(chunks).toString();
}

/**
 * Fetches, and falls back to the last answer while the server is away, or answers something else.
 *
 * @param isExpected - false for JSON that is no answer to fall back to
 */
function createStaleFetch(log: Logger, isExpected: (answer: unknown) => boolean): Fetch {
  let last: { readonly url: string; readonly body: string; readonly readAtMs: number } | undefined;
  return async (url, options) => {
    try {
      const response = await fetch(url, options);
      if (response.status !== 200) throw new Error(`HTTP ${response.status}`);
      const body = await textOf(response);
      if (!isExpected(JSON.parse(body))) throw new Error('not what was asked for');
      last = { url, body, readAtMs: Date.now() };
    } catch (error) {
      log.warn({ url, reason: messageOf(error) }, 'the keys of an issuer could not be read');
      if (last?.url !== url || Date.now() - last.readAtMs > keysStaleMs) throw error;
    }
    return new Response(last.body, { status: 200 });
  };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for a JWK Set (RFC 7517, 5). */
function isKeySet(answer: unknown): boolean {
  return isMap(answer) && Array.isArray(answer['keys']) && answer['keys'].every(isMap);
}

/** Address of the keys by OpenID Connect Discovery 1.0 (4). */
async function discover(issuer: string, read: Fetch): Promise<string> {
  const response = await read(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    redirect: 'manual',
    signal: AbortSignal.timeout(5_000),
  });
  const { jwks_uri: address } = (await response.json()) as { readonly jwks_uri: string };
  return address;
}

function isOfToken(error: unknown): boolean {
  return [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported].some(
    (kind) => error instanceof kind,
  );
}

/**
 * The keys of an issuer, which are read when the first token comes.
 *
 * @throws GatewayError ISSUER_UNAVAILABLE where they can't be read, errors of jose for a token that none of them fits
 */
function keysOf({ issuer, jwks }: JwtConfig, log: Logger): JWTVerifyGetKey {
  const readDiscovery = createStaleFetch(
    log,
    (answer) => isMap(answer) && answer['issuer'] === issuer && typeof answer['jwks_uri'] === 'string',
  );
  const readKeys = createStaleFetch(log, isKeySet);
  let keys: ReturnType<typeof createRemoteJWKSet> | undefined;
  return async (header, token) => {
    try {
      keys ??= createRemoteJWKSet(new URL(jwks ?? (await discover(issuer, readDiscovery))), {
        cooldownDuration: keysCooldownMs,
        cacheMaxAge: keysFreshMs,
        [customFetch]: readKeys,
      });
      return await keys(header, token);
    } catch (error) {
      if (isOfToken(error)) throw error;
      throw new GatewayError(
        'ISSUER_UNAVAILABLE',
        'The signing keys of the token’s issuer cannot be read at the moment.',
      );
    }
  };
}

/** The claim at a path: the one of that whole name (`https://example.com/roles`), else one inside of others (`realm_access.roles`). */
function claimAt(claims: unknown, path: string): unknown {
  if (!isMap(claims)) return undefined;
  if (Object.hasOwn(claims, path)) return claims[path];
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const name = path.slice(0, dot);
    if (Object.hasOwn(claims, name)) return claimAt(claims[name], path.slice(dot + 1));
  }
  return undefined;
}

/** A list of texts, or a text with spaces between them, as `scope` is. */
function textsOf(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return claim.split(' ').filter((word) => word !== '');
  return Array.isArray(claim) ? claim.filter((value): value is string => typeof value === 'string') : [];
}

function rolesOf(claims: JWTPayload, { claims: paths, roles: byValue }: JwtConfig): readonly Role[] {
  const held = textsOf(claimAt(claims, paths.roles)).map((value): unknown =>
    byValue === undefined ? value.toUpperCase() : Object.hasOwn(byValue, value) && byValue[value],
  );
  return roleNames.filter((role) => held.includes(role));
}

/** Without the claim: none. Without a path: all. */
function leaguesOf(claims: JWTPayload, { claims: paths }: JwtConfig): Caller['leagues'] {
  if (paths.leagues === undefined) return 'ALL';
  const values = textsOf(claimAt(claims, paths.leagues));
  return values.includes('*') ? 'ALL' : values.map((value) => value.replace(/^League:/, ''));
}

function nameOf(claims: JWTPayload, { claims: paths }: JwtConfig): string {
  const name = claimAt(claims, paths.name);
  return (typeof name === 'string' && name !== '' ? name : (claims.sub ?? 'unknown')).slice(0, maxNameLength);
}

interface Issuer {
  readonly config: JwtConfig;
  readonly keys: JWTVerifyGetKey;
}

interface VerifiedToken {
  readonly caller: Caller;
  readonly session: Session;
  readonly verifiedAtMs: number;
}

/** True for what has the form of a JSON Web Token (RFC 7519). */
export function isJwt(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text);
}

/** Callers with tokens of configured issuers. Keeps only the hash of a token, until it expires. */
export class JwtCallers {
  readonly #issuers: ReadonlyMap<string, Issuer>;
  readonly #upstreamScope: string;
  readonly #log: Logger;
  readonly #verified = new Map<string, VerifiedToken>();
  readonly #pending = new Map<string, Promise<Caller>>();

  constructor(configs: readonly JwtConfig[], upstreamScope: string, log: Logger) {
    this.#issuers = new Map(configs.map((config) => [config.issuer, { config, keys: keysOf(config, log) }]));
    this.#upstreamScope = upstreamScope;
    this.#log = log;
  }

  /**
   * The caller of a token; at once where it was verified a moment ago.
   *
   * @throws GatewayError UNAUTHENTICATED, ISSUER_UNAVAILABLE
   */
  callerOf(token: string): Caller | Promise<Caller> {
    const hash = hashOf(token);
    const known = this.#verified.get(hash);
    if (known !== undefined && Date.now() - known.verifiedAtMs < verifiedForMs) return known.caller;
    const pending = this.#pending.get(hash) ?? this.#verify(hash, token).finally(() => this.#pending.delete(hash));
    this.#pending.set(hash, pending);
    return pending;
  }

  /** Ends all sessions. */
  close(): void {
    for (const { session } of this.#verified.values()) session.end();
  }

  async #verify(hash: string, token: string): Promise<Caller> {
    const known = this.#verified.get(hash);
    try {
      const { config, keys } = this.#issuerOf(token);
      const { issuer, audience, algorithms, clockToleranceSeconds } = config;
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms,
        clockTolerance: clockToleranceSeconds,
        requiredClaims: ['exp'],
      });
      return this.#keep(hash, payload, config, known);
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'ISSUER_UNAVAILABLE') throw error;
      known?.session.end();
      const { code, claim } = error as { readonly code?: unknown; readonly claim?: unknown };
      this.#log.info({ reason: code, claim }, 'token refused');
      throw new GatewayError('UNAUTHENTICATED', 'The token is invalid or expired.');
    }
  }

  /** Its issuer by its own word, which is checked with its signature. */
  #issuerOf(token: string): Issuer {
    const { iss } = decodeJwt(token);
    const issuer = this.#issuers.get(iss ?? '');
    if (issuer === undefined) throw new errors.JWTClaimValidationFailed('unknown issuer', {}, 'iss');
    return issuer;
  }

  #keep(hash: string, claims: JWTPayload, config: JwtConfig, known: VerifiedToken | undefined): Caller {
    const verifiedAtMs = Date.now();
    if (known !== undefined) {
      this.#verified.set(hash, { ...known, verifiedAtMs });
      return known.caller;
    }
    const expiresAtMs = (claims.exp ?? 0) * 1_000;
    // One that is let in by the tolerance alone has the tolerance as its time.
    const session = new Session(
      expiresAtMs > verifiedAtMs ? expiresAtMs : expiresAtMs + config.clockToleranceSeconds * 1_000,
    );
    const name = nameOf(claims, config);
    const caller: Caller = {
      upstreamScope: this.#upstreamScope,
      // Without a subject, tokens of one name are one caller's.
      id: JSON.stringify([config.issuer, claims.sub ?? { name }]),
      name,
      roles: rolesOf(claims, config),
      leagues: leaguesOf(claims, config),
      expiresAt: new Date(expiresAtMs).toISOString(),
      sessionSignal: session.signal,
    };
    this.#verified.set(hash, { caller, session, verifiedAtMs });
    session.signal.addEventListener('abort', () => this.#verified.delete(hash), { once: true });
    const [oldest] = this.#verified.keys();
    if (this.#verified.size > maxVerified && oldest !== undefined) this.#verified.delete(oldest);
    return caller;
  }
}
