import { StatementError } from './errors.ts';
import { syntaxErrorOf } from './engineErrors.ts';

/** Tokens in which a backtick is no quote, and identifiers in backticks. */
const tokens = new RegExp(
  [
    String.raw`[eE]'(?:[^'\\]|\\[\s\S]|'')*'`,
    String.raw`(?<bits>[xXbB]'(?:[^']|'')*')`,
    String.raw`'(?:[^']|'')*'`,
    String.raw`"(?:[^"]|"")*"`,
    String.raw`--[^\n]*`,
    // A dollar sign inside an identifier starts no text.
    String.raw`[\p{L}_][\p{L}\p{N}_$]*`,
    String.raw`\$(?<tag>(?:[\p{L}_][\p{L}\p{N}_]*)?)\$[\s\S]*?\$\k<tag>\$`,
    '`(?<identifier>(?:[^`]|``)*)`',
    String.raw`(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?(?<letters>[\p{L}_][\p{L}\p{N}_]*)?`,
    // Comments begin within a run of operators too.
    String.raw`(?<operators>(?:(?!--|/\*)[-+*/<>=~!@#^&|?%]){65,})`,
    String.raw`/\*`,
  ].join('|'),
  'gu',
);

/**
 * Translates to the engine's dialect: backtick quotes become double quotes.
 *
 * @throws {StatementError} for what its parser reads as something else, or in time that grows with the cube of its length.
 */
export function toEngineDialect(sql: string): string {
  // The parser ends there, and forgets the rest.
  if (sql.includes('\0')) throw new StatementError('SQL syntax error: a statement cannot have NUL characters');
  let written = '';
  let from = 0;
  for (tokens.lastIndex = 0; ;) {
    const token = tokens.exec(sql);
    if (token === null) return written + sql.slice(from);
    const { identifier, bits, letters, operators } = token.groups ?? {};
    const wrong = bits ?? operators ?? (letters && token[0]);
    if (wrong) throw syntaxErrorOf(`syntax error at or near "${wrong}"`, String(token.index));
    if (token[0] === '/*') {
      tokens.lastIndex = endOfComment(sql, token.index);
    } else if (identifier !== undefined) {
      written += `${sql.slice(from, token.index)}"${identifier.replaceAll('``', '`').replaceAll('"', '""')}"`;
      from = tokens.lastIndex;
    }
  }
}

/** Comments nest, as in PostgreSQL. */
function endOfComment(sql: string, start: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = start;
  for (let depth = 0; ;) {
    const mark = marks.exec(sql);
    if (mark === null) return sql.length;
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
}
