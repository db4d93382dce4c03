import type { Clock } from './clock.ts';
import { roundAt } from './rounds.ts';
import { Executions } from './executions.ts';
import { IndexedList } from './indexedList.ts';
import type {
  Agent,
  ApprovalNotice,
  AuditEvent,
  Connector,
  Dataset,
  Instance,
  Job,
  League,
  LeagueNode,
  MembershipNotice,
  Partner,
  Tenant,
} from './entities.ts';
import type { Random } from './random.ts';
import { isTerminal } from './enums.ts';
import type { JobType, LeagueRole } from './enums.ts';

export type * from './entities.ts';
export * from './enums.ts';

/** Settings of the service's operator. */
export interface Limits {
  /** Runs that an agent may have started and that are not over. */
  readonly queueLength: number;
  /** Longest time in RUNNING. */
  readonly runTimeoutMs: number;
  /** Time after which other tenants' partners approve a job; 0 = never. */
  readonly partnerReviewMs: number;
}

/** Contents of a world, in any order. */
export interface WorldParts {
  readonly clock: Clock;
  /** Source for what is created at run time, such as ids. */
  readonly random: Random;
  readonly limits: Limits;
  readonly tenant: Tenant;
  readonly leagues: readonly League[];
  readonly partners: readonly Partner[];
  /** Ours: listed by the space plane, each with its own server. */
  readonly agents: readonly Agent[];
  /** Other partners' agents; they cannot be called. */
  readonly partnerAgents: readonly Agent[];
  /** Nodes that are not agents. */
  readonly nodes: readonly LeagueNode[];
  readonly connectors: readonly Connector[];
  readonly datasets: readonly Dataset[];
  readonly jobs: readonly Job[];
  readonly instances: readonly Instance[];
  readonly membershipNotices: readonly MembershipNotice[];
  readonly approvalNotices: readonly ApprovalNotice[];
  readonly auditEvents: readonly AuditEvent[];
}

/**
 * All state of the embedded TICS. Lists are newest first and read-only; objects are mutable, but change indexed
 * properties through add… and remove… only.
 */
export class World {
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
  readonly tenant: Tenant;
  readonly executions = new Executions();
  readonly #leagues: IndexedList<League>;
  readonly #partners: IndexedList<Partner>;
  readonly #agents: IndexedList<Agent>;
  readonly #partnerAgents: IndexedList<Agent>;
  readonly #nodes: IndexedList<LeagueNode>;
  readonly #connectors: IndexedList<Connector>;
  readonly #datasets: IndexedList<Dataset>;
  readonly #jobs: IndexedList<Job>;
  readonly #instances: IndexedList<Instance>;
  readonly #membershipNotices: IndexedList<MembershipNotice>;
  readonly #approvalNotices: IndexedList<ApprovalNotice>;
  readonly #auditEvents: IndexedList<AuditEvent>;

  constructor(parts: WorldParts) {
    this.clock = parts.clock;
    this.random = parts.random;
    this.limits = parts.limits;
    this.tenant = parts.tenant;
    this.#leagues = new IndexedList(parts.leagues, (item) => item.createdAtMs, { role: (item) => [item.role] });
    this.#partners = new IndexedList(parts.partners, (item) => item.joinedAtMs, { league: (item) => [item.leagueId] });
    this.#agents = new IndexedList(parts.agents, (item) => item.createdAtMs, { league: (item) => [item.leagueId] });
    this.#partnerAgents = new IndexedList(parts.partnerAgents, (item) => item.createdAtMs, {
      league: (item) => [item.leagueId],
    });
    this.#nodes = new IndexedList(parts.nodes, (item) => item.createdAtMs, { league: (item) => [item.leagueId] });
    this.#connectors = new IndexedList(parts.connectors, (item) => item.createdAtMs, {
      agent: (item) => [item.agentId],
    });
    this.#datasets = new IndexedList(parts.datasets, (item) => item.createdAtMs, {
      league: (item) => [item.leagueId],
      agent: (item) => [item.agentId],
    });
    this.#jobs = new IndexedList(parts.jobs, (item) => item.createdAtMs, {
      league: (item) => [item.leagueId],
      agent: (item) => [item.agentId],
    });
    this.#instances = new IndexedList(parts.instances, (item) => item.startedAtMs, {
      league: (item) => [item.leagueId],
      job: (item) => [item.jobId],
      agent: (item) => item.agentIds,
    });
    this.#membershipNotices = new IndexedList(parts.membershipNotices, (item) => item.createdAtMs, {});
    this.#approvalNotices = new IndexedList(parts.approvalNotices, (item) => item.createdAtMs, {
      agent: (item) => [item.agentId],
      job: (item) => [item.jobId],
    });
    this.#auditEvents = new IndexedList(parts.auditEvents, (item) => item.startedAtMs, {
      league: (item) => [item.leagueId],
    });
  }

  // Leagues

  get leagues(): readonly League[] {
    return this.#leagues.all;
  }
  league(id: string): League | undefined {
    return this.#leagues.get(id);
  }
  leaguesOfRole(role: LeagueRole): readonly League[] {
    return this.#leagues.by('role', role);
  }

  // Partners: members, invited and former ones

  partner(id: string): Partner | undefined {
    return this.#partners.get(id);
  }
  partnersOfLeague(leagueId: string): readonly Partner[] {
    return this.#partners.by('league', leagueId);
  }
  /** Joined or invited. */
  membersOfLeague(leagueId: string): readonly Partner[] {
    return this.partnersOfLeague(leagueId).filter(
      ({ status }) => status === 'JOINED' || status === 'JOIN_PENDING_APPROVAL',
    );
  }
  ownPartnerOfLeague(leagueId: string): Partner | undefined {
    return this.partnersOfLeague(leagueId).find(({ isOwn }) => isOwn);
  }
  /** Empty for an unknown agent. */
  aliasOfAgent(agentId: string): string {
    return this.partner(this.agent(agentId)?.partnerId ?? '')?.alias ?? '';
  }

  // Agents and nodes

  /** Ours. */
  get agents(): readonly Agent[] {
    return this.#agents.all;
  }
  /** Any agent, other partners' included. */
  agent(id: string): Agent | undefined {
    return this.#agents.get(id) ?? this.#partnerAgents.get(id);
  }
  /** Ours, of one league. */
  agentsOfLeague(leagueId: string): readonly Agent[] {
    return this.#agents.by('league', leagueId);
  }
  /** All agents of a league. */
  allAgentsOfLeague(leagueId: string): readonly Agent[] {
    return [...this.agentsOfLeague(leagueId), ...this.#partnerAgents.by('league', leagueId)];
  }
  /** Agents, aggregators and control nodes, newest first. */
  nodesOfLeague(leagueId: string): readonly LeagueNode[] {
    const agents = this.allAgentsOfLeague(leagueId).map((agent): LeagueNode => ({
      id: agent.id,
      leagueId,
      name: agent.name,
      type: 'AGENT',
      deployType: agent.deployType,
      status: agent.nodeStatus,
      haMode: agent.highAvailability ? 'ACTIVE' : undefined,
      partnerAlias: this.partner(agent.partnerId)?.alias,
      createdAtMs: agent.createdAtMs,
      updatedAtMs: agent.updatedAtMs,
    }));
    return [...agents, ...this.#nodes.by('league', leagueId)].sort((a, b) => b.createdAtMs - a.createdAtMs);
  }

  // Connectors

  connector(id: string): Connector | undefined {
    return this.#connectors.get(id);
  }
  connectorsOfAgent(agentId: string): readonly Connector[] {
    return this.#connectors.by('agent', agentId);
  }
  addConnector(connector: Connector): void {
    this.#connectors.add(connector);
  }
  removeConnector(id: string): void {
    this.#connectors.remove(id);
  }

  // Datasets

  get datasets(): readonly Dataset[] {
    return this.#datasets.all;
  }
  dataset(id: string): Dataset | undefined {
    return this.#datasets.get(id);
  }
  /** Visible to the league: published, in the published version. */
  datasetsOfLeague(leagueId: string): readonly Dataset[] {
    return this.#datasets
      .by('league', leagueId)
      .filter(({ publication }) => publication !== 'UNPUBLISHED')
      .map((dataset) => dataset.leagueView ?? dataset);
  }
  /** All of the agent, unpublished ones included. */
  datasetsOfAgent(agentId: string): readonly Dataset[] {
    return this.#datasets.by('agent', agentId);
  }
  addDataset(dataset: Dataset): void {
    this.#datasets.add(dataset);
  }
  removeDataset(id: string): void {
    this.#datasets.remove(id);
  }

  // Jobs

  get jobs(): readonly Job[] {
    return this.#jobs.all;
  }
  job(id: string): Job | undefined {
    return this.#jobs.get(id);
  }
  jobsOfLeague<T extends JobType>(leagueId: string, ...types: readonly T[]): readonly Extract<Job, { type: T }>[] {
    const wanted: ReadonlySet<string> = new Set(types);
    return this.#jobs.by('league', leagueId).filter((job): job is Extract<Job, { type: T }> => wanted.has(job.type));
  }
  addJob(job: Job): void {
    this.#jobs.add(job);
  }
  removeJob(id: string): void {
    this.#jobs.remove(id);
  }

  // Instances

  get instances(): readonly Instance[] {
    return this.#instances.all;
  }
  instance(id: string): Instance | undefined {
    return this.#instances.get(id);
  }
  instancesOfLeague(leagueId: string): readonly Instance[] {
    return this.#instances.by('league', leagueId);
  }
  instancesOfJob(jobId: string): readonly Instance[] {
    return this.#instances.by('job', jobId);
  }
  /** Runs in which the agent takes part. */
  instancesOfAgent(agentId: string): readonly Instance[] {
    return this.#instances.by('agent', agentId);
  }
  /** Successful training runs. */
  modelsOfLeague(leagueId: string): readonly Instance[] {
    return this.instancesOfLeague(leagueId).filter((instance) => this.#isModel(instance));
  }
  modelsOfJob(jobId: string): readonly Instance[] {
    return this.instancesOfJob(jobId).filter((instance) => this.#isModel(instance));
  }
  #isModel({ type, status, jobId }: Instance): boolean {
    if (status !== 'SUCCEEDED') return false;
    if (type === 'VFL_TRAIN') return true;
    const job = type === 'HFL' ? this.job(jobId) : undefined;
    return job?.type === 'HFL' && job.phase === 'TRAIN';
  }
  /** The current or last round; 0 before RUNNING. */
  roundOf(instance: Instance): number {
    return roundAt(instance, instance.endedAtMs ?? this.clock.now());
  }
  addInstance(instance: Instance): void {
    this.#instances.add(instance);
    this.addAuditEvent({
      leagueId: instance.leagueId,
      startedAtMs: instance.startedAtMs,
      partnerId: instance.partnerId,
      agentId: instance.agentId,
      subject: { kind: 'run', instanceId: instance.id },
    });
  }

  // Notices

  get membershipNotices(): readonly MembershipNotice[] {
    return this.#membershipNotices.all;
  }
  approvalNotice(id: string): ApprovalNotice | undefined {
    return this.#approvalNotices.get(id);
  }
  approvalNoticesOfAgent(agentId: string): readonly ApprovalNotice[] {
    return this.#approvalNotices.by('agent', agentId);
  }
  approvalNoticesOfJob(jobId: string): readonly ApprovalNotice[] {
    return this.#approvalNotices.by('job', jobId);
  }
  addApprovalNotice(notice: ApprovalNotice): void {
    this.#approvalNotices.add(notice);
  }

  // Audit

  auditEventsOfLeague(leagueId: string): readonly AuditEvent[] {
    return this.#auditEvents.by('league', leagueId);
  }
  addAuditEvent(event: Omit<AuditEvent, 'id'>): void {
    this.#auditEvents.add({ id: this.#auditEvents.nextNumber(), ...event });
  }
}

export function isStoppable({ status }: Instance): boolean {
  return !isTerminal(status) && status !== 'TERMINATING';
}

/** True when the agent's server answers. */
export function isOnline({ nodeStatus }: Agent): boolean {
  return nodeStatus === 'TRUST' || nodeStatus === 'ONLINE' || nodeStatus === 'TRUSTING';
}

export function isTrusted({ nodeStatus }: Agent): boolean {
  return nodeStatus === 'TRUST';
}
