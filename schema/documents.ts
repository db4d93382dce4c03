/** What of docs/ is generated: tables of calls, errors, configuration, metrics, alerts and log lines. */
import { readFileSync } from 'node:fs';
import { isInterfaceType, isObjectType, type GraphQLSchema } from 'graphql';
import { parse } from 'yaml';
import type * as Costs from '../src/graphql/calls.ts';
import { planes, readContract, type ContractCall } from './contract.ts';
import { configurationReference } from './configuration.ts';
import { between, coded, page, table } from './markdown.ts';

/** Calls of the gateway itself, which no field claims. */
const signIn = ['createToken', 'listProjects', 'createAgentToken'];

/**
 * The fields that claim a call, each once where an interface has it. Those that need it only to look something up are left
 * out, and so are payloads, which read again what was written.
 *
 * @throws Error for a call that no field claims
 */
function fieldsOf(schema: GraphQLSchema, call: string, { callsOf, conditionsOf }: typeof Costs): string {
  const types = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) || isInterfaceType(type))
    .filter(({ name }) => !name.endsWith('Payload'));
  const coordinates = types.flatMap((type) =>
    Object.values(type.getFields())
      .filter(({ name }) => !type.getInterfaces().some((above) => name in above.getFields()))
      .filter((field) =>
        callsOf(field).some(
          (cost) =>
            cost.call === call &&
            (type.name === 'Mutation' || conditionsOf(cost).every((condition) => typeof condition !== 'string')),
        ),
      )
      .map(({ name }) => `${type.name}.${name}`),
  );
  if (coordinates.length === 0 && !signIn.includes(call))
    throw new Error(`No field claims ${call}: give the field that makes it \`calls: [{ call: '${call}', per: … }]\`.`);
  return coordinates.length === 0 ? 'sign-in of the gateway' : coded(coordinates.sort());
}

function planeOf(plane: string, { path }: ContractCall): string {
  return path.startsWith('/v3/') ? 'IAM' : plane;
}

/** docs/calls.md */
async function callsPage(): Promise<string> {
  const { schema } = await import('../src/graphql/schema.ts');
  const costs = await import('../src/graphql/calls.ts');
  const calls = planes.flatMap((plane) => readContract(plane).map((call) => ({ plane: planeOf(plane, call), call })));
  const reading = calls.filter(({ call: { method } }) => method === 'GET');
  return page(
    'Calls',
    `The ${calls.length} REST calls of TICS, ${reading.length} of which read, and the fields that make them. § is the section of the API reference. Errors, metrics and logs name a call as here.`,
    table(
      ['§', 'plane', 'call', 'request', 'fields'],
      calls.map(({ plane, call }) => [
        call.operation['x-section'],
        plane,
        coded([call.operation.operationId]),
        coded([`${call.method} ${call.path}`]),
        fieldsOf(schema, call.operation.operationId, costs),
      ]),
    ),
  );
}

/** docs/errors.md */
async function errorsPage(): Promise<string> {
  const { errorCodes } = await import('../src/errors.ts');
  return page(
    'Error codes',
    'Values of `extensions.code` in `errors`, and of `code` in `userErrors`. They are stable: decide by them, not by messages.',
    table(
      ['code', 'what it means and what to do'],
      Object.entries(errorCodes).map(([name, { description }]) => [coded([name]), description]),
    ),
  );
}

interface AlertRule {
  readonly alert: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly action: string };
}

function alertRules(): readonly AlertRule[] {
  const { groups } = parse(readFileSync(new URL('../ops/alerts.yaml', import.meta.url), 'utf8')) as {
    readonly groups: readonly { readonly rules: readonly AlertRule[] }[];
  };
  return groups.flatMap(({ rules }) => rules);
}

function alertTable(): string {
  return table(
    ['alert', 'severity', 'what it means', 'what to do'],
    alertRules().map(({ alert, labels, annotations: { summary, action } }) => [
      coded([alert]),
      labels.severity,
      summary.replace(/\{\{ \$labels\.(\w+) \}\}/g, '`$1`'),
      action,
    ]),
  );
}

async function metricsTable(): Promise<string> {
  const { createMetrics } = await import('../src/telemetry/metrics.ts');
  const metrics = createMetrics();
  metrics.close();
  return table(
    ['metric', 'type', 'labels', 'what it counts'],
    metrics.describe().map(({ name, type, labels, help }) => [coded([name]), type, coded(labels), help]),
  );
}

/** Rows of a name and what it means. */
function definitions(head: readonly [string, string], described: Readonly<Record<string, string>>): string {
  return table(
    head,
    Object.entries(described).map(([name, text]) => [coded([name]), text]),
  );
}

async function logTables(): Promise<readonly string[]> {
  const { auditFields, commonFields, operationFields, otherLines, refusalFields, upstreamFailureFields } =
    await import('../src/telemetry/logFields.ts');
  const fields = ['field', 'what it has'] as const;
  return [
    'Fields of every line:',
    definitions(fields, commonFields),
    '`operation`: an operation was executed.',
    definitions(fields, operationFields),
    '`request refused`: nothing of a request was executed.',
    definitions(fields, refusalFields),
    '`audit`: a mutation has ended, or was refused.',
    definitions(fields, auditFields),
    '`upstream call failed`: `warn` if an operator may have to act, else `debug`. That no connection comes about to an upstream is warned of once, with its `reason`, until it answers again.',
    definitions(fields, upstreamFailureFields),
    'Other lines:',
    definitions(['line', 'what it means'], otherLines),
  ];
}

/** Limits that no configuration changes. */
async function limitsTable(): Promise<string> {
  const { maxFileBytes, maxTextBytes } = await import('../src/gateway/body/body.ts');
  const { maxVisits } = await import('../src/graphql/cost.ts');
  const { objectsOverestimate } = await import('../src/gateway/costReport.ts');
  const { maxNesting } = await import('../src/gateway/plugins/useNestingLimit.ts');
  const { arrivesWithinMs } = await import('../src/gateway/plugins/useRequestBody.ts');
  const { defaultSocketLimits: socket } = await import('../src/server/webSockets.ts');
  return table(
    ['what', 'limit'],
    [
      ['Body of an operation', `${maxTextBytes} bytes`],
      ['Time in which an operation arrives, files of an upload aside', `${arrivesWithinMs} ms`],
      ['Brackets within brackets in a document; lists and objects within others in variables', `${maxNesting}`],
      ['Fields and fragments of an operation, those of fragments counted wherever they are spread', `${maxVisits}`],
      [
        'Objects that an operation may ask for by its page sizes',
        `${objectsOverestimate} times \`limits.resultObjects\``,
      ],
      ['File of an upload', `${maxFileBytes} bytes`],
      ['Operations at once on a WebSocket', `${socket.operations}`],
      ['Frame of a WebSocket', `${socket.frameBytes} bytes`],
      ['Time to `connection_init`', `${socket.initWithinMs} ms`],
      ['Interval of pings; a peer that has not answered the last one is cut', `${socket.pingEveryMs} ms`],
    ],
  );
}

/** docs/operating.md, whose tables are generated. */
async function operatingPage(): Promise<string> {
  const written = readFileSync(new URL('../docs/operating.md', import.meta.url), 'utf8');
  return between(
    'operations',
    written,
    [
      '## Limits',
      'No configuration changes these. [configuration.md](configuration.md#limits) has those that it does.',
      await limitsTable(),
      '## Metrics',
      await metricsTable(),
      '## Alerts',
      alertTable(),
      '## The log',
      ...(await logTables()),
    ].join('\n\n'),
  );
}

/** Each generated document by its path. */
/** docs/scaling.md: what the largest deployment asks of its parts. */
async function scalingPage(): Promise<string> {
  const { demandsOf, largest, shareOf, tightest } = await import('../ops/scaling/demand.ts');
  const count = (value: number) => `${Math.round(value * 10) / 10}`;
  const demands = demandsOf(largest);
  const { replicas, subscribers, agents, watches, changes, operations, writes } = largest;
  const text = [
    `${replicas} replicas, ${subscribers} subscribers of ${watches} watches with ${changes} changes a second, ${agents} agents, ${operations} operations and ${writes} writes a second, simulated for a minute:`,
    table(
      ['part', 'asked for', 'a second', 'busiest second', 'it bears', 'share'],
      demands.map((demand) => [
        ...[demand.part, demand.asked, count(demand.mean), count(demand.worst), count(demand.bears)],
        `${Math.round(shareOf(demand) * 100)}%`,
      ]),
    ),
    `First breaks: ${tightest(demands).part}, ${tightest(demands).asked}.`,
  ];
  const document = readFileSync(new URL('../docs/scaling.md', import.meta.url), 'utf8');
  return between('scaling', document, text.join('\n\n'));
}

export const documents: Readonly<Record<string, () => Promise<string>>> = {
  'docs/calls.md': callsPage,
  'docs/errors.md': errorsPage,
  'docs/configuration.md': configurationReference,
  'docs/operating.md': operatingPage,
  'docs/scaling.md': scalingPage,
};
