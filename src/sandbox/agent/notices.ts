import { serviceError } from '../contract/errors.ts';
import { numberedPage, timestamp } from '../contract/formats.ts';
import type { Handlers } from '../contract/handler.ts';
import type { ApprovalNotice, Dataset, Job, World } from '../model/world.ts';
import { StatementError } from '../sql/errors.ts';
import { namedColumns, referencesIn, type References } from '../sql/references.ts';
import { ownAgent, pageParameters, textParameter } from './access.ts';

function noticeRow({ id, type, creatorPartnerAlias, status, createdAtMs, handledAtMs }: ApprovalNotice) {
  return {
    id,
    notice_type: type,
    creator_partner_alias: creatorPartnerAlias,
    notice_status: status,
    create_time: timestamp(createdAtMs),
    handle_time: timestamp(handledAtMs),
  };
}

/** The columns that a job reads: those that its statement names, those chosen for learning, or all. */
function usedColumns(dataset: Dataset, job: Job | undefined, references: References | undefined) {
  const { name, columns } = dataset;
  if (references) {
    const named = namedColumns(dataset, references);
    return named.length === 0 ? columns : named;
  }
  if (job?.type === 'VFL' || job?.type === 'PREDICT') {
    const chosen = new Set(job.features.filter((choice) => choice.datasetName === name).flatMap((c) => c.features));
    return columns.filter((column) => chosen.has(column.name) || column.labelType !== 'FEATURE');
  }
  return columns;
}

/** Undefined for other jobs, and for statements that do not parse. */
async function statementReferences(world: World, job: Job | undefined): Promise<References | undefined> {
  if (job?.type !== 'SQL') return undefined;
  try {
    return await referencesIn(world, job.sql);
  } catch (error) {
    if (error instanceof StatementError) return undefined;
    throw error;
  }
}

async function noticeDetail(world: World, notice: ApprovalNotice) {
  const job = world.job(notice.jobId);
  const references = await statementReferences(world, job);
  const datasets = notice.datasetIds.map((id) => world.dataset(id)).filter((dataset) => dataset !== undefined);
  const queries = datasets.map((dataset) => {
    const alias = world.partner(dataset.partnerId)?.alias ?? '';
    const columns = usedColumns(dataset, job, references).map(({ name }) => `\`${name}\``);
    return `SELECT ${columns.join(', ')} FROM \`${alias.toUpperCase()}\`.\`${dataset.name.toUpperCase()}\``;
  });
  const fields = datasets.flatMap((dataset) =>
    usedColumns(dataset, job, references).map((column) => ({
      dataset_name: dataset.name,
      field_name: column.name,
      field_type: column.privacyType ?? 'NON_SENSITIVE',
      is_show_in_final_select: column.privacyType === 'NON_SENSITIVE',
      func_desc: column.privacyType === 'SENSITIVE' ? 'SUM' : '/',
      encrypt_protect_type: column.privacyType === 'NON_SENSITIVE' ? 'NONE' : 'INTERNATION_ENCRYPT',
    })),
  );
  const hasSecrets = fields.some(({ field_type: type }) => type !== 'NON_SENSITIVE');
  return {
    // The service ends each subquery with a comma, the last one too.
    content: queries.map((query) => `${query},`).join(''),
    datasets: datasets.map(({ name }) => name).join(','),
    job_creator_alias: notice.creatorPartnerAlias,
    approval_msg: notice.message,
    field_detail: JSON.stringify(fields),
    privacy_detail: hasSecrets ? 'SENSITIVE and UNIQUE_ID fields leave this agent encrypted only' : '',
    converge_detail: hasSecrets ? 'every group of the result holds enough records' : '',
    approval_status: notice.reviewStatus,
  };
}

export const noticeHandlers: Handlers = {
  /** §7.6.2: `filter` is matched against the names of creator and league. */
  listApprovalNotices(request, world) {
    const agent = ownAgent(request, world);
    const wanted = textParameter(request, 'filter')?.toLowerCase() ?? '';
    const notices = world
      .approvalNoticesOfAgent(agent.id)
      .filter(({ creatorPartnerAlias, leagueId }) =>
        [creatorPartnerAlias, world.league(leagueId)?.name ?? ''].some((name) => name.toLowerCase().includes(wanted)),
      );
    return { status: 200, body: numberedPage(notices, pageParameters(request), noticeRow) };
  },

  /** §7.6.3 */
  async getApprovalNotice(request, world) {
    const { notice_id: noticeId = '' } = request.path;
    const notice = world.approvalNotice(noticeId);
    if (notice?.agentId !== ownAgent(request, world).id) {
      throw serviceError('agent', request.language, 'notFound', `notice ${noticeId}`);
    }
    return { status: 200, body: await noticeDetail(world, notice) };
  },
};
