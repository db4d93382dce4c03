/** A figure of several windows. */
export interface Range {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The value below which the share lies, by nearest rank. NaN of nothing. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

/** Median, least and greatest. */
export function rangeOf(numbers: readonly number[]): Range {
  return { median: percentile(numbers, 0.5), min: Math.min(...numbers), max: Math.max(...numbers) };
}

/** With as many digits as the figure has meaning: three. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 4));
}

/** `0.42 (0.40–0.45)`. */
export function rangeText({ median, min, max }: Range): string {
  return `${digits(median)} (${digits(min)}–${digits(max)})`;
}
