import type { Random } from '../model/random.ts';
import type { World } from '../model/world.ts';

/** How many people (or firms) there are. */
const populationSize = 4000;
/** How many of them a dataset holds, unless it says that it has fewer records. */
export const defaultRowCount = 3000;

/**
 * Whom all the world's data is about. Every dataset tells of a part of the same population, so that tables of two
 * parties join on their identifiers, and what one party knows of somebody has to do with what another one knows.
 */
export interface Population {
  readonly size: number;
  /** What makes people alike or different: a few standard normal scores each, behind all that is told of them. */
  readonly factors: readonly (readonly number[])[];
  /** Draws whatever is to be made up about the population; the same name always gives the same. */
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

/** The population that follows from the world's own source of randomness, however much that has drawn since. */
export function populationFrom(worldRandom: Random): Population {
  const random = sourceOf(worldRandom);
  const draws = random.fork('traits');
  return {
    size: populationSize,
    factors: Array.from({ length: populationSize }, () => Array.from({ length: factorCount }, () => drawNormal(draws))),
    random,
  };
}

/** Everybody's identifier: hex digits in text, cut to the column's length where that still tells people apart. */
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

/** Identifiers of people whom most tables tell of: something to look up. */
export function wellKnownIdentifiers(worldRandom: Random, count = 40): readonly string[] {
  const source = sourceOf(worldRandom);
  return popularityRanks(source)
    .map((rank, person) => ({ rank, person }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, count)
    .map(({ person }) => identifierOf(source, person));
}

/** How widely each person is known, the less the better. */
function popularityRanks(source: Random): readonly number[] {
  const draws = source.fork('common');
  return Array.from({ length: populationSize }, () => draws.next());
}

/**
 * Who is told of in a table, in the table's own order. Some people are met nearly everywhere and some hardly anywhere, so
 * that small tables have people in common, too.
 */
export function membersOf({ random }: Population, tableKey: string, count: number): readonly number[] {
  const own = random.fork(`members/${tableKey}`);
  const ranked = popularityRanks(random).map((familiarity, person) => ({
    person,
    rank: 2 * familiarity + own.next(),
    place: own.next(),
  }));
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .slice(0, count)
    .sort((a, b) => a.place - b.place)
    .map(({ person }) => person);
}

/** A draw of the standard normal distribution (Box-Muller). */
export function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** The share of the standard normal distribution below a score (Abramowitz and Stegun 26.2.17). */
export function normalCdf(score: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(score));
  const tail =
    0.3989422804014327 *
    Math.exp((-score * score) / 2) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return score > 0 ? 1 - tail : tail;
}
