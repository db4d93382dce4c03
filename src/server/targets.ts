import type { IncomingMessage } from 'node:http';

/** Rewrites a target in absolute form (RFC 9112, 3.2.2), which clients send to proxies. Its host replaces `Host`. */
export function toOriginForm(request: IncomingMessage): void {
  if (!/^https?:\/\//i.test(request.url ?? '') || !URL.canParse(request.url ?? '')) return;
  const { host, pathname, search } = new URL(request.url ?? '');
  request.url = `${pathname}${search}`;
  request.headers.host = host;
}

/** The path without the query, and without a slash at its end: some clients and proxies add one. */
export function pathOf({ url = '/' }: IncomingMessage): string {
  const [path = ''] = url.split('?', 1);
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
