import { builder } from '../builder.ts';
import { openEnum, openEnumFields } from '../shared/enums.ts';
import { formatId } from '../shared/ids.ts';
import { findNodesOf, Node } from '../shared/node.ts';
import { connect, connectionOf, pageArguments } from '../shared/page.ts';
import { reportAt } from '../shared/partialErrors.ts';
import { agentOfObject } from '../agents/calls.ts';
import { noticeSearch } from './calls.ts';
import { Agent } from '../agents/type.ts';
import { PrivacyClass } from '../datasets/columns.ts';
import {
  approvalNoticeStatuses,
  approvalNoticeTypes,
  reviewStatuses,
  type ApprovalNotice as ApprovalNoticeShape,
  type ApprovalNoticeDetail as ApprovalNoticeDetailShape,
  type RequestedColumn as RequestedColumnShape,
} from '../../tics/notices/loaders.ts';

const ApprovalNoticeType = openEnum('ApprovalNoticeType', 'What an approval notice is about.', approvalNoticeTypes);
const ApprovalNoticeStatus = openEnum('ApprovalNoticeStatus', 'State of an approval notice.', approvalNoticeStatuses);
const ReviewStatus = openEnum('ReviewStatus', 'Decision on what a notice asks for.', reviewStatuses);

const RequestedColumn = builder.objectRef<RequestedColumnShape>('RequestedColumn').implement({
  description: 'How a job that waits for approval uses one column of a dataset.',
  fields: (t) => ({
    datasetName: t.exposeString('datasetName', { description: 'Name of the dataset.' }),
    name: t.exposeString('name', { description: 'Name of the column.' }),
    ...openEnumFields(t, 'privacyClass', PrivacyClass, 'Privacy class of the column.'),
    shownInResult: t.exposeBoolean('shownInResult', { description: 'Whether the result shows the column’s values.' }),
    functions: t.exposeString('functions', {
      description: 'Functions that are applied to the column; null where there are none.',
    }),
    encryption: t.exposeString('encryption', {
      description: 'How the values are protected on their way, in the service’s word, such as INTERNATION_ENCRYPT.',
    }),
  }),
});

const ApprovalNoticeDetail = builder.objectRef<ApprovalNoticeDetailShape>('ApprovalNoticeDetail').implement({
  description: 'What a notice asks for, and what was decided.',
  fields: (t) => ({
    content: t.exposeString('content', {
      description: 'What is to be approved: the sub-queries of the job that read from this agent, joined by commas.',
    }),
    datasetNames: t.field({
      type: ['String'],
      nullable: { list: false, items: false },
      description: 'Names of the datasets that they read.',
      resolve: ({ datasetNames }) => datasetNames,
    }),
    jobCreatorAlias: t.exposeString('jobCreatorAlias', { description: 'Alias of the partner who created the job.' }),
    ...openEnumFields(t, 'reviewStatus', ReviewStatus, 'The decision.'),
    reviewMessage: t.exposeString('reviewMessage', {
      description: 'What the reviewer remarked, for example why the job was refused.',
    }),
    columns: t.field({
      type: [RequestedColumn],
      nullable: { list: true, items: false },
      description: 'The columns that the job uses; null where the service’s text cannot be read.',
      resolve: ({ columns }) => columns,
    }),
    columnsText: t.exposeString('columnsText', { description: 'The raw text of `columns`, a JSON document.' }),
    privacyFindings: t.exposeString('privacyFindings', {
      description: 'What the analysis of the privacy rules found; may be empty.',
    }),
    convergenceFindings: t.exposeString('convergenceFindings', {
      description: 'What the convergence check found; may be empty.',
    }),
  }),
});

export const ApprovalNotice = builder.objectRef<ApprovalNoticeShape>('ApprovalNotice').implement({
  description: 'A notice (审批通知) that asks an agent to let a partner’s job use its datasets.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: '`ApprovalNotice:<agent>/<notice>`.',
      resolve: ({ agentId, ticsId }) => formatId('ApprovalNotice', agentId, ticsId),
    }),
    ticsId: t.exposeString('ticsId', { nullable: false, description: 'The raw id that the service uses.' }),
    ...openEnumFields(t, 'type', ApprovalNoticeType, 'What the notice is about.'),
    ...openEnumFields(t, 'status', ApprovalNoticeStatus, 'State of the notice.'),
    creatorAlias: t.exposeString('creatorAlias', { description: 'Alias of the partner who caused the notice.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the notice was made.' }),
    handledAt: t.expose('handledAt', {
      type: 'DateTime',
      description: 'When it was decided; null while it is open.',
    }),
    detail: t.field({
      type: ApprovalNoticeDetail,
      calls: [{ call: 'getApprovalNotice', per: 'object' }],
      description: 'What the notice asks for, and what was decided.',
      resolve: (notice, _, { loaders }) => loaders.notices.detail(notice),
    }),
    agentId: t.id({
      resolve: ({ agentId }) => formatId('Agent', agentId),
      nullable: false,
      description: 'Id of the agent that is asked.',
    }),
    agent: t.field({
      type: Agent,
      calls: agentOfObject,
      description: 'The agent that is asked.',
      resolve: ({ agentId }, _, { loaders }) => loaders.agents.byId(agentId),
    }),
  }),
});

findNodesOf('ApprovalNotice', noticeSearch, ([agentId = '', noticeId = ''], { loaders }) =>
  loaders.notices.byId(agentId, noticeId),
);

const ApprovalNoticeConnection = connectionOf('ApprovalNotice', ApprovalNotice, 'approval notices');

const ApprovalNoticeFilter = builder.inputType('ApprovalNoticeFilter', {
  description: 'Filter of a list of approval notices. The service matches fuzzily.',
  fields: (t) => ({
    name: t.string({ description: 'Only notices whose creator’s or league’s name resembles this one.' }),
  }),
});

builder.objectFields(Agent, (t) => ({
  notices: t.field({
    type: ApprovalNoticeConnection,
    calls: [{ call: 'listApprovalNotices', per: 'page100', isNumbered: true }],
    description: 'Approval notices addressed to the agent.',
    args: {
      filter: t.arg({ type: ApprovalNoticeFilter, description: 'Which notices.' }),
      ...pageArguments,
    },
    resolve: ({ ticsId }, { filter, ...page }, { loaders, report }, info) =>
      connect(page, loaders.notices.list(ticsId, filter?.name ?? undefined), reportAt(report, info)),
  }),
}));
