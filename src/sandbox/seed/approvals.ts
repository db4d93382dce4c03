import type { Random } from '../model/random.ts';
import type { Agent, ApprovalNotice, ApprovalRecord, ApprovalStatus, Dataset, Job, Partner } from '../model/world.ts';
import { reviewMessages } from './names.ts';

/** Approval records that match a job's status: none for NEW, all approved for APPROVED, one rejected for REJECTED. */
export function seedApprovals(
  random: Random,
  status: ApprovalStatus,
  datasets: readonly Dataset[],
  { creatorPartnerId, partnerOf }: { creatorPartnerId: string; partnerOf: (id: string) => Partner | undefined },
): ApprovalRecord[] {
  if (status === 'NEW') return [];
  const others = [...new Set(datasets.map(({ partnerId }) => partnerId))].filter((id) => id !== creatorPartnerId);
  return others.map((partnerId, index): ApprovalRecord => {
    const own: ApprovalStatus = index === 0 || status === 'REVOKED' ? status : 'APPROVED';
    return {
      partnerAlias: partnerOf(partnerId)?.alias ?? '',
      datasetNames: datasets.filter((dataset) => dataset.partnerId === partnerId).map(({ name }) => name),
      status: own,
      comment: commentOn(random, own),
    };
  });
}

function commentOn(random: Random, status: ApprovalStatus): string {
  if (status === 'APPROVED') return random.pick(reviewMessages.PASS);
  return status === 'REJECTED' ? random.pick(reviewMessages.REJECT) : '';
}

/** Approval notices of our agents. */
export function seedApprovalNotices(
  root: Random,
  jobs: readonly Job[],
  {
    agents,
    datasetOf,
    partnerOf,
    nowMs,
  }: {
    agents: readonly Agent[];
    datasetOf: (id: string) => Dataset | undefined;
    partnerOf: (id: string) => Partner | undefined;
    nowMs: number;
  },
): ApprovalNotice[] {
  const ours = new Map(agents.map((agent) => [agent.id, agent]));
  return jobs.flatMap((job) =>
    job.approvals.flatMap((record) => {
      const asked = job.datasetIds
        .map(datasetOf)
        .filter((dataset) => dataset !== undefined)
        .filter(({ agentId, partnerId }) => ours.has(agentId) && partnerOf(partnerId)?.alias === record.partnerAlias);
      return [...new Set(asked.map(({ agentId }) => agentId))].map((agentId): ApprovalNotice => {
        const random = root.fork(`${job.id}/${agentId}`);
        const isOpen = record.status === 'APPROVING';
        const createdAtMs = Math.min(job.createdAtMs + random.int(5, 600) * 60_000, nowMs - 60_000);
        return {
          id: random.id(),
          agentId,
          leagueId: job.leagueId,
          jobId: job.id,
          creatorPartnerAlias: partnerOf(job.partnerId)?.alias ?? '',
          type: 'DATASET_USE_APPROVAL',
          status: isOpen ? 'OPEN' : record.status === 'REVOKED' ? 'REVOKED' : 'DONE',
          reviewStatus: reviewStatusOf(record.status),
          message: record.comment,
          datasetIds: asked.filter((dataset) => dataset.agentId === agentId).map(({ id }) => id),
          createdAtMs,
          handledAtMs: isOpen ? 0 : Math.min(createdAtMs + random.int(10, 2000) * 60_000, nowMs),
        };
      });
    }),
  );
}

function reviewStatusOf(status: ApprovalStatus): ApprovalNotice['reviewStatus'] {
  switch (status) {
    case 'NEW':
    case 'REVOKED':
      return 'NEW';
    case 'APPROVING':
      return 'APPROVING';
    case 'APPROVED':
      return 'PASS';
    case 'REJECTED':
      return 'REJECT';
  }
}
