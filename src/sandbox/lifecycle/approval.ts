import type { ApprovalNotice, ApprovalRecord, Job, World } from '../model/world.ts';

/** Approval of jobs by the partners whose data they use. */

/**
 * Asks every other agent whose datasets a job uses, with a notice each and an approval record per partner. A job that
 * uses own data only is approved at once.
 */
export function requestApproval(world: World, job: Job): void {
  const datasets = job.datasetIds
    .map((id) => world.dataset(id))
    .filter((dataset) => dataset !== undefined)
    .filter(({ agentId }) => agentId !== job.agentId);
  const aliasOf = (partnerId: string): string => world.partner(partnerId)?.alias ?? '';
  // Keeps the remark that was saved with the job.
  const remarkFor = (alias: string): string =>
    job.approvals.find(({ partnerAlias, status }) => partnerAlias === alias && status === 'NEW')?.comment ?? '';

  job.approvals = [...new Set(datasets.map(({ partnerId }) => partnerId))].map((partnerId): ApprovalRecord => ({
    partnerAlias: aliasOf(partnerId),
    datasetNames: datasets.filter((dataset) => dataset.partnerId === partnerId).map(({ name }) => name),
    status: 'APPROVING',
    comment: remarkFor(aliasOf(partnerId)),
  }));
  job.approvalStatus = job.approvals.length === 0 ? 'APPROVED' : 'APPROVING';
  for (const agentId of new Set(datasets.map((dataset) => dataset.agentId))) {
    const notice: ApprovalNotice = {
      id: world.random.id(),
      agentId,
      leagueId: job.leagueId,
      jobId: job.id,
      creatorPartnerAlias: aliasOf(job.partnerId),
      type: 'DATASET_USE_APPROVAL',
      status: 'OPEN',
      reviewStatus: 'APPROVING',
      message: '',
      datasetIds: datasets.filter((dataset) => dataset.agentId === agentId).map(({ id }) => id),
      createdAtMs: world.clock.now(),
      handledAtMs: 0,
    };
    world.addApprovalNotice(notice);
    schedulePartnerDecision(world, notice);
  }
}

/** Other tenants' agents cannot be called: they agree after a while. */
function schedulePartnerDecision(world: World, notice: ApprovalNotice): void {
  const { partnerReviewMs } = world.limits;
  if (partnerReviewMs === 0 || world.agent(notice.agentId)?.isOwn) return;
  world.clock.at(world.clock.now() + partnerReviewMs, () => {
    if (notice.status === 'OPEN') recordDecision(world, notice, 'PASS', '同意');
  });
}

export type Decision = 'PASS' | 'REJECT';

/** Records an agent's decision. One rejection rejects the job; it is approved once all partners have approved. */
export function recordDecision(world: World, notice: ApprovalNotice, decision: Decision, message: string): void {
  notice.status = 'DONE';
  notice.reviewStatus = decision;
  notice.message = message;
  notice.handledAtMs = world.clock.now();
  const job = world.job(notice.jobId);
  if (job?.approvalStatus !== 'APPROVING') return;

  const alias = world.aliasOfAgent(notice.agentId);
  const others = openNotices(world, job).map(({ agentId }) => world.aliasOfAgent(agentId));
  const status = decision === 'REJECT' ? 'REJECTED' : others.includes(alias) ? 'APPROVING' : 'APPROVED';
  job.approvals = job.approvals.map((record) =>
    record.partnerAlias === alias ? { ...record, status, comment: message } : record,
  );
  if (decision === 'REJECT') {
    job.approvalStatus = 'REJECTED';
    revokeNotices(world, job);
  } else if (job.approvals.every((record) => record.status === 'APPROVED')) {
    job.approvalStatus = 'APPROVED';
  }
}

/** Decides for all partners that are still asked. */
export function decideForPartners(world: World, job: Job, decision: Decision, message = ''): void {
  for (const notice of openNotices(world, job)) {
    if (notice.status === 'OPEN') recordDecision(world, notice, decision, message);
  }
  if (job.approvalStatus !== 'APPROVING') return;
  const status = decision === 'PASS' ? 'APPROVED' : 'REJECTED';
  job.approvals = job.approvals.map((record) =>
    record.status === 'APPROVING' ? { ...record, status, comment: message } : record,
  );
  job.approvalStatus = status;
}

/** Withdraws the notices and voids the decisions. */
export function resetApproval(world: World, job: Job, status: 'NEW' | 'REVOKED'): void {
  revokeNotices(world, job);
  job.approvalStatus = status;
  job.approvals = status === 'NEW' ? [] : job.approvals.map((record) => ({ ...record, status }));
}

function openNotices(world: World, { id }: Job): ApprovalNotice[] {
  return world.approvalNoticesOfJob(id).filter(({ status }) => status === 'OPEN');
}

export function revokeNotices(world: World, job: Job): void {
  for (const notice of openNotices(world, job)) {
    notice.status = 'REVOKED';
    notice.reviewStatus = 'NEW';
    notice.handledAtMs = world.clock.now();
  }
}
