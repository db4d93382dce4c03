import { z } from 'zod';
import { builder } from '../builder.ts';
import { formatId, parseId } from '../shared/ids.ts';
import { idRule, optional } from '../shared/limits.ts';
import { agentIdDescription, mutation } from '../shared/mutations.ts';
import { foundAgain } from '../shared/node.ts';
import type { InstanceKey } from '../../tics/instances/instance.ts';
import { instanceById } from './calls.ts';
import { Instance } from './type.ts';

interface StopInstanceInput {
  readonly id: string;
  readonly agentId?: string | null | undefined;
}

const StopInstanceInput = builder.inputRef<StopInstanceInput>('StopInstanceInput').implement({
  description: 'Which instance is to be stopped.',
  fields: (t) => ({
    id: t.id({ required: true, description: '`Instance:<league>/<id>`.' }),
    agentId: t.id({ description: agentIdDescription }),
  }),
});

function keyOf(id: string): InstanceKey {
  const [leagueId, instanceId] = parseId('Instance', id);
  return { leagueId, instanceId };
}

mutation<StopInstanceInput, InstanceKey>('stopInstance', {
  description: 'Stops an instance that has not ended: it is TERMINATING at once and TERMINATED a little later.',
  calls: [{ call: 'stopInstance', per: 'object' }],
  role: 'OPERATOR',
  input: StopInstanceInput,
  rules: z.object({ id: idRule('Instance'), agentId: optional(idRule('Agent')) }),
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
  settle: async ({ id }, { loaders }) => {
    const key = keyOf(id);
    const { value } = await loaders.instances.status(key.leagueId, key.instanceId);
    return value === 'TERMINATING' || value === 'TERMINATED' ? key : null;
  },
});
