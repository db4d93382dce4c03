import type { GraphQLResolveInfo } from 'graphql';
import type { Context } from '../context.ts';
import { GatewayError } from '../../errors.ts';
import { formatId, parseId } from '../shared/ids.ts';
import type { Given } from '../shared/input.ts';
import { mutation, type MutationOptions } from '../shared/mutations.ts';
import { found } from '../shared/node.ts';
import { answerOr, reportAt } from '../shared/partialErrors.ts';
import { toUserError } from '../shared/userErrors.ts';
import { connectorSearch } from './calls.ts';
import {
  CreateConnectorInput,
  DeleteConnectorInput,
  driverField,
  TestConnectorInput,
  toDraft,
  UpdateConnectorInput,
} from './inputs.ts';
import type { Connector as ConnectorShape } from '../../tics/connectors/loaders.ts';
import { Connector } from './type.ts';
import { isAsDrafted, type ConnectorDraft } from '../../tics/connectors/writes.ts';

type ConnectorKey = readonly [agentId: string, connectorId: string];

interface Keys {
  readonly connectorKey: ConnectorKey;
  /** As the answer to the write tells it, for a list that does not hold it yet. */
  readonly saved: ConnectorShape | null;
}

function keyOf({ agentId, ticsId }: ConnectorShape): ConnectorKey {
  return [agentId, ticsId];
}

/** The connector with this key, as the payloads show it: where no list can be read, as the answer to the write told it. */
function connectorOf(
  { connectorKey, saved }: Partial<Keys>,
  { loaders, report }: Context,
  info: GraphQLResolveInfo,
): Promise<ConnectorShape> | null {
  if (connectorKey === undefined) return null;
  const listed = loaders.connectors.byId(...connectorKey);
  return found(saved ? answerOr(listed, saved, reportAt(report, info)).then((read) => read ?? saved) : listed);
}

/** Fields of the payloads that answer a connector. */
function connectorPayload(description: string): MutationOptions<object, Keys>['payload'] {
  return (t) => ({
    connectorId: t.id({
      description: 'Id of the connector: known even where the connector can’t be read just now.',
      resolve: ({ connectorKey }) => (connectorKey ? formatId('Connector', ...connectorKey) : null),
    }),
    connector: t.field({
      type: Connector,
      calls: connectorSearch,
      description,
      resolve: (keys, _, context, info) => connectorOf(keys, context, info),
    }),
  });
}

/**
 * The new connector, where the answer to the write does not tell its id.
 *
 * @throws GatewayError OUTCOME_UNKNOWN when the list can't be read
 */
async function findCreated(agentId: string, draft: ConnectorDraft, { loaders }: Context): Promise<Partial<Keys>> {
  try {
    const created = await loaders.connectors.find(agentId, (connector) => isAsDrafted(connector, draft));
    return created === null ? {} : { connectorKey: keyOf(created) };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    throw new GatewayError(
      'OUTCOME_UNKNOWN',
      'The connector was created, but the service did not tell its id, and the list of connectors can’t be read.',
      { plane: 'AGENT', call: 'saveConnector' },
    );
  }
}

/** Reports a driver file that could not be forwarded as a fault of its field. */
async function reportDriverFault<Value extends object>(
  input: Parameters<typeof driverField>[0],
  sending: Promise<Value>,
) {
  try {
    return await sending;
  } catch (error) {
    if (!(error instanceof GatewayError && ['INVALID_INPUT', 'BAD_REQUEST'].includes(error.code))) throw error;
    return { userErrors: [toUserError(error, driverField(input))] };
  }
}

mutation<Given<typeof CreateConnectorInput>, Keys>('createConnector', {
  description:
    'Creates a connector. One that does not work is created all the same, as ABNORMAL: `testConnector` tells before. After OUTCOME_UNKNOWN, `connector` is the one of this name and these settings, if there is one.',
  calls: [{ call: 'saveConnector', per: 'object' }],
  role: 'ADMINISTRATOR',
  input: CreateConnectorInput,
  faultFields: { NAME_TAKEN: ['name'] },
  payload: connectorPayload('The new connector.'),
  run: (input, context) => {
    const { loaders } = context;
    const [agentId] = parseId('Agent', input.agentId);
    const draft = toDraft(input);
    const create = async (): Promise<Partial<Keys>> => {
      const saved = await loaders.connectorWrites.save(agentId, draft);
      return saved === null ? findCreated(agentId, draft, context) : { connectorKey: keyOf(saved), saved };
    };
    return reportDriverFault(input, create());
  },
  reconcile: async (input, { loaders }) => {
    const draft = toDraft(input);
    const [agentId] = parseId('Agent', input.agentId);
    const created = await loaders.connectors.find(agentId, (connector) => isAsDrafted(connector, draft));
    return created && { connectorKey: keyOf(created) };
  },
});

mutation<Given<typeof UpdateConnectorInput>, Keys>('updateConnector', {
  description:
    'Replaces the name and all settings of a connector. A driver that the agent has stays unless another one is given.',
  calls: [{ call: 'saveConnector', per: 'object' }],
  role: 'ADMINISTRATOR',
  input: UpdateConnectorInput,
  faultFields: { NAME_TAKEN: ['name'] },
  payload: connectorPayload('The connector as it now is.'),
  run: (input, { loaders }) => {
    const connectorKey = parseId('Connector', input.id);
    const [agentId, ticsId] = connectorKey;
    return reportDriverFault(
      input,
      loaders.connectorWrites.save(agentId, toDraft(input), ticsId).then((saved) => ({ connectorKey, saved })),
    );
  },
  reconcile: async (input, { loaders }) => {
    const connectorKey = parseId('Connector', input.id);
    const connector = await loaders.connectors.byId(...connectorKey);
    return connector !== null && isAsDrafted(connector, toDraft(input)) ? { connectorKey } : null;
  },
});

mutation<Given<typeof TestConnectorInput>, { works: boolean | null }>('testConnector', {
  description: 'Tries out settings of a connector; changes nothing.',
  calls: [{ call: 'testConnector', per: 'object' }],
  role: 'ADMINISTRATOR',
  input: TestConnectorInput,
  payload: (t) => ({
    works: t.exposeBoolean('works', {
      description:
        'Whether the agent reaches the data by these settings; null where that could not be found out. Why not stands in `userErrors`.',
    }),
  }),
  run: (input, { loaders }) => {
    const { agentId: agent, connectorId } = input.target;
    const [agentId, ticsId]: readonly string[] = connectorId
      ? parseId('Connector', connectorId)
      : parseId('Agent', agent ?? '');
    const attempt = async () => {
      try {
        return { works: await loaders.connectorWrites.test(agentId ?? '', toDraft(input), ticsId) };
      } catch (error) {
        // The service answers 500 with a code for settings that do not work.
        if (!(error instanceof GatewayError && error.details.status === 500 && error.details.upstreamCode)) throw error;
        return { works: false, userErrors: [toUserError(error)] };
      }
    };
    return reportDriverFault(input, attempt());
  },
});

mutation<Given<typeof DeleteConnectorInput>, { deletedId: string }>('deleteConnector', {
  description: 'Deletes a connector.',
  calls: [{ call: 'deleteConnector', per: 'object' }],
  role: 'ADMINISTRATOR',
  input: DeleteConnectorInput,
  payload: (t) => ({
    deletedId: t.exposeID('deletedId', { description: 'Id of the deleted connector.' }),
  }),
  run: async ({ id }, { loaders }) => {
    const connectorKey = parseId('Connector', id);
    await loaders.connectorWrites.remove(...connectorKey);
    return { deletedId: formatId('Connector', ...connectorKey) };
  },
  reconcile: async ({ id }, { loaders }) => {
    const connectorKey = parseId('Connector', id);
    const left = await loaders.connectors.byId(...connectorKey);
    return left === null ? { deletedId: formatId('Connector', ...connectorKey) } : null;
  },
});
