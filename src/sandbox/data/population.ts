import type { Random } from '../model/random.ts';
import type { World } from '../model/world.ts';

/** People (or companies) in the world. */
const populationSize = 4000;
/** Rows of a dataset that does not declare fewer. */
export const defaultRowCount = 3000;

/**
 * The people behind all data of the world. Every dataset covers a part of the same population, so tables of two
 * partners join on their identifiers and their columns correlate.
 */
export interface Population {
  readonly size: number;
  /** Latent factors: a few standard normal scores per person that all columns derive from. */
  readonly factors: readonly (readonly number[])[];
  /** A rank per person; the lowest are in most tables. */
  readonly popularity: readonly number[];
  /** Source of all draws about the population, by name. */
  readonly random: Random;
}

export const factorCount = 4;

const populations = new WeakMap<World, Population>();

export function populationOf(world: World): Population {
  const known = populations.get(world);
  if (known) return known;
  const population = populationFrom(world.random);
  populations.set(world, population);
  return population;
}

function sourceOf(worldRandom: Random): Random {
  return worldRandom.fork('population');
}

/** Depends only on the seed, not on how much the source has drawn since. */
function populationFrom(worldRandom: Random): Population {
  const random = sourceOf(worldRandom);
  const draws = random.fork('traits');
  return {
    size: populationSize,
    factors: Array.from({ length: populationSize }, () => Array.from({ length: factorCount }, () => drawNormal(draws))),
    popularity: popularityRanks(random),
    random,
  };
}

/** One identifier per person: hex digits, truncated to the column's length while they stay unique. */
export function identifiers({ size, random }: Population, length = 32): string[] {
  return Array.from({ length: size }, (_, person) =>
    length >= 12
      ? identifierOf(random, person).slice(0, length)
      : String(person + 1)
          .padStart(Math.min(length, 4), '0')
          .slice(-length),
  );
}

function identifierOf(source: Random, person: number): string {
  return source.fork(`identifier/${person}`).id();
}

/** Identifiers of the people that most tables contain, for lookups. */
export function wellKnownIdentifiers(worldRandom: Random, count = 40): readonly string[] {
  const source = sourceOf(worldRandom);
  return popularityRanks(source)
    .map((rank, person) => ({ rank, person }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, count)
    .map(({ person }) => identifierOf(source, person));
}

function popularityRanks(source: Random): readonly number[] {
  const draws = source.fork('common');
  return Array.from({ length: populationSize }, () => draws.next());
}

/** The people of a table, in row order. Popular people are in nearly all tables, so small tables overlap too. */
export function membersOf({ random, popularity }: Population, tableKey: string, count: number): readonly number[] {
  const own = random.fork(`members/${tableKey}`);
  const ranked = popularity.map((rank, person) => ({
    person,
    rank: 2 * rank + own.next(),
    place: own.next(),
  }));
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .slice(0, count)
    .sort((a, b) => a.place - b.place)
    .map(({ person }) => person);
}

/** Draws from the standard normal distribution (Box-Muller). */
export function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** Standard normal cumulative distribution (Abramowitz and Stegun 26.2.17). */
export function normalCdf(score: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(score));
  const tail =
    0.3989422804014327 *
    Math.exp((-score * score) / 2) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return score > 0 ? 1 - tail : tail;
}
