import { z } from 'zod';
import { builder } from '../../builder.ts';
import { optional, textRule } from '../../shared/limits.ts';
import { JobApprovalStatus } from '../enums.ts';
import { datasetNamesRule } from '../learning/inputs.ts';
import { writeDatasetNames, type ApprovalToSave } from '../../../tics/jobs/sql/writes.ts';

/** The names are those of `JobApproval`, which reads them. */
export const JobApprovalInput = builder.inputRef<ApprovalToSave>('JobApprovalInput').implement({
  description: 'What one partner is to be asked for by an SQL job.',
  fields: (t) => ({
    partnerAlias: t.string({ required: true, description: 'Alias of the partner to ask; 6 to 128 characters.' }),
    datasetNames: t.stringList({
      description:
        'Names of the partner’s datasets that it is about, without commas; written as a list at most 1000 characters.',
    }),
    status: t.field({
      type: JobApprovalStatus.asInput(),
      required: true,
      defaultValue: 'NEW',
      description:
        'The partner’s decision, which the service asks to be sent along. It is the partner’s own: one that is sent decides nothing.',
    }),
    comment: t.string({ description: 'A remark for the partner; at most 2000 characters.' }),
  }),
});

const maxNamesLength = 1000;

const approvalRule = z.object({
  partnerAlias: z.string().min(6, 'at least 6 characters').max(128, 'at most 128 characters'),
  datasetNames: optional(
    datasetNamesRule.refine(
      (names) => writeDatasetNames(names).length <= maxNamesLength,
      `at most ${maxNamesLength} characters when written as a list`,
    ),
  ),
  comment: optional(textRule(2000)),
});

/** The limits of a list of `JobApprovalInput`. */
export const approvalsRule = z.array(approvalRule).superRefine(
  (approvals, context) => {
    const aliases = approvals.map(({ partnerAlias }) => partnerAlias);
    aliases.forEach((alias, index) => {
      if (aliases.indexOf(alias) < index)
        context.addIssue({ code: 'custom', path: [index, 'partnerAlias'], message: 'each partner once' });
    });
  },
  // Beside faults of single approvals too.
  { when: () => true },
);
