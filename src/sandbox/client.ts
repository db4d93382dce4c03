import type { Decision } from './lifecycle/approval.ts';
import type { CallFilter, RecordedCall } from './http/callLog.ts';
import type { ClockChange, SandboxInfo, StateChange, StateSummary, VariantDescription } from './control/port.ts';
import type { ContractFault } from './http/plane.ts';
import type { Rule } from './faults/rules.ts';
import type { DeployStatus, NodeStatus, RunStatus } from './model/world.ts';

export type { CallFilter, RecordedCall } from './http/callLog.ts';
export type { AgentAccess, SandboxInfo, StateChange, StateSummary, VariantDescription } from './control/port.ts';
export type { Fault } from './faults/faults.ts';
export type { ContractFault } from './http/plane.ts';
export type { Rule, RuleScope } from './faults/rules.ts';

/** Client of the control port of an embedded TICS, in this process or another. */
export interface SandboxClient {
  /** Addresses and credentials. */
  info(): Promise<SandboxInfo>;
  /** Received calls, oldest first. */
  calls(filter?: CallFilter): Promise<readonly RecordedCall[]>;
  /** Received calls by operation since the last `clearCalls`. */
  countCalls(): Promise<Readonly<Record<string, number>>>;
  clearCalls(): Promise<void>;
  /** Resolves when `count` calls match, with all that do. Rejects after `timeoutMs`. */
  waitForCalls(count: number, filter?: CallFilter, timeoutMs?: number): Promise<readonly RecordedCall[]>;
  rules(): Promise<readonly Rule[]>;
  /** Replaces all rules. */
  setRules(rules: readonly Rule[]): Promise<void>;
  addRules(rules: readonly Rule[]): Promise<void>;
  clearRules(): Promise<void>;
  /** All variants with the operations they apply to. */
  variants(): Promise<readonly VariantDescription[]>;
  /** Answers of the embedded TICS that violated its contract. Anything here is a bug of its own. */
  contractFaults(): Promise<readonly ContractFault[]>;
  clearContractFaults(): Promise<void>;
  setSpeed(speed: number): Promise<void>;
  /**
   * Advances the sandbox's clock; everything due has happened when this resolves. The clock stands still while runs
   * execute, so an advance of an hour ends any run. With a running clock, poll the status instead.
   */
  advance(ms: number): Promise<void>;
  /** Resolves when no run is executing: the results of RUNNING runs are then known. */
  settled(): Promise<void>;
  state(): Promise<StateSummary>;
  change(change: StateChange): Promise<SandboxInfo>;
  reset(options?: { readonly seed?: number; readonly scale?: number; readonly nowMs?: number }): Promise<SandboxInfo>;
  /** Sets the status on the space plane; OFFLINE and FAULT also close the agent's server. */
  setAgentStatus(agentId: string, nodeStatus: NodeStatus): Promise<void>;
  /** Sets the deployment status on the space plane. */
  setDeployStatus(agentId: string, deployStatus: DeployStatus): Promise<void>;
  /** Opens or closes the agent's server without changing its status. */
  setAgentListening(agentId: string, isListening: boolean): Promise<void>;
  /** Moves the agent's server to another port, as a failover does. Resolves with the new address. */
  moveAgent(agentId: string): Promise<string>;
  /** Resolves with the new certificate. */
  renewCertificate(agentId: string): Promise<string>;
  expireTokens(scope?: { readonly plane?: 'iam' | 'agent'; readonly agentId?: string }): Promise<void>;
  setInstanceStatus(instanceId: string, status: RunStatus): Promise<void>;
  /**
   * Decides on a job for all partners that are still asked, including those without an agent here. They agree by
   * themselves after `partnerReviewMs`.
   */
  reviewJob(jobId: string, decision: Decision, message?: string): Promise<void>;
}

function search(values: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? '' : `?${query}`;
}

export function createSandboxClient(controlUrl: string): SandboxClient {
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${controlUrl}/control/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as T & { message?: string };
    if (!response.ok) throw new Error(`${method} /control/${path}: ${answer.message ?? response.status}`);
    return answer;
  };
  const change = (asked: StateChange) => ask<SandboxInfo>('POST', 'state', asked);
  const clock = (asked: ClockChange) => ask<unknown>('POST', 'clock', asked);
  const agentAfter = async (asked: StateChange & { kind: 'agent' }) => {
    const { agents } = await change(asked);
    const agent = agents.find(({ id }) => id === asked.agentId);
    if (agent === undefined) throw new Error(`there is no agent ${asked.agentId}`);
    return agent;
  };

  return {
    info: () => ask('GET', 'info'),
    calls: (filter = {}) => ask('GET', `calls${search({ ...filter })}`),
    countCalls: () => ask('GET', 'counts'),
    clearCalls: () => ask('DELETE', 'calls'),
    async waitForCalls(count, filter = {}, timeoutMs = 5000) {
      const found = await ask<RecordedCall[]>('GET', `calls${search({ ...filter, waitFor: count, timeoutMs })}`);
      if (found.length < count) {
        throw new Error(`${found.length} of ${count} calls came in ${timeoutMs} ms: ${JSON.stringify(filter)}`);
      }
      return found;
    },
    rules: () => ask('GET', 'rules'),
    setRules: (rules) => ask('PUT', 'rules', rules),
    addRules: (rules) => ask('POST', 'rules', rules),
    clearRules: () => ask('DELETE', 'rules'),
    variants: () => ask('GET', 'variants'),
    contractFaults: () => ask('GET', 'faults'),
    clearContractFaults: () => ask('DELETE', 'faults'),
    setSpeed: async (speed) => void (await clock({ speed })),
    advance: async (advanceMs) => void (await clock({ advanceMs })),
    settled: async () => void (await ask('POST', 'settle')),
    state: () => ask('GET', 'state'),
    change,
    reset: (options = {}) => change({ kind: 'reset', ...options }),
    setAgentStatus: async (agentId, nodeStatus) => void (await change({ kind: 'agent', agentId, nodeStatus })),
    setDeployStatus: async (agentId, deployStatus) => void (await change({ kind: 'agent', agentId, deployStatus })),
    setAgentListening: async (agentId, isListening) => void (await change({ kind: 'agent', agentId, isListening })),
    moveAgent: async (agentId) => (await agentAfter({ kind: 'agent', agentId, moveToPort: 0 })).url,
    renewCertificate: async (agentId) =>
      (await agentAfter({ kind: 'agent', agentId, renewCertificate: true })).certificate,
    expireTokens: async (scope = {}) => void (await change({ kind: 'expireTokens', ...scope })),
    reviewJob: async (jobId, decision, message) =>
      void (await change({ kind: 'review', jobId, decision, ...(message === undefined ? {} : { message }) })),
    setInstanceStatus: async (instanceId, status) => void (await change({ kind: 'instance', instanceId, status })),
  };
}
