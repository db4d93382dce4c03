import { membersOfDataset, valuesByPerson } from '../data/rows.ts';
import type { SeededQuery, World } from '../model/world.ts';
import { minGroupSize } from '../sql/rules.ts';

const counts = new WeakMap<World, Map<string, number>>();

/** Number of rows of a seeded statement. Counted without the engine, since lists show it for hundreds of runs. */
export function rowCountOfQuery(world: World, query: SeededQuery): number {
  const known = counts.get(world) ?? new Map<string, number>();
  counts.set(world, known);
  const count = known.get(query.sql) ?? countRows(world, query);
  known.set(query.sql, count);
  return count;
}

function countRows(world: World, query: SeededQuery): number {
  if (query.kind === 'lookup') {
    const dataset = world.dataset(query.datasetId);
    return dataset === undefined
      ? 0
      : valuesByPerson(world, dataset, query.keyColumn).filter((id) => id === query.key).length;
  }
  const left = world.dataset(query.leftId);
  const right = world.dataset(query.rightId);
  if (left === undefined || right === undefined) return 0;
  const others = new Set(membersOfDataset(world, right));
  const values = valuesByPerson(world, left, query.groupColumn);
  const sizes = new Map<unknown, number>();
  for (const [index, person] of membersOfDataset(world, left).entries()) {
    if (others.has(person)) sizes.set(values[index], (sizes.get(values[index]) ?? 0) + 1);
  }
  return [...sizes.values()].filter((size) => size >= minGroupSize).length;
}
