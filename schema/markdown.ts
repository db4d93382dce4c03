/** A cell of a table: one line, in which no `|` ends the cell. */
function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('|', '\\|');
}

/** A table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells, index) => (index === 1 ? `|${cells.join('|')}|` : `| ${cells.map(cell).join(' | ')} |`))
    .join('\n');
}

/** Names as code, separated by commas. */
export function coded(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

/** A document that is generated as a whole. */
export function page(title: string, ...parts: readonly string[]): string {
  return `${['<!-- Written by `npm run generate`. Do not edit. -->', `# ${title}`, ...parts].join('\n\n')}\n`;
}

/**
 * Replaces what stands between `<!-- generated: NAME, … -->` and `<!-- generated: NAME end -->`.
 *
 * @throws Error when the document has no such place: nothing would be written, and nobody would notice.
 */
export function between(name: string, document: string, text: string): string {
  const place = new RegExp(`(<!-- generated: ${name},[^>]*-->)[\\s\\S]*(<!-- generated: ${name} end -->)`);
  if (!place.test(document))
    throw new Error(`No place for generated text: add <!-- generated: ${name}, … --> and its end.`);
  return document.replace(place, (_, begin: string, end: string) => `${begin}\n\n${text}\n\n${end}`);
}
