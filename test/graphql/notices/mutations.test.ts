import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApprovalNotice } from '../../../src/sandbox/model/world.ts';
import { useStage } from '../../support/gateway.ts';
import { noticeId as idOf } from '../../support/ids.ts';
import { breakPoints, resetCall } from '../../support/faults.ts';

const stage = useStage();

interface Payload {
  readonly notice: {
    readonly id: string;
    readonly status: string;
    readonly handledAt: string | null;
    readonly detail: { readonly reviewStatus: string; readonly reviewMessage: string | null };
  } | null;
  readonly userErrors: readonly { readonly code: string; readonly field: readonly string[] | null }[];
}

async function review(input: object): Promise<Payload> {
  return (
    await stage.data<{ reviewNotice: Payload }>(
      `mutation ($input: ReviewNoticeInput!) {
        reviewNotice(input: $input) {
          notice { id status handledAt detail { reviewStatus reviewMessage } }
          userErrors { code message field call upstreamCode }
        }
      }`,
      { input },
    )
  ).reviewNotice;
}

/** Notices of agents that answer. */
function notices(): readonly ApprovalNotice[] {
  const { world } = stage.sandbox;
  return world.agents
    .filter(({ nodeStatus }) => nodeStatus === 'TRUST')
    .flatMap(({ id }) => world.approvalNoticesOfAgent(id));
}

function noticeOf(status: ApprovalNotice['status']): ApprovalNotice {
  const found = notices().find((notice) => notice.status === status);
  if (found === undefined) throw new Error(`the world has no such notice: ${status}`);
  return found;
}

function reviews() {
  return stage.sandbox.client.calls({ operationId: 'reviewNotice' });
}

/** Notices as they were before a test. */
let before: readonly ApprovalNotice[] = [];
beforeEach(() => {
  before = structuredClone(notices());
});
afterEach(() => {
  notices().forEach((notice, index) => Object.assign(notice, before[index]));
});

describe('reviewNotice', () => {
  test.each([
    ['APPROVE', '同意', 'APPROVED', 'PASS'],
    ['APPROVE', null, 'APPROVED', 'PASS'],
    ['REJECT', 'too many columns', 'REJECTED', 'REJECT'],
  ] as const)('%s, remarking %s: the notice is decided', async (decision, message, reviewStatus, onTheWire) => {
    const notice = noticeOf('OPEN');
    const input = { id: idOf(notice), decision, ...(message !== null && { message }) };
    let answer: Payload | undefined;
    const calls = await stage.callsOf(async () => {
      answer = await review(input);
    });
    expect(answer).toMatchObject({
      notice: { id: idOf(notice), status: 'DONE', detail: { reviewStatus, reviewMessage: message ?? '' } },
      userErrors: [],
    });
    expect(answer?.notice?.handledAt).not.toBeNull();
    expect(stage.sandbox.world.approvalNotice(notice.id)?.status).toBe('DONE');
    expect(calls).toEqual({ reviewNotice: 1, listApprovalNotices: 1, getApprovalNotice: 1 });
    expect((await reviews())[0]?.body).toEqual({
      approval_status: onTheWire,
      ...(message !== null && { approval_msg: message }),
    });
  });

  test('a notice that was decided before is refused, and the write is sent once', async () => {
    expect(await review({ id: idOf(noticeOf('DONE')), decision: 'APPROVE' })).toMatchObject({
      notice: null,
      userErrors: [{ code: 'WRONG_STATE', call: 'reviewNotice', upstreamCode: 'TICS_AGENT.10000033', field: null }],
    });
    expect(await reviews()).toHaveLength(1);
  });

  test('a notice that is not there', async () => {
    const id = `ApprovalNotice:${noticeOf('OPEN').agentId}/nothing`;
    expect((await review({ id, decision: 'APPROVE' })).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  });

  test.each(['Agent:a', 'ApprovalNotice:a', 'a'])('%s is no id of a notice: nothing is sent', async (id) => {
    expect(await review({ id, decision: 'REJECT' })).toMatchObject({
      notice: null,
      userErrors: [{ code: 'INVALID_INPUT', field: ['id'] }],
    });
    expect(await stage.sandbox.client.calls()).toEqual([]);
  });

  test('UNKNOWN is no decision', async () => {
    const input = { id: idOf(noticeOf('OPEN')), decision: 'UNKNOWN' };
    const { errors } = await stage.ask(
      'mutation ($input: ReviewNoticeInput!) { reviewNotice(input: $input) { userErrors { code } } }',
      { input },
    );
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }]);
    expect(await stage.sandbox.client.calls()).toEqual([]);
  });

  test.each(breakPoints)(
    'a connection that breaks (%s) leaves the outcome unknown, is not sent again, and is settled by a read',
    async (at) => {
      await resetCall(stage, 'reviewNotice', at);
      const { notice, userErrors } = await review({ id: idOf(noticeOf('OPEN')), decision: 'APPROVE', message: 'yes' });
      expect(userErrors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', call: 'reviewNotice' }]);
      expect(notice?.detail.reviewMessage ?? null).toBe(at === 'midAnswer' ? 'yes' : null);
      expect(await reviews()).toHaveLength(1);
    },
  );
});
