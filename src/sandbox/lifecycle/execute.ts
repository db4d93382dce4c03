import { executeLearning } from '../learning/execute.ts';
import type { Execution } from '../model/execution.ts';
import type { Instance } from '../model/jobs.ts';
import type { World } from '../model/world.ts';
import { executeSql } from '../sql/execute.ts';

/**
 * Executes the job of a run that has just entered RUNNING.
 *
 * @throws {DOMException} `AbortError` when the run was stopped.
 */
export function execute(world: World, instance: Instance, signal: AbortSignal): Promise<Execution> {
  return instance.type === 'SQL' ? executeSql(world, instance, signal) : executeLearning(world, instance, signal);
}
