import type { Agent } from '../../src/sandbox/model/world.ts';
import type { Stage } from './gateway.ts';
import { required } from './required.ts';

/** An agent of the embedded TICS that is online and trusted, the first one unless another position is asked for. */
export function onlineAgent({ sandbox }: Pick<Stage, 'sandbox'>, position = 0): Agent {
  return required(
    sandbox.world.agents.filter(({ nodeStatus }) => nodeStatus === 'TRUST')[position],
    'agent that is online',
  );
}
