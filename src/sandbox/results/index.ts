/**
 * What runs produce. Runs that a write started tell what their execution came to; the results of the seeded history are
 * drawn from the ids of run and job, so that the same run always tells the same story.
 */
export { executionGraph } from './graph.ts';
export type { GraphNode, GraphStage, GraphTask } from './graph.ts';
export { metricsOf, metricsText } from './metrics.ts';
export type { Metrics } from '../model/execution.ts';
export { alignedCount, resultRecordCount, resultExtText, resultOf, storageAgentsOf, errorTextOf } from './result.ts';
export type { InstanceResult } from './result.ts';
export { sampleOf, shownSampleOf } from './sample.ts';
export type { ResultSample } from './sample.ts';
export { featureSelectionOf, sampleAlignmentOf } from './preparation.ts';
export type { FeatureSelection, SampleAlignment } from './preparation.ts';
export { reportOf } from './report.ts';
export type { InstanceReport } from './report.ts';
