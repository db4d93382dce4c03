import DataLoader from 'dataloader';
import { GatewayError } from '../../errors.ts';
import type { components } from '../../upstream/generated/space.d.ts';
import { memo } from '../../upstream/memo.ts';
import { readObjects, readWindow, type Page, type ReadPage } from '../pages.ts';
import type { Planes } from '../planes/planes.ts';
import { count, flag, instant, text, type Long } from '../../upstream/wire.ts';
import { openEnumReader, type OpenEnum } from '../../upstream/openEnum.ts';
import { createNodeLists } from './computeNode.ts';
import { createPartnerLists } from './partner.ts';

type Schemas = components['schemas'];

/** Part that the account has in a league. */
export const leagueRoles = {
  OWNER: 'The account created the league.',
  PARTNER: 'The account joined the league.',
} as const;

/** States of a league. */
export const leagueStatuses = {
  CREATING: 'Being created.',
  CREATE_FAILED: 'Could not be created.',
  NORMAL: 'In use.',
  UPDATING: 'Being upgraded.',
  UPDATE_FAILED: 'Could not be upgraded.',
  ROLLING: 'Being rolled back.',
  ROLL_FAILED: 'Could not be rolled back.',
  DELETING: 'Being deleted.',
  DELETE_FAILED: 'Could not be deleted.',
  DELETED: 'Gone.',
} as const;

/** Levels of privacy protection. */
export const privacyLevels = { STANDARD: 'Standard protection.', HIGH: 'High protection.' } as const;

const leagueRole = openEnumReader(leagueRoles);
const leagueStatus = openEnumReader(leagueStatuses);
const privacyLevel = openEnumReader(privacyLevels);

/** The blockchain on which evidence is kept (BCS). */
export interface Blockchain {
  readonly id: string | null;
  readonly name: string | null;
  readonly channelName: string | null;
  readonly organizationName: string | null;
}

/** The one of a league. */
export interface LeagueBlockchain extends Blockchain {
  readonly browserAddress: string | null;
}

/** A league, from its list row. */
export interface League {
  readonly __typename: 'League';
  readonly ticsId: string;
  readonly name: string | null;
  readonly status: OpenEnum<typeof leagueStatuses>;
  readonly role: OpenEnum<typeof leagueRoles>;
  readonly version: string | null;
  readonly createdAt: string | null;
  readonly creatorId: string | null;
  readonly creatorName: string | null;
  readonly expiresAt: string | null;
  readonly memberCount: Long | null;
  readonly blockchain: LeagueBlockchain | null;
}

/** Fields that only the league's own call returns. */
export interface LeagueSettings {
  readonly description: string | null;
  readonly privacyProtection: OpenEnum<typeof privacyLevels>;
  readonly differentialPrivacy: boolean | null;
  readonly accessControlled: boolean | null;
  readonly approvalRequired: boolean | null;
  readonly resourceSpec: string | null;
}

/** Changes of a league. Null or missing fields keep their values. */
export interface LeagueChange {
  readonly description?: string | null | undefined;
  readonly differentialPrivacy?: boolean | null | undefined;
  readonly privacyProtection?: keyof typeof privacyLevels | null | undefined;
}

/** Names the blockchain of a league, which notices repeat, or null where there is none. */
export function toBlockchain(wire: {
  readonly block_chain_id?: string | null;
  readonly block_chain_name?: string | null;
  readonly bcs_channel_name?: string | null;
  readonly bcs_org_name?: string | null;
  readonly bcs_ip?: string | null;
}): LeagueBlockchain | null {
  const blockchain = {
    id: text(wire.block_chain_id),
    name: text(wire.block_chain_name),
    channelName: text(wire.bcs_channel_name),
    organizationName: text(wire.bcs_org_name),
    browserAddress: text(wire.bcs_ip),
  };
  return Object.values(blockchain).every((value) => !value) ? null : blockchain;
}

/** Reads the fields of a row when they are asked for. */
class ListedLeague implements League {
  readonly __typename = 'League';
  readonly ticsId: string;
  readonly #row: Schemas['LeagueRow'];

  constructor(row: Schemas['LeagueRow'], ticsId = text(row.id) ?? '') {
    this.ticsId = ticsId;
    this.#row = row;
  }

  get name(): string | null {
    return text(this.#row.name);
  }

  get status(): League['status'] {
    return leagueStatus(this.#row.league_status);
  }

  get role(): League['role'] {
    return leagueRole(this.#row.type);
  }

  get version(): string | null {
    return text(this.#row.version);
  }

  /** The same instant twice: milliseconds here, ISO 8601 there; either may be missing. */
  get createdAt(): string | null {
    return instant(this.#row.create_time) ?? instant(this.#row.create_date);
  }

  get creatorId(): string | null {
    return text(this.#row.creator_id);
  }

  get creatorName(): string | null {
    return text(this.#row.creator_name);
  }

  get expiresAt(): string | null {
    return instant(this.#row.expire_time);
  }

  get memberCount(): Long | null {
    return count(this.#row.partners);
  }

  get blockchain(): LeagueBlockchain | null {
    return toBlockchain(this.#row);
  }
}

function toLeague(row: Schemas['LeagueRow']): League {
  return new ListedLeague(row);
}

function toSettings(wire: Schemas['LeagueDetail']): LeagueSettings {
  return {
    description: text(wire.description),
    privacyProtection: privacyLevel(wire.privacy_protection_type),
    differentialPrivacy: flag(wire.dp_enabled),
    accessControlled: flag(wire.is_access_control),
    approvalRequired: flag(wire.is_need_approval),
    resourceSpec: text(wire.resource_spec_code),
  };
}

/** `PUT /v1/{p}/leagues/{l}` (6.2.2). */
async function updateLeague(
  { space }: Planes,
  leagueId: string,
  { description, differentialPrivacy, privacyProtection }: LeagueChange,
): Promise<void> {
  await space.write('updateLeague', {
    path: { league_id: leagueId },
    body: {
      ...(typeof description === 'string' && { description }),
      ...(typeof differentialPrivacy === 'boolean' && { dp_enabled: differentialPrivacy }),
      ...(privacyProtection && { privacy_protection_type: privacyProtection }),
    },
  });
}

/** `GET /v1/{p}/league-info` (6.2.4): offset and limit count records. `onRow` receives every league that was read. */
function createLeagueLists({ space, joinedLeaguesType }: Planes, onRow: (league: League) => void) {
  /** Values of `type` by the account's role. */
  const types = { OWNER: 'owned', PARTNER: joinedLeaguesType } as const;
  const page = memo(
    async ({
      role,
      offset,
      limit,
    }: {
      role: keyof typeof leagueRoles;
      offset: number;
      limit: number;
    }): Promise<Page<League>> => {
      const answer = await space.read('listLeagues', { query: { type: types[role], offset, limit } });
      const leagues = readObjects('listLeagues', answer, toLeague);
      leagues.rows.forEach(onRow);
      return leagues;
    },
  );
  return (role: keyof typeof leagueRoles): ReadPage<League> =>
    (offset, limit) =>
      page({ role, offset, limit });
}

/** Reads leagues. */
export function createLeagueLoaders(planes: Planes) {
  const list = createLeagueLists(planes, (league) => byId.prime(league.ticsId, league));

  /** `GET /v1/{p}/leagues/{l}` (6.2.1). */
  const detail = memo((leagueId: string) => planes.space.read('getLeague', { path: { league_id: leagueId } }));

  /** Null as in a list, which does not hold a league that the account does not see. */
  const alone = async (leagueId: string): Promise<League | null> => {
    try {
      return new ListedLeague(await detail(leagueId), leagueId);
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'NOT_FOUND') return null;
      throw error;
    }
  };

  /** One league is read by its own call, several by the two lists, which hold all that the account sees. */
  const byId = new DataLoader<string, League | null>(async (leagueIds) => {
    const [only] = leagueIds;
    if (leagueIds.length === 1 && only !== undefined) return [await alone(only)];
    const listed = await Promise.all(
      (['OWNER', 'PARTNER'] as const).map((role) => readWindow(list(role), 0, Number.MAX_SAFE_INTEGER)),
    );
    const known = new Map(listed.flatMap(({ rows }) => rows).map((league) => [league.ticsId, league]));
    // A row that is missing may be the league's.
    const fault = listed.find(({ gaps }) => gaps?.areMissing)?.gaps?.fault;
    return leagueIds.map((leagueId) => known.get(leagueId) ?? fault ?? null);
  });

  return {
    /** A league by its id; null when the account sees none. */
    byId: (leagueId: string): Promise<League | null> => byId.load(leagueId),
    /** The leagues in which the account has this role. */
    list,
    /** Changes a league. */
    update: (leagueId: string, change: LeagueChange): Promise<void> => updateLeague(planes, leagueId, change),
    /** True when the league has the whole change: reconciles a write whose outcome is unknown. */
    hasChanged: async (leagueId: string, change: LeagueChange): Promise<boolean> => {
      const { privacyProtection, ...settings } = toSettings(await detail(leagueId));
      const now = { ...settings, privacyProtection: privacyProtection.value };
      return (Object.keys(change) as (keyof LeagueChange)[]).every((key) => (change[key] ?? now[key]) === now[key]);
    },
    /** Settings of a league. */
    settings: async (leagueId: string): Promise<LeagueSettings> => toSettings(await detail(leagueId)),
    /** Compute nodes of a league. */
    nodes: createNodeLists(planes),
    /** Partners of a league. */
    partners: createPartnerLists(planes),
  };
}
