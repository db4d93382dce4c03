import { hasRole } from '../../callers/caller.ts';
import { builder } from '../builder.ts';
import { closedEnum } from '../shared/enums.ts';

import { ApprovalNotice } from './type.ts';

const NoticeAction = closedEnum(
  'NoticeAction',
  'What can be done with an approval notice, by the name of the mutation.',
  { REVIEW: '`reviewNotice`: it waits for a decision.' },
);

builder.objectFields(ApprovalNotice, (t) => ({
  allowedActions: t.field({
    type: [NoticeAction],
    nullable: { list: false, items: false },
    description: 'What the caller can do with it now, for approvers.',
    resolve: ({ status }, _, { caller }) =>
      status.value === 'OPEN' && hasRole(caller, 'APPROVER') ? (['REVIEW'] as const) : [],
  }),
}));
