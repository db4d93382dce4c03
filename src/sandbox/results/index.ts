/** Results of runs: those of the execution, or synthetic ones derived from ids, so that they are stable. */
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
