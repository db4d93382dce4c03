/** Functions that statements may use, by the parser's names. All others are closed. */

function names(list: string): ReadonlySet<string> {
  return new Set(list.trim().split(/\s+/));
}

/** Aggregates that describe a group, not a member. */
export const statisticalAggregates = names(`
  count count_star sum avg mean stddev stddev_pop stddev_samp variance var_pop var_samp`);

/** Aggregates that return a member's value. */
export const revealingAggregates = names(`
  min max any_value first last arg_min arg_max min_by max_by median mode quantile quantile_cont quantile_disc
  string_agg group_concat listagg bool_and bool_or approx_count_distinct`);

/** Operators to which every record contributes. Integer division could single out records. */
export const arithmeticOperators = names(`+ - * /`);

/** Functions that keep an identifier an identifier. */
export const identifierFunctions = names(`lower upper trim ltrim rtrim lcase ucase`);

const scalars = names(`
  // % || ~~ !~~ ~~* !~~* like_escape not_like_escape ilike_escape not_ilike_escape regexp_matches regexp_full_match
  abs sign round floor ceil ceiling trunc mod power pow sqrt exp ln log log10 log2 greatest least
  length len char_length character_length strlen concat concat_ws substring substr left right replace reverse
  lpad rpad position instr strpos starts_with ends_with prefix suffix contains split_part regexp_replace regexp_extract
  date_part date_trunc datepart datetrunc date_diff datediff date_sub date_add year month day quarter week dayofweek
  dayofmonth dayofyear hour minute second strftime strptime last_day make_date
  to_years to_months to_days to_hours to_minutes to_seconds nullif isnan isinf grouping`);

const rankings = names(
  `row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value`,
);

export function isAggregate(name: string): boolean {
  return statisticalAggregates.has(name) || revealingAggregates.has(name);
}

export function isOffered(name: string): boolean {
  return (
    isAggregate(name) ||
    arithmeticOperators.has(name) ||
    identifierFunctions.has(name) ||
    scalars.has(name) ||
    rankings.has(name)
  );
}
