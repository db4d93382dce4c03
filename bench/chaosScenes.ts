import { setTimeout as wait } from 'node:timers/promises';
import type { Gateway } from '../src/gateway/gateway.ts';
import type { SandboxClient } from '../src/sandbox/client.ts';
import { defaultResilience } from '../src/tics/planes/upstreams.ts';
import { ask, codesOf, noCache, requestsOf, setUpChaos, type ChaosAnswer, type ChaosStage } from './chaosStage.ts';
import type { HttpFaults } from './faultProxy.ts';

/** One thing that a scene found out. */
export interface Finding {
  readonly what: string;
  readonly measured: string;
  readonly isMet: boolean;
  /** Times say as much of the machine as of the gateway: only the long run judges by them. */
  readonly isTiming: boolean;
}

/** How large a scene is played. */
export interface SceneOptions {
  readonly seed: number;
  /** The form for CI: as small as still says something, and judged by counts alone. */
  readonly isShort: boolean;
  /** How many times the usual reads and writes of the long form. */
  readonly size?: number;
}

/** A scene: sets the stage, plays, and says what it found. */
export type Scene = (options: SceneOptions) => Promise<readonly Finding[]>;

function counted(what: string, measured: string | number, isMet: boolean): Finding {
  return {
    what,
    measured: String(measured),
    isMet,
    isTiming: false,
  };
}
function timed(what: string, measured: string, isMet: boolean): Finding {
  return { what, measured, isMet, isTiming: true };
}

function percentile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? NaN;
}
function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}
function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
function percent(share: number): string {
  return `${(share * 100).toFixed(3)}%`;
}
function timesOf(answers: readonly ChaosAnswer[]): readonly number[] {
  return answers.map(({ durationMs }) => durationMs);
}

function isOk({ errors, data }: ChaosAnswer): boolean {
  return errors === undefined && data !== undefined;
}

/** Does things side by side, so many at a time. */
async function sideBySide<Result>(
  count: number,
  together: number,
  work: (index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) results[index] = await work(index);
  };
  await Promise.all(Array.from({ length: together }, worker));
  return results;
}

async function onStage<Result>(seed: number, play: (stage: ChaosStage) => Promise<Result>): Promise<Result> {
  const stage = await setUpChaos({ seed });
  try {
    return await play(stage);
  } finally {
    await stage.close();
  }
}

function someone<Thing>(thing: Thing | undefined, what: string): Thing {
  if (thing === undefined) throw new Error(`the embedded TICS has no ${what}`);
  return thing;
}

/** Agents with proxies, the first ones of their leagues first. */
function agentIds({ agents }: ChaosStage): readonly string[] {
  return [...agents.keys()];
}

function runtimeOf(agentId: string): string {
  return `{ agent(id: "${agentId}") { runtime { __typename } } }`;
}
function connectorsOf(agentId: string): string {
  return `{ agent(id: "${agentId}") { connectors(first: 3) { totalCount } } }`;
}

/** Signs in everywhere and finds all agents, as after some minutes of work; a busy machine may need more than one try. */
async function warmUp(stage: ChaosStage, gateway: Gateway, tries = 10): Promise<void> {
  const answers = await Promise.all(agentIds(stage).map((id) => ask(gateway, runtimeOf(id))));
  const failed = answers.find((answer) => !isOk(answer));
  if (failed === undefined) return;
  if (tries === 1) throw new Error(`warming up failed: ${JSON.stringify(failed)}`);
  await wait(200);
  return warmUp(stage, gateway, tries - 1);
}

/** What is asked in the main run: each of one or two calls, at the space plane, at agents, and at either. */
function readsOf(stage: ChaosStage): readonly ((size: number) => string)[] {
  const { world } = stage.sandbox;
  const leagueId = someone(world.leaguesOfRole('OWNER')[0], 'league').id;
  const atLeague = (selection: string): string => `{ league(id: "${leagueId}") { ${selection} } }`;
  return [
    (size) => `{ leagues(role: OWNER, first: ${size}) { nodes { id name status } } }`,
    (size) => `{ agents(first: ${size}) { nodes { id name } } }`,
    () => atLeague('settings { description }'),
    (size) => atLeague(`instances(first: ${size}) { nodes { id status } }`),
    (size) => atLeague(`jobs(first: ${size}, types: [SQL]) { nodes { id name } }`),
    (size) => atLeague(`partners(first: ${size}) { nodes { __typename } }`),
    ...agentIds(stage).map((id) => () => runtimeOf(id)),
  ];
}

/** Ten requests of a hundred fail, each in one of six ways; one more is slow. */
const tenPercent: Partial<HttpFaults> = {
  resetBefore: 0.015,
  resetAfter: 0.015,
  resetMidAnswer: 0.015,
  status503: 0.025,
  status429: 0.02,
  truncated: 0.01,
  slow: 0.01,
};

function setFaults(stage: ChaosStage, areOn: boolean, resetsOfAgents: number): void {
  stage.space.setFaults(areOn ? tenPercent : {});
  stage.iam.setFaults(areOn ? tenPercent : {});
  for (const agent of stage.agents.values()) agent.setResets(areOn ? resetsOfAgents : 0);
}

interface Work {
  readonly answers: readonly ChaosAnswer[];
  readonly calls: number;
}

/** Read just now, from where it belongs: neither kept from before nor told by an agent in the space plane's place. */
function isFresh(answer: ChaosAnswer): boolean {
  return isOk(answer) && answer.extensions === undefined;
}

/** The same reads without faults and with them, in turn, through one gateway as it is when nothing is configured. */
export const faults: Scene = ({ seed, isShort, size = 1 }) =>
  onStage(seed, async (stage) => {
    const gateway = stage.gateway({ resilience: defaultResilience });
    const reads = readsOf(stage);
    const rounds = isShort ? 2 : 10;
    const readsARound = isShort ? 300 : Math.ceil(2_000 * size);
    // Pieces break both ways, so twice this of the requests to agents fail.
    const resetsOfAgents = isShort ? 0.01 : 0.05;
    await warmUp(stage, gateway);

    const work = async (areOn: boolean): Promise<Work> => {
      setFaults(stage, areOn, resetsOfAgents);
      const before = await requestsOf(gateway);
      const answers = await sideBySide(readsARound, 16, (index) =>
        // Other sizes are other requests to the proxy, each with a lot of its own.
        ask(gateway, (reads[index % reads.length] ?? (() => ''))(1 + (Math.floor(index / reads.length) % 100))),
      );
      setFaults(stage, false, 0);
      return { answers, calls: (await requestsOf(gateway)) - before };
    };

    const quiet: Work[] = [];
    const faulty: Work[] = [];
    for (let round = 0; round < rounds; round += 1) {
      for (const areOn of round % 2 === 0 ? [false, true] : [true, false])
        (areOn ? faulty : quiet).push(await work(areOn));
    }

    const all = (works: readonly Work[]) => works.flatMap(({ answers }) => answers);
    const calls = (works: readonly Work[]) =>
      works.reduce((sum, work) => sum + work.calls, 0) / (works.length * readsARound);
    const times = (works: readonly Work[], share: number) =>
      median(works.map(({ answers }) => percentile(timesOf(answers), share)));
    const failed = all(faulty).filter((answer) => !isOk(answer));
    const success = 1 - failed.length / all(faulty).length;
    const fresh = all(faulty).filter(isFresh).length / all(faulty).length;
    const p99 = { quiet: times(quiet, 0.99), faulty: times(faulty, 0.99) };
    const happened = Object.entries(stage.space.faults()).map(([name, count]) => `${name} ${count}`);
    const cuts = [...stage.agents.values()].reduce((sum, agent) => sum + agent.cutRequests() + agent.cutAnswers(), 0);
    return [
      counted(
        'reads without faults that succeed',
        `${all(quiet).filter(isOk).length} of ${all(quiet).length}`,
        all(quiet).every(isOk),
      ),
      counted(
        'reads under 10% faults that succeed, at least 99.9%',
        `${percent(success)} of ${all(faulty).length}${failed.length === 0 ? '' : ` (${[...new Set(failed.flatMap(codesOf))].join(', ')})`}`,
        success >= 0.999,
      ),
      // So few reads in the short form that a single unlucky one is more than one of a thousand.
      counted(
        `of them answered by the upstream itself, at least ${isShort ? '99%' : '99.9%'}`,
        percent(fresh),
        fresh >= (isShort ? 0.99 : 0.999),
      ),
      counted(
        'faults that happened',
        [...happened, `cut connections to agents ${cuts}`].join(', '),
        happened.length > 0,
      ),
      counted(
        'upstream calls a query, at most 1.2 times the fault-free',
        `${calls(faulty).toFixed(3)} / ${calls(quiet).toFixed(3)} = ${(calls(faulty) / calls(quiet)).toFixed(3)}`,
        calls(faulty) <= calls(quiet) * 1.2,
      ),
      timed('p50 with faults / without', `${ms(times(faulty, 0.5))} / ${ms(times(quiet, 0.5))}`, true),
      timed(
        'p99 with faults / without, at most 3',
        `${ms(p99.faulty)} / ${ms(p99.quiet)} = ${(p99.faulty / p99.quiet).toFixed(2)}`,
        p99.faulty <= p99.quiet * 3,
      ),
    ];
  });

async function arrivalsOf(client: SandboxClient, operationId: string): Promise<ReadonlyMap<string, number>> {
  const arrivals = new Map<string, number>();
  for (const { body } of await client.calls({ operationId })) {
    const key = JSON.stringify(body);
    arrivals.set(key, (arrivals.get(key) ?? 0) + 1);
  }
  return arrivals;
}

/** Writes through connections that break before, after and in the middle: at the space plane, and at an agent. */
export const writes: Scene = ({ seed, isShort, size = 1 }) =>
  onStage(seed, async (stage) => {
    const { sandbox, space, agents } = stage;
    const gateway = stage.gateway();
    await warmUp(stage, gateway);
    const count = isShort ? 150 : Math.ceil(2_000 * size);
    const leagueId = someone(sandbox.world.leaguesOfRole('OWNER')[0], 'league').id;
    const agentId = someone(agentIds(stage)[0], 'agent');
    const agent = someone(
      sandbox.world.agents.find(({ id }) => id === agentId),
      'agent',
    );
    const mutation = (name: string): string =>
      `mutation ($input: ${name.charAt(0).toUpperCase()}${name.slice(1)}Input!) { result: ${name}(input: $input) { userErrors { code } } }`;
    const codeOf = ({ data, errors }: ChaosAnswer): string => {
      const { result } = (data ?? {}) as { result?: { userErrors: readonly { code: string }[] } };
      return result?.userErrors[0]?.code ?? (errors === undefined ? 'OK' : 'ERROR');
    };

    await sandbox.client.clearCalls();
    // No more than this, or the breaker would open and hardly any would be sent.
    space.setFaults({ resetBefore: 0.1, resetAfter: 0.1, resetMidAnswer: 0.1 });
    const atSpace = await sideBySide(count, 16, async (index) =>
      codeOf(await ask(gateway, mutation('updateLeague'), { input: { id: leagueId, description: `write ${index}` } })),
    );
    space.setFaults({});
    agents.get(agentId)?.setResets(0.15);
    const atAgent = await sideBySide(Math.ceil(count / 3), 8, async (index) =>
      codeOf(
        await ask(gateway, mutation('createSqlJob'), {
          input: { leagueId: agent.leagueId, agentId, name: `chaos ${index}` },
        }),
      ),
    );
    agents.get(agentId)?.setResets(0);

    const found = async (what: string, operationId: string, codes: readonly string[]): Promise<readonly Finding[]> => {
      const arrived = await arrivalsOf(sandbox.client, operationId);
      const twice = [...arrived.values()].filter((times) => times > 1).length;
      const told = codes.filter((code) => code === 'OK' || code === 'OUTCOME_UNKNOWN').length;
      const unknown = codes.filter((code) => code === 'OUTCOME_UNKNOWN').length;
      return [
        counted(
          `${what} that arrived twice, none`,
          `${twice} of ${codes.length}, ${arrived.size} arrived`,
          twice === 0 && arrived.size > 0,
        ),
        counted(
          `${what} that arrived and are neither OK nor OUTCOME_UNKNOWN, none`,
          `${Math.max(0, arrived.size - told)}; ${unknown} OUTCOME_UNKNOWN`,
          arrived.size <= told && unknown > 0,
        ),
      ];
    };
    return [
      ...(await found('writes to the space plane', 'updateLeague', atSpace)),
      ...(await found('writes to an agent', 'createSqlJob', atAgent)),
    ];
  });

function retryAfterOf({ errors = [] }: ChaosAnswer): number {
  return Math.max(0, ...errors.map(({ extensions }) => Number(extensions?.['retryAfter'] ?? 0)));
}

/** One agent takes what is sent and answers nothing. */
export const hungAgent: Scene = ({ seed, isShort, size = 1 }) =>
  onStage(seed, async (stage) => {
    const gateway = stage.gateway({ resilience: { callTimeoutMs: 300, retries: true, cache: noCache } });
    const [hung = '', ...others] = agentIds(stage);
    const proxy = someone(stage.agents.get(hung), 'agent');
    await warmUp(stage, gateway);

    /** The other agents' answers, while the first one is asked without pause by four callers. */
    const askOthers = async (): Promise<readonly ChaosAnswer[]> => {
      let isOver = false;
      const nagging = Array.from({ length: 4 }, async () => {
        while (!isOver) {
          await ask(gateway, runtimeOf(hung));
          // Both with and without the fault it is asked as often.
          await wait(50);
        }
      });
      const answers = await sideBySide(isShort ? 60 : Math.ceil(1_000 * size), 12, (index) =>
        ask(gateway, runtimeOf(others[index % others.length] ?? '')),
      );
      isOver = true;
      await Promise.all(nagging);
      return answers;
    };

    const quiet: ChaosAnswer[][] = [];
    const faulty: ChaosAnswer[][] = [];
    const askHung = async (): Promise<ChaosAnswer> => ask(gateway, runtimeOf(hung));
    const isPaused = (answer: ChaosAnswer): boolean => codesOf(answer).includes('UPSTREAM_PAUSED');
    quiet.push([...(await askOthers())]);

    proxy.setHanging(true);
    let failures = 0;
    let refused = await askHung();
    for (; !isPaused(refused) && failures < 20; refused = await askHung()) failures += 1;
    const swallowed = { bytes: proxy.swallowedBytes(), connections: proxy.connections() };
    // How the space plane answers says nothing of the agent: only what is asked of the agent itself is timed.
    const openedAt = performance.now();
    const atOnce = 4;
    const whileOpen = await sideBySide(80, atOnce, askHung);
    const paused = whileOpen.filter(isPaused);
    const trials = whileOpen.length - paused.length;
    const trialsDue = 1 + Math.floor((performance.now() - openedAt) / 1000);
    const arrived = {
      bytes: proxy.swallowedBytes() - swallowed.bytes,
      connections: proxy.connections() - swallowed.connections,
    };
    const names = await sideBySide(80, 4, () => ask(gateway, `{ agent(id: "${hung}") { name } }`));
    faulty.push([...(await askOthers())]);
    for (let round = 1; !isShort && round < 5; round += 1) {
      proxy.setHanging(false);
      while (!isOk(await askHung())) await wait(500);
      quiet.push([...(await askOthers())]);
      proxy.setHanging(true);
      faulty.push([...(await askOthers())]);
    }

    // The pause ends, and one call finds out for all whether the agent is back.
    let after = await askHung();
    while (!isPaused(after)) after = await askHung();
    await wait(retryAfterOf(after) * 1000);
    const sentBefore = await requestsOf(gateway, 'getAgentRuntime');
    await Promise.all(Array.from({ length: 10 }, askHung));
    const sent = (await requestsOf(gateway, 'getAgentRuntime')) - sentBefore;
    proxy.setHanging(false);
    const healedAt = performance.now();
    while (!isOk(await askHung()) && performance.now() - healedAt < 40_000) await wait(200);
    const healedMs = performance.now() - healedAt;

    const p99 = (rounds: readonly (readonly ChaosAnswer[])[]) =>
      median(rounds.map((answers) => percentile(timesOf(answers), 0.99)));
    const change = p99(faulty) / p99(quiet) - 1;
    return [
      counted('failures until the breaker opens, at most 10', failures, failures <= 10),
      counted(
        'refused at once while it is open, but for one trial a second',
        `${paused.length} of ${whileOpen.length}`,
        // Whoever asks while a trial is under way shares it.
        trials <= trialsDue * atOnce,
      ),
      counted(
        'connections that reach the agent meanwhile, one a trial',
        arrived.connections,
        arrived.connections <= trials && (trials > 0 || arrived.bytes === 0),
      ),
      counted('calls sent when the pause is over, of 10 at once, one', sent, sent === 1),
      counted('it is asked again when it is back', ms(healedMs), healedMs < 40_000),
      timed('the first good answer when it is back, within 2 s', ms(healedMs), healedMs <= 2_000),
      counted(
        'answers of the other agents',
        `${faulty.flat().filter(isOk).length} of ${faulty.flat().length}`,
        faulty.flat().every(isOk),
      ),
      timed(
        'failing fast costs, above what the space plane takes for the agent’s name, at most 5 ms',
        `${ms(median(timesOf(paused)))} - ${ms(median(timesOf(names)))}`,
        median(timesOf(paused)) - median(timesOf(names)) <= 5,
      ),
      timed(
        'p99 of the other agents, changed by less than 10%',
        `${ms(p99(faulty))} / ${ms(p99(quiet))}: ${(change * 100).toFixed(1)}%`,
        change < 0.1,
      ),
    ];
  });

/** The space plane and IAM are away for a while: what was read before is answered, and what agents offer too. */
export const spaceAway: Scene = ({ seed, isShort }) =>
  onStage(seed, async (stage) => {
    const gateway = stage.gateway({
      resilience: { retries: true, cache: { ...noCache, staleIfErrorMs: 600_000 } },
    });
    const bare = stage.gateway();
    const awayMs = isShort ? 2_000 : 60_000;
    const leagueId = someone(
      stage.sandbox.world.agents.find(({ id }) => stage.agents.has(id)),
      'agent',
    ).leagueId;
    const readBefore = '{ leagues(role: OWNER, first: 5) { nodes { name } } }';
    const neverRead = '{ leagues(role: OWNER, first: 5) { totalCount } audit: leagues(role: PARTNER) { totalCount } }';
    // The league itself was read before; its instances were not, and both planes offer them.
    const atEither = `{ league(id: "${leagueId}") { instances(first: 3) { nodes { id } } } }`;
    await Promise.all([warmUp(stage, gateway), warmUp(stage, bare)]);
    const before = await ask(gateway, readBefore);
    const eitherBefore = await ask(gateway, `{ league(id: "${leagueId}") { settings { description } } }`);

    await Promise.all([stage.space.setAway(true), stage.iam.setAway(true)]);
    const startedAt = performance.now();
    const kept: ChaosAnswer[] = [];
    const unknown: ChaosAnswer[] = [];
    const either: ChaosAnswer[] = [];
    while (performance.now() - startedAt < awayMs) {
      kept.push(await ask(gateway, readBefore));
      unknown.push(await ask(bare, neverRead));
      either.push(await ask(gateway, atEither));
      await wait(isShort ? 50 : 200);
    }
    await Promise.all([stage.space.setAway(false), stage.iam.setAway(false)]);
    const backAt = performance.now();
    while (!isOk(await ask(bare, readBefore)) && performance.now() - backAt < 40_000) await wait(200);
    const backMs = performance.now() - backAt;

    const isSame = (answer: ChaosAnswer): boolean => JSON.stringify(answer.data) === JSON.stringify(before.data);
    const isMarked = ({ extensions }: ChaosAnswer): boolean => JSON.stringify(extensions ?? {}).includes('SPACE');
    return [
      counted('answers before', [before, eitherBefore].filter(isOk).length, [before, eitherBefore].every(isOk)),
      counted(
        'answers to what was read before',
        `${kept.filter((answer) => isOk(answer) && isSame(answer)).length} of ${kept.length}`,
        kept.every((answer) => isOk(answer) && isSame(answer)),
      ),
      counted('of them marked as old', kept.filter(isMarked).length, kept.every(isMarked)),
      counted(
        'what was never read fails, with a code',
        [...new Set(unknown.flatMap(codesOf))].join(', '),
        unknown.every(({ errors = [] }) => errors.length > 0),
      ),
      counted(
        'answers of agents to what both planes offer',
        `${either.filter(isOk).length} of ${either.length}`,
        either.every(isOk),
      ),
      counted('asked again when it is back', ms(backMs), backMs < 40_000),
      timed(
        'p99 of a kept answer meanwhile, at most 200 ms',
        ms(percentile(timesOf(kept), 0.99)),
        percentile(timesOf(kept), 0.99) <= 200,
      ),
    ];
  });

/** A failover gives an agent another address. */
export const movedAgent: Scene = ({ seed, isShort }) =>
  onStage(seed, async (stage) => {
    const gateway = stage.gateway();
    const [moving = ''] = agentIds(stage);
    await warmUp(stage, gateway);
    const moves = isShort ? 3 : 20;
    let failed = 0;
    let worst = 0;
    for (let move = 0; move < moves; move += 1) {
      await stage.agents.get(moving)?.move();
      let asked = 1;
      while (!isOk(await ask(gateway, connectorsOf(moving))) && asked < 10) asked += 1;
      failed += asked - 1;
      worst = Math.max(worst, asked - 1);
    }
    return [
      counted(
        'operations that fail after an agent has moved, at most one a move',
        `${failed} in ${moves} moves`,
        worst <= 1,
      ),
    ];
  });

/** An agent shows another certificate than the one that is configured. */
export const changedCertificate: Scene = ({ seed }) =>
  onStage(seed, async (stage) => {
    const { client } = stage.sandbox;
    const warm = stage.gateway();
    const [changed = ''] = agentIds(stage);
    await warmUp(stage, warm);
    await client.renewCertificate(changed);
    await client.clearCalls();
    const answers = [
      ...(await sideBySide(10, 5, () => ask(warm, runtimeOf(changed)))),
      ...(await sideBySide(10, 5, (index) =>
        ask(stage.gateway(), index % 2 ? runtimeOf(changed) : connectorsOf(changed)),
      )),
    ];
    const received = await client.calls({ agentId: changed });
    const codes = [...new Set(answers.flatMap(codesOf))];
    return [
      counted('sign-ins and other requests that the agent receives, none', received.length, received.length === 0),
      counted('answers say what is wrong', codes.join(', '), codes.join() === 'AGENT_CERTIFICATE'),
    ];
  });

/** Asks without pause, also while earlier answers are still to come, until `until`. Answers when the first good answer came. */
async function firstGoodAnswer(gateway: Gateway, query: string, until: Promise<void>): Promise<number | undefined> {
  let isOver = false;
  let isBack = false;
  void until.then(() => (isOver = true));
  const asked: Promise<number | undefined>[] = [];
  let goodAt: number | undefined;
  while (!isBack) {
    asked.push(
      ask(gateway, query).then((answer) => {
        if (!isOver || !isOk(answer) || answer.extensions !== undefined) return undefined;
        goodAt ??= performance.now();
        isBack = true;
        return goodAt;
      }),
    );
    await wait(100);
    if (asked.length > 2_000) break;
  }
  await Promise.all(asked);
  return goodAt;
}

/** Upstreams are away for 45 s, each in another way. When they are back, the first good answer follows soon. */
export const outage: Scene = ({ seed, isShort }) =>
  onStage(seed, async (stage) => {
    const gateway = stage.gateway({ resilience: { ...defaultResilience, cache: noCache } });
    const [hanging = '', resetting = '', leaving = ''] = agentIds(stage);
    await warmUp(stage, gateway);
    const set = (isAway: boolean): void => {
      stage.agents.get(hanging)?.setHanging(isAway);
      stage.agents.get(leaving)?.setHanging(isAway, true);
      stage.agents.get(resetting)?.setResets(isAway ? 1 : 0);
      stage.space.setFaults(isAway ? { resetBefore: 1 } : {});
    };
    set(true);
    let backAt = 0;
    const until = wait(isShort ? 3_000 : 45_000).then(() => {
      set(false);
      backAt = performance.now();
    });
    const asked: readonly (readonly [string, string])[] = [
      ['an agent that hung', runtimeOf(hanging)],
      ['an agent that hung, with connections that are never answered', runtimeOf(leaving)],
      ['an agent that reset connections', runtimeOf(resetting)],
      ['the space plane, which reset connections', '{ leagues(role: OWNER, first: 5) { nodes { name } } }'],
    ];
    const goodAt = await Promise.all(asked.map(([, query]) => firstGoodAnswer(gateway, query, until)));
    return asked.flatMap(([name], index) => {
      const afterMs = (goodAt[index] ?? Infinity) - backAt;
      return [
        counted(`${name}: answers again`, ms(afterMs), Number.isFinite(afterMs)),
        timed(`${name}: the first good answer, within 2 s`, ms(afterMs), afterMs <= 2_000),
      ];
    });
  });

/** All scenes, by the names that the run prints. */
export const scenes: Readonly<Record<string, Scene>> = {
  '10% faults': faults,
  'writes through broken connections': writes,
  'a hung agent': hungAgent,
  'an outage': outage,
  'the space plane is away': spaceAway,
  'an agent moves': movedAgent,
  'an agent changes its certificate': changedCertificate,
};
