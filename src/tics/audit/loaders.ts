import type { components } from '../../upstream/generated/space.d.ts';
import { memo } from '../../upstream/memo.ts';
import { readRows, type Page, type ReadPage } from '../pages.ts';
import type { Planes } from '../planes/planes.ts';
import { instant, record, text } from '../../upstream/wire.ts';
import type { OpenEnum } from '../../upstream/openEnum.ts';
import { instanceStatus, type instanceStatuses } from '../instances/enums.ts';

/** An entry of a league's audit log. */
export interface AuditEvent {
  readonly ticsId: string | null;
  readonly leagueId: string | null;
  readonly text: string | null;
  /** One of a run's states, for actions of any kind. */
  readonly status: OpenEnum<typeof instanceStatuses>;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly updatedAt: string | null;
  readonly creatorProjectId: string | null;
  readonly creatorAccountId: string | null;
  readonly partnerAlias: string | null;
  readonly agentName: string | null;
}

function toEvent(wire: components['schemas']['AuditEventRow']): AuditEvent {
  return {
    ticsId: text(wire.id),
    leagueId: text(wire.league_id),
    text: text(wire.event_info),
    status: instanceStatus(wire.event_status),
    startedAt: instant(wire.event_start_time),
    endedAt: instant(wire.event_end_time),
    // Only in an example of the reference, in no table.
    updatedAt: instant(record(wire)['update_time']),
    creatorProjectId: text(wire.create_user_project_id),
    creatorAccountId: text(wire.create_user_domain_id),
    partnerAlias: text(wire.creator_alias_name),
    agentName: text(wire.sponsor_agent_name),
  };
}

/** Reads audit logs. */
export function createAuditLoaders({ space }: Planes) {
  /** `GET /v1/{p}/leagues/{l}/audit-info` (6.7.1): offset and limit count records. */
  const page = memo(
    async ({ leagueId, ...query }: { leagueId: string; offset: number; limit: number }): Promise<Page<AuditEvent>> => {
      const answer = await space.read('listAuditEvents', { path: { league_id: leagueId }, query });
      return readRows('listAuditEvents', answer, toEvent);
    },
  );
  return {
    /** The audit log of a league. */
    log:
      (leagueId: string): ReadPage<AuditEvent> =>
      (offset, limit) =>
        page({ leagueId, offset, limit }),
  };
}
