import { serviceError } from '../contract/errors.ts';
import { recordPage, timestamp } from '../contract/formats.ts';
import type { Handlers } from '../contract/handler.ts';
import type {
  Blockchain,
  League,
  LeagueNode,
  MembershipNotice,
  Partner,
  PrivacyProtection,
  World,
} from '../model/world.ts';
import { requestedLeague, ok, pageParameters } from './request.ts';

interface LeagueChange {
  readonly description?: string;
  readonly dp_enabled?: boolean;
  readonly privacy_protection_type?: PrivacyProtection;
}

export const leagueHandlers: Handlers = {
  /** §6.2.1 */
  getLeague(request, world) {
    const league = requestedLeague(request, world);
    return ok({
      ...leagueRow(world, league),
      description: league.description,
      is_access_control: league.accessControlled,
      is_need_approval: league.approvalRequired,
      privacy_protection_type: league.privacyProtection,
      dp_enabled: league.differentialPrivacy,
      resource_spec_code: league.resourceSpec,
    });
  },

  /** §6.2.2: creators only. Missing fields stay unchanged; the answer is empty. */
  updateLeague(request, world) {
    const league = requestedLeague(request, world);
    if (league.role !== 'OWNER') throw serviceError('space', request.language, 'notPermitted', `league ${league.id}`);
    const change = request.body as LeagueChange;
    league.description = change.description ?? league.description;
    league.differentialPrivacy = change.dp_enabled ?? league.differentialPrivacy;
    league.privacyProtection = change.privacy_protection_type ?? league.privacyProtection;
    world.addAuditEvent({
      leagueId: league.id,
      startedAtMs: world.clock.now(),
      partnerId: world.ownPartnerOfLeague(league.id)?.id ?? '',
      agentId: undefined,
      subject: { kind: 'action', action: 'update league' },
    });
    return { status: 200 };
  },

  /** §6.2.3 */
  listLeagueNodes(request, world) {
    const { id } = requestedLeague(request, world);
    return ok(recordPage(world.nodesOfLeague(id), pageParameters(request), nodeRow));
  },

  /** §6.2.4: `owned`, or those we joined. */
  listLeagues(request, world) {
    const leagues = world.leaguesOfRole(request.query.type === 'owned' ? 'OWNER' : 'PARTNER');
    return ok(recordPage(leagues, pageParameters(request), (league) => leagueRow(world, league)));
  },

  /** §6.2.5 */
  listPartners(request, world) {
    const { id } = requestedLeague(request, world);
    return ok(recordPage(world.membersOfLeague(id), pageParameters(request), partnerRow));
  },

  /** §6.2.6 */
  listMembershipNotices: (request, world) =>
    ok(recordPage(world.membershipNotices, pageParameters(request), (notice) => noticeRow(world, notice))),
};

function blockchainOf(blockchain: Blockchain | undefined) {
  return {
    block_chain_id: blockchain?.instanceId ?? null,
    block_chain_name: blockchain?.instanceName ?? null,
    bcs_channel_name: blockchain?.channelName ?? null,
    bcs_org_name: blockchain?.organizationName ?? null,
    bcs_ip: blockchain?.browserIp ?? null,
  };
}

function leagueRow(world: World, league: League) {
  return {
    id: league.id,
    name: league.name,
    partners: world.membersOfLeague(league.id).length,
    league_status: league.status,
    type: league.role,
    creator_id: league.creatorId,
    creator_name: league.creatorName,
    create_time: league.createdAtMs,
    create_date: timestamp(league.createdAtMs),
    expire_time: league.expiresAtMs,
    version: league.version,
    ...blockchainOf(league.blockchain),
  };
}

function nodeRow(node: LeagueNode) {
  return {
    node_id: node.id,
    node_name: node.name,
    ne_node_type: node.type,
    ne_deploy_type: node.deployType,
    ne_status: node.status,
    update_time: timestamp(node.updatedAtMs),
    create_time: timestamp(node.createdAtMs),
    partner_alias: node.partnerAlias ?? null,
    ha_mode: node.haMode ?? null,
  };
}

function partnerRow(partner: Partner) {
  return {
    id: partner.id,
    partner_domain_name: partner.domainName,
    partner_domain_alias: partner.alias,
    partner_status: partner.status,
  };
}

function noticeRow(world: World, notice: MembershipNotice) {
  const league = world.league(notice.leagueId);
  const partner = world.partner(notice.partnerId);
  return {
    league: league && {
      id: league.id,
      name: league.name,
      description: league.description,
      partners: world.membersOfLeague(league.id).length,
      creator_name: league.creatorName,
      create_time: league.createdAtMs,
      expire_time: league.expiresAtMs,
      ...blockchainOf(league.blockchain),
    },
    partners: world.membersOfLeague(notice.leagueId).map(partnerRow),
    league_id: notice.leagueId,
    league_name: league?.name ?? null,
    partner_id: notice.partnerId,
    domain_name: partner?.domainName ?? null,
    domain_alias: partner?.alias ?? null,
    partner_status: partner?.status ?? null,
    creator_id: notice.creatorId,
    creator_name: notice.creatorName,
    create_time: timestamp(notice.createdAtMs),
    update_id: notice.updaterId,
    update_name: notice.updaterName,
    update_time: timestamp(notice.updatedAtMs),
  };
}
