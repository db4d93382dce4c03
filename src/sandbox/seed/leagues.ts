import type { Random } from '../model/random.ts';
import type {
  Blockchain,
  League,
  LeagueNode,
  MembershipNotice,
  Partner,
  PartnerStatus,
  Tenant,
} from '../model/world.ts';
import { leagueDescriptions, leagueNames, ownUsers, tenants } from './names.ts';

export const dayMs = 24 * 60 * 60 * 1000;
const hourMs = 60 * 60 * 1000;

/** Depends on account and name only. */
export function userIdOf(random: Random, domainName: string, userName: string): string {
  return random.fork(`user/${domainName}/${userName}`).id();
}

export function seedTenant(random: Random): Tenant {
  const domainName = 'gateway_demo';
  return {
    domainId: random.fork(`domain/${domainName}`).id(),
    domainName,
    projectId: random.fork('project').id(),
    regionName: 'cn-north-4',
    userId: userIdOf(random, domainName, ownUsers[0] ?? ''),
    account: { user: ownUsers[0] ?? '', password: `Tics@${random.fork('password').id().slice(0, 8)}` },
  };
}

export interface SeededLeagues {
  readonly leagues: League[];
  readonly partners: Partner[];
  readonly nodes: LeagueNode[];
  readonly membershipNotices: MembershipNotice[];
}

/** Leagues with partners, control nodes and membership notices. */
export function seedLeagues(
  root: Random,
  tenant: Tenant,
  {
    ownedLeagues,
    joinedLeagues,
    days,
    nowMs,
  }: { ownedLeagues: number; joinedLeagues: number; days: number; nowMs: number },
): SeededLeagues {
  const seeded: SeededLeagues = { leagues: [], partners: [], nodes: [], membershipNotices: [] };
  for (let index = 0; index < ownedLeagues + joinedLeagues; index++) {
    const random = root.fork(`league/${index}`);
    const isOwned = index < ownedLeagues;
    const createdAtMs = nowMs - random.int(days + 110, days + 310) * dayMs - random.int(0, 23) * hourMs;
    const partners = seedPartners(root, random, tenant, { index, isOwned, createdAtMs });
    const [creator] = partners;
    if (!creator) throw new Error('a league has a creator');
    const creatorName = isOwned ? tenant.account.user : (usersOf(creator.domainName)[0] ?? '');
    const league: League = {
      id: creator.leagueId,
      name: nameOf(index),
      description: leagueDescriptions[index % leagueDescriptions.length] ?? '',
      role: isOwned ? 'OWNER' : 'PARTNER',
      status: isOwned && index % 3 === 2 ? 'UPDATING' : 'NORMAL',
      version: index % 2 === 0 ? '1.15.1' : '1.14.2',
      createdAtMs,
      expiresAtMs: index % 4 === 1 ? nowMs + 300 * dayMs : 0,
      creatorId: userIdOf(root, creator.domainName, creatorName),
      creatorName,
      accessControlled: random.chance(0.5),
      approvalRequired: index % 5 !== 3,
      privacyProtection: index % 2 === 0 ? 'HIGH' : 'STANDARD',
      differentialPrivacy: index % 3 === 0,
      resourceSpec: random.pick(['league.small', 'league.middle', 'league.large']),
      blockchain: index % 2 === 0 ? seedBlockchain(random) : undefined,
    };
    seeded.leagues.push(league);
    seeded.partners.push(...partners);
    seeded.nodes.push(...seedNodes(random, league));
    seeded.membershipNotices.push(...partners.slice(1).map((partner) => seedNotice(root, random, league, partner)));
  }
  return seeded;
}

export function usersOf(domainName: string): readonly string[] {
  return tenants.find((tenant) => tenant.domainName === domainName)?.users ?? ownUsers;
}

function nameOf(index: number): string {
  const name = leagueNames[index % leagueNames.length] ?? '';
  return index < leagueNames.length ? name : `${name} ${Math.floor(index / leagueNames.length) + 1}`;
}

export function seedBlockchain(random: Random): Blockchain {
  return {
    browserIp: `192.0.2.${random.int(10, 200)}`,
    channelName: 'channel',
    organizationName: random.pick(['organization', '联盟组织', 'tics-org']),
    organizationHash: random.id(),
    instanceId: random.uuid(),
    instanceName: `bcs-tics-${random.id().slice(0, 4)}`,
  };
}

/** The creator first. Every second league has a pending partner. */
function seedPartners(
  root: Random,
  random: Random,
  own: Tenant,
  { index, isOwned, createdAtMs }: { index: number; isOwned: boolean; createdAtMs: number },
): Partner[] {
  const leagueId = random.id();
  const others = tenants.map((_, position) => tenants[(position + index * 3) % tenants.length] ?? tenants[0]);
  const statuses: PartnerStatus[] = ['JOINED', 'JOINED'];
  if (index % 3 !== 1) statuses.push('JOINED');
  statuses.push(index % 2 === 0 ? 'JOIN_PENDING_APPROVAL' : 'JOIN_REJECTED');
  if (index % 3 === 0) statuses.push('QUIT');

  const partner = (
    account: { domainName: string; domainId: string; projectId: string },
    alias: string,
    status: PartnerStatus,
    days: number,
  ): Partner => ({
    id: random.id(),
    leagueId,
    ...account,
    alias,
    status,
    isOwn: account.domainId === own.domainId,
    joinedAtMs: createdAtMs + days * dayMs,
  });
  const ownAccount = { domainName: own.domainName, domainId: own.domainId, projectId: own.projectId };
  const foreign = statuses.map((status, position) => {
    const { domainName, alias } = others[position] ?? tenants[0];
    const domainId = root.fork(`domain/${domainName}`).id();
    const isCreator = !isOwned && position === 0;
    return partner(
      { domainName, domainId, projectId: root.fork(`project/${domainName}`).id() },
      isCreator ? 'space_creator' : alias,
      status,
      isCreator ? 0 : position + 1,
    );
  });
  const ownPartner = partner(ownAccount, isOwned ? 'space_creator' : 'tics_demo', 'JOINED', isOwned ? 0 : 1);
  const [first, ...rest] = foreign;
  return isOwned || !first ? [ownPartner, ...foreign] : [first, ownPartner, ...rest];
}

function seedNodes(random: Random, league: League): LeagueNode[] {
  const node = (
    type: LeagueNode['type'],
    status: LeagueNode['status'],
    haMode: LeagueNode['haMode'],
    position: number,
  ): LeagueNode => ({
    id: random.id(),
    leagueId: league.id,
    name: `192.0.2.${20 + position}`,
    type,
    deployType: 'CCE',
    status,
    haMode,
    partnerAlias: undefined,
    createdAtMs: league.createdAtMs + position * 60_000,
    updatedAtMs: league.createdAtMs + random.int(1, 100) * hourMs,
  });
  return [
    node('SERVER', 'TRUST', undefined, 0),
    node('AGG_MANAGER', 'TRUST', 'ACTIVE', 1),
    node('AGG_MANAGER', 'INIT', 'STANDBY', 2),
    node('AGG', 'TRUST', undefined, 3),
    node('AGG', random.pick(['TRUST', 'FAULT', 'UNKNOWN']), undefined, 4),
  ];
}

function seedNotice(root: Random, random: Random, league: League, partner: Partner): MembershipNotice {
  const answerer = usersOf(partner.domainName)[0] ?? '';
  const isOpen = partner.status === 'JOIN_PENDING_APPROVAL';
  const createdAtMs = partner.joinedAtMs - random.int(1, 20) * hourMs;
  return {
    id: random.id(),
    leagueId: league.id,
    partnerId: partner.id,
    creatorId: league.creatorId,
    creatorName: league.creatorName,
    createdAtMs,
    updaterId: isOpen ? league.creatorId : userIdOf(root, partner.domainName, answerer),
    updaterName: isOpen ? league.creatorName : answerer,
    updatedAtMs: isOpen ? createdAtMs : partner.joinedAtMs,
  };
}
