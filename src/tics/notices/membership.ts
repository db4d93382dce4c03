import type { components } from '../../upstream/generated/space.d.ts';
import { memo } from '../../upstream/memo.ts';
import { readRows, type ReadPage } from '../pages.ts';
import type { Planes } from '../planes/planes.ts';
import { count, instant, rows, text, type Long } from '../../upstream/wire.ts';
import { partnerStatus, toPartner, type Partner } from '../leagues/partner.ts';
import { toBlockchain, type LeagueBlockchain } from '../leagues/loaders.ts';

type Schemas = components['schemas'];

/** The league fields of a notice. */
export interface NoticeLeague {
  readonly ticsId: string | null;
  readonly name: string | null;
  readonly description: string | null;
  readonly memberCount: Long | null;
  readonly creatorName: string | null;
  readonly createdAt: string | null;
  readonly expiresAt: string | null;
  readonly blockchain: LeagueBlockchain | null;
}

/** Tells that an account is invited to a league, has joined or has left it. */
export interface MembershipNotice {
  readonly leagueId: string | null;
  readonly leagueName: string | null;
  readonly leagueSummary: NoticeLeague | null;
  readonly partners: readonly Partner[];
  /** The partner that it is about. */
  readonly partner: Partner;
  readonly createdAt: string | null;
  readonly creatorId: string | null;
  readonly creatorName: string | null;
  readonly updatedAt: string | null;
  readonly updaterId: string | null;
  readonly updaterName: string | null;
}

function toNoticeLeague(wire: Schemas['MembershipNoticeLeague']): NoticeLeague {
  return {
    ticsId: text(wire.id),
    name: text(wire.name),
    description: text(wire.description),
    memberCount: count(wire.partners),
    creatorName: text(wire.creator_name),
    createdAt: instant(wire.create_time),
    expiresAt: instant(wire.expire_time),
    blockchain: toBlockchain(wire),
  };
}

function toNotice(wire: Schemas['MembershipNoticeRow']): MembershipNotice {
  return {
    leagueId: text(wire.league_id) ?? text(wire.league?.id),
    leagueName: text(wire.league_name) ?? text(wire.league?.name),
    leagueSummary: wire.league ? toNoticeLeague(wire.league) : null,
    partners: rows(wire.partners).map(toPartner),
    partner: {
      ticsId: text(wire.partner_id),
      accountName: text(wire.domain_name),
      alias: text(wire.domain_alias),
      status: partnerStatus(wire.partner_status),
    },
    createdAt: instant(wire.create_time),
    creatorId: text(wire.creator_id),
    creatorName: text(wire.creator_name),
    updatedAt: instant(wire.update_time),
    updaterId: text(wire.update_id),
    updaterName: text(wire.update_name),
  };
}

/** Reads notices of membership. */
export function createMembershipNoticeLoaders({ space }: Planes) {
  /** `GET /v1/{p}/notices` (6.2.6): offset and limit count records. */
  const page = memo(async (query: { offset: number; limit: number }) =>
    readRows('listMembershipNotices', await space.read('listMembershipNotices', { query }), toNotice),
  );
  const list: ReadPage<MembershipNotice> = (offset, limit) => page({ offset, limit });
  return {
    /** All that the account sees. */
    list,
  };
}
