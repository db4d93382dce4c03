import type { components } from '../../upstream/generated/agent.d.ts';
import type { Wire } from '../../upstream/json.ts';
import { memo } from '../../upstream/memo.ts';
import { byPageNumber, findRow, readObjects, type Page, type ReadPage } from '../pages.ts';
import type { Planes } from '../planes/planes.ts';
import { commaList, flag, instant, jsonText, record, rows, text } from '../../upstream/wire.ts';
import { openEnumReader, type OpenEnum } from '../../upstream/openEnum.ts';
import { privacyClasses } from '../datasets/column.ts';

type Schemas = components['schemas'];

/** Subjects of approval notices. */
export const approvalNoticeTypes = {
  DATASET_USE_APPROVAL: 'A partner’s job wants to use datasets of the agent.',
} as const;

/** States of an approval notice. */
export const approvalNoticeStatuses = {
  OPEN: 'It waits for a decision.',
  DONE: 'It was decided.',
  REVOKED: 'It was withdrawn.',
} as const;

/** Decisions on a notice. */
export const reviewStatuses = {
  NEW: 'Not asked for yet.',
  APPROVING: 'Not decided yet.',
  APPROVED: 'Agreed to.',
  REJECTED: 'Refused.',
} as const;

const approvalNoticeType = openEnumReader(approvalNoticeTypes);
const approvalNoticeStatus = openEnumReader(approvalNoticeStatuses);
const reviewStatus = openEnumReader(reviewStatuses, { PASS: 'APPROVED', REJECT: 'REJECTED' });
const privacyClass = openEnumReader(privacyClasses);

/** Decisions that a reviewer can make. */
export const reviewDecisions = {
  APPROVE: 'Agree: the job may use the datasets.',
  REJECT: 'Refuse.',
} as const;

/** Decisions on the wire (7.6.1), and the status of a notice after them. */
const decided = {
  APPROVE: { wire: 'PASS', status: 'APPROVED' },
  REJECT: { wire: 'REJECT', status: 'REJECTED' },
} as const satisfies Record<keyof typeof reviewDecisions, object>;

/** Decisions of a reviewer. */
export interface Review {
  readonly decision: keyof typeof reviewDecisions;
  readonly message?: string | null | undefined;
}

/** An approval notice, from its list row. */
export interface ApprovalNotice {
  readonly __typename: 'ApprovalNotice';
  readonly agentId: string;
  readonly ticsId: string;
  readonly type: OpenEnum<typeof approvalNoticeTypes>;
  readonly status: OpenEnum<typeof approvalNoticeStatuses>;
  readonly creatorAlias: string | null;
  readonly createdAt: string | null;
  readonly handledAt: string | null;
}

/** Use of one column by the job. */
export interface RequestedColumn {
  readonly datasetName: string | null;
  readonly name: string | null;
  readonly privacyClass: OpenEnum<typeof privacyClasses>;
  readonly shownInResult: boolean | null;
  readonly functions: string | null;
  readonly encryption: string | null;
}

/** Request and decision of a notice. */
export interface ApprovalNoticeDetail {
  readonly content: string | null;
  readonly datasetNames: readonly string[];
  readonly jobCreatorAlias: string | null;
  readonly reviewStatus: OpenEnum<typeof reviewStatuses>;
  readonly reviewMessage: string | null;
  /** Null where the text can't be read. */
  readonly columns: readonly RequestedColumn[] | null;
  readonly columnsText: string | null;
  readonly privacyFindings: string | null;
  readonly convergenceFindings: string | null;
}

function toNotice(agentId: string, wire: Schemas['ApprovalNoticeRow']): ApprovalNotice {
  return {
    __typename: 'ApprovalNotice',
    agentId,
    ticsId: text(wire.id) ?? '',
    type: approvalNoticeType(wire.notice_type),
    status: approvalNoticeStatus(wire.notice_status),
    creatorAlias: text(wire.creator_partner_alias),
    createdAt: instant(wire.create_time),
    handledAt: instant(wire.handle_time),
  };
}

function toColumn(wire: Wire): RequestedColumn {
  const field = record(wire);
  const functions = text(field['func_desc']);
  return {
    datasetName: text(field['dataset_name']),
    name: text(field['field_name']),
    privacyClass: privacyClass(field['field_type']),
    shownInResult: flag(field['is_show_in_final_select']),
    // A slash stands for no functions.
    functions: functions === '/' ? null : functions,
    encryption: text(field['encrypt_protect_type']),
  };
}

function toDetail(wire: Schemas['ApprovalNotice']): ApprovalNoticeDetail {
  const fields = jsonText(wire.field_detail);
  return {
    // Sub-queries are each ended by a comma, the last one too.
    content: text(wire.content)?.replace(/[,\s]+$/, '') ?? null,
    datasetNames: commaList(wire.datasets),
    jobCreatorAlias: text(wire.job_creator_alias),
    reviewStatus: reviewStatus(wire.approval_status),
    reviewMessage: text(wire.approval_msg),
    columns: Array.isArray(fields.value) ? rows<Wire>(fields.value).map(toColumn) : null,
    columnsText: fields.text,
    privacyFindings: text(wire.privacy_detail),
    convergenceFindings: text(wire.converge_detail),
  };
}

/** Reads approval notices. */
export function createNoticeLoaders(planes: Planes) {
  /** `GET /v1/agents/{a}/notices` (7.6.2): offset is a page number, and without limit nothing is answered. */
  const readPage = memo(
    async ({
      agentId,
      filter,
      page,
      size,
    }: {
      agentId: string;
      filter?: string | undefined;
      page: number;
      size: number;
    }): Promise<Page<ApprovalNotice>> => {
      const agent = await planes.agent(agentId);
      const answer = await agent.read('listApprovalNotices', {
        path: { agent_id: agentId },
        query: { offset: page, limit: size, ...(filter && { filter }) },
      });
      return readObjects('listApprovalNotices', answer, (row) => toNotice(agentId, row));
    },
  );

  /** `GET /v1/agents/{a}/notices/{n}` (7.6.3). */
  const detail = memo(async ({ agentId, noticeId }: { agentId: string; noticeId: string }) => {
    const agent = await planes.agent(agentId);
    const path = { agent_id: agentId, notice_id: noticeId };
    return toDetail(await agent.read('getApprovalNotice', { path }));
  });

  const list = (agentId: string, filter?: string): ReadPage<ApprovalNotice> =>
    byPageNumber((page, size) => readPage({ agentId, filter, page, size }));

  return {
    /** Notices of an agent; the filter is compared with the names of their creators and leagues. */
    list,
    /** Finds a notice by its id in its agent's list, since its own call answers no row. Null when it is not there. */
    byId: async (agentId: string, noticeId: string): Promise<ApprovalNotice | null> =>
      (await findRow(list(agentId), ({ ticsId }) => ticsId === noticeId)) ?? null,
    /** `POST /v1/agents/{a}/notices/{n}/approval` (7.6.1). */
    review: async (agentId: string, noticeId: string, { decision, message }: Review): Promise<void> => {
      const agent = await planes.agent(agentId);
      await agent.write('reviewNotice', {
        path: { agent_id: agentId, notice_id: noticeId },
        body: {
          approval_status: decided[decision].wire,
          ...(typeof message === 'string' && { approval_msg: message }),
        },
      });
    },
    /** True when the notice has this decision: reconciles a write whose outcome is unknown. */
    isReviewed: async (agentId: string, noticeId: string, { decision, message }: Review): Promise<boolean> => {
      const { reviewStatus, reviewMessage } = await detail({ agentId, noticeId });
      return reviewStatus.value === decided[decision].status && (message ?? '') === (reviewMessage ?? '');
    },
    /** The request of a notice: one call. */
    detail: ({ agentId, ticsId }: ApprovalNotice): Promise<ApprovalNoticeDetail> =>
      detail({ agentId, noticeId: ticsId }),
  };
}
