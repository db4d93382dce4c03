import { Random } from '../model/random.ts';
import { equalsIgnoreCase } from '../model/names.ts';
import type { Dataset, DatasetColumn } from '../model/world.ts';
import { columnTypeOf, fitIndex, fitMoment, fitNumber, fitScore, type ColumnType } from './columnTypes.ts';
import { classOf } from './privacyClass.ts';
import { identifiers, drawNormal, normalCdf, factorCount } from './population.ts';
import type { Population } from './population.ts';

/** Dates and times are ISO 8601 text. */
export type Cell = string | number | null;

/** A column's value for each person of the population. The role decides the meaning, the type the representation. */
export function valuesOf(
  population: Population,
  dataset: Dataset,
  column: DatasetColumn,
  tableKey: string,
): readonly Cell[] {
  const type = columnTypeOf(column);
  if (classOf(column) === 'UNIQUE_ID') return identifierValues(population, type);
  const name = drawNameOf(dataset, column);
  if (column.labelType === 'LABEL') return labels(population, column, type, name);
  if (column.labelType === 'FILTER') return perPerson(population, name, (draws) => filterValue(type, draws.int(1, 6)));
  if (column.labelType === 'FEATURE' || column.featureType !== undefined) {
    // Noise differs per table: partners measure the same person independently.
    const scores = scoresOf(population, name, `${tableKey}/${name}`);
    const choices =
      column.fieldSize ?? dataset.file?.multihot.find(({ features }) => features.includes(column.name))?.fieldSize;
    return column.featureType === 'CONTINUOUS' || (choices === undefined && type.kind !== 'text')
      ? measurements(type, name, scores)
      : scores.map((score) =>
          fitIndex(type, Math.min((choices ?? 10) - 1, Math.floor(normalCdf(score) * (choices ?? 10)))),
        );
  }
  return attributes(population, column, type, name);
}

/** The name that seeds a column's values: upper case, made unique among columns that differ in case only. */
function drawNameOf({ columns, extraColumns }: Dataset, { name }: DatasetColumn): string {
  const first = [...columns, ...extraColumns].find((other) => equalsIgnoreCase(other.name, name));
  return first === undefined || first.name === name ? name.toUpperCase() : `${name.toUpperCase()}/${name}`;
}

const firstPersonNumber = 300_000;
const firstBirthdayMs = Date.UTC(1990, 0, 1);

/** Unique per person as far as the type allows. */
function identifierValues(population: Population, type: ColumnType): readonly Cell[] {
  if (type.kind === 'text') return identifiers(population, type.maxLength);
  if (type.kind === 'bytes') return identifiers(population).map((id) => id.slice(0, 2 * (type.maxLength ?? 16)));
  return Array.from({ length: population.size }, (_, person) => {
    switch (type.kind) {
      case 'integer':
        return type.precision > 5 ? firstPersonNumber + person : fitNumber(type, person);
      case 'double':
        return firstPersonNumber + person;
      case 'decimal': {
        const number = type.precision - type.scale > 5 ? firstPersonNumber + person : person / 10 ** type.scale;
        return fitNumber(type, number);
      }
      case 'date':
        return fitMoment('date', firstBirthdayMs + person * dayMs);
      case 'timestamp':
      case 'time':
        return fitMoment(type.kind, firstBirthdayMs + person * 21_000);
      default:
        return fitIndex(type, person);
    }
  });
}

function filterValue(type: ColumnType, group: number): Cell {
  return type.kind === 'text' ? `b${group}`.slice(0, type.maxLength) : fitIndex(type, group);
}

function perPerson<T>({ random, size }: Population, name: string, draw: (draws: Random, person: number) => T): T[] {
  const draws = random.fork(`values/${name}`);
  return Array.from({ length: size }, (_, person) => draw(draws, person));
}

/**
 * Standard normal scores that correlate with the factors. Weights depend on the column's name only, so equal columns of
 * several partners can be learned from together.
 */
function scoresOf({ factors, random }: Population, name: string, noiseName: string): number[] {
  const nature = new Random(`nature/${name}`);
  const weights = Array.from({ length: factorCount }, () => drawNormal(nature));
  const length = Math.hypot(...weights);
  const closeness = 0.35 + 0.6 * nature.next();
  const noise = random.fork(`noise/${noiseName}`);
  return factors.map(
    (own) => (closeness * dot(weights, own)) / length + Math.sqrt(1 - closeness ** 2) * drawNormal(noise),
  );
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

const labelWeights = [1, -0.8, 0.6, 0.7];
/** Share of chance in a label; limits the best AUC to about 0.9. */
const labelNoise = 0.75;

/** Labels from the factors plus noise. 30 % of binary labels are 1. */
function labels({ factors, random }: Population, column: DatasetColumn, type: ColumnType, name: string): Cell[] {
  const noise = random.fork(`label/${name}`);
  const scale = Math.hypot(...labelWeights, labelNoise);
  const scores = factors.map((own) => (dot(labelWeights, own) + labelNoise * drawNormal(noise)) / scale);
  if (type.kind === 'double' || type.kind === 'decimal') return scores.map((score) => fitNumber(type, score));
  const classes = column.fieldSize ?? (/SPECIES|CLASS|GRADE/.test(name) ? 3 : 2);
  return scores.map((score) => {
    const share = normalCdf(score);
    const value = classes === 2 ? Number(share > 0.7) : Math.min(classes - 1, Math.floor(share * classes));
    return fitIndex(type, value);
  });
}

function measurements(type: ColumnType, name: string, scores: readonly number[]): Cell[] {
  const nature = new Random(`measure/${name}`);
  const mean = Math.round(nature.next() * 100) / 10;
  const spread = 0.5 + nature.next() * 2;
  return scores.map((score) => fitScore(type, score, mean + spread * score));
}

const firstDayMs = Date.UTC(2023, 0, 1);
const dayMs = 86_400_000;

/** Columns without a role. Independent of the table. */
function attributes(population: Population, column: DatasetColumn, type: ColumnType, name: string): Cell[] {
  if (type.kind === 'text') {
    return texts(population, column, name).map((text) => (text as string).slice(0, type.maxLength));
  }
  const scores = scoresOf(population, name, name);
  switch (type.kind) {
    case 'boolean':
    case 'bytes':
      return scores.map((score) => fitScore(type, score, score));
    case 'date':
    case 'timestamp':
    case 'time': {
      const { kind } = type;
      return scores.map((score) =>
        fitMoment(kind, firstDayMs + Math.floor(normalCdf(score) * 730 * 24) * (dayMs / 24)),
      );
    }
    case 'integer':
      return scores.map((score) => fitNumber(type, wholeNumber(name, score)));
    case 'double':
    case 'decimal': {
      const digits = type.kind === 'double' ? { ...type, scale: column.scale ?? 2 } : type;
      return scores.map((score) =>
        fitNumber(digits, /RATE|RATIO|PERCENT|SCORE/.test(name) ? normalCdf(score) : amount(type, score)),
      );
    }
  }
}

function wholeNumber(name: string, score: number): number {
  if (/AGE$/.test(name)) return Math.round(18 + normalCdf(score) * 62);
  if (/(DAYS|CNT|COUNT|NUM|QTY|TIMES)$/.test(name)) return Math.floor(Math.exp(1.5 + score));
  return Math.floor(normalCdf(score) * 500);
}

/** Log-normal, within the column's range. */
function amount({ precision, scale }: ColumnType, score: number): number {
  const most = 10 ** Math.max(0, precision - scale);
  return Math.min(Math.exp(8 + score), most * (0.5 + normalCdf(score) / 2.1));
}

/** Values of text columns by name. */
const vocabularies: readonly (readonly [RegExp, readonly string[]])[] = [
  [/REGION|AREA/, ['华东', '华南', '华北', '西南', '西北', '东北', '华中']],
  [/CITY/, ['上海', '北京', '深圳', '成都', '武汉', '西安', '杭州', '沈阳']],
  [/PROVINCE/, ['广东', '江苏', '浙江', '四川', '湖北', '陕西', '山东']],
  [/SEGMENT/, ['gold', 'silver', 'standard', 'new']],
  [/CHANNEL/, ['online', 'store', 'partner', 'call centre']],
  [/PRODUCT/, ['个人消费贷', '住房按揭', '经营贷', '信用卡分期', '车贷']],
  [/INDUSTRY/, ['制造业', '批发零售', '建筑业', '信息技术', '交通运输', '住宿餐饮']],
  [/DEPARTMENT/, ['心内科', '骨科', '呼吸科', '儿科', '神经内科', '普外科']],
  [/DIAGNOSIS/, ['I10', 'J18.9', 'E11.9', 'K35.8', 'S72.0', 'I63.9']],
  [/VEHICLE|MODEL/, ['sedan', 'suv', 'mpv', 'electric', 'pickup']],
  [/GENDER|SEX/, ['F', 'M']],
];

function texts(population: Population, { privacyType }: DatasetColumn, name: string): Cell[] {
  const draw = (make: (draws: Random, person: number) => string): string[] => perPerson(population, name, make);
  if (/PHONE|MOBILE/.test(name)) return draw((draws) => `13${draws.int(100_000_000, 999_999_999)}`);
  if (/PLATE/.test(name)) return draw((draws) => `沪A${draws.id().slice(0, 5).toUpperCase()}`);
  if (/NAME$/.test(name))
    return draw((draws, person) => `${draws.pick(townNames)}${draws.pick(tradeNames)}${person + 1}号`);
  const words = vocabularies.find(([pattern]) => pattern.test(name))?.[1];
  if (words) return scoresOf(population, name, name).map((score) => wordAt(words, score));
  if (privacyType === 'SENSITIVE' || /(ID|NO|CODE)$/.test(name))
    return draw((draws) => draws.id().slice(0, 18).toUpperCase());
  return draw((draws) => `${name.toLowerCase()}_${draws.int(1, 8)}`);
}

function wordAt(words: readonly string[], score: number): string {
  return words[Math.min(words.length - 1, Math.floor(normalCdf(score) * words.length))] ?? '';
}

const townNames = ['东城', '西湖', '南山', '北仑', '江宁', '高新', '临港'];
const tradeNames = ['机械', '食品', '物流', '电子', '纺织', '建材', '软件'];
