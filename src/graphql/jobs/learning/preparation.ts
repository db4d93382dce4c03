import { builder } from '../../builder.ts';
import { GatewayError } from '../../../errors.ts';
import { formatOptionalId } from '../../shared/ids.ts';
import { openEnumFields } from '../../shared/enums.ts';
import { instanceOfObject } from '../../instances/calls.ts';
import { Instance, InstanceStatus, InstanceType } from '../../instances/type.ts';
import { Binning } from '../enums.ts';
import { JobDataset } from '../jobDataset.ts';
import type { instanceTypes } from '../../../tics/instances/enums.ts';
import type {
  FeatureSelection as FeatureSelectionShape,
  FeatureSelectionType,
  SampleAlignment as SampleAlignmentShape,
} from '../../../tics/jobs/learning/preparation.ts';

/**
 * Types of instances that the result of a feature selection may be asked of.
 *
 * @throws GatewayError INVALID_ARGUMENT
 */
export function toSelectionType(type: keyof typeof instanceTypes): FeatureSelectionType {
  if (type === 'PIR_SQL') throw new GatewayError('INVALID_ARGUMENT', `type: ${type} can't be asked for.`);
  return type;
}

export const FeatureSelection = builder.objectRef<FeatureSelectionShape>('FeatureSelection').implement({
  description: 'Result of the latest feature selection of a vertical job.',
  fields: (t) => ({
    instanceId: t.id({
      description: 'Id of the instance that selected.',
      resolve: ({ leagueId, instanceId }) => formatOptionalId('Instance', leagueId, instanceId),
    }),
    instance: t.field({
      type: Instance,
      calls: instanceOfObject,
      description: 'The instance that selected.',
      resolve: ({ leagueId, instanceId }, _, { loaders }) =>
        instanceId ? loaders.instances.byId(leagueId, instanceId) : null,
    }),
    ...openEnumFields(t, 'status', InstanceStatus, 'State of that instance.'),
    ...openEnumFields(t, 'binning', Binning, 'How values were put into bins.'),
    result: t.field({
      type: 'JSON',
      description:
        'The result, such as the information value of each feature, as a JSON document of the service. Null where there is none, or where its text is no JSON.',
      resolve: ({ result }) => result.value,
    }),
    resultText: t.string({ description: 'The raw text of `result`.', resolve: ({ result }) => result.text }),
  }),
});

export const SampleAlignment = builder.objectRef<SampleAlignmentShape>('SampleAlignment').implement({
  description: 'Result of the latest sample alignment of a vertical job.',
  fields: (t) => ({
    instanceId: t.id({
      description: 'Id of the instance that aligned.',
      resolve: ({ leagueId, instanceId }) => formatOptionalId('Instance', leagueId, instanceId),
    }),
    instance: t.field({
      type: Instance,
      calls: instanceOfObject,
      description: 'The instance that aligned.',
      resolve: ({ leagueId, instanceId }, _, { loaders }) =>
        instanceId ? loaders.instances.byId(leagueId, instanceId) : null,
    }),
    ...openEnumFields(t, 'type', InstanceType, 'Type of that instance.'),
    ...openEnumFields(t, 'status', InstanceStatus, 'State of that instance.'),
    datasets: t.expose('datasets', { type: [JobDataset], description: 'The datasets that were aligned.' }),
    datasetsText: t.exposeString('datasetsText', { description: 'The datasets as the service writes them.' }),
    sampleCount: t.expose('sampleCount', {
      type: 'Long',
      description: 'How many samples the datasets have in common.',
    }),
    path: t.exposeString('path', { description: 'Path of the file of aligned ids, in OBS or on the agent.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When the alignment started.' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', description: 'When it ended.' }),
    result: t.field({
      type: 'JSON',
      description: 'What else came out. Null where there is none, or where its text is no JSON.',
      resolve: ({ result }) => result.value,
    }),
    resultText: t.string({ description: 'The raw text of `result`.', resolve: ({ result }) => result.text }),
  }),
});
