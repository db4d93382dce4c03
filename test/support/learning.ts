import type { Agent, Dataset } from '../../src/sandbox/model/world.ts';
import type { Stage } from './gateway.ts';
import { mutate } from './mutate.ts';

/** Something that the embedded world must have for a test. */
export function someone<Thing>(thing: Thing | undefined | null, what: string): Thing {
  if (thing === undefined || thing === null) throw new Error(`there is no ${what}`);
  return thing;
}

/** The bare part of an id that stands last. */
export function bareId(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

let names = 0;
export function newName(): string {
  return `learning ${(names += 1)}`;
}

/** A trusted agent of a league that asks for no approvals, and what its learning jobs are made of. */
export function learningDesk({ sandbox: { world } }: Stage) {
  const agent: Agent = someone(
    world.agents.find(
      ({ leagueId, nodeStatus }) => nodeStatus === 'TRUST' && world.league(leagueId)?.approvalRequired === false,
    ),
    'agent of a league without approvals',
  );
  const { leagueId } = agent;
  const aliasOf = ({ partnerId }: Dataset): string => world.partner(partnerId)?.alias ?? '';
  const filesOf = (start: string): Dataset[] =>
    world.datasetsOfLeague(leagueId).filter(({ name }) => name.startsWith(start));
  const guest = someone(filesOf('credit_guest')[0], 'dataset with a label');
  const host = someone(
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
  const label = someone(columnsOf(guest, 'LABEL')[0], 'label');
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
      columns: columnsOf(dataset, 'UNIQUE_ID').slice(0, 1),
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

export type LearningDesk = ReturnType<typeof learningDesk>;

/** Makes a learning job, without looking; answers id and name. */
export async function makeLearningJob(stage: Stage, { agent, leagueId }: LearningDesk, type: 'HFL' | 'VFL') {
  const name = newName();
  const payload = await mutate<{ readonly job: { readonly id: string } | null }>(
    stage,
    'createFederatedLearningJob',
    { leagueId, agentId: agent.id, name, type },
    'job { id }',
  );
  return { id: someone(payload.job, JSON.stringify(payload.userErrors)).id, name };
}

/** Makes a vertical job that can be run. */
export async function makeVerticalJob(stage: Stage, desk: LearningDesk) {
  const job = await makeLearningJob(stage, desk, 'VFL');
  const { userErrors } = await mutate(stage, 'updateVerticalJob', {
    ...job,
    agentId: desk.agent.id,
    ...desk.verticalSettings,
  });
  if (userErrors.length > 0) throw new Error(JSON.stringify(userErrors));
  return job;
}
