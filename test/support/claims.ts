import { parse, TypeInfo, visit, visitWithTypeInfo, type GraphQLSchema } from 'graphql';
import { callsOf, conditionsOf, type FieldCall } from '../../src/graphql/calls.ts';

type Counts = Readonly<Record<string, number>>;

/** Calls that a gateway makes for itself: it signs in, and finds its project. */
const ofItsOwn: readonly string[] = ['createToken', 'createAgentToken', 'listProjects'];

/** The calls that the fields of an operation claim, by `<Type>.<field>`. */
export function claimsIn(schema: GraphQLSchema, query: string): ReadonlyMap<string, readonly FieldCall[]> {
  const info = new TypeInfo(schema);
  const claims = new Map<string, readonly FieldCall[]>();
  visit(
    parse(query),
    visitWithTypeInfo(info, {
      Field: () => {
        const [field, parent] = [info.getFieldDef(), info.getParentType()];
        if (field && parent) claims.set(`${parent.name}.${field.name}`, callsOf(field));
      },
    }),
  );
  return claims;
}

/** Compares what the fields of operations claim with the calls that the operations caused. */
export class ClaimLedger {
  private readonly schema: GraphQLSchema;
  private readonly count: () => Promise<Counts>;
  private readonly claims = new Map<string, FieldCall[]>();
  private readonly caused = new Set<string>();
  /** Calls that no field of their operation claims. */
  readonly unclaimed: string[] = [];

  constructor(schema: GraphQLSchema, count: () => Promise<Counts>) {
    this.schema = schema;
    this.count = count;
  }

  /** Sends an operation, and enters what it caused. */
  async enter<Answer>(query: string, send: () => Promise<Answer>): Promise<Answer> {
    const before = await this.count();
    const answer = await send();
    const after = await this.count();
    const calls = Object.keys(after).filter(
      (call) => !ofItsOwn.includes(call) && (after[call] ?? 0) > (before[call] ?? 0),
    );
    const claims = claimsIn(this.schema, query);
    for (const [coordinate, claimed] of claims)
      for (const claim of claimed) {
        const name = `${coordinate} ${claim.call}`;
        this.claims.set(name, [...(this.claims.get(name) ?? []), claim]);
        if (calls.includes(claim.call)) this.caused.add(name);
      }
    for (const call of calls)
      if (![...claims.values()].flat().some((claim) => claim.call === call))
        this.unclaimed.push(`${call} by ${[...claims.keys()].join(', ')}`);
    return answer;
  }

  /**
   * `<Type>.<field> <call>` of each claim that no operation caused.
   *
   * @param unheld - conditions that held for no operation
   */
  neverCaused(unheld: readonly string[]): readonly string[] {
    const isUnheld = (claim: FieldCall): boolean =>
      conditionsOf(claim).some((condition) => typeof condition === 'string' && unheld.includes(condition));
    return [...this.claims].flatMap(([name, claims]) =>
      this.caused.has(name) || claims.every(isUnheld) ? [] : [name],
    );
  }
}
