import { builder } from '../builder.ts';
import { openEnum, openEnumFields } from '../shared/enums.ts';
import { formatId, parseId } from '../shared/ids.ts';
import { mergedConnectionOf } from '../shared/merge/connection.ts';
import { mergePages } from '../shared/merge/mergePages.ts';
import { findNodesOf, found, Node } from '../shared/node.ts';
import { connect, pageArguments } from '../shared/page.ts';
import { reportAt } from '../shared/partialErrors.ts';
import { leagueById } from './calls.ts';
import { ComputeNodeConnection } from './computeNode.ts';
import { PartnerConnection } from './partner.ts';
import {
  leagueRoles,
  leagueStatuses,
  privacyLevels,
  type Blockchain as BlockchainShape,
  type LeagueBlockchain as LeagueBlockchainShape,
  type League as LeagueShape,
  type LeagueSettings as LeagueSettingsShape,
} from '../../tics/leagues/loaders.ts';

const LeagueStatus = openEnum('LeagueStatus', 'State of a league.', leagueStatuses);
const LeagueRole = openEnum('LeagueRole', 'Role of the account in a league.', leagueRoles);
export const PrivacyProtection = openEnum('PrivacyProtection', 'Level of privacy protection.', privacyLevels);

export const Blockchain = builder.interfaceRef<BlockchainShape>('Blockchain').implement({
  description: 'The blockchain that keeps the evidence of what was done.',
  fields: (t) => ({
    ticsId: t.exposeString('id', { description: 'Id of its instance in the cloud’s Blockchain Service (BCS).' }),
    name: t.exposeString('name', { description: 'Name of that instance.' }),
    channelName: t.exposeString('channelName', { description: 'Channel that is written to.' }),
    organizationName: t.exposeString('organizationName', { description: 'Organization in whose name it is written.' }),
  }),
});

export const LeagueBlockchain = builder.objectRef<LeagueBlockchainShape>('LeagueBlockchain').implement({
  description: 'The blockchain of a league.',
  interfaces: [Blockchain],
  fields: (t) => ({
    browserAddress: t.exposeString('browserAddress', { description: 'Address of the blockchain browser.' }),
  }),
});

const LeagueSettings = builder.objectRef<LeagueSettingsShape>('LeagueSettings').implement({
  description: 'Settings of a league.',
  fields: (t) => ({
    description: t.exposeString('description', { description: 'What the league is for, in its creator’s words.' }),
    ...openEnumFields(t, 'privacyProtection', PrivacyProtection, 'Level of privacy protection.'),
    differentialPrivacy: t.exposeBoolean('differentialPrivacy', {
      description: 'Whether results are protected by differential privacy.',
    }),
    accessControlled: t.exposeBoolean('accessControlled', { description: 'Whether access to datasets is controlled.' }),
    approvalRequired: t.exposeBoolean('approvalRequired', {
      description: 'Whether jobs must be approved by the owners of their datasets before they run.',
    }),
    resourceSpec: t.exposeString('resourceSpec', { description: 'Size of the resources that the league has.' }),
  }),
});

export const League = builder.objectRef<LeagueShape>('League').implement({
  description: 'A league (空间): companies that compute over their data together without showing it to one another.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: '`League:<league>`.',
      resolve: ({ ticsId }) => formatId('League', ticsId),
    }),
    ticsId: t.exposeString('ticsId', { nullable: false, description: 'The raw id that the service uses.' }),
    name: t.exposeString('name', { description: 'Name of the league.' }),
    ...openEnumFields(t, 'status', LeagueStatus, 'State of the league.'),
    ...openEnumFields(t, 'role', LeagueRole, 'Role of the account in the league.'),
    version: t.exposeString('version', { description: 'Version of the league’s software.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the league was created.' }),
    creatorTicsId: t.exposeString('creatorId', { description: 'Id of the user who created it.' }),
    creatorName: t.exposeString('creatorName', { description: 'Name of the user who created it.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When the league ends; null when it does not.' }),
    memberCount: t.expose('memberCount', { type: 'Long', description: 'How many partners the league has.' }),
    blockchain: t.expose('blockchain', {
      type: LeagueBlockchain,
      description: 'Where its evidence is kept, if anywhere.',
    }),
    settings: t.field({
      type: LeagueSettings,
      calls: [{ call: 'getLeague', per: 'league' }],
      description: 'Settings of the league.',
      resolve: ({ ticsId }, _, { loaders }) => loaders.leagues.settings(ticsId),
    }),
    computeNodes: t.field({
      type: ComputeNodeConnection,
      calls: [{ call: 'listLeagueNodes', per: 'page100' }],
      description: 'Nodes of the league with their health: agents, aggregators and control nodes.',
      args: pageArguments,
      resolve: ({ ticsId }, page, { loaders, report }, info) =>
        connect(page, loaders.leagues.nodes(ticsId), reportAt(report, info)),
    }),
    partners: t.field({
      type: PartnerConnection,
      calls: [{ call: 'listPartners', per: 'page100' }],
      description: 'Partners of the league, its creator among them.',
      args: pageArguments,
      resolve: ({ ticsId }, page, { loaders, report }, info) =>
        connect(page, loaders.leagues.partners(ticsId), reportAt(report, info)),
    }),
  }),
});

findNodesOf('League', leagueById, ([leagueId = ''], { loaders }) => loaders.leagues.byId(leagueId));

const LeagueConnection = mergedConnectionOf('League', League, 'leagues');

function newestFirst(one: LeagueShape, other: LeagueShape): number {
  return (other.createdAt ?? '').localeCompare(one.createdAt ?? '');
}

const allRoles = ['OWNER', 'PARTNER'] as const;

builder.queryFields((t) => ({
  league: t.field({
    type: League,
    calls: leagueById,
    description: 'A league, by its id.',
    args: { id: t.arg.id({ required: true, description: '`League:<league>`, or the raw TICS id.' }) },
    resolve: (_, { id }, { loaders }) => found(loaders.leagues.byId(parseId('League', id)[0])),
  }),
  leagues: t.field({
    type: LeagueConnection,
    calls: [
      { call: 'listLeagues', per: 'page100', isAnchored: true },
      { call: 'listLeagues', per: 'page100', isAnchored: true, onlyWhen: { omitted: 'role' } },
    ],
    description: 'Leagues of the account, those it created and those it joined merged, newest first.',
    args: {
      role: t.arg({ type: LeagueRole.asInput(), description: 'Only leagues in which the account has this role.' }),
      ...pageArguments,
    },
    resolve: (_, { role, ...page }, { loaders, report }, info) =>
      mergePages(page, {
        sources: (role ? [role] : allRoles).map((name) => ({
          name,
          read: loaders.leagues.list(name),
        })),
        idOf: ({ ticsId }) => ticsId,
        compare: newestFirst,
        // A league may be both: created by the account, and joined.
        isOnceOnly: !role,
        report: reportAt(report, info),
      }),
  }),
}));
