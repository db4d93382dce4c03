import { givenName } from './rowId.ts';
import { equalsIgnoreCase } from '../model/names.ts';
import type { DatasetColumn, PrivacyType } from '../model/world.ts';
import { StatementError } from './errors.ts';

/** A column of a dataset, with how it may be used. */
export interface SourceColumn {
  readonly datasetName: string;
  readonly column: DatasetColumn;
  readonly privacy: PrivacyType;
}

/** The columns that an expression's value tells of. */
export interface Lineage {
  readonly origins: ReadonlySet<SourceColumn>;
  /** The one column whose value it is, unchanged. */
  readonly direct: SourceColumn | undefined;
}

export const noLineage: Lineage = { origins: new Set(), direct: undefined };

/** What is told by something made of several things. */
export function mergeLineage(lineages: readonly Lineage[]): Lineage {
  return {
    origins: new Set(lineages.flatMap(({ origins }) => [...origins])),
    direct: undefined,
  };
}

export interface OutputColumn {
  readonly name: string;
  readonly lineage: Lineage;
}

/** Something that a FROM names: a dataset, or what another SELECT answers. */
export interface TableSource {
  /** What the engine knows it as. */
  readonly key: string;
  /** The partner's alias, for a dataset that has been given no other name. */
  readonly partnerAlias: string | undefined;
  /** What columns are qualified with. */
  readonly name: string;
  readonly columns: readonly OutputColumn[];
  readonly isDataset: boolean;
}

/** What names mean within one SELECT. */
export interface Scope {
  readonly sources: readonly TableSource[];
  /** Columns of USING: one of each, whichever side is asked. */
  readonly merged: ReadonlySet<string>;
  /** The SELECT that this one stands in, when it may speak of its columns. */
  readonly outer: Scope | undefined;
}

export interface ColumnMatch {
  readonly source: TableSource;
  readonly column: OutputColumn;
  /** Of the SELECT around. */
  readonly isOuter: boolean;
}

/**
 * The column that a reference means: `column`, `table.column` or `ALIAS.DATASET.column`; undefined when nothing is called
 * so.
 */
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

/** Whether `table.` or `ALIAS.DATASET.` (or nothing) stands for the source. */
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
