/**
 * A statement in the engine's own dialect: identifiers in backticks, as the service writes them, are put in double quotes.
 * Texts, quoted identifiers and comments stay as they are.
 */
export function toEngineDialect(sql: string): string {
  return sql.replace(
    /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|`((?:[^`]|``)*)`/g,
    (token, identifier: string | undefined) =>
      identifier === undefined ? token : `"${identifier.replaceAll('``', '`').replaceAll('"', '""')}"`,
  );
}
