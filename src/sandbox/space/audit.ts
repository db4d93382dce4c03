import { recordPage, timestamp } from '../contract/formats.ts';
import type { Handlers } from '../contract/handler.ts';
import type { AuditEvent, RunStatus, World } from '../model/world.ts';
import { requestedLeague, ok, pageParameters } from './request.ts';

export const auditHandlers: Handlers = {
  /** §6.7.1 */
  listAuditEvents(request, world) {
    const { id } = requestedLeague(request, world);
    return ok(recordPage(world.auditEventsOfLeague(id), pageParameters(request), (event) => eventRow(world, event)));
  },
};

function eventRow(world: World, event: AuditEvent) {
  const partner = world.partner(event.partnerId);
  const alias = partner?.alias ?? '';
  const { text, status, endedAtMs } = summaryOf(world, event, alias);
  return {
    id: event.id,
    league_id: event.leagueId,
    event_info: text,
    event_status: status,
    event_start_time: timestamp(event.startedAtMs),
    event_end_time: timestamp(endedAtMs),
    create_user_project_id: partner?.projectId ?? null,
    create_user_domain_id: partner?.domainId ?? null,
    creator_alias_name: alias,
    sponsor_agent_name: world.agent(event.agentId ?? '')?.name ?? null,
  };
}

interface EventSummary {
  readonly text: string;
  readonly status: RunStatus;
  readonly endedAtMs: number | undefined;
}

/** The event in the service's wording. Events about a run follow the run. */
function summaryOf(world: World, { subject, startedAtMs }: AuditEvent, alias: string): EventSummary {
  const done = { status: 'SUCCEEDED', endedAtMs: startedAtMs } as const;
  switch (subject.kind) {
    case 'membership':
      return { ...done, text: `Partner [${alias}] join league, [SUCCEEDED]` };
    case 'publication': {
      const { datasetId, datasetName } = subject;
      return { ...done, text: `Partner [${alias}] publish dataset [${datasetName}] id: [${datasetId}], [SUCCEEDED]` };
    }
    case 'action':
      return { ...done, text: `Partner [${alias}] ${subject.action}, [SUCCEEDED]` };
    case 'run':
      return runSummaryOf(world, subject.instanceId, alias);
  }
}

function runSummaryOf(world: World, instanceId: string, alias: string): EventSummary {
  const instance = world.instance(instanceId);
  if (!instance) return { text: '', status: 'TERMINATED', endedAtMs: undefined };
  const { type, status, jobName, startedAtMs, endedAtMs, datasetIds } = instance;
  const datasets = datasetIds
    .map((id) => world.dataset(id))
    .filter((dataset) => dataset !== undefined)
    .map(({ partnerId, name }) => [world.partner(partnerId)?.alias ?? '', name] as const);
  const consumed = endedAtMs === undefined ? '' : `, consume [${endedAtMs - startedAtMs}] millis`;
  const jobType = type.split('_')[0] ?? type;
  const used = JSON.stringify(Object.fromEntries(datasets));
  return {
    text:
      `Partner [${alias}] execute [${jobType}] job [${jobName}] id: [${instanceId}], ` +
      `use dataset [${used}]${consumed}, [${status}]`,
    status,
    endedAtMs,
  };
}
