import {
  getNamedType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  type GraphQLField,
  type GraphQLObjectType,
} from 'graphql';
import { callsOf } from '../../src/graphql/calls.ts';
import { schema } from '../../src/graphql/schema.ts';
import { agentCalls, spaceCalls } from '../../src/upstream/generated/calls.ts';
import { ownSelection } from './fullSelection.ts';

type Calls = typeof spaceCalls & typeof agentCalls;

/** The reading calls of both planes. */
export type ReadingCall = {
  [Call in keyof Calls]: Calls[Call]['method'] extends 'GET' ? Call : never;
}[keyof Calls];

function own(typeName: string): string {
  return ownSelection(schema, typeName);
}

function league(fields: string): string {
  return `query ($league: ID!) { league(id: $league) { ${fields} } }`;
}
function agent(fields: string): string {
  return `query ($agent: ID!) { agent(id: $agent) { ${fields} } }`;
}
function instances(fields: string): string {
  return league(`instances(first: 12) { nodes { id ${fields} } }`);
}
function jobs(type: string, fields: string): string {
  return league(`jobs(types: [${type}], first: 4) { nodes { id ${fields} } }`);
}
const jobFields = ['SqlJob', 'HorizontalJob', 'VerticalJob', 'PredictionJob']
  // Their types differ, so that each needs names of its own.
  .map((type) => `... on ${type} { ${own(type).replace(/\b(\w+)(?= \{| |$)/g, '$1')} }`)
  .join(' ');
const range = 'from: "2026-03-01", to: "2026-05-31"';

/** Operations that show more than the one that is derived for their call, or another part of it. */
const written: Readonly<Partial<Record<ReadingCall, string>>> = {
  listProjects: '{ overview { leagueCount } }',
  getDatasetStatistics: league(`statistics(${range}) { datasets { ${own('DatasetUsage')} } }`),
  getJobStatistics: league(`statistics(${range}) { jobs { ${own('JobUsage')} } }`),
  getPartnerStatistics: league(`statistics(${range}) { partners { ${own('PartnerUsage')} } }`),
  getOverview: `{ overview { ${own('Overview')} } }`,
  getLeague: league(`${own('League')} settings { ${own('LeagueSettings')} }`),
  listLeagueNodes: league(`computeNodes { totalCount nodes { ${own('ComputeNode')} } }`),
  listLeagues: `{ leagues { totalCount nodes { ${own('League')} } } }`,
  listPartners: league(`partners { totalCount nodes { ${own('Partner')} } }`),
  listMembershipNotices: `{ membershipNotices { totalCount nodes { ${own('MembershipNotice')} } } }`,
  listLeagueDatasets: league(`datasets(first: 5) { totalCount nodes { ${own('Dataset')} } }`),
  listLeagueSqlJobs: jobs('SQL', jobFields),
  listLeagueFlJobs: jobs('HFL, VFL', jobFields),
  listLeagueInstances: instances(own('Instance')),
  getExecutionGraph: instances(`executionGraph { ${own('ExecutionGraph')} }`),
  getInstanceReport: instances(`report { ${own('InstanceReport')} }`),
  listAuditEvents: league(`auditLog(first: 10) { totalCount nodes { ${own('AuditEvent')} } }`),
  listAgents: `{ agents { totalCount nodes { ${own('Agent')} } } }`,
  getAgentDeployment: agent(`${own('Agent')} deployment { ${own('AgentDeployment')} }`),
  getAgentRuntime: agent(`runtime { ${own('AgentRuntime')} }`),
  listConnectors: agent(`connectors { totalCount nodes { ${own('Connector')} } }`),
  listAgentDatasets: agent(
    `datasets(first: 5) { totalCount nodes { ${own('Dataset')} holding { ${own('DatasetHolding')} } } }`,
  ),
  getDatasetRegistration: agent(`datasets(first: 5) { nodes { registration { ${own('DatasetRegistration')} } } }`),
  getResultSample: instances(`sample { ${own('ResultSample')} }`),
  listAgentInstances: agent(`instances(first: 5) { totalCount nodes { ${own('Instance')} } }`),
  listApprovalNotices: agent(`notices { totalCount nodes { ${own('ApprovalNotice')} } }`),
  getApprovalNotice: agent(`notices(first: 5) { nodes { detail { ${own('ApprovalNoticeDetail')} } } }`),
  getDatasetPrivacy: league(`datasets(first: 3) { nodes { privacy { ${own('DatasetPrivacy')} } } }`),
  listAvailableDatasets: league(
    `availableDatasets(type: LOCAL_CSV) { partnerAlias datasets { id name availability { ${own('DatasetAvailability')} } } }`,
  ),
  getSqlJob: jobs('SQL', `... on SqlJob { definition { ${own('SqlJobDefinition')} } }`),
  listSqlJobs: league(`jobs(types: [SQL], first: 4, orderBy: CREATED_AT_DESC) { nodes { id ${jobFields} } }`),
  getHorizontalJob: jobs('HFL', `... on HorizontalJob { definition { ${own('HorizontalJobDefinition')} } }`),
  getVerticalJob: jobs('VFL', `... on VerticalJob { definition { ${own('VerticalJobDefinition')} } }`),
  listFlJobs: league(`jobs(types: [HFL, VFL], first: 4, orderBy: CREATED_AT_DESC) { nodes { id ${jobFields} } }`),
  getFeatureSelection: jobs('VFL', `... on VerticalJob { featureSelection { ${own('FeatureSelection')} } }`),
  listPredictionJobs: jobs('PREDICT', jobFields),
  listModels: jobs('VFL', `... on VerticalJob { models(first: 3) { totalCount nodes { ${own('Instance')} } } }`),
  getInstanceStatus: instances('currentStatus'),
  getInstanceResult: instances(`result { ${own('InstanceResult')} }`),
  getInstanceError: instances(`error { ${own('InstanceError')} }`),
  listJobInstances: league(`instances(first: 8, filter: { statuses: [SUCCEEDED] }) { nodes { ${own('Instance')} } }`),
  getSampleAlignment: jobs('VFL', `... on VerticalJob { sampleAlignment { ${own('SampleAlignment')} } }`),
};

/** How objects of each type are met, for the fields that are selected of them. */
const ways: Readonly<Record<string, (fields: string) => string>> = {
  Query: (fields) => `{ ${fields} }`,
  League: league,
  Agent: agent,
  Dataset: (fields) => league(`datasets(first: 3) { nodes { id ${fields} } }`),
  Instance: instances,
  SqlJob: (fields) => jobs('SQL', `... on SqlJob { ${fields} }`),
  HorizontalJob: (fields) => jobs('HFL', `... on HorizontalJob { ${fields} }`),
  VerticalJob: (fields) => jobs('VFL', `... on VerticalJob { ${fields} }`),
  PredictionJob: (fields) => jobs('PREDICT', `... on PredictionJob { ${fields} }`),
  Connector: (fields) => agent(`connectors { nodes { id ${fields} } }`),
  ApprovalNotice: (fields) => agent(`notices(first: 5) { nodes { id ${fields} } }`),
};

function objectType(name: string): GraphQLObjectType {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Error(`there is no object type ${name}`);
  return type;
}

/** A field with all that its own calls tell; of a connection, its rows. */
function wholly({ name, type }: GraphQLField<unknown, unknown>): string {
  const target = getNamedType(type);
  if (isLeafType(target)) return name;
  if (!isObjectType(target)) return `${name} { __typename }`;
  const { nodes, pageInfo } = target.getFields();
  const row = nodes && pageInfo && getNamedType(nodes.type);
  if (row === undefined) return `${name} { ${own(target.name)} }`;
  return `${name} { totalCount nodes { ${isObjectType(row) ? own(row.name) : '__typename'} } }`;
}

/** The first field that claims a call and needs no arguments, where it is met. */
function derived(call: ReadingCall): string {
  for (const [typeName, ask] of Object.entries(ways)) {
    const field = Object.values(objectType(typeName).getFields()).find(
      (each) => callsOf(each).some((claim) => claim.call === call) && !each.args.some(isRequiredArgument),
    );
    if (field !== undefined) return ask(wholly(field));
  }
  throw new Error(
    `No field without required arguments claims ${call}: write its operation in test/support/surfaces.ts.`,
  );
}

const readingCalls = Object.entries({ ...spaceCalls, ...agentCalls }).flatMap(([call, { method }]) =>
  method === 'GET' ? [call as ReadingCall] : [],
);

/**
 * For each reading call an operation that shows everything the call answers. Variables are `$league` and `$agent`.
 * Several rows are asked for, so that one with each part filled is among them.
 */
export const surfaces = Object.fromEntries(
  readingCalls.map((call) => [call, written[call] ?? derived(call)]),
) as Readonly<Record<ReadingCall, string>>;
