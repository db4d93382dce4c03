import type { ExchangeRequest } from './exchange.ts';
import { encodeForm, type Form } from './form.ts';
import { writeJson } from './json.ts';
import type { CallFacts, Upstream } from './upstream.ts';

/** Parameters and body of a call. */
export interface CallRequest {
  readonly body?: object;
  readonly form?: Form;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** What the client adds to each request. */
export interface Sender {
  readonly token: string;
  readonly projectId: string;
  readonly language: string;
}

/** Driver files of connectors are large. */
const uploadTimeoutMs = 120_000;

const unreserved = /^[\w.~-]*$/;

/** Percent-encodes. A lone surrogate has no UTF-8 and becomes U+FFFD, which matches nothing at the service. */
function encode(value: string): string {
  return unreserved.test(value) ? value : encodeURIComponent(value.replace(/\p{Surrogate}/gu, '\uFFFD'));
}

const templates = new WeakMap<CallFacts, readonly string[]>();

/** Alternating literals and parameter names: `/v1/{project_id}/agents` is `/v1/`, `project_id`, `/agents`. */
function templateOf(facts: CallFacts): readonly string[] {
  const known = templates.get(facts);
  if (known !== undefined) return known;
  const template = facts.path.split(/\{(\w+)\}/);
  templates.set(facts, template);
  return template;
}

function pathOf(facts: CallFacts, { path, query = {} }: CallRequest, projectId: string): string {
  let filled = '';
  templateOf(facts).forEach((part, index) => {
    if (index % 2 === 0) filled += part;
    else filled += encode(part === 'project_id' ? projectId : (path?.[part] ?? ''));
  });
  let parameters = '';
  for (const name in query) {
    const value = query[name];
    if (value !== undefined) parameters += `${parameters === '' ? '?' : '&'}${encode(name)}=${encode(String(value))}`;
  }
  return filled + parameters;
}

/**
 * The HTTP request for one attempt of a call.
 *
 * @throws GatewayError INVALID_INPUT when the file of an upload was used before
 */
export function toHttpRequest(
  upstream: Upstream,
  call: string,
  request: CallRequest,
  { token, projectId, language }: Sender,
): ExchangeRequest {
  const { name, timeoutMs } = upstream;
  const { body, form } = request;
  const facts = upstream.factsOf(call);
  const encoded = form && encodeForm(form);
  return {
    call,
    method: facts.method,
    path: pathOf(facts, request, projectId),
    headers: {
      accept: 'application/json',
      'content-type': encoded?.contentType ?? 'application/json',
      'x-auth-token': token,
      'x-language': language,
      ...(facts.agentHeader !== undefined && name.agentId !== undefined && { [facts.agentHeader]: name.agentId }),
    },
    traceHeaders: {},
    body: encoded?.body ?? (body && writeJson(body)),
    isWrite: facts.method !== 'GET',
    ...(facts.lossless && { isLossless: true }),
    timeoutMs: form === undefined ? timeoutMs : uploadTimeoutMs,
    ...name,
  };
}
