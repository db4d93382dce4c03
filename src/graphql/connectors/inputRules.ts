import { z } from 'zod';
import { countRule, nameRule, optional } from '../shared/limits.ts';
import type { ConnectorInput, JdbcInput } from './inputs.ts';
import { isMasked } from '../../upstream/secrets.ts';
import { namedSettings, type ConnectorDraft } from '../../tics/connectors/writes.ts';

/** Which type of connector each of the typed inputs stands for. */
const types = {
  mrs: 'MRS',
  rdsMysql: 'RDS_MYSQL',
  mysql: 'MYSQL',
  dws: 'DWS',
  oracle: 'ORACLE',
  jdbc: 'JDBC',
} as const satisfies Readonly<Record<string, ConnectorDraft['type']>>;

type TypeField = keyof typeof types;

const typeFields = Object.keys(types) as readonly TypeField[];

/** The typed inputs that are given. */
function givenTypes(input: ConnectorInput): readonly TypeField[] {
  return typeFields.filter((field) => input[field] !== null && input[field] !== undefined);
}

/** Where in the input the driver stands. */
export function driverField(input: ConnectorInput): readonly string[] {
  return [givenTypes(input)[0] ?? 'mysql', 'driver'];
}

/** The connector that a checked input describes. */
export function toDraft(input: ConnectorInput): ConnectorDraft {
  const [field = 'jdbc'] = givenTypes(input);
  const { driver, ...settings }: Partial<JdbcInput> = input[field] ?? {};
  return {
    name: input.name,
    type: types[field],
    authType: input.authType,
    settings: { ...settings, driverName: settings.driverName ?? driver?.name },
    furtherSettings: Object.fromEntries((input.furtherSettings ?? []).map(({ name, value }) => [name, value])),
    driver: driver ?? undefined,
  };
}

const requiredText = z.string().regex(/\S/, 'not blank');

/** Reads show `***` in the place of a password. Sent back it would be saved as the password. */
const unmaskedText = z
  .string()
  .refine((written) => !isMasked(written), 'the password itself: *** stands where reads hide one');
const accountRules = { password: optional(unmaskedText) };
// Addresses may hold blanks: TNS descriptors, names of certificates and of databases do.
const jdbcUrl = unmaskedText.regex(/^jdbc:\S(.*\S)?$/s, 'a JDBC address: jdbc:<driver>:<address>');
const jdbc = { ...accountRules, jdbcUrl, jdbcProperties: optional(unmaskedText) };
const listedJdbc = z.object({ ...jdbc, driverName: requiredText });
// Loose: the file is kept for the rules of several fields.
const uploadedJdbc = z.looseObject({ ...jdbc, driverName: optional(requiredText) });

const furtherSetting = z.object({
  name: z
    .string()
    .regex(/^[\w.-]{1,64}$/, '1 to 64 letters, digits and _ . -')
    .refine((name) => !namedSettings.has(name), 'no setting that has a field of its own'),
  value: unmaskedText,
});

/** Whether a typed input says which driver: by a file, or by the name of one that the agent has. */
function namesDriver({ driver, driverName }: JdbcInput): boolean {
  return Boolean(driver ?? driverName);
}

/**
 * Rules for connectors. `driver` says when a MYSQL connector needs its driver file: always where it is new or tried out, for
 * then the agent can't have it.
 */
export function connectorRules<Shape extends z.ZodRawShape>(shape: Shape, driver: 'NEEDED' | 'KEPT') {
  return (
    z
      .object({
        ...shape,
        name: nameRule,
        mrs: optional(z.object({ ...accountRules, masterNodeIp: requiredText, clusterId: requiredText })),
        rdsMysql: optional(listedJdbc.extend({ rdsInstanceId: requiredText })),
        mysql: optional(uploadedJdbc),
        dws: optional(listedJdbc.extend({ dwsClusterId: requiredText })),
        oracle: optional(
          z.object({
            ...accountRules,
            databaseName: requiredText,
            databaseIp: requiredText,
            databasePort: countRule(1, 65_535),
          }),
        ),
        jdbc: optional(uploadedJdbc),
        furtherSettings: optional(z.array(furtherSetting)),
      })
      // Rules of several fields: looked at even where a field is broken, so that all faults are told at once.
      .superRefine(
        (checked, context) => {
          const input = checked as unknown as ConnectorInput;
          const broken = (path: (string | number)[], message: string) =>
            context.addIssue({ code: 'custom', path, message });
          const given = givenTypes(input);
          const expected = `exactly one of ${typeFields.join(', ')}`;
          if (given.length === 0) broken([], `Give ${expected}`);
          if (given.length > 1) for (const field of given) broken([field], expected);
          for (const field of ['mysql', 'jdbc'] as const) {
            const settings = input[field];
            if (!settings) continue;
            if (field === 'mysql' && driver === 'NEEDED' && !settings.driver)
              broken([field, 'driver'], 'the driver file, which a MYSQL connector brings along');
            else if (!namesDriver(settings))
              broken([field, 'driverName'], 'the name of the driver, or the driver itself');
          }
          const names = (input.furtherSettings ?? []).map(({ name }) => name);
          names.forEach((name, index) => {
            if (names.indexOf(name) < index) broken(['furtherSettings', index, 'name'], 'each name once');
          });
        },
        { when: () => true },
      )
  );
}
