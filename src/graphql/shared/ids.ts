import { GatewayError } from '../../errors.ts';

/** The parts of each kind of id after its colon. They suffice for a detail URL, without another call. */
const forms = {
  League: ['league'],
  Agent: ['agent'],
  Dataset: ['league', 'dataset'],
  Job: ['league', 'sql|hfl|vfl|predict', 'job'],
  Instance: ['league', 'instance'],
  Connector: ['agent', 'connector'],
  ApprovalNotice: ['agent', 'notice'],
} as const;

/** The kinds of things that have ids. */
export type IdKind = keyof typeof forms;

/** The parts of an id, one for each place of its form. */
export type IdParts<Kind extends IdKind> = (typeof forms)[Kind] extends readonly [unknown]
  ? readonly [string]
  : (typeof forms)[Kind] extends readonly [unknown, unknown]
    ? readonly [string, string]
    : readonly [string, string, string];

/** The console and the REST APIs show the raw ids of these kinds only. */
const acceptedAsTicsIds: readonly IdKind[] = ['League', 'Agent'];

const partForm = /^[0-9A-Za-z_-]{1,64}$/;

/** What an id of a kind looks like; of jobs, those of some kinds. */
export function looksLike(kind: IdKind, jobKinds: readonly string[] = []): string {
  const places = forms[kind].map((place) =>
    place.includes('|') && jobKinds.length > 0
      ? jobKinds.length === 1
        ? jobKinds[0]
        : `<${jobKinds.join('|')}>`
      : `<${place}>`,
  );
  return `${kind}:${places.join('/')}`;
}

/** True for kinds whose raw TICS id is accepted. */
export function acceptsTicsId(kind: IdKind): boolean {
  return acceptedAsTicsIds.includes(kind);
}

/** Writes an id: `formatId('Dataset', leagueId, datasetId)` is `Dataset:<league>/<dataset>`. */
export function formatId<Kind extends IdKind>(kind: Kind, ...parts: IdParts<Kind>): string {
  return `${kind}:${parts.join('/')}`;
}

type Nullable<Parts extends readonly string[]> = { readonly [Place in keyof Parts]: string | null };

/** Writes an id; null where one of its parts is null or empty. */
export function formatOptionalId<Kind extends IdKind>(kind: Kind, ...parts: Nullable<IdParts<Kind>>): string | null {
  return parts.every(Boolean) ? `${kind}:${parts.join('/')}` : null;
}

function isKind(word: string): word is IdKind {
  return Object.hasOwn(forms, word);
}

function splits(kind: IdKind, rest: string): readonly string[] | undefined {
  const parts = rest.split('/');
  const fits = parts.length === forms[kind].length && parts.every((part) => partForm.test(part));
  const [, jobKind] = parts;
  return fits && (kind !== 'Job' || /^(sql|hfl|vfl|predict)$/.test(jobKind ?? '')) ? parts : undefined;
}

/**
 * Reads an id of one kind.
 *
 * @throws GatewayError INVALID_ID, which says what an id of this kind looks like.
 */
export function parseId<Kind extends IdKind>(kind: Kind, id: string): IdParts<Kind> {
  const bare = acceptedAsTicsIds.includes(kind) && partForm.test(id);
  const parts = bare ? [id] : id.startsWith(`${kind}:`) ? splits(kind, id.slice(kind.length + 1)) : undefined;
  if (parts === undefined) throw new GatewayError('INVALID_ID', `Not an id of this kind. Expected ${looksLike(kind)}.`);
  // `splits` has checked their number.
  return parts as IdParts<Kind>;
}

/**
 * Reads an id of any kind, for `node` and `nodes`. A raw TICS id does not tell its kind, so it is refused here.
 *
 * @throws GatewayError INVALID_ID, which lists what ids look like.
 */
export function parseAnyId(id: string): { readonly kind: IdKind; readonly parts: readonly string[] } {
  const [kind = ''] = id.split(':', 1);
  const parts = isKind(kind) ? splits(kind, id.slice(kind.length + 1)) : undefined;
  if (!isKind(kind) || parts === undefined)
    throw new GatewayError(
      'INVALID_ID',
      `Not an id. Expected one of ${(Object.keys(forms) as IdKind[]).map((kind) => looksLike(kind)).join(', ')}.`,
    );
  return { kind, parts };
}
