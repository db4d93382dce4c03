import { GatewayError } from '../../errors.ts';
import type { CallScope } from '../../upstream/callScope.ts';
import type { UpstreamName } from '../../upstream/observer.ts';
import type { OwnTokens, Source, TokenSource } from '../../upstream/tokens.ts';

function nameOf({ plane, agentId }: UpstreamName): string {
  if (plane !== 'AGENT') return 'X-Auth-Token';
  return `X-Agent-Token: ${agentId ?? '<agent id>'}=<token>`;
}

/** The error for a missing token of the caller: for one upstream or, without an agent id, for all agents that could answer. */
export function tokenMissing({ plane, agentId }: UpstreamName): GatewayError {
  const message = `A token for this upstream is required, and none was sent: ${nameOf({ plane, ...(agentId !== undefined && { agentId }) })}.`;
  return new GatewayError('TOKEN_REQUIRED', message, { plane, ...(agentId !== undefined && { agentId }) });
}

function given(token: string): TokenSource {
  return { current: () => token, get: () => Promise.resolve(token), drop: () => undefined };
}

/** Credentials of a pass-through caller. There is no sign-in behind them: a refused token is an error. */
export function ownCredentials(tokens: OwnTokens, project: Source<string>): NonNullable<CallScope['credentials']> {
  return (upstream) => ({
    tokens: given(tokens.of(upstream) ?? ''),
    project,
    onRefused: ({ details }) =>
      new GatewayError('TOKEN_REQUIRED', `The upstream refused the token that you sent: ${nameOf(upstream)}.`, {
        ...details,
        ...(upstream.agentId !== undefined && { agentId: upstream.agentId }),
      }),
  });
}
