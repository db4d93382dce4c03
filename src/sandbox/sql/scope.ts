import { givenName } from './rowId.ts';
import { equalsIgnoreCase } from '../model/names.ts';
import type { DatasetColumn, PrivacyType } from '../model/world.ts';
import { StatementError } from './errors.ts';

/** A column of a dataset with its privacy class. */
export interface SourceColumn {
  readonly datasetName: string;
  readonly column: DatasetColumn;
  readonly privacy: PrivacyType;
}

/** The columns that a value derives from. */
export interface Lineage {
  readonly origins: ReadonlySet<SourceColumn>;
  /** The column whose value it is, unchanged. */
  readonly direct: SourceColumn | undefined;
  /** The most characters that it can have. */
  readonly length: number;
}

export const noLineage: Lineage = { origins: new Set(), direct: undefined, length: 0 };

export function mergeLineage(lineages: readonly Lineage[]): Lineage {
  return {
    origins: new Set(lineages.flatMap(({ origins }) => [...origins])),
    direct: undefined,
    length: lineages.reduce((sum, { length }) => sum + length, 0),
  };
}

export interface OutputColumn {
  readonly name: string;
  readonly lineage: Lineage;
}

/** An item of FROM: a dataset or a subquery. */
export interface TableSource {
  /** The engine's alias. */
  readonly key: string;
  /** The partner's alias, unless the dataset has an alias of its own. */
  readonly partnerAlias: string | undefined;
  /** The qualifier of its columns. */
  readonly name: string;
  readonly columns: readonly OutputColumn[];
  readonly isDataset: boolean;
}

/** Names visible in a SELECT. */
export interface Scope {
  readonly sources: readonly TableSource[];
  /** USING columns: one for both sides. */
  readonly merged: ReadonlySet<string>;
  /** The enclosing SELECT, where its columns are visible. */
  readonly outer: Scope | undefined;
}

export interface ColumnMatch {
  readonly source: TableSource;
  readonly column: OutputColumn;
  /** True for a column of the enclosing SELECT. */
  readonly isOuter: boolean;
}

/** Resolves `column`, `table.column` or `ALIAS.DATASET.column`. */
export function findColumn(names: readonly string[], scope: Scope, isOuter = false): ColumnMatch | undefined {
  const name = names.at(-1) ?? '';
  const qualifiers = names.slice(0, -1);
  const found = scope.sources
    .filter((source) => matchesQualifiers(source, qualifiers))
    .flatMap((source) =>
      source.columns
        .filter((column) => equalsIgnoreCase(column.name, name))
        .map((column) => ({ source, column, isOuter })),
    );
  if (found.length > 1 && !scope.merged.has(name.toUpperCase())) {
    throw new StatementError(
      `column ${names.map(givenName).join('.')} is ambiguous: put the name of its table before it`,
    );
  }
  return found[0] ?? (scope.outer && findColumn(names, scope.outer, true));
}

/** True when `table.`, `ALIAS.DATASET.` or nothing qualifies the source. */
export function matchesQualifiers(source: TableSource, qualifiers: readonly string[]): boolean {
  const [first, second] = qualifiers;
  if (first === undefined) return true;
  if (second === undefined) return equalsIgnoreCase(source.name, first) || equalsIgnoreCase(source.key, first);
  return (
    qualifiers.length === 2 &&
    source.partnerAlias !== undefined &&
    equalsIgnoreCase(source.partnerAlias, first) &&
    equalsIgnoreCase(source.name, second)
  );
}
