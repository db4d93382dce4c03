import type { components } from '../../upstream/generated/space.d.ts';
import { memo } from '../../upstream/memo.ts';
import { readRows, type Page, type ReadPage } from '../pages.ts';
import type { Planes } from '../planes/planes.ts';
import { text } from '../../upstream/wire.ts';
import { openEnumReader, type OpenEnum } from '../../upstream/openEnum.ts';

/** States of a partner in a league. */
export const partnerStatuses = {
  JOINED: 'It is a member.',
  JOIN_PENDING_APPROVAL: 'Its request to join waits for approval.',
  JOIN_REJECTED: 'Its request to join was refused.',
  QUIT: 'It has left.',
} as const;

/** Reads the state of a partner; notices of membership have it too. */
export const partnerStatus = openEnumReader(partnerStatuses);

/** A partner of a league. */
export interface Partner {
  readonly ticsId: string | null;
  readonly accountName: string | null;
  readonly alias: string | null;
  readonly status: OpenEnum<typeof partnerStatuses>;
}

/** Reads a partner; notices of membership hold the same rows. */
export function toPartner(wire: components['schemas']['LeaguePartnerRow']): Partner {
  return {
    ticsId: text(wire.id),
    accountName: text(wire.partner_domain_name),
    alias: text(wire.partner_domain_alias),
    status: partnerStatus(wire.partner_status),
  };
}

/** `GET /v1/{p}/leagues/{l}/partners` (6.2.5): offset and limit count records. */
export function createPartnerLists({ space }: Planes): (leagueId: string) => ReadPage<Partner> {
  const page = memo(
    async ({ leagueId, ...query }: { leagueId: string; offset: number; limit: number }): Promise<Page<Partner>> => {
      const answer = await space.read('listPartners', { path: { league_id: leagueId }, query });
      return readRows('listPartners', answer, toPartner);
    },
  );
  return (leagueId) => (offset, limit) => page({ leagueId, offset, limit });
}
