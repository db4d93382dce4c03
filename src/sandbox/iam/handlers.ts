import { timestamp } from '../contract/formats.ts';
import { serviceError } from '../contract/errors.ts';
import type { Handlers, SandboxRequest } from '../contract/handler.ts';
import type { Tenant, World } from '../model/world.ts';
import { tokenLifeMs, type SignInLimiter, type Tokens, tokenAudience } from './tokens.ts';

interface CreateTokenBody {
  readonly auth: {
    readonly identity: {
      readonly password: {
        readonly user: { readonly name: string; readonly password: string; readonly domain: { readonly name: string } };
      };
    };
    readonly scope: { readonly project: { readonly id?: string; readonly name?: string } };
  };
}

/** IAM timestamps have microseconds. */
function iamTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}

function isOwnProject({ tenant }: World, { id, name }: { readonly id?: string; readonly name?: string }): boolean {
  return id === undefined ? name === tenant.regionName : id === tenant.projectId;
}

/** `POST /v3/auth/tokens` (§3.1) and `GET /v3/projects` (§1.4). */
export function createIamHandlers(tokens: Tokens, spaceUrl: () => string, iamUrl: () => string): Handlers {
  return {
    createToken(request, world) {
      const { identity, scope } = (request.body as CreateTokenBody).auth;
      const { user } = identity.password;
      const { tenant } = world;
      const isKnown =
        user.name === tenant.account.user &&
        user.password === tenant.account.password &&
        user.domain.name === tenant.domainName;
      if (!isKnown) throw serviceError('iam', request.language, 'wrongPassword');
      if (!isOwnProject(world, scope.project))
        throw serviceError('iam', request.language, 'notPermitted', 'scope.project');

      const token = tokens.issue(tokenAudience('iam', undefined));
      const domain = { id: tenant.domainId, name: tenant.domainName };
      return {
        status: 201,
        headers: { 'X-Subject-Token': token.text },
        body: {
          token: {
            expires_at: iamTime(token.expiresAtMs),
            issued_at: iamTime(token.expiresAtMs - tokenLifeMs),
            methods: ['password'],
            ...(request.query.nocatalog ? {} : { catalog: catalogOf(tenant, spaceUrl()) }),
            roles: [{ id: '0', name: 'te_admin' }],
            project: { domain, id: tenant.projectId, name: tenant.regionName },
            user: { domain, id: tenant.userId, name: tenant.account.user, password_expires_at: '' },
          },
        },
      };
    },

    listProjects({ query }, { tenant }) {
      const self = `${iamUrl()}/v3/projects`;
      const links = { next: null, previous: null };
      const project = {
        id: tenant.projectId,
        name: tenant.regionName,
        description: '',
        domain_id: tenant.domainId,
        parent_id: tenant.domainId,
        is_domain: false,
        enabled: true,
        links: { ...links, self: `${self}/${tenant.projectId}` },
      };
      const isAsked = query.name === undefined || query.name === project.name;
      return { status: 200, body: { projects: isAsked ? [project] : [], links: { ...links, self } } };
    },
  };
}

/** The catalog of the token: TICS alone. */
function catalogOf({ regionName }: Tenant, url: string) {
  const endpoint = {
    id: '33e1cbdd86d34e89a63cf8ad16a5f49f',
    interface: 'public',
    region: regionName,
    region_id: regionName,
    url,
  };
  return [{ endpoints: [endpoint], id: '100a6a3477f1495286579b819d399e36', name: 'tics', type: 'tics' }];
}

interface AgentCredentials {
  readonly user_name: string;
  readonly password: string;
}

const signInTexts = {
  wrong: { 'zh-cn': '用户名或密码错误', en_us: 'wrong user name or password' },
  locked: {
    'zh-cn': '密码错误次数过多，账户已锁定1分钟',
    en_us: 'too many failures, the account is locked for one minute',
  },
} as const;

/** `POST /v1/agent/user/token` (§7.1.1): always HTTP 200, the result is in the body's `status`. */
export function createAgentSignIn(tokens: Tokens, guard: SignInLimiter): Handlers {
  return {
    createAgentToken(request: SandboxRequest, world) {
      const { user_name: user, password } = request.body as AgentCredentials;
      const agent = world.agent(request.agentId ?? '');
      const account = `${request.agentId ?? ''} ${user}`;
      if (guard.isLocked(account)) {
        return { status: 200, body: { status: 401, message: signInTexts.locked[request.language] } };
      }
      if (agent === undefined || user !== agent.account.user || password !== agent.account.password) {
        guard.failed(account);
        return { status: 200, body: { status: 6, message: signInTexts.wrong[request.language] } };
      }
      guard.succeeded(account);
      const token = tokens.issue(tokenAudience('agent', agent.id));
      return {
        status: 200,
        body: { status: 0, data: { token: token.text, user_name: user, expire_time: timestamp(token.expiresAtMs) } },
      };
    },
  };
}
