import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SignIn } from './fixtureFiles.ts';
import { freePort } from '../../ops/freePort.ts';
import { launch, untilAnswered } from './process.ts';
import type { StaticUpstream } from './upstream.ts';

/** Is nginx there, with the counter of its requests compiled in? */
export function hasNginx(): boolean {
  return spawnSync('nginx', ['-V'], { encoding: 'utf8' }).stderr?.includes('http_stub_status_module') ?? false;
}

/** One process, which ends when it is killed: the workers of a master would be left behind. */
function configuration(root: string, directory: string, port: number, { token, body }: SignIn): string {
  const quoted = body.replace(/[\\']/g, '\\$&');
  if (body.includes('$')) throw new Error('nginx would take a part of the sign-in for a variable');
  return `
daemon off;
master_process off;
pid ${directory}/nginx.pid;
error_log stderr warn;
events { worker_connections 8192; }
http {
  access_log off;
  sendfile on;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  open_file_cache max=10000 inactive=1h;
  open_file_cache_valid 1h;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  types { }
  default_type 'application/json;charset=utf8';
  server {
    listen 127.0.0.1:${port} backlog=4096;
    root ${root};
    location = /v3/auth/tokens {
      add_header X-Subject-Token '${token}' always;
      return 201 '${quoted}';
    }
    location = /requests { stub_status; }
    location / { try_files $uri/$arg_type.$arg_offset.$arg_limit.json =404; }
  }
}
`;
}

/** Serves a folder of recorded answers by nginx. @param root - see `fileOf` */
export async function startNginx(root: string, directory: string, signIn: SignIn): Promise<StaticUpstream> {
  const port = await freePort();
  await mkdir(directory, { recursive: true });
  const file = join(directory, 'nginx.conf');
  await writeFile(file, configuration(root, directory, port, signIn));
  const url = `http://127.0.0.1:${port}`;
  const logFile = join(directory, 'nginx.log');
  const running = launch({
    core: 'others',
    command: ['nginx', '-e', logFile, '-p', directory, '-c', file],
    port,
    logFile,
    cwd: directory,
  });
  /** Reading the counter is a request too. */
  let readings = 0;
  const requests = async (): Promise<number> => {
    const text = await (await fetch(`${url}/requests`)).text();
    readings += 1;
    return Number(/^\s*\d+\s+\d+\s+(\d+)\s*$/m.exec(text)?.[1]) - readings;
  };
  await untilAnswered(running, logFile, async () => Number.isFinite(await requests()));
  return { kind: 'nginx', url, port, requests, close: running.stop };
}
