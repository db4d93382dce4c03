import type { Text } from '../model/text.ts';
import { isOnline, isTrusted, type Instance, type World } from '../model/world.ts';

/** Why a run cannot continue, apart from what it executes: agents that are offline or not trusted. */
export function blockerOf(world: World, { agentIds }: Instance): Text | undefined {
  for (const agentId of agentIds) {
    const agent = world.agent(agentId);
    if (agent === undefined || !isOnline(agent)) return offlineText(agent?.name ?? agentId);
    if (!isTrusted(agent)) return untrustedText(agent.name, agent.trustError);
  }
  return undefined;
}

export const timeoutText: Text = {
  'zh-cn': 'TICS.SRV.90000010: 作业实例执行超时',
  en_us: 'TICS.SRV.90000010: the job instance timed out',
};

function offlineText(name: string): Text {
  return {
    'zh-cn': `可信计算节点[${name}]离线，作业实例无法执行`,
    en_us: `The agent [${name}] is offline, the job instance cannot be executed`,
  };
}

function untrustedText(name: string, reason: string): Text {
  return {
    'zh-cn': `TICS.SRV.40000023: 合作方未通过验证，可信计算节点[${name}] ${reason}`,
    en_us: `TICS.SRV.40000023: the partner is not verified, the agent [${name}] is not trusted ${reason}`.trim(),
  };
}
