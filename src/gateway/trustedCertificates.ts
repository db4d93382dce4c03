import { join } from 'node:path';
import { openDataDirectory, trustOnFirstUse, type TicsConfig } from '../config/config.ts';
import type { Logger } from '../telemetry/log.ts';
import { TrustedCertificates } from '../upstream/certificates.ts';

/**
 * Certificates of agents with `trust-on-first-use`, kept in the data directory. Logs each new one.
 *
 * @throws Error when the data directory can't be used, or holds a file that can't be read
 */
export function trustedCertificates(
  { agents }: TicsConfig,
  dataDirectory: string,
  log: Logger,
): TrustedCertificates | undefined {
  if (!agents.some(({ certificate }) => certificate === trustOnFirstUse)) return undefined;
  const path = join(openDataDirectory(dataDirectory), 'agent-certificates.json');
  return new TrustedCertificates(path, ({ name, fingerprint }) =>
    log.warn({ agentId: name, fingerprint }, 'agent certificate trusted on first use'),
  );
}
