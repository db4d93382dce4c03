import { Agent, FormData, request, type Dispatcher } from 'undici';
import type { AgentAccess, Sandbox } from '../../src/sandbox/start.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The parsed body; reading it fails where it is no JSON. */
  readonly json: unknown;
}

export interface Call {
  readonly method?: Dispatcher.HttpMethod;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, unless it is a form. */
  readonly body?: unknown;
}

/** A plain HTTP client of one server, with nothing of the gateway in it. */
export class Caller {
  readonly #origin: string;
  readonly #dispatcher: Agent;
  #headers: Readonly<Record<string, string>>;

  constructor(origin: string, certificate?: string, headers: Readonly<Record<string, string>> = {}) {
    this.#origin = origin;
    this.#dispatcher = new Agent(certificate === undefined ? {} : { connect: { ca: certificate } });
    this.#headers = headers;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#headers;
  }

  setToken(token: string): void {
    this.#headers = { ...this.#headers, 'x-auth-token': token };
  }

  async call(path: string, { method = 'GET', headers = {}, body }: Call = {}): Promise<Answer> {
    const response = await request(this.#origin + path, {
      method,
      dispatcher: this.#dispatcher,
      headers: {
        ...this.#headers,
        ...(body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : body instanceof FormData ? body : JSON.stringify(body),
    });
    const text = await response.body.text();
    return {
      status: response.statusCode,
      headers: response.headers,
      text,
      get json() {
        return JSON.parse(text) as unknown;
      },
    };
  }

  close(): Promise<void> {
    return this.#dispatcher.destroy();
  }
}

/** Signs in at IAM and answers with a caller of the space plane. */
export async function spaceCaller({ iamUrl, spaceUrl, account, projectId }: Sandbox): Promise<Caller> {
  const iam = new Caller(iamUrl);
  const { user, password, domain } = account;
  const signedIn = await iam.call('/v3/auth/tokens', {
    method: 'POST',
    body: {
      auth: {
        identity: { methods: ['password'], password: { user: { name: user, password, domain: { name: domain } } } },
        scope: { project: { id: projectId } },
      },
    },
  });
  await iam.close();
  const caller = new Caller(spaceUrl);
  caller.setToken(String(signedIn.headers['x-subject-token']));
  return caller;
}

/** What the sign-in of an agent answers. */
export interface SignIn {
  readonly status: number;
  readonly message?: string;
  readonly data?: { readonly token: string; readonly user_name: string; readonly expire_time: string };
}

export async function signIn(caller: Caller, user: string, password: string): Promise<SignIn> {
  const { json } = await caller.call('/v1/agent/user/token', {
    method: 'POST',
    body: { user_name: user, password },
  });
  return json as SignIn;
}

/** Signs in at an agent and answers with a caller of its plane. */
export async function agentCaller({ url, certificate, user, password }: AgentAccess): Promise<Caller> {
  const caller = new Caller(url, certificate, { 'x-language': 'en_us' });
  const { data } = await signIn(caller, user, password);
  if (data === undefined) throw new Error(`no token of ${url}`);
  caller.setToken(data.token);
  return caller;
}
