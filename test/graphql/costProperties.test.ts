import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/config.ts';
import { schema } from '../../src/graphql/schema.ts';
import { idsByKind } from '../support/costSweep.ts';
import { configFor, gatewayFor, useStage, type AnswerError, type Stage } from '../support/gateway.ts';
import { RandomQueries, randomNumbers } from '../support/randomQueries.ts';
import { required } from '../support/required.ts';

/** `COST_QUERIES=1000 COST_SEED=7 npx vitest run test/graphql/costProperties.test.ts` asks more, or others. */
const queries = Number(process.env['COST_QUERIES'] ?? 300);
const seed = Number(process.env['COST_SEED'] ?? 1);

/** What was found of one query. */
interface Compared {
  readonly query: string;
  readonly claimed: number;
  /** As the answer tells it. */
  readonly actual: number;
  /** As TICS received them. */
  readonly caused: number;
  readonly calls: Readonly<Record<string, number>>;
}

/** Failures, after which the calls go to others, and are more, or are not made, and are fewer. */
const failures = /^(UPSTREAM_|AGENT_|FORBIDDEN|RATE_LIMITED)/;

/** Sign-ins, and finding the project, are no calls of an operation. */
const ofTheGateway = ['createToken', 'createAgentToken', 'listProjects'];

/** Asks queries one after another, and compares what they claim with what they cause. Those that are refused or fail are left out. */
async function compareAll(
  stage: Stage,
  asked: (learn: RandomQueries) => Iterable<string>,
): Promise<readonly Compared[]> {
  const { limits } = parseConfig('', {}, 'none');
  const gateway = gatewayFor(configFor(stage.sandbox), {}, { limits });
  const random = new RandomQueries(schema, await idsByKind((query) => stage.ask(query)), randomNumbers(seed));
  const compared: Compared[] = [];
  let counted = await stage.sandbox.client.countCalls();

  const compare = async (query: string): Promise<void> => {
    const response = await gateway.fetch('http://gateway.test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-cost': 'total' },
      body: JSON.stringify({ query }),
    });
    const {
      data,
      extensions,
      errors = [],
    } = (await response.json()) as {
      readonly data?: unknown;
      readonly extensions?: {
        readonly failovers?: unknown;
        readonly cost: { readonly requestedQueryCost: number; readonly actualQueryCost: number };
      };
      readonly errors?: readonly AnswerError[];
    };
    random.learn(data);
    const before = counted;
    counted = await stage.sandbox.client.countCalls();
    // Refused: it costs too much.
    if (extensions === undefined) return;
    if (extensions.failovers !== undefined) return;
    if (errors.some(({ extensions: told }) => failures.test(String(told?.['code'])))) return;
    const calls = Object.fromEntries(
      Object.entries(counted).flatMap(([call, count]) => {
        const caused = count - (before[call] ?? 0);
        return caused === 0 || ofTheGateway.includes(call) ? [] : [[call, caused]];
      }),
    );
    const { requestedQueryCost: claimed, actualQueryCost: actual } = extensions.cost;
    const received = Object.values(calls).reduce((sum, count) => sum + count, 0);
    // Once a minute the gateway reads for itself which agents there are.
    const caused = received === actual + 1 && 'listAgents' in calls ? actual : received;
    compared.push({ query, claimed, actual, caused, calls });
  };
  for (const query of asked(random)) await compare(query);
  await gateway.close();
  return compared;
}

function expectCovered(compared: readonly Compared[]): void {
  expect(compared.filter(({ claimed, caused }) => caused > claimed)).toEqual([]);
  // Calls that no server takes are told too.
  expect(compared.filter(({ actual, caused }) => actual < caused)).toEqual([]);
  expect(compared.filter(({ claimed, actual }) => actual > claimed)).toEqual([]);
}

function medianRatio(compared: readonly Compared[]): number {
  const ratios = compared.flatMap(({ claimed, caused }) => (caused === 0 ? [] : [claimed / caused]));
  return required(ratios.sort((one, other) => one - other)[Math.floor(ratios.length / 2)], 'a ratio');
}

function* randomly(random: RandomQueries, count: number): Iterable<string> {
  for (let asked = 0; asked < count; asked += 1) yield random.next();
}

describe('queries cause no more calls than they claim, and claim three times as many in the median at most', () => {
  describe('in the usual world', () => {
    const stage = useStage({ speed: 0 });

    test(`${queries} random ones`, async () => {
      const compared = await compareAll(stage, (random) => randomly(random, queries));
      // Few are refused or meet what fails: most are compared.
      expect(compared.length).toBeGreaterThan(queries / 2);
      expectCovered(compared);
      expect(medianRatio(compared)).toBeLessThanOrEqual(3);
    }, 600_000);
  });

  describe('where lists are longer than queries ask for', () => {
    // 312 jobs of SQL a league, 156 horizontal and 234 vertical ones, 78 predictions.
    const stage = useStage({ speed: 0, ownedLeagues: 1, joinedLeagues: 1, scale: 26, days: 3 });

    /** Lists that leave rows out, and read on for it. */
    function* selective(leagueId: string): Iterable<string> {
      for (const types of ['SQL', 'HFL', 'VFL', 'PREDICT', 'DATA_EXCHANGE', 'HFL, PREDICT', 'SQL, VFL'])
        for (const page of ['', 'first: 1', 'first: 250'])
          yield `{ league(id: "${leagueId}") { jobs(types: [${types}] ${page}) { totalCount nodes { id } } } }`;
    }

    test('those of the longest lists', async () => {
      const [league] = stage.sandbox.world.leagues;
      const compared = await compareAll(stage, () => selective(required(league, 'a league').id));
      expect(compared.length).toBe([...selective('')].length);
      expectCovered(compared);
      expect(medianRatio(compared)).toBeLessThanOrEqual(3);
      // Some cause more than what they were asked for would, or this test shows nothing.
      expect(Math.max(...compared.map(({ caused }) => caused))).toBeGreaterThan(4);
    });

    const fewer = Math.ceil(queries / 4);
    test(`${fewer} random ones`, async () => {
      const compared = await compareAll(stage, (random) => randomly(random, fewer));
      expect(compared.length).toBeGreaterThan(fewer / 2);
      expectCovered(compared);
      expect(medianRatio(compared)).toBeLessThanOrEqual(3);
    }, 600_000);
  });
});
