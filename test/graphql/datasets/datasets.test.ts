import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/sandbox/model/world.ts';
import { useStage } from '../../support/gateway.ts';
import { datasetId as idOf } from '../../support/ids.ts';

const stage = useStage();

/** A dataset of the embedded TICS that matches; throws where there is none. */
function datasetWhere(fits: (dataset: Dataset) => boolean): Dataset {
  const dataset = stage.sandbox.world.datasets.find(fits);
  if (dataset === undefined) throw new Error('the world has no such dataset');
  return dataset;
}

function isOwn({ agentId }: Dataset): boolean {
  return stage.sandbox.world.agents.some(({ id }) => id === agentId);
}
function isReachable(dataset: Dataset): boolean {
  return isOwn(dataset) && stage.sandbox.world.agent(dataset.agentId)?.nodeStatus === 'TRUST';
}
function isListed({ publication }: Dataset): boolean {
  return publication !== 'UNPUBLISHED';
}

/** The league with most datasets. */
function widestLeague(): string {
  const [league] = [...stage.sandbox.world.leagues].sort(
    (one, other) =>
      stage.sandbox.world.datasetsOfLeague(other.id).length - stage.sandbox.world.datasetsOfLeague(one.id).length,
  );
  return league?.id ?? '';
}

interface Rows<Row> {
  readonly nodes: readonly Row[];
  readonly totalCount: number;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

describe('League.datasets', () => {
  it('has the fields of the league’s list, with columns', async () => {
    const leagueId = widestLeague();
    const { league } = await stage.data<{ league: { datasets: Rows<Record<string, unknown>> } }>(
      `query ($id: ID!) {
        league(id: $id) {
          datasets(first: 100) {
            totalCount
            nodes {
              __typename id ticsId leagueId name description dataType dataTypeText accountName createdAt
              columns {
                datasetId name dataType comment label labelText featureType featureTypeText privacyClass
                privacyClassText privacyPolicy privacyPolicyText privacyPolicyDetail discrete length scale
              }
            }
          }
        }
      }`,
      { id: leagueId },
    );
    const { world } = stage.sandbox;
    const datasets = world.datasetsOfLeague(leagueId);
    expect(league.datasets.totalCount).toBe(datasets.length);
    expect(league.datasets.nodes).toEqual(
      datasets.map((dataset) => ({
        __typename: 'Dataset',
        id: idOf(dataset),
        ticsId: dataset.id,
        leagueId: `League:${leagueId}`,
        name: dataset.name,
        description: dataset.description,
        dataType: dataset.type,
        dataTypeText: dataset.type,
        accountName: world.partner(dataset.partnerId)?.domainName,
        createdAt: new Date(dataset.createdAtMs).toISOString(),
        columns: dataset.columns.map((column) => ({
          datasetId: idOf(dataset),
          name: column.name,
          dataType: column.dataType,
          comment: column.comment,
          label: column.labelType ?? 'UNKNOWN',
          labelText: column.labelType ?? null,
          featureType: column.featureType ?? 'UNKNOWN',
          featureTypeText: column.featureType ?? null,
          privacyClass: column.privacyType ?? 'UNKNOWN',
          privacyClassText: column.privacyType ?? null,
          privacyPolicy: column.privacyPolicy,
          privacyPolicyText: column.privacyPolicy,
          privacyPolicyDetail: column.privacyPolicyText ?? null,
          discrete: expect.toSatisfy((value) => value === null || typeof value === 'boolean') as unknown,
          length: column.length ?? null,
          scale: column.scale ?? null,
        })),
      })),
    );
  });

  it('costs one call a league for all fields of its rows', async () => {
    const { world } = stage.sandbox;
    const calls = await stage.callsOf(() =>
      stage.data(`{
        leagues(first: 20) {
          nodes {
            datasets(first: 10) {
              totalCount
              nodes { id name description dataType accountName createdAt columns { name } }
            }
          }
        }
      }`),
    );
    expect(calls).toEqual({ listLeagues: 2, listLeagueDatasets: world.leagues.length });
  });

  it('pages exactly', async () => {
    const leagueId = widestLeague();
    const met: string[] = [];
    let after: string | null = null;
    do {
      const { league }: { league: { datasets: Rows<{ id: string }> } } = await stage.data(
        `query ($id: ID!, $after: String) {
          league(id: $id) {
            datasets(first: 7, after: $after) { totalCount nodes { id } pageInfo { hasNextPage endCursor } }
          }
        }`,
        { id: leagueId, after },
      );
      met.push(...league.datasets.nodes.map(({ id }) => id));
      after = league.datasets.pageInfo.hasNextPage ? league.datasets.pageInfo.endCursor : null;
    } while (after !== null);
    expect(met).toEqual(stage.sandbox.world.datasetsOfLeague(leagueId).map(idOf));
  });

  it('leaves comparing names to the service', async () => {
    const dataset = datasetWhere(isListed);
    const accountName = stage.sandbox.world.partner(dataset.partnerId)?.domainName;
    const query = `query ($id: ID!, $filter: DatasetFilter) { league(id: $id) { datasets(filter: $filter) { nodes { id } } } }`;
    const filtered = async (filter: object) =>
      (await stage.data<{ league: { datasets: Rows<unknown> } }>(query, { id: dataset.leagueId, filter })).league
        .datasets.nodes;
    expect(await filtered({ name: dataset.name })).toContainEqual({ id: idOf(dataset) });
    expect(await filtered({ name: dataset.name, accountName })).toContainEqual({ id: idOf(dataset) });
    expect(await filtered({ name: dataset.name, accountName: 'nobody' })).toEqual([]);
    const calls = await stage.sandbox.client.calls({ operationId: 'listLeagueDatasets' });
    expect(calls.map(({ query: asked }) => asked)).toContainEqual(
      expect.objectContaining({ dataset_name: dataset.name, partner_name: accountName }),
    );
  });

  it('reads columns under either name', async () => {
    const query = `query ($id: ID!) { league(id: $id) { datasets { nodes { columns { name label scale } } } } }`;
    const variables = { id: widestLeague() };
    const plain = await stage.data(query, variables);
    for (const variant of ['snakeCaseNames', 'camelCaseNames', 'flagsAsText', 'timesAsEpoch', 'countsAsText']) {
      await stage.sandbox.client.setRules([{ operationId: 'listLeagueDatasets', variants: [variant] }]);
      expect(await stage.data(query, variables), variant).toEqual(plain);
    }
  });

  it('costs its own branch when it fails', async () => {
    const leagueId = widestLeague();
    await stage.sandbox.client.setRules([
      { operationId: 'listLeagueDatasets', fault: { kind: 'status', status: 500 } },
    ]);
    const { data, errors } = await stage.ask(
      `query ($id: ID!) { league(id: $id) { ticsId datasets { nodes { id } } } }`,
      { id: leagueId },
    );
    expect(data).toEqual({ league: { ticsId: leagueId, datasets: null } });
    expect(errors).toMatchObject([
      {
        path: ['league', 'datasets'],
        extensions: { code: 'UPSTREAM_FAILED', plane: 'SPACE', call: 'listLeagueDatasets', status: 500 },
      },
    ]);
  });
});

describe('Agent.datasets', () => {
  const agentId = (): string => datasetWhere((dataset) => !isListed(dataset) && isReachable(dataset)).agentId;

  it('lists the agent’s datasets, published or not, completed from the league’s list', async () => {
    const { agent } = await stage.data<{ agent: { datasets: Rows<Record<string, unknown>> } }>(
      `query ($id: ID!) {
        agent(id: $id) {
          datasets(first: 100) {
            totalCount
            nodes {
              id name dataType createdAt agentId description accountName columns { name }
              holding { publication publicationText connectorName databaseName tableName }
            }
          }
        }
      }`,
      { id: agentId() },
    );
    const { world } = stage.sandbox;
    const datasets = world.datasetsOfAgent(agentId());
    expect(agent.datasets.totalCount).toBe(datasets.length);
    expect(agent.datasets.nodes).toEqual(
      datasets.map((dataset) => ({
        id: idOf(dataset),
        name: dataset.name,
        dataType: dataset.type,
        createdAt: new Date(dataset.createdAtMs).toISOString(),
        agentId: `Agent:${dataset.agentId}`,
        description: isListed(dataset) ? dataset.description : null,
        accountName: isListed(dataset) ? world.partner(dataset.partnerId)?.domainName : null,
        columns: isListed(dataset) ? dataset.columns.map(({ name }) => ({ name })) : null,
        holding: {
          publication: dataset.publication,
          publicationText: dataset.publication,
          connectorName: dataset.connectorName,
          databaseName: dataset.table?.schema ?? null,
          tableName: dataset.table?.name ?? null,
        },
      })),
    );
  });

  it('pages exactly by page numbers', async () => {
    const met: string[] = [];
    let after: string | null = null;
    do {
      const { agent }: { agent: { datasets: Rows<{ id: string }> } } = await stage.data(
        `query ($id: ID!, $after: String) {
          agent(id: $id) { datasets(first: 2, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }
        }`,
        { id: agentId(), after },
      );
      met.push(...agent.datasets.nodes.map(({ id }) => id));
      after = agent.datasets.pageInfo.hasNextPage ? agent.datasets.pageInfo.endCursor : null;
    } while (after !== null);
    expect(met).toEqual(stage.sandbox.world.datasetsOfAgent(agentId()).map(idOf));
  });

  it('costs one call for fields of its rows, and one more for the columns of all', async () => {
    const ask = (fields: string) =>
      stage.callsOf(() =>
        stage.data(`query ($id: ID!) { agent(id: $id) { datasets(first: 100) { nodes { ${fields} } } } }`, {
          id: agentId(),
        }),
      );
    expect(await ask('id name dataType createdAt agentId holding { publication }')).toEqual({
      getAgentDeployment: 1,
      listAgentDatasets: 1,
    });
    expect(await ask('description columns { name } ')).toEqual({
      getAgentDeployment: 1,
      listAgentDatasets: 1,
      listLeagueDatasets: 1,
    });
  });
});

describe('League.availableDatasets', () => {
  interface Offer {
    readonly partnerAlias: string;
    readonly datasets: readonly Record<string, unknown>[];
  }

  const query = `query ($id: ID!, $type: DatasetTypeInput!, $agentId: ID) {
    league(id: $id) {
      availableDatasets(type: $type, agentId: $agentId) {
        partnerAlias
        datasets {
          id name agentId
          availability {
            fault faultText partnerAlias agentId agentName labelled labelColumnName uniqueColumnName aligned
          }
        }
      }
    }
  }`;

  it('groups by partner what jobs of a kind can use', async () => {
    const leagueId = widestLeague();
    const { world } = stage.sandbox;
    for (const type of ['LOCAL_CSV', 'ORACLE']) {
      const { league } = await stage.data<{ league: { availableDatasets: readonly Offer[] } }>(query, {
        id: leagueId,
        type,
      });
      expect(
        new Map(
          league.availableDatasets.map(({ partnerAlias, datasets }) => [partnerAlias, datasets.map(({ id }) => id)]),
        ),
        type,
      ).toEqual(
        new Map(
          world
            .partnersOfLeague(leagueId)
            .filter(({ status }) => status === 'JOINED')
            .map((partner) => [
              partner.alias,
              world
                .datasetsOfLeague(leagueId)
                .filter((dataset) => dataset.partnerId === partner.id)
                .filter((dataset) => (dataset.type === 'LOCAL_CSV') === (type === 'LOCAL_CSV'))
                .map(idOf),
            ]),
        ),
      );
    }
  });

  it('has what jobs need of datasets, of one agent where one is named', async () => {
    const dataset = datasetWhere(
      ({ columns, type }) => type === 'LOCAL_CSV' && columns.some(({ labelType }) => labelType === 'LABEL'),
    );
    const { world } = stage.sandbox;
    const { league } = await stage.data<{ league: { availableDatasets: readonly Offer[] } }>(query, {
      id: dataset.leagueId,
      type: 'LOCAL_CSV',
      agentId: `Agent:${dataset.agentId}`,
    });
    const offered = league.availableDatasets.flatMap(({ datasets }) => datasets);
    expect(new Set(offered.map(({ agentId }) => agentId))).toEqual(new Set([`Agent:${dataset.agentId}`]));
    const columnOf = (labelType: string) => dataset.columns.find((column) => column.labelType === labelType)?.name;
    expect(offered).toContainEqual({
      id: idOf(dataset),
      name: dataset.name,
      agentId: `Agent:${dataset.agentId}`,
      availability: {
        fault: 'NONE',
        faultText: 'NONE',
        partnerAlias: world.partner(dataset.partnerId)?.alias,
        agentId: `Agent:${dataset.agentId}`,
        agentName: world.agent(dataset.agentId)?.name,
        labelled: true,
        labelColumnName: columnOf('LABEL'),
        uniqueColumnName: columnOf('UNIQUE_ID'),
        aligned: dataset.file?.idPath !== '',
      },
    });
  });

  it('completes its rows from the league’s list, in one call for all', async () => {
    const leagueId = widestLeague();
    const calls = await stage.callsOf(async () => {
      const { league } = await stage.data<{
        league: { availableDatasets: readonly { datasets: readonly { dataType: string; columns: unknown[] }[] }[] };
      }>(
        `query ($id: ID!) {
          league(id: $id) { availableDatasets(type: LOCAL_CSV) { datasets { dataType columns { name } } } }
        }`,
        { id: leagueId },
      );
      const offered = league.availableDatasets.flatMap(({ datasets }) => datasets);
      expect(new Set(offered.map(({ dataType }) => dataType))).toEqual(new Set(['LOCAL_CSV']));
      expect(offered.every(({ columns }) => columns.length > 0)).toBe(true);
    });
    expect(calls).toMatchObject({ listAvailableDatasets: 1, listLeagueDatasets: 1 });
  });

  it('refuses types that jobs can not use', async () => {
    const { errors } = await stage.ask(query, { id: widestLeague(), type: 'OBS' });
    expect(errors).toMatchObject([{ extensions: { code: 'INVALID_ARGUMENT' } }]);
  });
});

describe('Dataset', () => {
  const query = `query ($id: ID!) {
    dataset(id: $id) { id name agentId agent { ticsId } league { ticsId } holding { publication } availability { fault } }
    node(id: $id) { __typename id ... on Dataset { name columns { name } } }
  }`;

  it('is found in its league, and its agent by what the league offers', async () => {
    const dataset = datasetWhere((candidate) => isListed(candidate) && isReachable(candidate));
    const calls = await stage.callsOf(async () => {
      expect(await stage.data(query, { id: idOf(dataset) })).toEqual({
        dataset: {
          id: idOf(dataset),
          name: dataset.name,
          agentId: `Agent:${dataset.agentId}`,
          agent: { ticsId: dataset.agentId },
          league: { ticsId: dataset.leagueId },
          holding: { publication: dataset.publication },
          availability: { fault: 'NONE' },
        },
        node: {
          __typename: 'Dataset',
          id: idOf(dataset),
          name: dataset.name,
          columns: dataset.columns.map(({ name }) => ({ name })),
        },
      });
    });
    expect(calls).toMatchObject({
      listLeagueDatasets: 1,
      listAvailableDatasets: 1,
      listAgentDatasets: 1,
      getAgentDeployment: 1,
      getLeague: 1,
    });
  });

  it('is found on its agent when the league does not list it', async () => {
    const dataset = datasetWhere((candidate) => !isListed(candidate) && isReachable(candidate));
    expect(await stage.data(query, { id: idOf(dataset) })).toMatchObject({
      dataset: {
        name: dataset.name,
        agentId: `Agent:${dataset.agentId}`,
        holding: { publication: 'UNPUBLISHED' },
        availability: null,
      },
      node: { id: idOf(dataset), columns: null },
    });
  });

  it('is the same object in every list', async () => {
    const dataset = datasetWhere((candidate) => isListed(candidate) && isReachable(candidate));
    const fields = `{
      id name description dataType dataTypeText accountName createdAt agentId columns { name label }
      holding { publication connectorName } availability { partnerAlias uniqueColumnName }
    }`;
    interface Lists {
      readonly league: {
        readonly datasets: { readonly nodes: readonly { id: string }[] };
        readonly availableDatasets: readonly { readonly datasets: readonly { id: string }[] }[];
      };
      readonly agent: { readonly datasets: { readonly nodes: readonly { id: string }[] } };
    }
    const one = await stage.data<{ dataset: unknown }>(`query ($id: ID!) { dataset(id: $id) ${fields} }`, {
      id: idOf(dataset),
    });
    const lists = ['league', 'agent', 'offer'];
    const answers = await Promise.all([
      stage.ask<Lists>(`query ($id: ID!) { league(id: $id) { datasets(first: 100) { nodes ${fields} } } }`, {
        id: dataset.leagueId,
      }),
      stage.ask<Lists>(`query ($id: ID!) { agent(id: $id) { datasets(first: 100) { nodes ${fields} } } }`, {
        id: dataset.agentId,
      }),
      stage.ask<Lists>(
        `query ($id: ID!, $type: DatasetTypeInput!, $agentId: ID) {
          league(id: $id) { availableDatasets(type: $type, agentId: $agentId) { datasets ${fields} } }
        }`,
        { id: dataset.leagueId, type: dataset.type, agentId: dataset.agentId },
      ),
    ]);
    for (const [index, { data }] of answers.entries()) {
      const rows = [
        ...(data.league?.datasets?.nodes ?? []),
        ...(data.agent?.datasets.nodes ?? []),
        ...(data.league?.availableDatasets ?? []).flatMap(({ datasets }) => datasets),
      ];
      expect(
        rows.find(({ id }) => id === idOf(dataset)),
        lists[index],
      ).toEqual(one.dataset);
    }
  });

  it('has its privacy and its registration', async () => {
    for (const dataset of [
      datasetWhere((candidate) => (candidate.file?.multihot.length ?? 0) > 0 && isReachable(candidate)),
      datasetWhere((candidate) => candidate.table !== undefined && isListed(candidate) && isReachable(candidate)),
    ]) {
      const answer = await stage.data<{ dataset: unknown }>(
        `query ($id: ID!) {
          dataset(id: $id) {
            privacy {
              description
              columns {
                name dataType comment label labelText privacyClass privacyClassText privacyPolicy privacyPolicyText
                privacyTreatment privacyTreatmentText
              }
            }
            registration {
              datasetId agentId name description dataType dataTypeText connectorId connectorName connector { name }
              table { datasetId schemaName tableName }
              file {
                datasetId sentDatasetId sentDatasetName fileType delimiter hasHeader dataFilePath idFilePath
                configFilePath filteredByAlignment multihotGroups { features fieldSize }
              }
              columns { datasetId name label featureType fieldSize privacyClass privacyPolicy privacyPolicyDetail }
              extraColumns { name }
            }
          }
        }`,
        { id: idOf(dataset) },
      );
      const { name, description, type, connectorId, connectorName, table, file, columns } = dataset;
      expect(answer.dataset, name).toEqual({
        privacy: {
          description,
          columns: columns.map((column) => ({
            name: column.name,
            dataType: column.dataType,
            comment: column.comment,
            label: column.labelType ?? 'UNKNOWN',
            labelText: column.labelType ?? null,
            privacyClass: column.privacyType ?? 'UNKNOWN',
            privacyClassText: column.privacyType ?? null,
            privacyPolicy: column.privacyPolicy,
            privacyPolicyText: column.privacyPolicy,
            privacyTreatment: column.privacyPolicy === 'NONE' ? 'NONE' : 'ANONYMIZE',
            privacyTreatmentText: column.privacyPolicy === 'NONE' ? 'NONE' : 'ANONYMIZE',
          })),
        },
        registration: {
          datasetId: idOf(dataset),
          agentId: `Agent:${dataset.agentId}`,
          name,
          description,
          dataType: type,
          dataTypeText: type,
          connectorId: `Connector:${dataset.agentId}/${connectorId}`,
          connectorName,
          connector: { name: connectorName },
          table: table ? { datasetId: idOf(dataset), schemaName: table.schema, tableName: table.name } : null,
          file: file
            ? {
                datasetId: idOf(dataset),
                sentDatasetId: idOf(dataset),
                sentDatasetName: name,
                fileType: file.fileType,
                delimiter: file.delimiter,
                hasHeader: file.hasHeader,
                dataFilePath: file.dataPath,
                idFilePath: file.idPath,
                configFilePath: file.configPath,
                filteredByAlignment: file.autoGenerate,
                multihotGroups: file.multihot,
              }
            : null,
          columns: columns.map((column) => ({
            datasetId: idOf(dataset),
            name: column.name,
            label: column.labelType ?? 'UNKNOWN',
            featureType: column.featureType ?? 'UNKNOWN',
            fieldSize: column.fieldSize ?? null,
            privacyClass: column.privacyType ?? 'UNKNOWN',
            privacyPolicy: column.privacyPolicy,
            privacyPolicyDetail: column.privacyPolicyText ?? null,
          })),
          extraColumns: [],
        },
      });
    }
  });

  it('reads multihot settings in every form, and keeps their text', async () => {
    const dataset = datasetWhere((candidate) => (candidate.file?.multihot.length ?? 0) > 0 && isReachable(candidate));
    const ask = async (...variants: string[]) => {
      await stage.sandbox.client.setRules([{ operationId: 'getDatasetRegistration', variants }]);
      const answer = await stage.data<{
        dataset: { registration: { file: { multihotGroups: unknown; extensionText: string } } };
      }>(
        `query ($id: ID!) { dataset(id: $id) { registration { file { multihotGroups { features fieldSize } extensionText } } } }`,
        { id: idOf(dataset) },
      );
      return answer.dataset.registration.file;
    };
    const forms = (await stage.sandbox.client.variants()).filter(
      ({ keepsMeaning, operations }) => keepsMeaning && operations.includes('getDatasetRegistration'),
    );
    expect(forms.map(({ name }) => name)).toContain('multihotAsText');
    for (const { name } of forms) {
      const { multihotGroups, extensionText } = await ask(name);
      expect(multihotGroups, name).toEqual(dataset.file?.multihot);
      expect(extensionText, name).toContain('genres_0');
    }
  });

  it('of another company can not be asked for its registration, and says so at its own place', async () => {
    const dataset = datasetWhere((candidate) => isListed(candidate) && !isOwn(candidate));
    const { data, errors } = await stage.ask(`query ($id: ID!) { dataset(id: $id) { name registration { name } } }`, {
      id: idOf(dataset),
    });
    expect(data).toEqual({ dataset: { name: dataset.name, registration: null } });
    expect(errors).toMatchObject([
      { path: ['dataset', 'registration'], extensions: { code: 'AGENT_UNAVAILABLE', plane: 'AGENT' } },
    ]);
  });

  it('costs its own branch when privacy can not be read', async () => {
    const dataset = datasetWhere(isListed);
    await stage.sandbox.client.setRules([{ operationId: 'getDatasetPrivacy', fault: { kind: 'status', status: 404 } }]);
    const { data, errors } = await stage.ask(`query ($id: ID!) { dataset(id: $id) { name privacy { description } } }`, {
      id: idOf(dataset),
    });
    expect(data).toEqual({ dataset: { name: dataset.name, privacy: null } });
    expect(errors).toMatchObject([
      { path: ['dataset', 'privacy'], extensions: { code: 'NOT_FOUND', call: 'getDatasetPrivacy', status: 404 } },
    ]);
  });

  it('refuses malformed ids, and answers null for objects that do not exist', async () => {
    const { leagueId } = datasetWhere((dataset) =>
      stage.sandbox.world.agentsOfLeague(dataset.leagueId).every(({ nodeStatus }) => nodeStatus === 'TRUST'),
    );
    const code = async (id: string) =>
      (await stage.ask(`query ($id: ID!) { dataset(id: $id) { name } }`, { id })).errors?.map(
        ({ extensions }) => extensions?.code,
      );
    expect(await code('bare')).toEqual(['INVALID_ID']);
    expect(await code(`League:${leagueId}`)).toEqual(['INVALID_ID']);
    expect(await code(`Dataset:${leagueId}/nothing`)).toEqual(['NOT_FOUND']);
    expect(await code('Dataset:nowhere/nothing')).toEqual(['NOT_FOUND']);
  });

  it('does not say that nothing is there when an agent could not be asked', async () => {
    const dataset = datasetWhere((candidate) => !isListed(candidate) && isReachable(candidate));
    await stage.sandbox.client.setRules([
      { operationId: 'listAgentDatasets', agentId: dataset.agentId, fault: { kind: 'status', status: 503 } },
    ]);
    const { errors } = await stage.ask(`query ($id: ID!) { dataset(id: $id) { name } }`, { id: idOf(dataset) });
    expect(errors).toMatchObject([{ extensions: { call: 'listAgentDatasets', status: 503 } }]);
  });
});
