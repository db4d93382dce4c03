import { recordDecision, type Decision } from '../../lifecycle/approval.ts';
import type { Handlers } from '../../contract/handler.ts';
import { audit, callerOf, emptyAnswer, agentError } from './caller.ts';

interface Review {
  readonly approval_status: Decision;
  readonly approval_msg?: string;
}

export const noticeWrites: Handlers = {
  /** §7.6.1: each notice is reviewed once. */
  reviewNotice(request, world) {
    const caller = callerOf(request, world);
    const { notice_id: noticeId = '' } = request.path;
    const notice = world.approvalNotice(noticeId);
    if (notice?.agentId !== caller.agent.id) throw agentError(request, 'notFound', `notice ${noticeId}`);
    if (notice.status !== 'OPEN') throw agentError(request, 'noticeClosed', notice.status);
    const { approval_status: decision, approval_msg: message = '' } = request.body as Review;
    recordDecision(world, notice, decision, message);
    const verb = decision === 'PASS' ? 'approve' : 'reject';
    audit(world, caller, `${verb} job [${world.job(notice.jobId)?.name ?? ''}] id: [${notice.jobId}]`);
    return emptyAnswer;
  },
};
