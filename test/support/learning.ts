import type { Agent, Dataset } from '../../src/sandbox/model/world.ts';
import type { Stage } from './gateway.ts';
import { mutate } from './mutate.ts';
import { newName } from './names.ts';
import { required } from './required.ts';

/** A trusted agent of a league that asks for no approvals, and what its learning jobs are made of. */
export function learningFixture({ sandbox: { world } }: Stage) {
  const agent: Agent = required(
    world.agents.find(
      ({ leagueId, nodeStatus }) => nodeStatus === 'TRUST' && world.league(leagueId)?.approvalRequired === false,
    ),
    'agent of a league without approvals',
  );
  const { leagueId } = agent;
  const aliasOf = ({ partnerId }: Dataset): string => world.partner(partnerId)?.alias ?? '';
  const filesOf = (start: string): Dataset[] =>
    world.datasetsOfLeague(leagueId).filter(({ name }) => name.startsWith(start));
  const guest = required(filesOf('credit_guest')[0], 'dataset with a label');
  const host = required(
    filesOf('credit_host').find(({ partnerId }) => partnerId !== guest.partnerId),
    'dataset of another partner',
  );
  const columnsOf = (dataset: Dataset, type: string): string[] =>
    dataset.columns.filter(({ labelType }) => labelType === type).map(({ name }) => name);
  const idOf = ({ agentId }: Dataset): string => `Agent:${agentId}`;
  const vertical = (dataset: Dataset) => ({
    agentId: idOf(dataset),
    name: dataset.name,
    partnerAlias: aliasOf(dataset),
  });
  const label = required(columnsOf(guest, 'LABEL')[0], 'label');
  const labelled = { label, labelDatasetName: guest.name, labelAgentId: idOf(guest) };
  const both = [guest, host];
  return {
    agent,
    leagueId,
    guest,
    host,
    label,
    aliasOf,
    irises: filesOf('iris').map((dataset) => ({ partnerAlias: aliasOf(dataset), name: dataset.name })),
    featuresOf: (dataset: Dataset) => columnsOf(dataset, 'FEATURE'),
    /** Settings of a vertical job. */
    verticalSettings: {
      algorithm: 'LOGISTIC_REGRESSION',
      learningTask: 'CLASSIFICATION',
      datasets: both.map(vertical),
      features: both.map((dataset) => ({
        agentId: idOf(dataset),
        datasetName: dataset.name,
        features: columnsOf(dataset, 'FEATURE'),
      })),
      ...labelled,
      learningRate: 0.1,
      epochs: 2,
      batchSize: 64,
    },
    /** Parties of an alignment. */
    parties: both.map((dataset) => ({
      agentId: idOf(dataset),
      agentName: world.agent(dataset.agentId)?.name ?? '',
      datasetName: dataset.name,
      datasetId: `Dataset:${leagueId}/${dataset.id}`,
      idColumn: columnsOf(dataset, 'UNIQUE_ID')[0] ?? '',
    })),
    /** A feature selection of a job of this name. */
    featureSelection: (jobName: string) => ({
      jobName,
      binning: 'DISTANCE',
      datasets: both.map(vertical),
      features: [
        {
          partnerAlias: aliasOf(host),
          agentId: idOf(host),
          datasetId: `Dataset:${leagueId}/${host.id}`,
          datasetName: host.name,
          features: columnsOf(host, 'FEATURE'),
        },
      ],
      ...labelled,
    }),
  };
}

export type LearningFixture = ReturnType<typeof learningFixture>;

/** Creates a learning job on the fixture's agent. */
export async function makeLearningJob(stage: Stage, { agent, leagueId }: LearningFixture, type: 'HFL' | 'VFL') {
  const name = newName('learning');
  const payload = await mutate<{ readonly job: { readonly id: string } | null }>(
    stage,
    'createFederatedLearningJob',
    { leagueId, agentId: agent.id, name, type },
    'job { id }',
  );
  return { id: required(payload.job, JSON.stringify(payload.userErrors)).id, name };
}

/** Creates a vertical job with settings that can be executed. */
export async function makeVerticalJob(stage: Stage, fixture: LearningFixture) {
  const job = await makeLearningJob(stage, fixture, 'VFL');
  const { userErrors } = await mutate(stage, 'updateVerticalJob', {
    ...job,
    agentId: fixture.agent.id,
    ...fixture.verticalSettings,
  });
  if (userErrors.length > 0) throw new Error(JSON.stringify(userErrors));
  return job;
}
