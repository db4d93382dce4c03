import {
  choice,
  id,
  input,
  integer,
  isGiven,
  list,
  object,
  required,
  text,
  upload,
  type Given,
  type InputFields,
  type Refuse,
  type ShapeOf,
} from '../shared/input.ts';
import { between, nameLimits, notBlank, type Limit } from '../shared/limits.ts';
import { isMasked } from '../../upstream/secrets.ts';
import { namedSettings, type ConnectorDraft } from '../../tics/connectors/writes.ts';
import { ConnectorAuthType } from './type.ts';

/** Reads show `***` in the place of a password. Sent back it would be saved as the password. */
const unmasked: Limit<string> = {
  expected: 'no *** in the place of a password',
  accepts: (written) => !isMasked(written),
};

/** Addresses may hold blanks: TNS descriptors, names of certificates and of databases do. */
const jdbcAddress: Limit<string> = {
  expected: 'a JDBC address, jdbc:<driver>:<address>',
  accepts: (written) => /^jdbc:\S(.*\S)?$/s.test(written),
};

const settingName: Limit<string> = {
  expected: '1 to 64 letters, digits and _ . -',
  accepts: (name) => /^[\w.-]{1,64}$/.test(name),
};

const unnamed: Limit<string> = {
  expected: 'no setting that has a field of its own',
  accepts: (name) => !namedSettings.has(name),
};

const account = {
  userName: text('Account that the connector signs in with.'),
  password: text('Password of the account that the connector signs in with. It is never shown again.', unmasked),
};

const jdbc = {
  jdbcUrl: required(text('Address of the database, as its JDBC driver takes it.', jdbcAddress, unmasked)),
  jdbcProperties: text('Further properties of the JDBC connection.', unmasked),
};

const listedDriver = {
  driverName: required(
    text('File name of a JDBC driver that the agent has, such as `mysql-connector-java-8.0.20.jar`.', notBlank),
  ),
};

function uploadedDriver(needed: string) {
  return {
    driverName: text('File name of the JDBC driver. Without it, the name of the file `driver`.', notBlank),
    driver: upload(`The JDBC driver, a jar. ${needed}`),
  };
}

const MrsConnectorInput = input('MrsConnectorInput', {
  description: 'A cluster of the MapReduce service (Hive).',
  fields: {
    masterNodeIp: required(text('Address of the cluster’s master node.', notBlank)),
    clusterTicsId: required(text('Id of the cluster.', notBlank)),
    ...account,
  },
});

const RdsMysqlConnectorInput = input('RdsMysqlConnectorInput', {
  description: 'A MySQL database of the cloud’s relational database service.',
  fields: {
    rdsInstanceTicsId: required(text('Id of the RDS instance.', notBlank)),
    ...jdbc,
    ...listedDriver,
    ...account,
  },
});

const MysqlConnectorInput = input('MysqlConnectorInput', {
  description: 'A MySQL database.',
  fields: { ...jdbc, ...uploadedDriver('Needed to create a connector and to test one.'), ...account },
});

const DwsConnectorInput = input('DwsConnectorInput', {
  description: 'A data warehouse (GaussDB).',
  fields: {
    dwsClusterTicsId: required(text('Id of the DWS cluster.', notBlank)),
    ...jdbc,
    ...listedDriver,
    ...account,
  },
});

const OracleConnectorInput = input('OracleConnectorInput', {
  description: 'An Oracle database.',
  fields: {
    databaseName: required(text('Name of the database.', notBlank)),
    databaseIp: required(text('Address of the database.', notBlank)),
    databasePort: required(integer('Port of the database.', between(1, 65_535))),
    ...account,
  },
});

const JdbcConnectorInput = input('JdbcConnectorInput', {
  description: 'A database, by its JDBC driver.',
  fields: { ...jdbc, ...uploadedDriver('Not needed where the agent has it.'), ...account },
});

const ConnectorSettingInput = input('ConnectorSettingInput', {
  description: 'A setting by the name that the service has for it.',
  fields: {
    name: required(text('Name of the setting, as the service writes it.', settingName, unnamed)),
    value: required(text('Its value. Keys and passwords are never shown again.', unmasked)),
  },
});

const ConnectorSettingsInput = input('ConnectorSettingsInput', {
  description: 'What a connector reaches, and by what: the field that is given says its type.',
  isOneOf: true,
  fields: {
    mrs: object(MrsConnectorInput, 'Makes it an MRS connector.'),
    rdsMysql: object(RdsMysqlConnectorInput, 'Makes it an RDS_MYSQL connector.'),
    mysql: object(MysqlConnectorInput, 'Makes it a MYSQL connector.'),
    dws: object(DwsConnectorInput, 'Makes it a DWS connector.'),
    oracle: object(OracleConnectorInput, 'Makes it an ORACLE connector.'),
    jdbc: object(JdbcConnectorInput, 'Makes it a JDBC connector.'),
  },
});

/** The fields by which every input describes a connector. */
const connectorFields = {
  name: required(text('Name of the connector.', ...nameLimits)),
  authType: required(choice(ConnectorAuthType.asInput(), 'How the connector signs in.')),
  settings: required(object(ConnectorSettingsInput, 'Its type and settings.')),
  furtherSettings: list(
    object(ConnectorSettingInput, ''),
    'Settings that have no field here, such as the keys of AK_SK: the API reference does not name them, but the service takes them.',
  ),
};

type ConnectorInput = ShapeOf<typeof connectorFields>;
type TypeField = keyof Given<typeof ConnectorSettingsInput>;

/** The type of connector that each of the settings stands for. */
const types: Readonly<Record<TypeField, ConnectorDraft['type']>> = {
  mrs: 'MRS',
  rdsMysql: 'RDS_MYSQL',
  mysql: 'MYSQL',
  dws: 'DWS',
  oracle: 'ORACLE',
  jdbc: 'JDBC',
};

function typeFieldOf({ settings }: ConnectorInput): TypeField {
  return (Object.keys(types) as TypeField[]).find((name) => isGiven(settings[name])) ?? 'jdbc';
}

/** The driver of those connectors that may bring theirs along. */
function uploadedDriverOf({ settings }: ConnectorInput) {
  return { ...settings.mysql, ...settings.jdbc };
}

/** Where in the input the driver stands. */
export function driverField(given: ConnectorInput): readonly string[] {
  return ['settings', typeFieldOf(given), 'driver'];
}

/** The connector that a checked input describes. */
export function toDraft(given: ConnectorInput): ConnectorDraft {
  const typeField = typeFieldOf(given);
  const { driver, driverName } = uploadedDriverOf(given);
  const { driver: _, ...settings }: ConnectorDraft['settings'] & { readonly driver?: unknown } =
    given.settings[typeField] ?? {};
  return {
    name: given.name,
    type: types[typeField],
    authType: given.authType,
    settings: { ...settings, driverName: settings.driverName ?? driverName ?? driver?.name },
    furtherSettings: Object.fromEntries((given.furtherSettings ?? []).map(({ name, value }) => [name, value])),
    driver: driver ?? undefined,
  };
}

/**
 * Rules of several fields. `driver` says when a MYSQL connector needs its driver file: always where it is new or tried out,
 * for then the agent can't have it.
 */
function checkConnector(driver: 'NEEDED' | 'KEPT') {
  return ({ settings, furtherSettings }: ConnectorInput, refuse: Refuse): void => {
    for (const name of ['mysql', 'jdbc'] as const) {
      const given = settings[name];
      if (!given) continue;
      if (name === 'mysql' && driver === 'NEEDED' && !given.driver)
        refuse(['settings', name, 'driver'], 'the driver file, which a MYSQL connector brings along');
      else if (!(given.driver ?? given.driverName))
        refuse(['settings', name, 'driverName'], 'the name of the driver, or the driver itself');
    }
    const names = (furtherSettings ?? []).map(({ name }) => name);
    names.forEach((name, index) => {
      if (names.indexOf(name) < index) refuse(['furtherSettings', index, 'name'], 'each name once');
    });
  };
}

function connectorInput<Target extends InputFields>(
  name: string,
  description: string,
  target: Target,
  driver: 'NEEDED' | 'KEPT',
) {
  const check = checkConnector(driver) as (given: object, refuse: Refuse) => void;
  return input(name, { description, fields: { ...target, ...connectorFields }, check });
}

export const CreateConnectorInput = connectorInput(
  'CreateConnectorInput',
  'A connector to create.',
  { agentId: required(id('Agent', 'The agent that gets the connector')) },
  'NEEDED',
);

export const UpdateConnectorInput = connectorInput(
  'UpdateConnectorInput',
  'The new state of a connector: all of its settings are replaced, so the password is needed again. Its type stays.',
  { id: required(id('Connector', 'The connector')) },
  'KEPT',
);

const ConnectorTestTargetInput = input('ConnectorTestTargetInput', {
  description: 'The agent or the connector that tests settings.',
  isOneOf: true,
  fields: {
    agentId: id('Agent', 'An agent, for a connector that is not there yet'),
    connectorId: id('Connector', 'The agent of a connector, for changes of it'),
  },
});

export const TestConnectorInput = connectorInput(
  'TestConnectorInput',
  'Settings to test, on an agent or for an existing connector.',
  { target: required(object(ConnectorTestTargetInput, 'The agent or the connector that tests them.')) },
  'NEEDED',
);

export const DeleteConnectorInput = input('DeleteConnectorInput', {
  description: 'A connector to delete.',
  fields: { id: required(id('Connector', 'The connector; no dataset may be read through it any more')) },
});
