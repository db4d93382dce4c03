import { afterAll, beforeAll, expect } from 'vitest';
import { FormData } from 'undici';
import { startSandbox, type AgentAccess, type Sandbox, type SandboxOptions } from '../../src/sandbox/start.ts';
import type { Dataset, Job, World } from '../../src/sandbox/model/world.ts';
import { agentCaller, spaceCaller, type Answer, type Call, type Caller } from './caller.ts';

export function found<T>(what: string, item: T | undefined | null): T {
  if (item === undefined || item === null) throw new Error(`there is no ${what}`);
  return item;
}

/** Client of one agent, signed in with its account. */
export interface AgentClient {
  readonly agent: AgentAccess;
  readonly leagueId: string;
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  put(path: string, body?: unknown): Promise<Answer>;
  delete(path: string): Promise<Answer>;
  /** The same below the league's path. */
  readonly league: Omit<AgentClient, 'agent' | 'leagueId' | 'league'>;
}

export interface Fixture {
  readonly sandbox: Sandbox;
  readonly world: World;
  /** Agents of a league that asks for approvals: two of ours, both trusted. */
  readonly first: AgentClient;
  readonly second: AgentClient;
  /** An agent of a league that asks for none. */
  readonly free: AgentClient;
  /** An agent that is online and not trusted. */
  readonly untrusted: AgentClient;
  /** Any request, with the tokens of the client and of the space plane. */
  send(plane: 'space' | 'agent', client: AgentClient, path: string, call: Call): Promise<Answer>;
  /** Reads of the space plane, below the league's path. */
  space(client: AgentClient, path: string): Promise<Answer>;
  /** Ends whatever was started. */
  finish(): Promise<void>;
}

/** Starts a sandbox whose clock stands still. Afterwards it must not have violated its contract. */
export function useSandbox(options: SandboxOptions = {}): Fixture {
  const callers: Caller[] = [];
  const callerOf = new Map<AgentClient, Caller>();
  let sandbox: Sandbox;
  let space: Caller;
  let clients: Record<'first' | 'second' | 'free' | 'untrusted', AgentClient>;

  const clientOf = async (agent: AgentAccess): Promise<AgentClient> => {
    const caller = await agentCaller(agent);
    callers.push(caller);
    const verbs = (base: string): AgentClient['league'] => ({
      get: (path) => caller.call(base + path),
      post: (path, body, headers = {}) => caller.call(base + path, { method: 'POST', body, headers }),
      put: (path, body) => caller.call(base + path, { method: 'PUT', body }),
      delete: (path) => caller.call(base + path, { method: 'DELETE' }),
    });
    const league = verbs(`/v1/${sandbox.projectId}/leagues/${agent.leagueId}`);
    const client = { ...verbs('/v1/agents'), agent, leagueId: agent.leagueId, league };
    callerOf.set(client, caller);
    return client;
  };

  beforeAll(async () => {
    sandbox = await startSandbox({ seed: 1, nowMs: Date.UTC(2026, 5, 1, 4), speed: 0, ...options });
    const { world, agents } = sandbox;
    const status = ({ id }: AgentAccess) => world.agent(id)?.nodeStatus;
    const trusted = agents.filter((agent) => status(agent) === 'TRUST');
    const asks = ({ leagueId }: AgentAccess) => world.league(leagueId)?.approvalRequired === true;
    const first = found(
      'pair of agents in one league',
      trusted.find((agent) => asks(agent) && trusted.some((b) => b !== agent && b.leagueId === agent.leagueId)),
    );
    const second = trusted.find((agent) => agent !== first && agent.leagueId === first.leagueId);
    clients = {
      first: await clientOf(first),
      second: await clientOf(found('second agent', second)),
      free: await clientOf(
        found(
          'league without approvals',
          trusted.find((agent) => !asks(agent)),
        ),
      ),
      untrusted: await clientOf(
        found(
          'untrusted agent',
          agents.find((agent) => status(agent) === 'ONLINE'),
        ),
      ),
    };
    space = await spaceCaller(sandbox);
    callers.push(space);
  });
  afterAll(async () => {
    const faults = await sandbox.client.contractFaults();
    await Promise.all(callers.map((caller) => caller.close()));
    await sandbox.close();
    expect(faults).toEqual([]);
  });

  return {
    get sandbox() {
      return sandbox;
    },
    get world() {
      return sandbox.world;
    },
    get first() {
      return clients.first;
    },
    get second() {
      return clients.second;
    },
    get free() {
      return clients.free;
    },
    get untrusted() {
      return clients.untrusted;
    },
    send: (plane, client, path, call) =>
      (plane === 'space' ? space : found('caller', callerOf.get(client))).call(path, call),
    space: (client, path) => space.call(`/v1/${sandbox.projectId}/leagues/${client.leagueId}${path}`),
    finish: () => sandbox.client.advance(60 * 60_000),
  };
}

export const page = 'offset=0&limit=100';

export interface Rows {
  readonly total: number;
  readonly lists: readonly Readonly<Record<string, unknown>>[];
}

export async function rowsOf(answer: Promise<Answer>): Promise<Rows['lists']> {
  const { status, json, text } = await answer;
  expect(status, text).toBe(200);
  return (json as Rows).lists;
}

/** A property of a JSON answer, which must be a success. */
export async function textIn(answer: Promise<Answer>, name: string): Promise<string> {
  const { status, json, text } = await answer;
  expect(status, text).toBeLessThan(300);
  return String((json as Record<string, unknown>)[name]);
}

/** The answer must be a refusal, with this status and the end of this code. */
export async function expectRefusal(
  answer: Promise<Answer>,
  status: number,
  number: number,
  text?: string,
): Promise<void> {
  const { status: given, json, text: body } = await answer;
  expect(given, body).toBe(status);
  const { error_code: code, error_msg: message } = json as { error_code: string; error_msg: string };
  expect(code).toBe(`TICS_AGENT.${String(number).padStart(8, '1000000')}`);
  if (text !== undefined) expect(message).toContain(text);
}

/** Most writes answer nothing at all. */
export async function expectDone(answer: Promise<Answer>): Promise<void> {
  const { status, text } = await answer;
  expect(text).toBe('');
  expect(status).toBe(200);
}

/** What the league's audit log says last. */
export async function lastEvent(fixture: Fixture, client: AgentClient): Promise<string> {
  const [event] = await rowsOf(fixture.space(client, '/audit-info?offset=0&limit=1'));
  return String(event?.event_info);
}

export interface ConnectorDocument {
  readonly name?: string;
  readonly connector_id?: string;
  readonly connector_type?: string;
  readonly auth_type?: string;
  readonly ext_info?: unknown;
  readonly [other: string]: unknown;
}

export const mysqlSettings = {
  jdbc_url: 'jdbc:mysql://198.51.100.7:3306',
  driver_name: 'mysql-connector-java-8.0.20.jar',
  user_name: 'username',
  password: 'DB_password',
};

/** The two parts of a connector; without a driver when it is undefined. */
export function connectorForm(document: ConnectorDocument, driver?: string): FormData {
  const form = new FormData();
  const { ext_info: settings = mysqlSettings, ...rest } = document;
  form.append(
    'data_connector',
    JSON.stringify({
      connector_type: 'MYSQL',
      auth_type: 'PWD',
      ext_info: typeof settings === 'string' ? settings : JSON.stringify(settings),
      ...rest,
    }),
  );
  if (driver !== undefined) form.append('file', new Blob([driver]), 'mysql-connector-java-8.0.20.jar');
  return form;
}

/** A table of two columns, as the walk-through registers one. */
export function tableInput(name: string, connector: { readonly id: string; readonly name: string }, type = 'MYSQL') {
  return {
    name,
    connector_id: connector.id,
    connector_name: connector.name,
    data_type: type,
    description: 'this is a test',
    ag_dataset_table: { db_schema: 'demo1', table_name: 'dim_enterprise' },
    columns: [
      { column_name: 'credit_no', data_type: 'STRING', sql_col_privacy_type: 'SENSITIVE', privacy_policy: 'NONE' },
      { column_name: 'ent_name', data_type: 'STRING', sql_col_privacy_type: 'NON_SENSITIVE', privacy_policy: 'NONE' },
    ],
  };
}

/** A connector and a dataset of an agent, made for the test. */
export async function makeDataset(client: AgentClient, name: string): Promise<string> {
  const connector = { name: `con_${name}`, id: '' };
  connector.id = await textIn(
    client.post('/connectors', connectorForm({ name: connector.name }, 'jar')),
    'connector_id',
  );
  return textIn(client.post('/datasets', tableInput(name, connector)), 'id');
}

export function publish(client: AgentClient, datasetId: string): Promise<Answer> {
  return client.post(`/${client.agent.id}/datasets/${datasetId}/publish`);
}

/** `ALIAS.DATASET` in backticks. */
export function sqlName(world: World, { partnerId, name }: Dataset): string {
  return `\`${(world.partner(partnerId)?.alias ?? '').toUpperCase()}\`.\`${name.toUpperCase()}\``;
}

/** A table that an agent of somebody else's offers to the league. */
export function foreignTable(world: World, { leagueId }: AgentClient): Dataset {
  return found(
    'table of another tenant',
    world.datasetsOfLeague(leagueId).find(({ table, agentId }) => table && !world.agent(agentId)?.isOwn),
  );
}

export function ownTable(world: World, { agent }: AgentClient): Dataset {
  return found(
    'published table',
    world.datasetsOfAgent(agent.id).find(({ table, publication }) => table && publication === 'PUBLISHED'),
  );
}

/** A job of another tenant that our agents see. */
export function foreignJob(world: World, { leagueId }: AgentClient, type: Job['type']): Job {
  return found(
    `${type} job of another tenant`,
    world.jobsOfLeague(leagueId, type).find(({ partnerId }) => !world.partner(partnerId)?.isOwn),
  );
}

/** How many records each of some tables has. */
export function countStatement(...names: readonly string[]): string {
  return names.map((name) => `SELECT COUNT(*) AS N FROM ${name}`).join(' UNION ALL ');
}

export async function createSqlJob(client: AgentClient, name: string, sql?: string): Promise<string> {
  const id = await textIn(client.league.post('/sql-jobs', { name, agent_id: client.agent.id }), 'job_id');
  if (sql !== undefined) await expectDone(client.league.put(`/sql-jobs/${id}`, { name, sql_text: sql, ext: '{}' }));
  return id;
}

export function statusOf(client: AgentClient, instanceId: string): Promise<string> {
  return textIn(client.league.get(`/job-instances/${instanceId}/status`), 'job_instance_status');
}
