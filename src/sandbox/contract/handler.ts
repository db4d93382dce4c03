import type { Language } from '../model/text.ts';
import type { World } from '../model/world.ts';

/** A file of a multipart body. */
export interface UploadedFile {
  readonly fileName: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** A request that was routed and validated. */
export interface SandboxRequest {
  /** The contract's operation id. */
  readonly operationId: string;
  /** Path parameters, as text. */
  readonly path: Readonly<Record<string, string>>;
  /** Query parameters, coerced to the contract's types. */
  readonly query: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** JSON, or the parts of a multipart body by name. */
  readonly body: unknown;
  readonly language: Language;
  /** The agent of the server that was called; undefined on the space plane and IAM. */
  readonly agentId: string | undefined;
}

/** Validated against the contract before it is sent. */
export interface SandboxAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One REST call of the embedded TICS. */
export type Handler = (request: SandboxRequest, world: World) => SandboxAnswer | Promise<SandboxAnswer>;

/** Handlers of one plane by operation id. */
export type Handlers = Readonly<Record<string, Handler>>;

/** An error that the service answers; the server formats it for its plane. */
export class ServiceError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'ServiceError';
    this.status = status;
    this.code = code;
  }
}
