import { z } from 'zod';
import { parseId, type IdKind } from '../shared/ids.ts';
import { countRule, idRule, maxInt, optional } from '../shared/limits.ts';
import { registrableTypes } from '../../tics/datasets/row.ts';

/** Rules between fields are checked whatever else is broken, so that all is told at once. */
export const always = { when: () => true };

const serviceForm = /^[0-9A-Za-z_]{1,32}$/;

/** Ids as the service has them: each part has at most 32 letters, digits and underscores. */
export function serviceIdRule(kind: IdKind) {
  return idRule(kind).refine(
    (id) =>
      id
        .replace(/^\w+:/, '')
        .split('/')
        .every((part) => serviceForm.test(part)),
    {
      error: 'ids of at most 32 letters, digits and underscores',
      // Of an id that is none, that is all there is to say.
      when: ({ issues }) => issues.length === 0,
    },
  );
}

/** Names of datasets, and of the connectors that datasets are read through. */
const datasetNameRule = z
  .string()
  .min(1, 'at least 1 character')
  .max(128, 'at most 128 characters')
  .regex(/^([A-Za-z]|$)/, 'a letter from A to Z or a to z first')
  .regex(/^[^?!.*$]*$/, 'none of the characters ? ! . * $');

const filledRule = z.string().min(1, 'at least 1 character');

const sizeRule = countRule(1, maxInt);

const columnRule = z
  .object({
    name: filledRule,
    featureType: optional(z.string()),
    fieldSize: optional(sizeRule),
  })
  .refine(({ featureType, fieldSize }) => fieldSize === null || fieldSize === undefined || featureType === 'DISCRETE', {
    path: ['fieldSize'],
    error: 'only with the feature type DISCRETE',
    ...always,
  });

const tableRule = z.object({ schemaName: filledRule, tableName: filledRule });

const fileRule = z.object({
  fileType: filledRule,
  delimiter: filledRule,
  dataFilePath: filledRule,
  multihotGroups: optional(
    z.array(z.object({ features: z.array(z.string()).min(1, 'at least 1 column'), fieldSize: optional(sizeRule) })),
  ),
});

const registrationFields = z.object({
  name: datasetNameRule,
  dataType: z.enum(registrableTypes, `one of ${registrableTypes.join(', ')}`),
  connectorId: serviceIdRule('Connector'),
  connectorName: optional(datasetNameRule),
  table: optional(tableRule),
  file: optional(fileRule),
  columns: z.array(columnRule).min(1, 'at least 1 column'),
  extraColumns: optional(z.array(columnRule)),
});

type Given = z.output<typeof registrationFields>;
type Path = readonly (string | number)[];
type Fault = readonly [path: Path, message: string];

/** A file has a file, a table has a table. */
function sourceFaults({ dataType, table, file }: Given): readonly Fault[] {
  if (!registrableTypes.some((type) => type === dataType)) return [];
  const [wanted, other] = dataType === 'LOCAL_CSV' ? (['file', 'table'] as const) : (['table', 'file'] as const);
  const given = { table, file };
  return [
    ...(given[wanted] ? [] : [[[wanted], `this type of dataset has a ${wanted}`] as const]),
    ...(given[other] ? [[[other], `this type of dataset has no ${other}`] as const] : []),
  ];
}

/** Every item whose name stood before it in the same list. */
function repeated<Item extends { readonly name: string }>(items: readonly Item[]): readonly Item[] {
  return items.filter(({ name }, index) => items.findIndex((item) => item.name === name) < index);
}

/** Databases do not tell names by their case, files do. */
function columnFaults({ dataType, columns, extraColumns }: Given): readonly Fault[] {
  const named = Object.entries({ columns, extraColumns }).flatMap(([list, items]) =>
    (items ?? []).map(({ name }, index) => ({
      name: dataType === 'LOCAL_CSV' ? name : name.toUpperCase(),
      path: [list, index, 'name'],
    })),
  );
  return repeated(named)
    .filter(({ name }) => name !== '')
    .map(({ path }) => [path, 'a name that no other column has']);
}

function multihotFaults({ columns, extraColumns, file }: Given): readonly Fault[] {
  const multihot = new Set(
    [...columns, ...(extraColumns ?? [])]
      .filter(({ featureType }) => featureType === 'MULTIHOT')
      .map(({ name }) => name),
  );
  const features = (file?.multihotGroups ?? []).flatMap((group, index) =>
    group.features.map((name, place) => ({ name, path: ['file', 'multihotGroups', index, 'features', place] })),
  );
  return [
    ...features
      .filter(({ name }) => !multihot.has(name))
      .map(({ path }): Fault => [path, 'the name of a column with the feature type MULTIHOT']),
    ...repeated(features).map(({ path }): Fault => [path, 'a column that no other group has, once']),
  ];
}

/** Everything the contract and the reference say of a registration, as far as it can be told from the registration alone. */
export const registrationRule = registrationFields.superRefine((given, context) => {
  for (const [path, message] of [sourceFaults, columnFaults, multihotFaults].flatMap((find) => find(given)))
    context.addIssue({ code: 'custom', path: [...path], message });
}, always);

function parsed(kind: 'Agent' | 'Connector', id: string): readonly string[] | null {
  try {
    return parseId(kind, id);
  } catch {
    return null;
  }
}

/** A connector reaches data of its own agent only. Ids that are none have their own rules. */
export function isConnectorOf(agentId: string, connectorId: string): boolean {
  const [agent, connector] = [parsed('Agent', agentId), parsed('Connector', connectorId)];
  return agent === null || connector === null || agent[0] === connector[0];
}
