/** Tokens in which a backtick is no quote, and identifiers in backticks. */
const tokens = new RegExp(
  [
    String.raw`[eE]'(?:[^'\\]|\\[\s\S]|'')*'`,
    String.raw`'(?:[^']|'')*'`,
    String.raw`"(?:[^"]|"")*"`,
    String.raw`--[^\n]*`,
    // A dollar sign inside an identifier starts no text.
    String.raw`[\p{L}_][\p{L}\p{N}_$]*`,
    String.raw`\$(?<tag>(?:[\p{L}_][\p{L}\p{N}_]*)?)\$[\s\S]*?\$\k<tag>\$`,
    '`(?<identifier>(?:[^`]|``)*)`',
    String.raw`/\*`,
  ].join('|'),
  'gu',
);

/** Translates to the engine's dialect: backtick quotes become double quotes. */
export function toEngineDialect(sql: string): string {
  let written = '';
  let from = 0;
  for (tokens.lastIndex = 0; ;) {
    const token = tokens.exec(sql);
    if (token === null) return written + sql.slice(from);
    const { identifier } = token.groups ?? {};
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
