/**
 * What runs produce. Runs that a write started tell what their execution came to; the results of the seeded history are
 * drawn from the ids of run and job, so that the same run always tells the same story.
 */
export { executionGraph } from './results/graph.ts';
export type { GraphNode, GraphStage, GraphTask } from './results/graph.ts';
export { metricsOf, metricsText } from './results/metrics.ts';
export type { Metrics } from './results/metrics.ts';
export {
  alignedCount,
  resultRecordCount,
  resultExtText,
  resultOf,
  storageAgentsOf,
  errorTextOf,
} from './results/outcome.ts';
export type { InstanceResult } from './results/outcome.ts';
export { sampleOf, shownSampleOf } from './results/sample.ts';
export type { ResultSample } from './results/sample.ts';
export { featureSelectionOf, sampleAlignmentOf } from './results/preparation.ts';
export type { FeatureSelection, SampleAlignment } from './results/preparation.ts';
export { reportOf } from './results/report.ts';
export type { InstanceReport } from './results/report.ts';
