import type { Handlers, SandboxRequest } from '../../contract/handler.ts';
import { defaultRowCount } from '../../data/population.ts';
import { equalsIgnoreCase } from '../../model/names.ts';
import type { Agent, Dataset, World } from '../../model/world.ts';
import { audit, callerOf, emptyAnswer, agentError } from './caller.ts';
import { readRegistration, type DatasetInput } from './registration.ts';

function ownDataset(request: SandboxRequest, world: World, agent: Agent, id: string): Dataset {
  const dataset = world.dataset(id);
  if (dataset?.agentId !== agent.id) throw agentError(request, 'notFound', `dataset ${id}`);
  return dataset;
}

export const datasetWrites: Handlers = {
  /** §7.4.2: creates without an id. The league keeps seeing the published version until it is published again. */
  saveDataset(request, world) {
    const { agent } = callerOf(request, world);
    const { id = '', name } = request.body as DatasetInput;
    const before = id === '' ? undefined : ownDataset(request, world, agent, id);
    const registration = readRegistration(request, world, agent);
    const isTaken = world
      .datasetsOfAgent(agent.id)
      .some((other) => equalsIgnoreCase(other.name, name) && other !== before);
    if (isTaken) throw agentError(request, 'nameTaken', name);

    const updatedAtMs = world.clock.now();
    if (before !== undefined) {
      if (before.publication === 'PUBLISHED') {
        before.publication = 'EDITED';
        before.leagueView = { ...before };
      }
      Object.assign(before, registration, { updatedAtMs });
      return { status: 200, body: { id: before.id } };
    }
    const dataset: Dataset = {
      ...registration,
      id: world.random.id(),
      leagueId: agent.leagueId,
      agentId: agent.id,
      partnerId: agent.partnerId,
      publication: 'UNPUBLISHED',
      recordCount: defaultRowCount,
      createdAtMs: updatedAtMs,
      updatedAtMs,
    };
    world.addDataset(dataset);
    return { status: 200, body: { id: dataset.id } };
  },

  /** §7.4.3: all or none. A published dataset that a job uses is kept. */
  deleteDatasets(request, world) {
    const caller = callerOf(request, world);
    const { resource_ids: ids } = request.body as { readonly resource_ids: readonly string[] };
    const datasets = [...new Set(ids)].map((id) => ownDataset(request, world, caller.agent, id));
    const published = datasets.filter(({ publication }) => publication !== 'UNPUBLISHED');
    for (const { id, name, leagueId } of published) {
      const job = world
        .jobsOfLeague(leagueId, 'SQL', 'HFL', 'VFL', 'PREDICT')
        .find((own) => own.datasetIds.includes(id));
      if (job !== undefined) throw agentError(request, 'inUse', `dataset ${name}, job ${job.name}`);
    }
    for (const { id } of datasets) world.removeDataset(id);
    for (const { id, name } of published) audit(world, caller, `delete dataset [${name}] id: [${id}]`);
    return emptyAnswer;
  },

  /** §7.4.4: also publishes edits. Names are unique among a partner's published datasets. */
  publishDataset(request, world) {
    const { agent, partnerId } = callerOf(request, world);
    const dataset = ownDataset(request, world, agent, request.path.dataset_id ?? '');
    if (dataset.publication === 'PUBLISHED') throw agentError(request, 'alreadyPublished', dataset.name);
    const isTaken = world
      .datasetsOfLeague(agent.leagueId)
      .some(
        (other) =>
          other.id !== dataset.id && other.partnerId === partnerId && equalsIgnoreCase(other.name, dataset.name),
      );
    if (isTaken) throw agentError(request, 'nameTaken', dataset.name);
    dataset.publication = 'PUBLISHED';
    dataset.leagueView = undefined;
    dataset.updatedAtMs = world.clock.now();
    world.addAuditEvent({
      leagueId: agent.leagueId,
      startedAtMs: world.clock.now(),
      partnerId,
      agentId: agent.id,
      subject: { kind: 'publication', datasetId: dataset.id, datasetName: dataset.name },
    });
    return emptyAnswer;
  },
};
