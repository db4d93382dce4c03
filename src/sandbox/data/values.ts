import { Random } from '../model/random.ts';
import type { Dataset, DatasetColumn } from '../model/world.ts';
import { classOf } from './privacyClass.ts';
import { identifiers, drawNormal, normalCdf, factorCount } from './population.ts';
import type { Population } from './population.ts';

/** What a table holds in a cell: dates and times are text as ISO 8601 writes them. */
export type Cell = string | number | null;

/** How a column's type is kept; the reference names no closed list of types, so the unknown ones are text. */
export type Kind = 'text' | 'whole' | 'real' | 'decimal' | 'date' | 'time' | 'truth';

export function kindOf({ dataType }: DatasetColumn): Kind {
  const name = dataType.toUpperCase();
  if (/^(TINY|SMALL|MEDIUM|BIG)?INT|^(INTEGER|LONG|SHORT|NUMBER$)/.test(name)) return 'whole';
  if (/^(FLOAT|DOUBLE|REAL)/.test(name)) return 'real';
  if (/^(DECIMAL|NUMERIC|NUMBER)/.test(name)) return 'decimal';
  if (/^(TIMESTAMP|DATETIME)/.test(name)) return 'time';
  if (name === 'DATE') return 'date';
  return /^BOOL/.test(name) ? 'truth' : 'text';
}

/** A column's value for everybody of the population, whether or not a table tells of them. */
export function valuesOf(
  population: Population,
  dataset: Dataset,
  column: DatasetColumn,
  tableKey: string,
): readonly Cell[] {
  const { size } = population;
  const kind = kindOf(column);
  if (classOf(column) === 'UNIQUE_ID') {
    return kind === 'text'
      ? identifiers(population, column.length)
      : Array.from({ length: size }, (_, person) => 300_000 + person);
  }
  const name = column.name.toUpperCase();
  if (column.labelType === 'LABEL') return labels(population, column, name);
  if (column.labelType === 'FILTER') return perPerson(population, name, (draws) => `b${draws.int(1, 6)}`);
  if (column.labelType === 'FEATURE' || column.featureType !== undefined) {
    // Measured anew by each party: the same person's scores agree in tendency only.
    const scores = scoresOf(population, name, `${tableKey}/${name}`);
    const choices =
      column.fieldSize ?? dataset.file?.multihot.find(({ features }) => features.includes(column.name))?.fieldSize;
    return column.featureType === 'CONTINUOUS' || (choices === undefined && kind !== 'text')
      ? measurements(column, name, scores)
      : scores.map((score) => choose(score, choices ?? 10, kind));
  }
  return attributes(population, column, name);
}

function perPerson<T>({ random, size }: Population, name: string, draw: (draws: Random, person: number) => T): T[] {
  const draws = random.fork(`values/${name}`);
  return Array.from({ length: size }, (_, person) => draw(draws, person));
}

/**
 * Standard normal scores that follow the factors more or less closely, as the column's name decides: what is called the
 * same weighs the same, so files that are alike at several parties can be learned from together.
 */
function scoresOf({ factors: factors, random }: Population, name: string, noiseName: string): number[] {
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
/** How much of a label is chance: the best model there is comes to an AUC of about 0.9. */
const labelNoise = 0.75;

/** What is to be learned: decided by the factors and some chance. A binary label is 1 for three in ten. */
function labels({ factors: factors, random }: Population, column: DatasetColumn, name: string): Cell[] {
  const noise = random.fork(`label/${name}`);
  const scale = Math.hypot(...labelWeights, labelNoise);
  const scores = factors.map((own) => (dot(labelWeights, own) + labelNoise * drawNormal(noise)) / scale);
  const kind = kindOf(column);
  if (kind === 'real' || kind === 'decimal') return scores.map((score) => rounded(score, column.scale ?? 6));
  const classes = column.fieldSize ?? (/SPECIES|CLASS|GRADE/.test(name) ? 3 : 2);
  return scores.map((score) => {
    const share = normalCdf(score);
    const value = classes === 2 ? Number(share > 0.7) : Math.min(classes - 1, Math.floor(share * classes));
    return kind === 'text' ? String(value) : value;
  });
}

function choose(score: number, choices: number, kind: Kind): Cell {
  const value = Math.min(choices - 1, Math.floor(normalCdf(score) * choices));
  return kind === 'text' ? String(value) : value;
}

function measurements(column: DatasetColumn, name: string, scores: readonly number[]): Cell[] {
  const nature = new Random(`measure/${name}`);
  const mean = Math.round(nature.next() * 100) / 10;
  const spread = 0.5 + nature.next() * 2;
  const digits = kindOf(column) === 'whole' ? 0 : (column.scale ?? 6);
  return scores.map((score) => rounded(mean + spread * score, digits));
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(Math.min(digits, 12)));
}

const firstDayMs = Date.UTC(2023, 0, 1);
const dayMs = 86_400_000;

/** What is known of people themselves: the same whoever tells it. */
function attributes(population: Population, column: DatasetColumn, name: string): Cell[] {
  const kind = kindOf(column);
  if (kind === 'text') return texts(population, column, name);
  const scores = scoresOf(population, name, name);
  switch (kind) {
    case 'truth':
      return scores.map((score) => Number(score > 0));
    case 'date':
    case 'time':
      return scores.map((score) => {
        const atMs = firstDayMs + Math.floor(normalCdf(score) * 730 * 24) * (dayMs / 24);
        const iso = new Date(atMs).toISOString();
        return kind === 'date' ? iso.slice(0, 10) : iso.slice(0, 19).replace('T', ' ');
      });
    case 'whole':
      return scores.map((score) => wholeNumber(name, score));
    case 'real':
    case 'decimal': {
      const digits = column.scale ?? 2;
      return scores.map((score) =>
        rounded(/RATE|RATIO|PERCENT|SCORE/.test(name) ? normalCdf(score) : amount(column, score), digits),
      );
    }
  }
}

function wholeNumber(name: string, score: number): number {
  if (/AGE$/.test(name)) return Math.round(18 + normalCdf(score) * 62);
  if (/(DAYS|CNT|COUNT|NUM|QTY|TIMES)$/.test(name)) return Math.floor(Math.exp(1.5 + score));
  return Math.floor(normalCdf(score) * 500);
}

/** Money is spread as money is, and fits the column. */
function amount({ length }: DatasetColumn, score: number): number {
  return Math.min(Math.exp(8 + score), length === undefined ? Infinity : 10 ** Math.max(1, length - 4));
}

/** Words for columns whose name says what they hold. */
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
