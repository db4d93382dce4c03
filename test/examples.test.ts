import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../src/config/config.ts';
import { createGateway, type Gateway } from '../src/gateway/gateway.ts';
import { createLog } from '../src/telemetry/log.ts';
import { schema } from '../src/graphql/schema.ts';
import { instant } from '../src/upstream/wire.ts';
import { makeDirectory } from './support/directory.ts';
import { exampleCalls, startExampleServer } from './support/exampleUpstream.ts';
import { fullSelections, ownSelection, type SelectionArguments } from './support/fullSelection.ts';
import { askGateway } from './support/gateway.ts';

const space = exampleCalls('space');
const agent = exampleCalls('agent');

/** The league and the agent of the reference's agents list. */
const leagueId = 'ef73b252a0ad4b5db21a12c40a413b2f';
/** The league of the reference's agent-plane jobs. */
const otherLeagueId = 'edf4254ecfd64aabbf896a522693ab05';
const agentId = '22a38e92ef7e4284b666b2a14bc29462';

/** Every agent that the examples name: a dataset's registration is read from the agent that owns it. */
const agentIds = [
  ...new Set(
    [agentId].concat(
      JSON.stringify([...space, ...agent].map(({ example }) => example))
        .match(/"(?:agent_id|agentId)":"[0-9a-zA-Z]{1,32}"/g)
        ?.map((pair) => pair.split('"')[3] ?? '') ?? [],
    ),
  ),
];

let gateway: Gateway;
const closing: (() => Promise<void>)[] = [];
type JsonValue = string | number | boolean | null | JsonValue[] | { readonly [key: string]: JsonValue };

const answered = new Set<string>();
const skipped = new Set<string>();

const filtered = {
  'League.jobs': 'filter: { name: "x" }',
  'League.instances': 'filter: { jobName: "x" }',
};

function collect(value: JsonValue | undefined): void {
  if (Array.isArray(value)) value.forEach(collect);
  else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
  else if (value !== null && value !== undefined) {
    answered.add(String(value));
    // A global id holds the raw one.
    const [, rawIds] = /^(?:Agent|Connector|Dataset|Instance|Job|League):(.+)$/.exec(String(value)) ?? [];
    rawIds?.split('/').forEach((id) => answered.add(id));
  }
}

function select(typeName: string, more: SelectionArguments = {}): readonly string[] {
  const type = schema.getType(typeName);
  if (!isObjectType(type)) throw new Error(`there is no type ${typeName}`);
  return fullSelections(
    schema,
    type,
    {
      'League.availableDatasets': 'type: MYSQL',
      'League.usage': 'from: "2023-01-01", to: "2023-01-01", every: DAY',
      ...more,
    },
    // Below these roots the league is the one whose root stands before them.
    typeName === 'League' ? [] : ['League'],
    (coordinate) => skipped.add(coordinate),
  );
}

/** The same thing under two names: the second is read where the first is missing. */
const otherNames = { column_list: 'columnList', result_ext: 'metrics' };

/** The values of an example, each with the forms in which it may come through. */
function leavesOf(
  value: JsonValue,
  path: string,
): readonly { readonly path: string; readonly forms: readonly string[] }[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => leavesOf(item, `${path}[${index}]`));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .filter(([key]) => !(key in otherNames && otherNames[key as keyof typeof otherNames] in value))
      .flatMap(([key, item]) => leavesOf(item, `${path}.${key}`));
  // Booleans can not be distinguished; the domains' own tests check them.
  if (value === null || value === undefined || value === '' || typeof value === 'boolean') return [];
  const written = String(value);
  return [{ path, forms: [written, instant(value) ?? written, written.replace(/,$/, ''), String(Number(written))] }];
}

function isThere(forms: readonly string[]): boolean {
  return (
    forms.some((form) => answered.has(form)) ||
    forms.some(
      (form) => form.includes(',') && form.split(',').every((part) => part === '' || answered.has(part.trim())),
    )
  );
}

beforeAll(async () => {
  const servers = await Promise.all([startExampleServer(space), startExampleServer(agent)]);
  closing.push(...servers.map(({ close }) => close));
  const [spaceServer, agentServer] = servers;
  const file = join(makeDirectory(), 'gateway.config.yaml');
  await writeFile(
    file,
    `callers: anonymous
tics:
  spaceUrl: ${spaceServer.url}
  iamUrl: ${spaceServer.url}
  region: region-name
  account: { domain: example, user: example, password: "\${TICS_PASSWORD}" }
  agents:
${agentIds.map((id) => `    - { id: ${id}, url: "${agentServer.url}", user: admin, password: "\${AGENT_PASSWORD}" }`).join('\n')}
`,
  );
  const config = readConfig({ GATEWAY_CONFIG: file, TICS_PASSWORD: 'x', AGENT_PASSWORD: 'y' });
  if (config.tics === undefined) throw new Error('the configuration names no TICS');
  // Operations here select all that there is.
  const limits = { ...config.limits, aliases: 5_000, tokens: 50_000, cost: 'measure' as const };
  gateway = createGateway({ ...config, limits, tics: config.tics }, { log: createLog('fatal') });
  closing.unshift(gateway.close);
});

afterAll(async () => {
  for (const close of closing) await close();
});

describe("an upstream that answers with the reference's own examples", () => {
  const below = (typeName: string, root: string, more?: SelectionArguments): readonly string[] =>
    select(typeName, more).map(
      (selection) => `{ ${root} { ${selection} }${' }'.repeat(root.split('{').length - root.split('}').length + 1)}`,
    );
  const own = (typeName: string): string => ownSelection(schema, typeName);

  const jobTypes = ['SqlJob', 'HorizontalJob', 'VerticalJob', 'PredictionJob', 'OtherJob'];
  // A league's jobs are asked for by themselves, one field of one type at a time: there is a limit to a request's size.
  const jobs = (league: string, args: string): readonly string[] =>
    jobTypes.flatMap((type) => below(type, `league(id: "${league}") { jobs${args} { nodes { ... on ${type}`));

  test.each([
    ['a league', below('League', `league(id: "${leagueId}")`, { 'League.jobs': null })],
    ['its jobs', jobs(leagueId, '')],
    // With a filter, jobs and instances are read from the agents.
    ['a league, filtered', below('League', `league(id: "${otherLeagueId}")`, { ...filtered, 'League.jobs': null })],
    ['its jobs, filtered', jobs(otherLeagueId, `(${filtered['League.jobs']})`)],
    ['an agent', below('Agent', `agent(id: "${agentId}")`)],
    [
      'a job',
      below('HorizontalJob', `job(id: "Job:${leagueId}/hfl/6a08387b3178443a997202a13d0e3335") { ... on HorizontalJob`),
    ],
    [
      'lists',
      [
        `{ leagues { totalCount nodes { ${own('League')} } } membershipNotices { totalCount nodes { ${own('MembershipNotice')} } } }`,
      ],
    ],
    ['the overview', [`{ overview { ${own('Overview')} } }`]],
  ])('everything below %s is answered without errors', async (_, operations) => {
    expect(operations.length).toBeGreaterThan(0);
    for (const operation of operations) {
      const { data, errors } = await askGateway<JsonValue>(gateway, operation);
      collect(data);
      expect(errors?.map(({ message, extensions }) => `${String(extensions?.['code'])} ${message}`) ?? []).toEqual([]);
    }
  });

  test.each([...space, ...agent].map(({ operationId, example }) => [operationId, example] as const))(
    'every value of %s comes through',
    (operationId, example) => {
      // IAM's answer is for the gateway itself.
      if (operationId === 'listProjects') return;
      const leaves = leavesOf(example as JsonValue, '');
      expect(leaves.length).toBeGreaterThan(0);
      expect(
        leaves.filter(({ forms }) => !isThere(forms)).map(({ path, forms: [form] }) => `${path}: ${form}`),
      ).toEqual([]);
    },
  );

  test('no field had to be left out', () => {
    expect([...skipped].filter((coordinate) => !coordinate.startsWith('Query.'))).toEqual([]);
  });
});
