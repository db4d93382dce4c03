import { remembered } from './recentTexts.ts';

/** One range of an `Accept` header (RFC 9110, 12.5.1). */
export interface MediaRange {
  /** In lower case. */
  readonly type: string;
  readonly quality: number;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Splits at separators outside quotes. A regular expression with lookahead takes 200 ms for a header of 15 kB. */
function splitUnquoted(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let isQuoted = false;
  for (const piece of text.split(separator)) {
    if (isQuoted) parts.push(`${parts.pop()}${separator}${piece}`);
    else parts.push(piece);
    if (piece.split('"').length % 2 === 0) isQuoted = !isQuoted;
  }
  return parts;
}

/** A media type and its parameters, names in lower case, values without quotes. */
interface MediaType {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

function readMediaType(text: string): MediaType {
  const [type = '', ...rest] = splitUnquoted(text, ';');
  const parameters = rest.map((parameter): [string, string] => {
    const [name = '', ...value] = parameter.split('=');
    return [
      name.trim().toLowerCase(),
      value
        .join('=')
        .trim()
        .replace(/^"(.*)"$/, '$1'),
    ];
  });
  return { type: type.trim().toLowerCase(), parameters: new Map(parameters) };
}

/** Reads the value of a `Content-Type` header. */
export const parseMediaType = remembered(readMediaType);

const rangesOf = remembered((accept): readonly MediaRange[] =>
  splitUnquoted(accept.trim() || '*/*', ',').map((text) => {
    const { type, parameters } = readMediaType(text);
    const quality = Number(parameters.get('q') ?? 1);
    return { type, parameters, quality: Number.isNaN(quality) ? 0 : quality };
  }),
);

/** The ranges of an `Accept` header, in its order; no header accepts everything. */
export function acceptedRanges(accept: string | null | undefined): readonly MediaRange[] {
  return rangesOf(accept ?? '*/*');
}

/** Apollo's multipart subscriptions, and incremental delivery. No other multipart type is supported. */
export const multipartTypes = {
  events: 'multipart/mixed;subscriptionSpec=1.0',
  parts: 'multipart/mixed;deferSpec=20220824',
} as const;

/** Answers are UTF-8: ranges with another charset match nothing. */
function matches({ type, parameters }: MediaRange, offered: string): boolean {
  if ((parameters.get('charset') ?? 'utf-8').toLowerCase() !== 'utf-8') return false;
  if (offered === multipartTypes.events)
    return type === 'multipart/mixed' && /^1(\.0)?$/.test(parameters.get('subscriptionspec') ?? '');
  if (offered === multipartTypes.parts)
    return (
      type === 'multipart/mixed' &&
      !parameters.has('subscriptionspec') &&
      (parameters.get('deferspec') ?? '20220824') === '20220824'
    );
  if (type === '*/*') return true;
  return type === offered || type === `${offered.split('/')[0]}/*`;
}

/** The most specific range that matches a media type: it decides the quality. */
function rangeFor(ranges: readonly MediaRange[], offered: string): MediaRange | undefined {
  const specificity = ({ type }: MediaRange): number => (type === '*/*' ? 0 : type.endsWith('/*') ? 1 : 2);
  return ranges
    .filter((range) => matches(range, offered))
    .sort((one, other) => specificity(other) - specificity(one))[0];
}

function choose(ranges: readonly MediaRange[], offered: readonly string[]): string | undefined {
  return offered
    .flatMap((type) => {
      const range = rangeFor(ranges, type);
      return range === undefined || range.quality <= 0
        ? []
        : [{ type, quality: range.quality, place: ranges.indexOf(range) }];
    })
    .sort((one, other) => other.quality - one.quality || one.place - other.place)[0]?.type;
}

const chosen = new WeakMap<readonly MediaRange[], Map<readonly string[], string | undefined>>();

/**
 * The offered media type with the highest quality; of equal ones the first in the header. Undefined if none is accepted.
 *
 * @param offered - a constant list: results are cached by it
 */
export function negotiate(ranges: readonly MediaRange[], offered: readonly string[]): string | undefined {
  const known = chosen.get(ranges) ?? new Map<readonly string[], string | undefined>();
  if (known.has(offered)) return known.get(offered);
  const type = choose(ranges, offered);
  chosen.set(ranges, known.set(offered, type));
  return type;
}
