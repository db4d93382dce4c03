import { StatementError } from './errors.ts';

/** Meanings of engine errors. Its own texts are never passed on: they contain internal statements and cell values. */
const meanings: readonly (readonly [pattern: RegExp, meaning: (match: RegExpExecArray) => string])[] = [
  [
    /Could not convert (\w+)/,
    ([, from = '']) => `Could not convert ${from.toLowerCase()} values to the type asked for`,
  ],
  [
    /(?:invalid|malformed|unparsable)\b.*\b(?:date|time|interval)|date.*out of range/i,
    () => 'a text is no date or time',
  ],
  [/Could not parse string/, () => 'a text is no date or time of the format asked for'],
  [/(?:ORDER|GROUP) (?:BY )?term out of range/, () => 'ORDER BY or GROUP BY names a position that is not selected'],
  [/specifier|unrecognized format/i, () => 'a date format or a part of a date is not known'],
  [/cannot take (?:square root|logarithm)/, () => 'a function is not defined for one of its values'],
  [/LIMIT\/OFFSET cannot be negative/, () => 'LIMIT and OFFSET cannot be negative'],
  [/out of range|overflow|Failed to cast decimal value/i, () => 'a number is out of range'],
  [
    /column "([^"]*)" must appear in the GROUP BY clause/,
    ([, name = '']) => `column ${name} must appear in the GROUP BY clause or be used in an aggregate function`,
  ],
  [
    /must appear in the GROUP BY/,
    () => 'a column must appear in the GROUP BY clause or be used in an aggregate function',
  ],
  [/(?:WHERE|GROUP BY) clause cannot contain/, () => 'WHERE and GROUP BY cannot contain aggregates or windows'],
  [/aggregate function calls cannot (?:be nested|contain)/i, () => 'aggregates cannot be nested'],
  [/No function matches.*'(\w+)\(/s, ([, name = '']) => `function ${name} is not defined for arguments of these types`],
  [/No function matches/, () => 'an operator is not defined for values of these types'],
  [
    /Cannot (?:compare|mix) values of type (\w+).* type (\w+)/,
    ([, left = '', right = '']) => `values of type ${left} and ${right} cannot be compared`,
  ],
  [/More than one row returned by a subquery/, () => 'a subquery in place of a value answers more than one row'],
  [/[Ss]ubquery returns \d+ columns/, () => 'a subquery in place of a value answers more than one column'],
  [/same number of result columns/, () => 'the SELECTs of a UNION answer different numbers of columns'],
  [/[Aa]mbiguous/, () => 'a name in the statement is ambiguous'],
  [/[Rr]egular expression|missing [\])]/, () => 'a regular expression is not valid'],
  [/[Oo]ut of [Mm]emory/, () => 'the statement needs more memory than a run may have'],
  [/expression depth|nested too deeply|recursion/i, () => 'the statement is nested too deeply'],
];

/** Maps an engine error to one of the statement. */
export function statementErrorOf(error: unknown): StatementError {
  const text = error instanceof Error ? error.message : '';
  for (const [pattern, meaning] of meanings) {
    const match = pattern.exec(text);
    if (match) return new StatementError(meaning(match));
  }
  return new StatementError('it cannot be executed as it is written');
}

/** Maps a parser error. Only plain syntax messages are passed on. */
export function syntaxErrorOf(message: string, position: string | undefined): StatementError {
  const isPlain =
    /^(?:syntax error at (?:or near "[\s\S]*"|end of input)|unterminated [\w\s-]+ at or near "[\s\S]*")$/.test(message);
  if (/max expression depth/i.test(message)) return new StatementError('the statement is nested too deeply');
  const place = position === undefined ? '' : ` (at character ${Number(position) + 1})`;
  return new StatementError(`SQL syntax error: ${isPlain ? message : 'the statement cannot be parsed'}${place}`);
}
