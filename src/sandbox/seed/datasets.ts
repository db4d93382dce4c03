import type { Random } from '../model/random.ts';
import type { Agent, Connector, Dataset, DatasetFile, DatasetType, Publication } from '../model/world.ts';
import { learningColumns, tableTemplates } from '../data/columnTemplates.ts';
import type { LearningKind } from '../data/columnTemplates.ts';
import { dayMs } from './leagues.ts';

/** Datasets per league at scale 1. */
export const datasetsPerLeague = 12;

const learningKinds: readonly LearningKind[] = ['creditGuest', 'creditHost', 'iris', 'iris', 'clickGuest', 'clickHost'];
const descriptions: Readonly<Record<LearningKind, string>> = {
  creditGuest: '信贷样本，含标签',
  creditHost: '运营商特征',
  clickGuest: 'Clicks with label',
  clickHost: 'Movies with multi-hot genres',
  iris: '',
};

/** Dataset type by connector type. */
const typeOfConnector: Readonly<Partial<Record<Connector['type'], DatasetType>>> = {
  RDS_MYSQL: 'RDS',
  MRS: 'MRS',
  DWS: 'DWS',
  MYSQL: 'MYSQL',
  ORACLE: 'ORACLE',
};

/**
 * Datasets of one league: half files for learning, in pairs of partners, half tables for SQL. Neighbours belong to
 * different partners.
 */
export function seedDatasets(
  root: Random,
  agents: readonly Agent[],
  connectors: readonly Connector[],
  { count, days, nowMs }: { count: number; days: number; nowMs: number },
): Dataset[] {
  let ownSoFar = 0;
  return Array.from({ length: count }, (_, index) => {
    const random = root.fork(String(index));
    const agent = agents[index % agents.length];
    if (!agent) throw new Error('a league has agents');
    const kind = learningKinds[index % datasetsPerLeague];
    const ownTurn = agent.isOwn ? ownSoFar++ % 7 : 0;
    const fromMs = agent.createdAtMs + dayMs;
    const createdAtMs = Math.floor(fromMs + random.next() * (nowMs - (days + 10) * dayMs - fromMs));
    const base = {
      id: random.id(),
      leagueId: agent.leagueId,
      agentId: agent.id,
      partnerId: agent.partnerId,
      recordCount: random.pick([569, 1000, 4521, 10_000, 48_842, 100_000, 1_000_000]),
      createdAtMs,
      updatedAtMs: Math.min(createdAtMs + random.int(1, 40) * dayMs, nowMs),
      extraColumns: [],
    };
    return kind
      ? { ...base, ...seedFile(random, kind, index, base.id, connectorOf(connectors, agent, 'LOCAL')) }
      : { ...base, ...seedTable(random, index, connectors, agent, publicationOf(ownTurn)) };
  });
}

function publicationOf(turn: number): Publication {
  return turn === 3 ? 'UNPUBLISHED' : turn === 5 ? 'EDITED' : 'PUBLISHED';
}

function connectorOf(connectors: readonly Connector[], agent: Agent, type: Connector['type']): Connector {
  const connector = connectors.find((candidate) => candidate.agentId === agent.id && candidate.type === type);
  if (!connector) throw new Error(`agent ${agent.name} has no ${type} connector`);
  return connector;
}

type Content = Pick<
  Dataset,
  'name' | 'description' | 'type' | 'publication' | 'columns' | 'table' | 'file' | 'connectorId' | 'connectorName'
>;

function seedFile(random: Random, kind: LearningKind, index: number, datasetId: string, connector: Connector): Content {
  const isGuest = kind === 'creditGuest' || kind === 'clickGuest';
  const topic = kind === 'iris' ? 'iris' : kind.startsWith('credit') ? 'credit' : 'ctr';
  const file: DatasetFile = {
    fileType: 'CSV',
    delimiter: ',',
    hasHeader: true,
    dataPath: `/dataset/${datasetId}/data.csv`,
    idPath: isGuest ? `/dataset/${datasetId}/ids.csv` : '',
    configPath: kind === 'iris' ? '' : `/dataset/${datasetId}/config.json`,
    autoGenerate: kind !== 'iris',
    multihot:
      kind === 'clickHost'
        ? [
            { features: ['genres_0', 'genres_1'], fieldSize: 17 },
            { features: ['dummy_genres_0', 'dummy_genres_1'], fieldSize: 10 },
          ]
        : [],
  };
  return {
    name: `${topic}_${kind === 'iris' ? 'train' : isGuest ? 'guest' : 'host'}_${index + 1}`,
    description: descriptions[kind],
    type: 'LOCAL_CSV',
    publication: 'PUBLISHED',
    columns: learningColumns(random, kind),
    table: undefined,
    file,
    connectorId: connector.id,
    connectorName: connector.name,
  };
}

function seedTable(
  random: Random,
  index: number,
  connectors: readonly Connector[],
  agent: Agent,
  publication: Publication,
): Content {
  const template = tableTemplates[index % tableTemplates.length] ?? tableTemplates[0];
  const databases = connectors.filter(({ agentId, type }) => agentId === agent.id && type in typeOfConnector);
  const connector = databases[index % databases.length];
  const type = connector && typeOfConnector[connector.type];
  if (!template || !connector || !type) throw new Error(`agent ${agent.name} has no database connector`);
  const name = `${template.name}_${index + 1}`;
  return {
    name,
    description: template.description,
    type,
    publication,
    columns: template.columns,
    table: { schema: template.schema, name: `t_${template.name}_${random.int(1, 99)}` },
    file: undefined,
    connectorId: connector.id,
    connectorName: connector.name,
  };
}
