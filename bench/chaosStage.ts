import type { TicsConfig } from '../src/config/config.ts';
import { createGateway, type Gateway, type GatewayDependencies } from '../src/gateway/gateway.ts';
import { createLog } from '../src/telemetry/log.ts';
import { startSandbox, type Sandbox } from '../src/sandbox/start.ts';
import { startHttpProxy, startTcpProxy, type HttpProxy, type Latency, type TcpProxy } from './faultProxy.ts';

/** An answer of the gateway, as far as the run looks at it. */
export interface ChaosAnswer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }[];
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly durationMs: number;
}

/** The embedded TICS with a proxy before each of its servers, and gateways before the proxies. */
export interface ChaosStage {
  readonly sandbox: Sandbox;
  readonly space: HttpProxy;
  readonly iam: HttpProxy;
  /** The proxies of the agents that are online, by id. */
  readonly agents: ReadonlyMap<string, TcpProxy>;
  /** A gateway that knows nothing yet; it is closed with the stage. Without more, it sends reads again and keeps no answers. */
  readonly gateway: (dependencies?: Partial<GatewayDependencies>) => Gateway;
  readonly close: () => Promise<void>;
}

/** What a stage is made of. */
export interface StageOptions {
  /** All faults and times are drawn from it. */
  readonly seed: number;
  readonly latency?: Latency;
}

/** About what a call to a cloud region takes. */
export const usualLatency: Latency = { leastMs: 15, meanMoreMs: 10 };

/** Requests that a gateway has sent upstream so far, repeated ones and sign-ins included; of one call, or of all. */
export async function requestsOf({ metrics }: Gateway, call?: string): Promise<number> {
  const lines = (await metrics.text()).match(/^tics_gateway_upstream_requests_total\{.*$/gm) ?? [];
  return lines
    .filter((line) => call === undefined || line.includes(`call="${call}"`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

/** Asks a gateway, and measures how long that takes. */
export async function ask(
  gateway: Gateway,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<ChaosAnswer> {
  const startedAt = performance.now();
  const response = await gateway.fetch('http://gateway.bench/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query, variables }),
  });
  const answer = (await response.json()) as Omit<ChaosAnswer, 'durationMs'>;
  return { ...answer, durationMs: performance.now() - startedAt };
}

/** The codes of an answer's errors. */
export function codesOf({ errors = [] }: ChaosAnswer): readonly unknown[] {
  return errors.map(({ extensions }) => extensions?.['code']);
}

/** Starts everything. */
export async function setUpChaos({ seed, latency = usualLatency }: StageOptions): Promise<ChaosStage> {
  const sandbox = await startSandbox({ nowMs: Date.UTC(2026, 5, 1), speed: 0 });
  const options = (name: string) => ({ seed: `${seed} ${name}`, latency });
  const online = sandbox.world.agents.filter(({ nodeStatus }) => nodeStatus === 'ONLINE' || nodeStatus === 'TRUST');
  const agents = new Map(
    await Promise.all(
      online.map(async (agent) => [agent.id, await startTcpProxy(() => agent.consolePort, options(agent.id))] as const),
    ),
  );
  /** The space plane says where the agents are: at their proxies. */
  const toProxies = (body: string): string =>
    body.replace(/("console_port":)(\d+)/g, (said, name: string, port: string) => {
      const agent = online.find(({ consolePort }) => consolePort === Number(port));
      const proxy = agents.get(agent?.id ?? '');
      return proxy === undefined ? said : `${name}${proxy.port()}`;
    });
  const space = await startHttpProxy(sandbox.spaceUrl, options('space'), toProxies);
  const iam = await startHttpProxy(sandbox.iamUrl, options('iam'));

  const { projectId, region, account } = sandbox;
  const tics: TicsConfig = {
    spaceUrl: space.url,
    iamUrl: iam.url,
    projectId,
    region,
    account,
    language: 'en_us',
    timeZone: 'Asia/Shanghai',
    agentNetworks: ['127.0.0.0/8'],
    agents: sandbox.agents.flatMap(({ id, user, password, certificate }) =>
      agents.has(id) ? [{ id, user, password, certificate }] : [],
    ),
  };
  const gateways: Gateway[] = [];
  const proxies = [...agents.values()];

  return {
    sandbox,
    space,
    iam,
    agents,
    gateway: (dependencies = {}) => {
      const gateway = createGateway(
        { tics },
        { log: createLog('fatal'), resilience: { retries: true, cache: noCache }, ...dependencies },
      );
      gateways.push(gateway);
      return gateway;
    },
    close: async () => {
      await Promise.all(gateways.map((gateway) => gateway.close()));
      await Promise.all([space, iam, ...proxies].map((proxy) => proxy.close()));
      await sandbox.close();
    },
  };
}

/** Keeps no answers. */
export const noCache = { freshMs: 0, staleMs: 0, staleIfErrorMs: 0 };
