import { hasRole } from '../../callers/caller.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { closedEnum } from '../shared/enums.ts';
import { answerOr, reportAt } from '../shared/partialErrors.ts';

import type { Instance as InstanceShape } from '../../tics/instances/instance.ts';
import { isStoppable } from '../../tics/instances/states.ts';
import { Instance } from './type.ts';

const instanceActions = {
  STOP: '`stopInstance`: an agent of the account started it, and it has not ended.',
} as const;

type InstanceAction = keyof typeof instanceActions;

const InstanceAction = closedEnum(
  'InstanceAction',
  'What can be done with an instance, by the name of the mutation.',
  instanceActions,
);

/**
 * Whether an agent of the account started a run: its result is kept there, and the starter is named first. A result that
 * names nobody rules nothing out.
 */
async function isOurs(instance: InstanceShape, { loaders, planes }: Context): Promise<boolean> {
  const { storageAgentIds } = await loaders.instances.result({
    leagueId: instance.leagueId,
    instanceId: instance.ticsId,
  });
  const [starter] = storageAgentIds;
  return starter === undefined || (await planes.leagueOf(starter)) === instance.leagueId;
}

async function allowedActions(instance: InstanceShape, context: Context): Promise<readonly InstanceAction[]> {
  const { loaders, planes, caller } = context;
  if (!hasRole(caller, 'OPERATOR')) return [];
  if (!isStoppable(await loaders.instances.statusOf(instance))) return [];
  if ((await planes.agentsOf(instance.leagueId)).length === 0) return [];
  return (await isOurs(instance, context)) ? ['STOP'] : [];
}

builder.objectFields(Instance, (t) => ({
  allowedActions: t.field({
    type: [InstanceAction],
    nullable: { list: false, items: false },
    calls: [
      { call: 'getInstanceResult', per: 'object', onlyWhen: 'until it has ended' },
      { call: 'getInstanceStatus', per: 'object', onlyWhen: 'where its list does not tell the state' },
    ],
    description:
      'What the caller can do with it now, for operators: none where the league has no agent whose account is configured. Where that can’t be found out it is none, and the failure is in `errors`.',
    resolve: (instance, _, context, info) =>
      answerOr(allowedActions(instance, context), [], reportAt(context.report, info)),
  }),
}));
