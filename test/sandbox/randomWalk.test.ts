import { readFileSync } from 'node:fs';
import { FormData } from 'undici';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { Random } from '../../src/sandbox/model/random.ts';
import type { DeployStatus, Instance, NodeStatus } from '../../src/sandbox/model/world.ts';
import { runStatuses } from '../../src/sandbox/model/enums.ts';
import type { Answer } from './caller.ts';
import { countStatement, createSqlJob, ownTable, sqlName, useSandbox, type AgentClient } from './fixture.ts';

const fixture = useSandbox({ partnerReviewMs: 60_000 });

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly pattern?: string;
  readonly 'x-known-values'?: readonly string[];
}
interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
}
interface Described {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
}
interface Contract {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
interface Call extends Described {
  readonly plane: 'space' | 'agent';
  readonly contract: Contract;
  readonly method: string;
  readonly template: string;
}

function callsOf(plane: Call['plane']): readonly Call[] {
  const file = new URL(`../../schema/tics-${plane}.openapi.yaml`, import.meta.url);
  const contract = parse(readFileSync(file, 'utf8')) as Contract;
  return Object.entries(contract.paths).flatMap(([template, methods]) =>
    Object.entries(methods)
      .filter(([method]) => ['get', 'post', 'put', 'delete'].includes(method))
      .map(([method, described]) => ({ ...described, plane, contract, method, template })),
  );
}

/** Signing in is no state of the world, and IAM has an address of its own. */
function isOrdinary({ template }: Call): boolean {
  return !template.startsWith('/v3/') && !template.includes('token');
}
const calls = [...callsOf('space'), ...callsOf('agent')].filter(isOrdinary);
const reads = calls.filter(({ method }) => method === 'get');
const writes = calls.filter(({ method }) => method !== 'get');

/** So few that one run is changed again and again, within a millisecond too. */
const runsWalked = 6;

/** Draws requests that fit the contract, about objects of the world and about none. */
class Requests {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The ids of the league's objects, by the name that paths and bodies have for them. */
  #idOf(name: string, { leagueId, agent }: AgentClient, place = ''): string | undefined {
    const { world } = fixture;
    const ofLeague = <Item extends { readonly leagueId: string }>(items: readonly Item[]): readonly Item[] =>
      items.filter((item) => item.leagueId === leagueId);
    const pick = (items: readonly { readonly id: string }[]): string =>
      this.#random.chance(0.95) && items.length > 0 ? this.#random.pick(items).id : 'f'.repeat(32);
    if (/project_id$/.test(name)) return world.tenant.projectId;
    if (/region$/.test(name)) return world.tenant.regionName;
    if (/league_id$/.test(name)) return leagueId;
    if (/agent(_id)?$/.test(name)) return agent.id;
    if (/instance_id$/.test(name)) return pick(ofLeague(world.instances).slice(0, runsWalked));
    const type = [/sql/, /fl-jobs/, /vertical/].findIndex((word) => word.test(place));
    if (/job_id$/.test(name))
      return pick(ofLeague(world.jobs).filter((job) => type === -1 || job.type === ['SQL', 'HFL', 'VFL'][type]));
    if (/data_?set_id$/.test(name)) return pick(world.datasets.filter(({ agentId }) => agentId === agent.id));
    if (/connector_id$/.test(name)) return pick(world.connectorsOfAgent(agent.id));
    if (/notice_id$/.test(name)) return pick(world.approvalNoticesOfAgent(agent.id));
    return undefined;
  }

  #resolve<Of extends { readonly $ref?: string }>(contract: Contract, of: Of): Of {
    if (of.$ref === undefined) return of;
    const [, , kind = '', name = ''] = of.$ref.split('/');
    return this.#resolve(contract, contract.components[kind]?.[name] as Of);
  }

  #value(contract: Contract, raw: Schema, name: string, client: AgentClient): unknown {
    const schema = this.#resolve(contract, raw);
    const random = this.#random;
    const known = schema.enum ?? schema['x-known-values'];
    if (known !== undefined && known.length > 0) return random.pick(known);
    const variants = schema.oneOf ?? schema.anyOf;
    if (variants !== undefined) return this.#value(contract, random.pick(variants), name, client);
    const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
    if (type === 'array')
      return Array.from({ length: random.int(0, 2) }, () =>
        this.#value(contract, schema.items ?? {}, name.replace(/s$/, ''), client),
      );
    if (type === 'object' || schema.properties !== undefined)
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([property]) => schema.required?.includes(property) === true || random.chance(0.7))
          .map(([property, of]) => [property, this.#value(contract, of, property, client)]),
      );
    if (type === 'integer' || type === 'number') return random.pick([0, 1, 2, 10, 100, schema.minimum ?? 1]);
    if (type === 'boolean') return random.chance(0.5);
    const id = this.#idOf(name, client);
    if (id !== undefined) return id;
    if (/date|time$/.test(name)) return random.pick(['2026-03-01', '2026-05-31']);
    const texts = ['', 'x', 'name1', '名字 é', '0', '0.1', '{}', 'SELECT 1', 'a longer name', 'f'.repeat(32)];
    return random.pick(
      texts.filter((text) => schema.pattern === undefined || new RegExp(schema.pattern, 'u').test(text)),
    );
  }

  send(
    { contract, plane, method, template, parameters = [], requestBody }: Call,
    client: AgentClient,
  ): Promise<Answer> {
    const path = template.replace(/\{(\w+)\}/g, (_, name: string) => this.#idOf(name, client, template) ?? 'x');
    const query = new URLSearchParams();
    for (const parameter of parameters.map((of) => this.#resolve(contract, of)))
      if (parameter.in === 'query' && (parameter.required === true || this.#random.chance(0.2)))
        query.set(parameter.name, String(this.#value(contract, parameter.schema, parameter.name, client)));
    const [[mediaType = '', { schema = undefined } = {}] = []] = Object.entries(requestBody?.content ?? {});
    const json = schema && this.#value(contract, schema, '', client);
    const body = mediaType.startsWith('multipart/') ? formOf(json as object) : json;
    const verb = method.toUpperCase() as 'GET';
    return fixture.send(plane, client, `${path}?${query.toString()}`, { method: verb, body });
  }
}

function formOf(parts: object): FormData {
  const form = new FormData();
  for (const [name, part] of Object.entries(parts))
    form.append(name, typeof part === 'string' ? part : JSON.stringify(part));
  return form;
}

/** Whoever watches a run may meet it in any state, whatever it was before. */
test.each([1, 2])('every answer fits the contract, whatever was changed in whichever order: walk %i', async (seed) => {
  const random = new Random(`walk ${seed}`);
  const requests = new Requests(random);
  const { world, sandbox } = fixture;
  const { client: control } = sandbox;
  const clients = [fixture.first, fixture.second, fixture.free];
  const jobId = await createSqlJob(
    fixture.free,
    `walk ${seed}`,
    countStatement(sqlName(world, ownTable(world, fixture.free))),
  );
  const instanceIn = ({ leagueId }: AgentClient): Instance =>
    random.pick(world.instances.filter((instance) => instance.leagueId === leagueId).slice(0, runsWalked));
  const steps: readonly ((client: AgentClient) => Promise<unknown>)[] = [
    (client) => control.setInstanceStatus(instanceIn(client).id, random.pick(runStatuses)),
    (client) => control.setInstanceStatus(instanceIn(client).id, random.pick(runStatuses)),
    () => control.advance(random.pick([0, 1, 2, 100, 5_000, 3_600_000])),
    () => fixture.free.league.post(`/sql-jobs/${jobId}/execute`),
    (client) => {
      const asked = world.jobs.find((job) => job.leagueId === client.leagueId && job.approvalStatus === 'APPROVING');
      return asked ? control.reviewJob(asked.id, random.pick(['PASS', 'REJECT'])) : Promise.resolve();
    },
    () => control.setAgentStatus(fixture.untrusted.agent.id, random.pick<NodeStatus>(['ONLINE', 'OFFLINE', 'TRUST'])),
    () => control.setDeployStatus(fixture.first.agent.id, random.pick<DeployStatus>(['RUNNING', 'ABNORMAL'])),
    (client) => requests.send(random.pick(writes), client),
    (client) => requests.send(random.pick(writes), client),
    (client) => requests.send(random.pick(writes), client),
  ];
  for (let step = 0; step < 100; step += 1) {
    const client = random.pick(clients);
    await random.pick(steps)(client);
    for (let read = 0; read < 4; read += 1) await requests.send(random.pick(reads), client);
    const { id } = instanceIn(client);
    await fixture.space(client, `/job-instances/${id}/dag?round_id=1`);
    await fixture.space(client, `/job-instances/${id}/report`);
  }
  for (const client of clients) for (const read of reads) await requests.send(read, client);
  expect(await control.contractFaults()).toEqual([]);
});
