import type { IncomingMessage } from 'node:http';

/** Rewrites a target in absolute form (RFC 9112, 3.2.2), which clients send to proxies. Its host replaces `Host`. */
export function toOriginForm(request: IncomingMessage): void {
  if (!/^https?:\/\//i.test(request.url ?? '') || !URL.canParse(request.url ?? '')) return;
  const { host, pathname, search } = new URL(request.url ?? '');
  request.url = `${pathname}${search}`;
  request.headers.host = host;
}

/** The path without the query. */
export function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '/';
}
