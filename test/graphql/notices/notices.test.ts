import { describe, expect, test } from 'vitest';
import type { ApprovalNotice } from '../../../src/sandbox/model/world.ts';
import { useStage } from '../../support/gateway.ts';
import { pageFields, walk, type PageAnswer } from '../../support/walk.ts';

const stage = useStage();

/** The wire's words for decisions, as the schema has them. */
function readAs(word = ''): string {
  return { PASS: 'APPROVED', REJECT: 'REJECTED' }[word] ?? word;
}

/** The agent that answers and has most notices. */
function busyAgentId(): string {
  const { world } = stage.sandbox;
  const [agent] = world.agents
    .filter(({ nodeStatus }) => nodeStatus === 'TRUST')
    .sort((one, other) => world.approvalNoticesOfAgent(other.id).length - world.approvalNoticesOfAgent(one.id).length);
  return agent?.id ?? '';
}

function noticesOf(agentId: string): readonly ApprovalNotice[] {
  return stage.sandbox.world.approvalNoticesOfAgent(agentId);
}

function facts(notice: ApprovalNotice) {
  return {
    id: `ApprovalNotice:${notice.agentId}/${notice.id}`,
    ticsId: notice.id,
    type: notice.type,
    typeText: notice.type,
    status: notice.status,
    statusText: notice.status,
    creatorAlias: notice.creatorPartnerAlias,
    createdAt: new Date(notice.createdAtMs).toISOString(),
    handledAt: notice.handledAtMs ? new Date(notice.handledAtMs).toISOString() : null,
    agentId: `Agent:${notice.agentId}`,
  };
}

const fields = 'id ticsId type typeText status statusText creatorAlias createdAt handledAt agentId';

describe('Agent.notices', () => {
  test('have the fields of their rows, in one call', async () => {
    const id = busyAgentId();
    expect(noticesOf(id).length).toBeGreaterThan(2);
    let data: unknown;
    const calls = await stage.callsOf(async () => {
      data = await stage.data(
        `query ($id: ID!) { agent(id: $id) { notices(first: 100) { totalCount nodes { ${fields} agent { ticsId } } } } }`,
        { id },
      );
    });
    expect(calls).toEqual({ getAgentDeployment: 1, listApprovalNotices: 1 });
    expect(data).toEqual({
      agent: {
        notices: {
          totalCount: noticesOf(id).length,
          nodes: noticesOf(id).map((notice) => ({ ...facts(notice), agent: { ticsId: id } })),
        },
      },
    });
  });

  test('are counted also where none are wanted', async () => {
    const id = busyAgentId();
    expect(
      await stage.data('query ($id: ID!) { agent(id: $id) { notices(first: 0) { totalCount nodes { id } } } }', { id }),
    ).toEqual({ agent: { notices: { totalCount: noticesOf(id).length, nodes: [] } } });
  });

  test.each([1, 2, 7])('page exactly, %i at a time', async (first) => {
    const id = busyAgentId();
    const { rows, totals } = await walk(async (after) => {
      const { agent } = await stage.data<{ agent: { notices: PageAnswer<{ ticsId: string }> } }>(
        `query ($id: ID!, $first: Int, $after: String) {
          agent(id: $id) { notices(first: $first, after: $after) { nodes { ticsId } ${pageFields} } }
        }`,
        { id, first, after },
      );
      return agent.notices;
    });
    const all = noticesOf(id).map((notice) => notice.id);
    expect(rows.map(({ ticsId }) => ticsId)).toEqual(all);
    expect(new Set(totals)).toEqual(new Set([all.length]));
  });

  test('are narrowed by the names of creator and league', async () => {
    const id = busyAgentId();
    const alias = noticesOf(id)[0]?.creatorPartnerAlias ?? '';
    const ask = (filter: string) =>
      stage.data<{ agent: { notices: { totalCount: number; nodes: { creatorAlias: string }[] } } }>(
        `query ($id: ID!, $filter: String) {
          agent(id: $id) { notices(filter: { name: $filter }, first: 100) { totalCount nodes { creatorAlias } } }
        }`,
        { id, filter },
      );
    const { agent } = await ask(alias);
    expect(agent.notices.nodes.map(({ creatorAlias }) => creatorAlias)).toContain(alias);
    const [call] = await stage.sandbox.client.calls({ operationId: 'listApprovalNotices' });
    expect(call?.query).toMatchObject({ filter: alias });
    expect((await ask('nobody is called so')).agent.notices).toEqual({ totalCount: 0, nodes: [] });
  });

  test('read unlisted values as UNKNOWN beside the raw value', async () => {
    await stage.sandbox.client.setRules([{ operationId: 'listApprovalNotices', variants: ['unknownEnumValues'] }]);
    expect(
      await stage.data('query ($id: ID!) { agent(id: $id) { notices(first: 1) { nodes { status statusText } } } }', {
        id: busyAgentId(),
      }),
    ).toEqual({ agent: { notices: { nodes: [{ status: 'UNKNOWN', statusText: 'BRAND_NEW' }] } } });
  });
});

interface Column {
  readonly datasetName: string;
  readonly name: string;
  readonly privacyClass: string;
  readonly privacyClassText: string;
  readonly shownInResult: boolean;
  readonly functions: string | null;
  readonly encryption: string;
}

interface Detail {
  readonly content: string;
  readonly datasetNames: readonly string[];
  readonly columns: readonly Column[] | null;
  readonly columnsText: string;
}

const detailFields = `
  content datasetNames jobCreatorAlias reviewStatus reviewStatusText reviewMessage columnsText privacyFindings
  convergenceFindings columns { datasetName name privacyClass privacyClassText shownInResult functions encryption }
`;

describe('ApprovalNotice.detail', () => {
  const query = `query ($id: ID!) { node(id: $id) { ... on ApprovalNotice { detail { ${detailFields} } } } }`;

  test('has the fields of its call, and costs one call', async () => {
    expect(noticesOf(busyAgentId())).not.toEqual([]);
    for (const notice of noticesOf(busyAgentId())) {
      const id = facts(notice).id;
      let data: { node: { detail: Detail } } | undefined;
      const calls = await stage.callsOf(async () => (data = await stage.data(query, { id })));
      expect(calls).toEqual({ listApprovalNotices: 1, getApprovalNotice: 1 });
      const datasets = notice.datasetIds.map((datasetId) => stage.sandbox.world.dataset(datasetId));
      const detail = data?.node.detail;
      expect(detail).toMatchObject({
        datasetNames: datasets.map((dataset) => dataset?.name),
        jobCreatorAlias: notice.creatorPartnerAlias,
        reviewStatus: readAs(notice.reviewStatus),
        reviewStatusText: notice.reviewStatus,
        reviewMessage: notice.message,
        content: expect.stringMatching(/^SELECT .*`$/) as string,
        privacyFindings: expect.any(String) as string,
        convergenceFindings: expect.any(String) as string,
      });
      const wire = JSON.parse(detail?.columnsText ?? '') as Record<string, unknown>[];
      expect(detail?.columns).toEqual(
        wire.map((field) => ({
          datasetName: field['dataset_name'],
          name: field['field_name'],
          privacyClass: field['field_type'],
          privacyClassText: field['field_type'],
          shownInResult: field['is_show_in_final_select'],
          functions: field['func_desc'] === '/' ? null : field['func_desc'],
          encryption: field['encrypt_protect_type'],
        })),
      );
      const known = datasets.flatMap((dataset) => dataset?.columns.map(({ name }) => name) ?? []);
      expect(known).toEqual(expect.arrayContaining(detail?.columns?.map(({ name }) => name) ?? []));
    }
  });

  test('keeps the raw text of columns that can not be read', async () => {
    const [notice] = noticesOf(busyAgentId());
    await stage.sandbox.client.setRules([{ operationId: 'getApprovalNotice', variants: ['jsonTextBroken'] }]);
    const { node } = await stage.data<{ node: { detail: Detail } }>(query, {
      id: `ApprovalNotice:${notice?.agentId}/${notice?.id}`,
    });
    expect(node.detail.columns).toBeNull();
    expect(node.detail.columnsText).toContain('cut off');
  });

  test('that can not be read costs its own branch', async () => {
    const id = busyAgentId();
    const [first, second] = noticesOf(id);
    await stage.sandbox.client.setRules([
      { operationId: 'getApprovalNotice', path: first?.id ?? '', fault: { kind: 'status', status: 500 } },
    ]);
    const { data, errors } = await stage.ask<{ agent: { notices: { nodes: { ticsId: string; detail: unknown }[] } } }>(
      'query ($id: ID!) { agent(id: $id) { notices(first: 2) { nodes { ticsId detail { reviewStatus } } } } }',
      { id },
    );
    expect(data.agent.notices.nodes).toEqual([
      { ticsId: first?.id, detail: null },
      { ticsId: second?.id, detail: { reviewStatus: readAs(second?.reviewStatus) } },
    ]);
    expect(errors).toMatchObject([
      {
        path: ['agent', 'notices', 'nodes', 0, 'detail'],
        extensions: { code: 'UPSTREAM_FAILED', plane: 'AGENT', call: 'getApprovalNotice', status: 500 },
      },
    ]);
  });
});

test('a notice that is not there is NOT_FOUND, and a raw TICS id INVALID_ID', async () => {
  const { errors } = await stage.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
    ids: [`ApprovalNotice:${busyAgentId()}/nowhere`, 'ApprovalNotice:alone'],
  });
  expect(errors?.map(({ path, extensions }) => [path, extensions?.['code']])).toEqual(
    expect.arrayContaining([
      [['nodes', 0], 'NOT_FOUND'],
      [['nodes', 1], 'INVALID_ID'],
    ]),
  );
});
