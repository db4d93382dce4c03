import { createSecureContext } from 'node:tls';
import * as z from 'zod';
import { readPem, type Pem } from './pem.ts';
import { text } from './values.ts';

/** PEM, or the path of a PEM file. */
export function pemFrom(directory: string, what: string) {
  return text(`${what} (PEM, or the path of a PEM file)`).transform((value, context): Pem => {
    try {
      return readPem(directory, value);
    } catch {
      context.addIssue(`${what}: the path of a readable file`);
      return z.NEVER;
    }
  });
}

/** Section `tls`. */
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

/** Certificate and key as PEM, with the paths of their files. */
export type TlsConfig = z.output<ReturnType<typeof tls>>;
