import { describe, expect, it } from 'vitest';
import { featuresOf, horizontalDatasets, verticalDatasets } from '../../../src/tics/jobs/datasets.ts';
import { jobFilterText } from '../../../src/tics/jobs/filter.ts';
import { toLearningParameters, toSqlParameters } from '../../../src/tics/jobs/parameters.ts';
import { jsonText } from '../../../src/upstream/wire.ts';

describe('datasets of jobs', () => {
  it.each([
    ['a1.credit.alice', { agentId: 'a1', name: 'credit', partnerAlias: 'alice', text: 'a1.credit.alice' }],
    ['a1.v2.credit.alice', { agentId: 'a1', name: 'v2.credit', partnerAlias: 'alice', text: 'a1.v2.credit.alice' }],
    ['credit', { agentId: null, name: 'credit', partnerAlias: null, text: 'credit' }],
    ['a1.credit', { agentId: null, name: 'a1.credit', partnerAlias: null, text: 'a1.credit' }],
  ])('vertical: %s', (written, dataset) => {
    expect(verticalDatasets(written)).toEqual([dataset]);
  });

  it('vertical, as a map by agent', () => {
    expect(verticalDatasets({ a1: 'credit', a2: 'clicks' })).toEqual([
      { agentId: 'a1', name: 'credit', partnerAlias: null, text: 'a1.credit' },
      { agentId: 'a2', name: 'clicks', partnerAlias: null, text: 'a2.clicks' },
    ]);
  });

  it.each([
    ['alice.credit', { agentId: null, name: 'credit', partnerAlias: 'alice', text: 'alice.credit' }],
    ['alice.v2.credit', { agentId: null, name: 'v2.credit', partnerAlias: 'alice', text: 'alice.v2.credit' }],
    ['credit', { agentId: null, name: 'credit', partnerAlias: null, text: 'credit' }],
  ])('horizontal: %s', (written, dataset) => {
    expect(horizontalDatasets(written)).toEqual([dataset]);
  });

  it.each([null, undefined, '', ',', 7, {}])('none: %j', (written) => {
    expect(verticalDatasets(written === 7 ? null : written)).toEqual([]);
    expect(horizontalDatasets(written === 7 ? null : written)).toEqual([]);
  });
});

describe('features of jobs', () => {
  const features = {
    leagueId: 'league',
    partnerAlias: null,
    agentId: 'a1',
    datasetId: null,
    datasetName: 'credit',
    features: ['x0', 'x1'],
  };

  it.each([
    ['objects', [{ agent_id: 'a1', dataset_name: 'credit', features: ['x0', 'x1'] }], features],
    ['a comma list', 'a1.credit.x0,a1.credit.x1', features],
    ['a map', { 'alice.a1.d1.credit': ['x0', 'x1'] }, { ...features, partnerAlias: 'alice', datasetId: 'd1' }],
    ['a map with other keys', { credit: 'x0,x1' }, { ...features, agentId: null }],
  ])('as %s', (_, written, expected) => {
    expect(featuresOf('league', written)).toEqual([expected]);
  });

  it('as nothing', () => {
    expect(featuresOf('league', null)).toEqual([]);
    expect(featuresOf('league', [])).toEqual([]);
  });
});

describe('parameters of jobs', () => {
  it('are named', () => {
    const written = {
      'agg.count': '2',
      'user.task.memory.size': '4096',
      'tics.task.memory.size': 8192,
      'stream.count': 3,
      'he.dict.enable': 'true',
      'save.batch.count': 4,
      'max.result.file.size': '10G',
      'tics.task.concurrency': 5,
      'user.task.concurrency': 6,
      'complex.sql.push.connector': 0,
    };
    expect(toSqlParameters(jsonText(JSON.stringify(written)))).toEqual({
      aggregatorCount: 2,
      agentTaskMemory: '4096',
      aggregatorTaskMemory: '8192',
      streamCount: 3,
      homomorphicDictionary: true,
      saveBatchCount: 4,
      maxResultFileSize: '10G',
      aggregatorTaskConcurrency: 5,
      agentTaskConcurrency: 6,
      pushComplexSqlDown: false,
    });
  });

  it('of learning keep JSON in JSON', () => {
    const parameters = toLearningParameters(
      'league',
      jsonText({ mlp_dims: [64, '32'], loss_param: '{"gamma":2}', align_ids: { a1: 'id,day' }, datasets: null }),
    );
    expect(parameters).toMatchObject({
      layerSizes: [64, 32],
      lossParameters: { text: '{"gamma":2}', value: { gamma: 2 } },
      alignmentColumns: [{ agentId: 'a1', columns: ['id', 'day'] }],
      datasets: [],
      datasetsText: null,
    });
  });

  it.each(['', '{', '7', null])('are none where there is no document: %j', (written) => {
    expect(toSqlParameters(jsonText(written))).toBeNull();
    expect(toLearningParameters('league', jsonText(written))).toBeNull();
  });
});

describe('filters of jobs', () => {
  it('leave out empty values, and spell enum values as the wire does', () => {
    expect(jobFilterText('SQL', { name: '', statuses: [], agentId: null })).toBeUndefined();
    expect(jobFilterText('SQL', { statuses: ['SUBMITTING'], instanceTypes: ['SQL'] })).toBe(
      '{"status":["SUBMITING"],"jobInstanceType":["SQL"]}',
    );
    expect(jobFilterText('LEARNING', { instanceTypes: ['HFL'] })).toBe('{"job_instance_type":["HFL"]}');
  });

  it('ask for a direction with every order', () => {
    expect(jobFilterText('PREDICTION', { orderBy: 'NAME_DESC' })).toBe('{"desc":true,"orderBy":"jobName"}');
  });

  it.each([
    ['SQL', 128],
    ['LEARNING', 128],
    ['PREDICTION', 512],
  ] as const)('of %s are %i characters long at most', (list, limit) => {
    const name = 'n'.repeat(limit - '{"jobName":""}'.length);
    expect(jobFilterText(list, { name })).toHaveLength(limit);
    expect(() => jobFilterText(list, { name: `${name}n` })).toThrow(String(limit));
  });
});
