import * as z from 'zod';
import { agents, trustOnFirstUse } from './agents.ts';
import { proxy } from './proxy.ts';
import { network, text, ticsId, upstreamUrl } from './values.ts';

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const region = 'a region id, such as cn-north-4';
const timeZone = 'a time zone, such as Asia/Shanghai';

const account = z.strictObject(
  {
    domain: text('the IAM domain (account) name').describe('IAM domain (account) name.'),
    user: text('the IAM user name').describe('IAM user name.'),
    password: text('its password').describe('Password of that user.'),
  },
  'the IAM account: domain, user and password',
);

/** Keys that are missing, given the others, with what is expected. */
function missingKeys(tics: object): Readonly<Record<string, string | false>> {
  const { region, spaceUrl, iamUrl, projectId } = tics as Readonly<Record<string, unknown>>;
  const isGiven = (value: unknown): boolean => value !== undefined;
  return {
    region: ![region, spaceUrl, iamUrl].some(isGiven) && 'a region, or spaceUrl and iamUrl',
    iamUrl: isGiven(spaceUrl) && !isGiven(iamUrl) && 'an address, since spaceUrl is given',
    spaceUrl: isGiven(iamUrl) && !isGiven(spaceUrl) && 'an address, since iamUrl is given',
    projectId:
      isGiven(spaceUrl) &&
      !isGiven(region) &&
      !isGiven(projectId) &&
      'a project id, or region, since spaceUrl is given',
  };
}

/** Keys whose values contradict each other, with what is expected. */
function clashes(tics: object): Readonly<Record<string, string | false>> {
  const { proxy, agents } = tics as { readonly proxy?: { readonly agents?: unknown }; readonly agents?: unknown };
  const trusts =
    Array.isArray(agents) &&
    agents.some((agent) => isMap(agent) && 'certificate' in agent && agent.certificate === trustOnFirstUse);
  return {
    proxy: trusts && isMap(proxy) && proxy.agents === 'on' && `agents: off, since an agent has ${trustOnFirstUse}`,
  };
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Endpoints of a region (reference 1.5). */
function regional(service: string, region: string | undefined): string {
  return `https://${service}.${region}.myhuaweicloud.com`;
}

/** Section `tics`. */
export function tics(directory: string) {
  return z
    .strictObject(
      {
        region: z
          .string(region)
          .regex(/^[a-z0-9-]{1,64}$/, region)
          .optional()
          .describe('Region id, such as `cn-north-4`. Required unless `spaceUrl` and `iamUrl` are given.'),
        spaceUrl: upstreamUrl.optional().describe('Address of the space plane. Default: the endpoint of the region.'),
        iamUrl: upstreamUrl
          .optional()
          .describe('Address of IAM. Required with `spaceUrl`. Default: the endpoint of the region.'),
        projectId: ticsId('the project id')
          .optional()
          .describe('Project id. Default: the project with the name of the region.'),
        account: account.describe('The IAM account that the gateway signs in with on the space plane.'),
        proxy: proxy
          .optional()
          .describe(
            'The proxy through which the space plane and IAM are reached. Default: none, or what the environment says.',
          ),
        language: z
          .enum(['zh-cn', 'en_us'], 'zh-cn or en_us')
          .default('en_us')
          .describe(
            'Language of texts of TICS, for requests whose `Accept-Language` names neither Chinese nor English.',
          ),
        timeZone: z
          .string(timeZone)
          .refine(isTimeZone, timeZone)
          .default('Asia/Shanghai')
          .describe('Time zone in which days of TICS begin and end.'),
        joinedLeaguesType: z
          .enum(['participativenormal', 'participative:normal'], 'participativenormal or participative:normal')
          .optional()
          .describe(
            'Word by which leagues that the account joined are asked for (6.2.4). Default: `participativenormal`, as the clients of TICS write it; its reference has `participative:normal`.',
          ),
        agents: agents(directory)
          .default([])
          .describe('Agents that the gateway has an account of. Others are listed, but not called.'),
        agentNetworks: z
          .array(network, 'a list of networks')
          .min(1, 'at least one network')
          .optional()
          .describe(
            'The only networks of agents whose address the space plane names, such as `10.0.0.0/8`. Default: all, private ones among them, but the gateway’s own host, link-local addresses (metadata services) and multicast. An agent’s `url` is not checked.',
          ),
      },
      'a map of keys: region and account at least',
    )
    .superRefine(
      (value, context) => {
        for (const [key, expected] of Object.entries({ ...missingKeys(value), ...clashes(value) }))
          if (expected !== false) context.addIssue({ code: 'custom', path: [key], message: expected });
      },
      // Reported together with faults of single keys.
      { when: ({ value }) => isMap(value) },
    )
    .transform((value) => ({
      ...value,
      spaceUrl: value.spaceUrl ?? regional('tics', value.region),
      iamUrl: value.iamUrl ?? regional('iam', value.region),
    }));
}

/** Section `tics`, with all addresses filled in. */
export type TicsConfig = z.output<ReturnType<typeof tics>>;
