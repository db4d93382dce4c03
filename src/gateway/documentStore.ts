import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import * as z from 'zod';
import type { DocumentsConfig } from '../config/config.ts';
import type { GatewayError } from '../errors.ts';
import { RecentTexts } from './recentTexts.ts';
import { refusal } from './refusal.ts';

/** Request parameters that can name a document by its hash. */
export interface DocumentReference {
  readonly query?: unknown;
  readonly documentId?: unknown;
  readonly extensions?: unknown;
}

/** Documents by hash. */
export interface DocumentStore {
  /**
   * The document text of a request, sent or looked up by hash.
   *
   * @throws GatewayError PERSISTED_QUERY_NOT_FOUND, PERSISTED_QUERY_NOT_SUPPORTED, DOCUMENT_NOT_TRUSTED, BAD_REQUEST
   */
  readonly textOf: (reference: DocumentReference) => string | undefined;
}

/** Formats: GraphQL Code Generator's client preset, and Apollo's manifest. */
const textsById = z.record(z.string(), z.string());
const manifest = z.object({ operations: z.array(z.object({ id: z.string(), body: z.string() })) });

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The hash in a request: `documentId`, or Apollo's `extensions.persistedQuery`. */
function hashIn({ documentId, extensions }: DocumentReference): string | undefined {
  if (typeof documentId === 'string') return documentId.replace(/^sha256:/, '');
  const named = isObject(extensions) ? extensions['persistedQuery'] : undefined;
  if (!isObject(named)) return undefined;
  if ((named['version'] ?? 1) !== 1) throw refusal('BAD_REQUEST', 'Unsupported persisted query version');
  return typeof named['sha256Hash'] === 'string' ? named['sha256Hash'] : undefined;
}

/** True for a request with a hash and no document. */
export function isPersistedQuery({ query, ...reference }: DocumentReference): boolean {
  const { documentId, extensions } = reference;
  const isNamed = (documentId ?? null) !== null || (isObject(extensions) && 'persistedQuery' in extensions);
  return isNamed && (query ?? '') === '';
}

function readJson(path: string): readonly (readonly [string, string])[] {
  const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const { data: listed } = manifest.safeParse(content);
  if (listed !== undefined) return listed.operations.map(({ id, body }) => [id, body]);
  return Object.entries(textsById.parse(content));
}

function readFile(path: string): readonly (readonly [string, string])[] {
  const extension = extname(path);
  if (extension === '.json') return readJson(path);
  return extension === '.graphql' ? [[basename(path, extension), readFileSync(path, 'utf8')]] : [];
}

/**
 * Trusted documents by each hash that names them: the one of their file, and their SHA-256.
 *
 * @throws Error that names the file with a fault
 */
function readTrusted(path: string): ReadonlyMap<string, string> {
  const files = statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path];
  const texts = files.flatMap((file) => {
    try {
      return readFile(file);
    } catch {
      throw new Error(`documents.trusted: ${file} is no file of documents by hash.`);
    }
  });
  return new Map([...texts.map(([, text]) => [sha256Of(text), text] as const), ...texts]);
}

/**
 * Finds documents by hash: trusted ones, and those that clients sent before (automatic persisted queries).
 *
 * @throws Error when trusted documents can't be read
 */
export function createDocumentStore(config: DocumentsConfig = { onlyTrusted: 'off', automatic: 'on' }): DocumentStore {
  const { trusted, onlyTrusted, automatic } = config;
  const known = trusted === undefined ? new Map<string, string>() : readTrusted(trusted);
  const sent = new RecentTexts<string>();
  const isOpen = onlyTrusted === 'off';
  const keeps = isOpen && automatic === 'on';

  const notFound = (): GatewayError => {
    if (!isOpen)
      return refusal('DOCUMENT_NOT_TRUSTED', 'Only trusted documents are executed here, and this is not one.');
    // Apollo's clients depend on code, message and HTTP 200.
    return keeps
      ? refusal('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound', 200)
      : refusal('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported', 200);
  };

  return {
    textOf: (reference) => {
      const { query } = reference;
      const hash = hashIn(reference);
      if (typeof query !== 'string' || query === '') {
        if (!isPersistedQuery(reference)) return undefined;
        const text = hash === undefined ? undefined : (known.get(hash) ?? sent.get(hash));
        if (text === undefined) throw notFound();
        return text;
      }
      if (!isOpen && !known.has(sha256Of(query))) throw notFound();
      if (hash !== undefined && keeps && !known.has(hash)) {
        if (sha256Of(query) !== hash) throw refusal('BAD_REQUEST', 'provided sha does not match query');
        sent.add(hash, query, query.length);
      }
      return query;
    },
  };
}
