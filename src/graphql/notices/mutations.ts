import { closedEnum } from '../shared/enums.ts';
import { formatId, parseId } from '../shared/ids.ts';
import { choice, id, input, required, text, type Given } from '../shared/input.ts';
import { mutation } from '../shared/mutations.ts';
import { foundAgain } from '../shared/node.ts';
import { reviewDecisions } from '../../tics/notices/loaders.ts';
import { noticeSearch } from './calls.ts';
import { ApprovalNotice } from './type.ts';

const ReviewDecision = closedEnum('ReviewDecision', 'What a reviewer decides on an approval notice.', reviewDecisions);

const ReviewNoticeInput = input('ReviewNoticeInput', {
  description: 'The decision on an approval notice. It can’t be taken back.',
  fields: {
    id: required(id('ApprovalNotice', 'The notice; the agent is the one that is asked')),
    decision: required(choice(ReviewDecision, 'Whether the job may use the datasets.')),
    message: text('A remark for the job’s creator, for example why it is refused.'),
  },
});

mutation<Given<typeof ReviewNoticeInput>, { noticeKey: readonly [agentId: string, noticeId: string] }>('reviewNotice', {
  description: 'Decides on an open approval notice; the job can run once all agents that were asked have agreed.',
  calls: [{ call: 'reviewNotice', per: 'object' }],
  role: 'APPROVER',
  input: ReviewNoticeInput,
  payload: (t) => ({
    noticeId: t.id({
      description: 'Id of the notice: known even where the notice can’t be read just now.',
      resolve: ({ noticeKey }) => (noticeKey ? formatId('ApprovalNotice', ...noticeKey) : null),
    }),
    notice: t.field({
      type: ApprovalNotice,
      calls: noticeSearch,
      description: 'The notice as it now is.',
      resolve: ({ noticeKey }, _, { loaders }) => (noticeKey ? foundAgain(loaders.notices.byId(...noticeKey)) : null),
    }),
  }),
  run: async ({ id, ...review }, { loaders }) => {
    const noticeKey = parseId('ApprovalNotice', id);
    await loaders.notices.review(...noticeKey, review);
    return { noticeKey };
  },
  reconcile: async ({ id, ...review }, { loaders }) => {
    const noticeKey = parseId('ApprovalNotice', id);
    return (await loaders.notices.isReviewed(...noticeKey, review)) ? { noticeKey } : null;
  },
});
