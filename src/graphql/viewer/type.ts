import { builder } from '../builder.ts';
import type { FieldCall } from '../calls.ts';
import { roles, type Caller, type Role } from '../../callers/caller.ts';
import type { Context, Language } from '../context.ts';
import { closedEnum, ErrorCodeEnum } from '../shared/enums.ts';
import { formatId } from '../shared/ids.ts';
import { agentOfObject } from '../agents/calls.ts';
import { Agent } from '../agents/type.ts';
import { leagueOfObject } from '../leagues/calls.ts';
import { League } from '../leagues/type.ts';
import { failureOf } from './reachability.ts';

const RoleEnum = closedEnum<Role>('Role', 'What a caller may do.', roles);

const LanguageEnum = builder.enumType('Language', {
  description: 'Languages of the service’s texts.',
  values: {
    CHINESE: { value: 'zh-cn', description: 'Simplified Chinese.' },
    ENGLISH: { value: 'en_us', description: 'English.' },
  } satisfies Record<string, { value: Language; description: string }>,
});

const spacePlaneCalls: readonly FieldCall[] = [{ call: 'getOverview', per: 'operation' }];
const agentReachabilityCalls: readonly FieldCall[] = [{ call: 'getAgentRuntime', per: 'object' }];

/** Asked for only by the fields that need it. */
function spacePlaneFailure({ loaders }: Context) {
  return failureOf(loaders.statistics.overview());
}

function agentFailure(agentId: string, { loaders }: Context) {
  return failureOf(loaders.agents.runtime(agentId));
}

const SpacePlaneState = builder.objectRef<object>('SpacePlaneState').implement({
  description: 'Whether the space plane, which knows the leagues, answers the gateway.',
  fields: (t) => ({
    reachable: t.boolean({
      nullable: false,
      calls: spacePlaneCalls,
      description: 'Whether it accepts the gateway’s account and answers at the moment.',
      resolve: async (_, __, context) => (await spacePlaneFailure(context)) === null,
    }),
    code: t.field({
      type: ErrorCodeEnum,
      calls: spacePlaneCalls,
      description: 'Why the space plane does not answer; null when it does.',
      resolve: (_, __, context) => spacePlaneFailure(context),
    }),
  }),
});

const AgentState = builder.objectRef<string>('AgentState').implement({
  description: 'An agent whose account the gateway has, and whether it answers.',
  fields: (t) => ({
    agentId: t.id({
      nullable: false,
      description: 'Id of the agent.',
      resolve: (agentId) => formatId('Agent', agentId),
    }),
    agent: t.field({
      type: Agent,
      calls: agentOfObject,
      description: 'The agent; null when the space plane does not know it.',
      resolve: (agentId, _, { loaders }) => loaders.agents.byId(agentId),
    }),
    league: t.field({
      type: League,
      calls: leagueOfObject,
      description: 'The league that the agent is in; null when the space plane does not list the agent.',
      resolve: async (agentId, _, { loaders, planes }) => {
        const leagueId = await planes.leagueOf(agentId);
        return leagueId === undefined ? null : loaders.leagues.byId(leagueId);
      },
    }),
    reachable: t.boolean({
      nullable: false,
      calls: agentReachabilityCalls,
      description: 'Whether it accepts the gateway’s account and answers at the moment.',
      resolve: async (agentId, _, context) => (await agentFailure(agentId, context)) === null,
    }),
    code: t.field({
      type: ErrorCodeEnum,
      calls: agentReachabilityCalls,
      description: 'Why the agent does not answer; null when it does.',
      resolve: (agentId, _, context) => agentFailure(agentId, context),
    }),
  }),
});

const Viewer = builder.objectRef<Caller>('Viewer').implement({
  description: 'Who asks, and how the gateway reaches the service on their behalf.',
  fields: (t) => ({
    name: t.exposeString('name', { nullable: false, description: 'Name under which the gateway knows the caller.' }),
    roles: t.field({
      type: [RoleEnum],
      nullable: { list: false, items: false },
      description: 'What the caller may do.',
      resolve: ({ roles: held }) => held,
    }),
    leagueIds: t.idList({
      nullable: { list: true, items: false },
      description: 'The leagues that the caller may see, as `League:<league>`; null: all that the account sees.',
      resolve: ({ leagues }) => (leagues === 'ALL' ? null : leagues.map((leagueId) => formatId('League', leagueId))),
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When the caller’s key or token ends; null: never.',
    }),
    language: t.field({
      type: LanguageEnum,
      nullable: false,
      description: 'Language of the service’s texts in this answer: the first one of `Accept-Language` that it has.',
      resolve: (_, __, { language }) => language,
    }),
    timeZone: t.string({
      nullable: false,
      description: 'Time zone in which the days of the service begin and end, as `Asia/Shanghai`.',
      resolve: (_, __, { timeZone }) => timeZone,
    }),
    spacePlane: t.field({
      type: SpacePlaneState,
      description: 'Whether the space plane answers. Its failure is stated here, without a GraphQL error.',
      resolve: () => ({}),
    }),
    agents: t.field({
      type: [AgentState],
      nullable: { list: false, items: false },
      description:
        'The agents whose accounts the gateway has, in the order of its configuration. A failing agent is stated here, without a GraphQL error.',
      resolve: (_, __, { planes }) => planes.visibleAgentIds(),
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: Viewer,
    nullable: false,
    description: 'Who asks, and whether the space plane and each agent can be reached.',
    resolve: (_, __, { caller }) => caller,
  }),
);
