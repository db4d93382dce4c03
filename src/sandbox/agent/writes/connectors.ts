import type { Handlers, SandboxRequest } from '../../contract/handler.ts';
import type { Agent, Connector, World } from '../../model/world.ts';
import { callerOf, emptyAnswer, agentError } from './caller.ts';
import { isReachable, needsDriver, readConnectorForm, withoutSecrets } from './connectorForm.ts';

/** A connector of the agent. Throws 403 for LOCAL. */
function editableConnector(request: SandboxRequest, world: World, agent: Agent, id: string): Connector {
  const connector = world.connector(id);
  if (connector?.agentId !== agent.id) throw agentError(request, 'notFound', `connector ${id}`);
  if (connector.type === 'LOCAL') throw agentError(request, 'notPermitted', `connector ${connector.name}`);
  return connector;
}

function datasetsThrough(world: World, { id, agentId }: Connector) {
  return world.datasetsOfAgent(agentId).filter(({ connectorId }) => connectorId === id);
}

function savedConnector({ id, name, type, authType, settings }: Connector) {
  return {
    name,
    connector_id: id,
    connector_type: type,
    auth_type: authType,
    ext_info: JSON.stringify(settings),
  };
}

export const connectorWrites: Handlers = {
  /** §7.3.1: creates without an id. Settings that fail the test are saved with status ABNORMAL. */
  saveConnector(request, world) {
    const { agent } = callerOf(request, world);
    const form = readConnectorForm(request);
    const { connectorId, name, type, authType } = form;
    const before = connectorId === undefined ? undefined : editableConnector(request, world, agent, connectorId);
    if (before !== undefined && before.type !== type) {
      throw agentError(request, 'requestInvalid', `connector_type is ${before.type} and stays it`);
    }
    const hasNewDriver = before === undefined || before.settings.driver_name !== form.settings.driver_name;
    if (needsDriver(form) && hasNewDriver && form.driver === undefined) throw agentError(request, 'driverMissing');
    const isTaken = world.connectorsOfAgent(agent.id).some((other) => other.name === name && other !== before);
    if (isTaken) throw agentError(request, 'nameTaken', name);

    const content = {
      name,
      type,
      authType,
      status: isReachable(form) ? 'NORMAL' : 'ABNORMAL',
      settings: withoutSecrets(form.settings),
    } as const;
    if (before !== undefined) {
      Object.assign(before, content);
      for (const dataset of datasetsThrough(world, before)) dataset.connectorName = name;
      return { status: 200, body: savedConnector(before) };
    }
    const connector: Connector = {
      ...content,
      id: world.random.id(),
      agentId: agent.id,
      createdAtMs: world.clock.now(),
    };
    world.addConnector(connector);
    return { status: 201, body: savedConnector(connector) };
  },

  /** §7.3.3 */
  testConnector(request, world) {
    const { agent } = callerOf(request, world);
    const form = readConnectorForm(request);
    if (form.connectorId !== undefined) editableConnector(request, world, agent, form.connectorId);
    if (needsDriver(form) && form.driver === undefined) throw agentError(request, 'driverMissing');
    if (!isReachable(form)) throw agentError(request, 'connectionFailed');
    return { status: 200, body: true };
  },

  /** §7.3.4: refused while datasets use it. */
  deleteConnector(request, world) {
    const { agent } = callerOf(request, world);
    const connector = editableConnector(request, world, agent, request.path.connector_id ?? '');
    const [used] = datasetsThrough(world, connector);
    if (used !== undefined) throw agentError(request, 'inUse', `dataset ${used.name}`);
    world.removeConnector(connector.id);
    return emptyAnswer;
  },
};
