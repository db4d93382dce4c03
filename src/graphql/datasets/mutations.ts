import type { FieldCall } from '../calls.ts';
import { connectorSearch } from '../connectors/calls.ts';
import type { Context } from '../context.ts';
import { GatewayError } from '../../errors.ts';
import { closedEnum } from '../shared/enums.ts';
import { formatId, parseId } from '../shared/ids.ts';
import type { Given } from '../shared/input.ts';
import { forgetReads, isUncertain, mutation, type MutationOptions, type Outcome } from '../shared/mutations.ts';
import { foundAgain } from '../shared/node.ts';
import { toUserError } from '../shared/userErrors.ts';
import { agentDatasetSearch } from './calls.ts';
import {
  CreateDatasetInput,
  DeleteDatasetsInput,
  PublishDatasetInput,
  RegisterDatasetInput,
  UpdateDatasetInput,
} from './inputs.ts';
import type { DatasetRegistrationInput } from './registrationInput.ts';
import type { Dataset as DatasetShape } from '../../tics/datasets/loaders.ts';
import { Dataset } from './type.ts';
import { isRegisteredAs, type RegistrationToSave } from '../../tics/datasets/writes.ts';

type CreateInput = Given<typeof CreateDatasetInput>;
type OneDatasetInput = Given<typeof PublishDatasetInput>;
type DeleteInput = Given<typeof DeleteDatasetsInput>;

/** What a dataset is found by again. */
interface DatasetKeys {
  readonly agentId: string;
  readonly leagueId: string;
  readonly datasetId: string;
}

interface Registered extends DatasetKeys {
  readonly failedStep: 'CREATE' | 'PUBLISH';
}

const payload: MutationOptions<object, Registered>['payload'] = (t) => ({
  datasetId: t.id({
    description: 'Its id, `Dataset:<league>/<dataset>`: known even where the dataset can’t be read just now.',
    resolve: ({ leagueId, datasetId }) => (leagueId && datasetId ? formatId('Dataset', leagueId, datasetId) : null),
  }),
  dataset: t.field({
    type: Dataset,
    calls: agentDatasetSearch,
    description: 'The dataset as it now is, from its agent’s list.',
    resolve: ({ agentId, leagueId, datasetId }, _, { loaders }) =>
      agentId && leagueId && datasetId
        ? foundAgain(loaders.datasets.onAgent(leagueId, agentId, ({ ticsId }) => ticsId === datasetId))
        : null,
  }),
});

const saveCalls: readonly FieldCall[] = [
  { call: 'saveDataset', per: 'object' },
  ...connectorSearch.map((call) => ({ ...call, onlyWhen: 'where `connectorName` is left out' })),
];

/** What refusals of a registration are about. */
const faultFields = { NAME_TAKEN: ['registration', 'name'] };

/** The agent and the dataset that an input names, which must be in one league. */
async function keysOf({ id, agentId: agent }: OneDatasetInput, { loaders }: Context): Promise<DatasetKeys> {
  const [agentId] = parseId('Agent', agent);
  const [leagueId, datasetId] = parseId('Dataset', id);
  await loaders.datasetWrites.expectLeague(agentId, leagueId);
  return { agentId, leagueId, datasetId };
}

/** A registration as it is sent: with the connector's name, looked up where the caller did not give it. */
async function toSave(
  agentId: string,
  { connectorId: id, connectorName, source, ...registration }: Given<typeof DatasetRegistrationInput>,
  { loaders }: Context,
): Promise<RegistrationToSave> {
  const [, connectorId] = parseId('Connector', id);
  const name = connectorName ?? (await loaders.connectors.byId(agentId, connectorId))?.name;
  if (!name)
    throw new GatewayError('NOT_FOUND', 'registration.connectorId: the agent has no connector with this id.', {
      field: ['registration', 'connectorId'],
    });
  return { ...registration, ...source, connectorId, connectorName: name };
}

async function create({ agentId: agent, registration }: CreateInput, context: Context): Promise<DatasetKeys> {
  const { datasetWrites } = context.loaders;
  const [agentId] = parseId('Agent', agent);
  // Asked first: what was created must be told by its id, whatever happens afterwards.
  const leagueId = await datasetWrites.leagueOf(agentId);
  const datasetId = await datasetWrites.save(agentId, await toSave(agentId, registration, context));
  return { agentId, leagueId, datasetId };
}

/** What is not published, or not known to be. */
function isUnseen({ holding }: DatasetShape): boolean {
  return holding?.publication.value !== 'PUBLISHED' && holding?.publication.value !== 'EDITED';
}

/**
 * The dataset of this name, if it is registered as it was to be and the league does not see it yet: a namesake, or one that
 * was published since, is not what was created.
 */
async function findCreated(
  { agentId: agent, registration }: CreateInput,
  context: Context,
): Promise<DatasetKeys | null> {
  const { datasets, datasetWrites } = context.loaders;
  const [agentId] = parseId('Agent', agent);
  const leagueId = await datasetWrites.leagueOf(agentId);
  const named = await datasets.onAgent(leagueId, agentId, ({ name }) => name === registration.name);
  if (named === null || !isUnseen(named)) return null;
  const keys = { agentId, leagueId, datasetId: named.ticsId };
  const wanted = await toSave(agentId, registration, context);
  const isIt = isRegisteredAs(wanted, await datasets.registrationOn(keys));
  return isIt ? keys : null;
}

mutation<CreateInput, Registered>('createDataset', {
  description:
    'Registers a dataset on an agent. The league sees it once it is published, see `publishDataset`. After OUTCOME_UNKNOWN, `dataset` is the one of this name that is registered so and not published, if there is one.',
  calls: saveCalls,
  role: 'ADMINISTRATOR',
  input: CreateDatasetInput,
  faultFields,
  payload,
  run: create,
  reconcile: findCreated,
});

mutation<Given<typeof UpdateDatasetInput>, Registered>('updateDataset', {
  description:
    'Replaces the registration of a dataset. The league goes on seeing a published one as it was until it is published again.',
  calls: saveCalls,
  role: 'ADMINISTRATOR',
  input: UpdateDatasetInput,
  faultFields,
  payload,
  run: async (input, context) => {
    const keys = await keysOf(input, context);
    const registration = await toSave(keys.agentId, input.registration, context);
    await context.loaders.datasetWrites.save(keys.agentId, registration, keys.datasetId);
    return keys;
  },
  reconcile: async (input, context) => {
    const keys = await keysOf(input, context);
    const registration = await toSave(keys.agentId, input.registration, context);
    const now = await context.loaders.datasets.registrationOn(keys);
    return isRegisteredAs(registration, now) ? keys : null;
  },
});

mutation<OneDatasetInput, Registered>('publishDataset', {
  description: 'Lets the league see a dataset, or brings what it sees up to date after an edit.',
  calls: [{ call: 'publishDataset', per: 'object' }],
  role: 'ADMINISTRATOR',
  input: PublishDatasetInput,
  payload,
  run: async (input, context) => {
    const keys = await keysOf(input, context);
    await context.loaders.datasetWrites.publish(keys.agentId, keys.datasetId);
    return keys;
  },
  reconcile: async (input, context) => {
    const keys = await keysOf(input, context);
    const { agentId, leagueId, datasetId } = keys;
    const now = await context.loaders.datasets.onAgent(leagueId, agentId, ({ ticsId }) => ticsId === datasetId);
    return now?.holding?.publication.value === 'PUBLISHED' ? keys : null;
  },
});

async function deleteKeys({ ids, agentId: agent }: DeleteInput, { loaders }: Context) {
  const [agentId] = parseId('Agent', agent);
  const unique = [...new Set(ids)].map((id) => ({ id, parts: parseId('Dataset', id) }));
  const [leagueId = ''] = unique[0]?.parts ?? [];
  await loaders.datasetWrites.expectLeague(agentId, leagueId);
  return { agentId, leagueId, datasets: unique.map(({ id, parts: [, datasetId] }) => ({ id, datasetId })) };
}

mutation<DeleteInput, { deletedIds: readonly string[] }>('deleteDatasets', {
  description: 'Deletes datasets of one agent: their registrations, not the tables and files behind them.',
  calls: [{ call: 'deleteDatasets', per: 'object' }],
  role: 'ADMINISTRATOR',
  input: DeleteDatasetsInput,
  payload: (t) => ({
    deletedIds: t.idList({
      nullable: { list: true, items: false },
      description: 'Ids of the deleted datasets.',
      resolve: ({ deletedIds }) => deletedIds ?? null,
    }),
  }),
  run: async (input, context) => {
    const { agentId, datasets } = await deleteKeys(input, context);
    await context.loaders.datasetWrites.remove(
      agentId,
      datasets.map(({ datasetId }) => datasetId),
    );
    return { deletedIds: datasets.map(({ id }) => id) };
  },
  reconcile: async (input, context) => {
    const { agentId, leagueId, datasets } = await deleteKeys(input, context);
    const left = await Promise.all(
      datasets.map(({ datasetId }) =>
        context.loaders.datasets.onAgent(leagueId, agentId, ({ ticsId }) => ticsId === datasetId),
      ),
    );
    const deletedIds = datasets.filter((_, index) => left[index] === null).map(({ id }) => id);
    return deletedIds.length > 0 ? { deletedIds } : null;
  },
});

const RegistrationStep = closedEnum('DatasetRegistrationStep', 'A step of `registerDataset`.', {
  CREATE: 'The dataset is registered on the agent.',
  PUBLISH: 'It is published to the league.',
});

/** Whether the agent has a dataset of this name; null where that can't be found out. */
async function isNameTaken(
  { agentId: agent, registration: { name } }: CreateInput,
  { loaders: { datasets, datasetWrites } }: Context,
): Promise<boolean | null> {
  const [agentId] = parseId('Agent', agent);
  try {
    const leagueId = await datasetWrites.leagueOf(agentId);
    return (await datasets.onAgent(leagueId, agentId, (own) => own.name === name)) !== null;
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}

/** Creates a dataset. Where the outcome is not known and it is there now but was not before, it is what was created. */
async function createOrFind(
  input: CreateInput,
  context: Context,
): Promise<{ readonly made: DatasetKeys } | { readonly ended: Outcome<Registered> }> {
  const wasTaken = await isNameTaken(input, context);
  try {
    return { made: await create(input, context) };
  } catch (error) {
    const ended = { failedStep: 'CREATE', userErrors: [toUserError(error)] } as const;
    if (!isUncertain(error) || wasTaken === true) return { ended };
    forgetReads(context);
    const found = await findCreated(input, context).catch(() => null);
    return found !== null && wasTaken === false ? { made: found } : { ended: { ...found, ...ended } };
  }
}

mutation<CreateInput, Registered>('registerDataset', {
  description:
    'Creates a dataset on an agent and publishes it to the league. When a step fails, nothing further is done: `failedStep` says where, and what was created stands in the payload, to go on with `publishDataset`. When the answer to the first step is lost, the agent’s list is read again: a dataset that is registered so now, and whose name was free before, is published all the same.',
  calls: [...saveCalls, { call: 'publishDataset', per: 'object' }, ...agentDatasetSearch],
  role: 'ADMINISTRATOR',
  input: RegisterDatasetInput,
  faultFields,
  payload: (t) => ({
    ...payload(t),
    failedStep: t.expose('failedStep', {
      type: RegistrationStep,
      description: 'The step that failed, or whose outcome is unknown; null when none did.',
    }),
  }),
  run: async (input, context) => {
    const creation = await createOrFind(input, context);
    if ('ended' in creation) return creation.ended;
    const keys = creation.made;
    try {
      await context.loaders.datasetWrites.publish(keys.agentId, keys.datasetId);
      return keys;
    } catch (error) {
      const failed = toUserError(error);
      const outcome = failed.code === 'OUTCOME_UNKNOWN' ? 'may not have succeeded' : 'did not succeed';
      const message = `The dataset was created; publishing it ${outcome}: ${failed.message}`;
      return { ...keys, failedStep: 'PUBLISH', userErrors: [{ ...failed, message }] };
    }
  },
});
