import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { z } from 'zod';
import { text } from './values.ts';

interface Pem {
  readonly pem: string;
  /** Where it was read from, unless it stands in the configuration. */
  readonly path: string | undefined;
}

/** A PEM, or the path of a file that holds one, seen from the configuration file. */
function pemFrom(directory: string, what: string) {
  return text(`${what} (PEM, or the path of a PEM file)`).transform((value, context): Pem => {
    if (value.includes('-----BEGIN')) return { pem: value, path: undefined };
    const path = resolve(directory, value);
    try {
      return { pem: readFileSync(path, 'utf8'), path };
    } catch {
      context.addIssue(`${what}: the path of a readable file`);
      return z.NEVER;
    }
  });
}

/** The certificate that callers are shown, and its key. */
export function tls(directory: string) {
  return z
    .strictObject(
      {
        certificate: pemFrom(directory, 'a certificate').describe(
          'PEM, or the path of a PEM file: the certificate, then those of the authorities between it and the root.',
        ),
        key: pemFrom(directory, 'the key of the certificate').describe(
          'PEM, or the path of a PEM file, without a password.',
        ),
      },
      'a map of certificate and key',
    )
    .transform(({ certificate, key }, context) => {
      try {
        createSecureContext({ cert: certificate.pem, key: key.pem });
      } catch {
        context.addIssue('a certificate and the key that belongs to it, both as PEM');
        return z.NEVER;
      }
      const paths = [certificate.path, key.path].filter((path) => path !== undefined);
      return { certificate: certificate.pem, key: key.pem, paths };
    });
}

/** Certificate and key as PEM, and the files that they were read from. */
export type TlsConfig = z.output<ReturnType<typeof tls>>;
