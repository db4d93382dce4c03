import { createHash } from 'node:crypto';
import { GatewayError } from '../errors.ts';
import type { UpstreamName } from '../upstream/observer.ts';
import type { OwnTokens } from '../upstream/tokens.ts';

/** IAM's and the agents' tokens are printable; commas part them. */
const tokenForm = /^[\x21-\x2b\x2d-\x7e]+$/;
const pairForm = /^(\w{1,32})=(.+)$/;

/** Never echoes the header. */
function malformed(header: string, form: string): GatewayError {
  return new GatewayError('UNAUTHENTICATED', `${header}: ${form}.`);
}

/** `X-Agent-Token: <agent id>=<token>`, several in several headers, or parted by commas. */
function agentTokensOf(header: string): ReadonlyMap<string, string> {
  const tokens = new Map<string, string>();
  for (const part of header.split(',')) {
    const [, agentId = '', token = ''] = pairForm.exec(part.trim()) ?? [];
    if (!tokenForm.test(token) || tokens.has(agentId))
      throw malformed('X-Agent-Token', 'the id of an agent, =, and its token; each agent once');
    tokens.set(agentId, token);
  }
  return tokens;
}

/**
 * Tokens of TICS that a caller brought. Its calls are sent with these alone. They are kept as long as its operation, stream or
 * socket, and shown nowhere: printed or written as JSON, nothing of them is seen.
 */
export class CallerTokens implements OwnTokens {
  readonly #iam: string | undefined;
  readonly #agents: ReadonlyMap<string, string>;
  /** Names them without telling them: their SHA-256. */
  readonly hash: string;

  private constructor(iam: string | undefined, agents: ReadonlyMap<string, string>) {
    this.#iam = iam;
    this.#agents = agents;
    this.hash = createHash('sha256')
      .update(JSON.stringify([iam, [...agents].sort()]))
      .digest('base64url');
  }

  /**
   * Those of a request; undefined where it has none.
   *
   * @throws GatewayError UNAUTHENTICATED where they have no form of tokens
   */
  static in(headers: Pick<Headers, 'get'>): CallerTokens | undefined {
    const iam = headers.get('x-auth-token')?.trim() || undefined;
    const agents = headers.get('x-agent-token')?.trim() || undefined;
    if (iam === undefined && agents === undefined) return undefined;
    if (iam !== undefined && !tokenForm.test(iam)) throw malformed('X-Auth-Token', 'one token of IAM');
    return new CallerTokens(iam, agents === undefined ? new Map() : agentTokensOf(agents));
  }

  of({ plane, agentId = '' }: UpstreamName): string | undefined {
    return plane === 'AGENT' ? this.#agents.get(agentId) : this.#iam;
  }
}
