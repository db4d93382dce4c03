import { formatId, parseId } from '../shared/ids.ts';
import { id, input, required, writingAgentId, type Given } from '../shared/input.ts';
import { mutation } from '../shared/mutations.ts';
import { foundAgain } from '../shared/node.ts';
import type { InstanceKey } from '../../tics/instances/instance.ts';
import { instanceById } from './calls.ts';
import { Instance } from './type.ts';

const StopInstanceInput = input('StopInstanceInput', {
  description: 'Which instance is to be stopped.',
  fields: { id: required(id('Instance', 'The instance')), agentId: writingAgentId },
});

function keyOf(id: string): InstanceKey {
  const [leagueId, instanceId] = parseId('Instance', id);
  return { leagueId, instanceId };
}

mutation<Given<typeof StopInstanceInput>, InstanceKey>('stopInstance', {
  description: 'Stops an instance that has not ended: it is TERMINATING at once and TERMINATED a little later.',
  calls: [{ call: 'stopInstance', per: 'object' }],
  role: 'OPERATOR',
  input: StopInstanceInput,
  payload: (t) => ({
    instanceId: t.id({
      description: 'Id of the instance: known even where the instance can’t be read just now.',
      resolve: ({ leagueId, instanceId }) =>
        leagueId && instanceId ? formatId('Instance', leagueId, instanceId) : null,
    }),
    instance: t.field({
      type: Instance,
      calls: instanceById,
      description: 'The instance as it now is.',
      resolve: ({ leagueId, instanceId }, _, { loaders }) =>
        leagueId && instanceId ? foundAgain(loaders.instances.byId(leagueId, instanceId)) : null,
    }),
  }),
  run: async ({ id, agentId }, { loaders }) => {
    const key = keyOf(id);
    await loaders.instances.stop(key, agentId ? parseId('Agent', agentId)[0] : undefined);
    return key;
  },
  reconcile: async ({ id }, { loaders }) => {
    const key = keyOf(id);
    const { value } = await loaders.instances.status(key.leagueId, key.instanceId);
    return value === 'TERMINATING' || value === 'TERMINATED' ? key : null;
  },
});
