import { builder, type BuilderTypes } from '../builder.ts';
import type { UploadedFile } from '../../upstream/form.ts';
import type { connectorAuthTypes } from '../../tics/connectors/loaders.ts';
import { ConnectorAuthType } from './type.ts';

type InputFields = PothosSchemaTypes.InputFieldBuilder<
  PothosSchemaTypes.ExtendDefaultTypes<BuilderTypes>,
  'InputObject'
>;
type Optional<Value> = Value | null | undefined;

interface Account {
  readonly userName?: Optional<string>;
  readonly password?: Optional<string>;
}

interface MrsInput extends Account {
  readonly masterNodeIp: string;
  readonly clusterId: string;
}

interface JdbcSettings extends Account {
  readonly jdbcUrl: string;
  readonly jdbcProperties?: Optional<string>;
  readonly driverName: string;
}

interface RdsMysqlInput extends JdbcSettings {
  readonly rdsInstanceId: string;
}

interface DwsInput extends JdbcSettings {
  readonly dwsClusterId: string;
}

/** Settings of a connector whose driver may be sent along. */
export interface JdbcInput extends Omit<JdbcSettings, 'driverName'> {
  readonly driverName?: Optional<string>;
  readonly driver?: Optional<UploadedFile>;
}

interface OracleInput extends Account {
  readonly databaseName: string;
  readonly databaseIp: string;
  readonly databasePort: number;
}

interface FurtherSetting {
  readonly name: string;
  readonly value: string;
}

/** A connector as a caller describes it: exactly one of the types is given. */
export interface ConnectorInput {
  readonly name: string;
  readonly authType: keyof typeof connectorAuthTypes;
  readonly mrs?: Optional<MrsInput>;
  readonly rdsMysql?: Optional<RdsMysqlInput>;
  readonly mysql?: Optional<JdbcInput>;
  readonly dws?: Optional<DwsInput>;
  readonly oracle?: Optional<OracleInput>;
  readonly jdbc?: Optional<JdbcInput>;
  readonly furtherSettings?: Optional<readonly FurtherSetting[]>;
}

function account(t: InputFields) {
  return {
    userName: t.string({ description: 'Account that the connector signs in with.' }),
    password: t.string({
      description: 'Password of the account that the connector signs in with. It is never shown again.',
    }),
  };
}

function jdbc(t: InputFields) {
  return {
    jdbcUrl: t.string({
      required: true,
      description: 'Address of the database, as its JDBC driver takes it: `jdbc:…`.',
    }),
    jdbcProperties: t.string({ description: 'Further properties of the JDBC connection.' }),
  };
}

function listedDriver(t: InputFields) {
  return {
    driverName: t.string({
      required: true,
      description: 'File name of a JDBC driver that the agent has, such as `mysql-connector-java-8.0.20.jar`.',
    }),
  };
}

function uploadedDriver(t: InputFields, needed: string) {
  return {
    driverName: t.string({ description: 'File name of the JDBC driver. Without it, the name of the file `driver`.' }),
    driver: t.field({ type: 'Upload', description: `The JDBC driver, a jar. ${needed}` }),
  };
}

const MrsConnectorInput = builder.inputRef<MrsInput>('MrsConnectorInput').implement({
  description: 'A cluster of the MapReduce service (Hive).',
  fields: (t) => ({
    masterNodeIp: t.string({ required: true, description: 'Address of the cluster’s master node.' }),
    clusterId: t.string({ required: true, description: 'Id of the cluster.' }),
    ...account(t),
  }),
});

const RdsMysqlConnectorInput = builder.inputRef<RdsMysqlInput>('RdsMysqlConnectorInput').implement({
  description: 'A MySQL database of the cloud’s relational database service.',
  fields: (t) => ({
    rdsInstanceId: t.string({ required: true, description: 'Id of the RDS instance.' }),
    ...jdbc(t),
    ...listedDriver(t),
    ...account(t),
  }),
});

const MysqlConnectorInput = builder.inputRef<JdbcInput>('MysqlConnectorInput').implement({
  description: 'A MySQL database.',
  fields: (t) => ({
    ...jdbc(t),
    ...uploadedDriver(t, 'Needed to create a connector and to test one.'),
    ...account(t),
  }),
});

const DwsConnectorInput = builder.inputRef<DwsInput>('DwsConnectorInput').implement({
  description: 'A data warehouse (GaussDB).',
  fields: (t) => ({
    dwsClusterId: t.string({ required: true, description: 'Id of the DWS cluster.' }),
    ...jdbc(t),
    ...listedDriver(t),
    ...account(t),
  }),
});

const OracleConnectorInput = builder.inputRef<OracleInput>('OracleConnectorInput').implement({
  description: 'An Oracle database.',
  fields: (t) => ({
    databaseName: t.string({ required: true, description: 'Name of the database.' }),
    databaseIp: t.string({ required: true, description: 'Address of the database.' }),
    databasePort: t.int({ required: true, description: 'Port of the database.' }),
    ...account(t),
  }),
});

const JdbcConnectorInput = builder.inputRef<JdbcInput>('JdbcConnectorInput').implement({
  description: 'A database, by its JDBC driver.',
  fields: (t) => ({
    ...jdbc(t),
    ...uploadedDriver(t, 'Not needed where the agent has it.'),
    ...account(t),
  }),
});

const ConnectorSettingInput = builder.inputRef<FurtherSetting>('ConnectorSettingInput').implement({
  description: 'A setting by the name that the service has for it.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Name of the setting, as the service writes it.' }),
    value: t.string({ required: true, description: 'Its value. Keys and passwords are never shown again.' }),
  }),
});

/** The fields by which every input describes a connector. */
export function connectorFields(t: InputFields) {
  return {
    name: t.string({
      required: true,
      description: 'Name: 1 to 128 characters, none of \\ / : * ? " < >, no blanks at either end.',
    }),
    authType: t.field({
      type: ConnectorAuthType.asInput(),
      required: true,
      description: 'How the connector signs in.',
    }),
    mrs: t.field({ type: MrsConnectorInput, description: 'Makes it an MRS connector. Give exactly one type.' }),
    rdsMysql: t.field({
      type: RdsMysqlConnectorInput,
      description: 'Makes it an RDS_MYSQL connector. Give exactly one type.',
    }),
    mysql: t.field({ type: MysqlConnectorInput, description: 'Makes it a MYSQL connector. Give exactly one type.' }),
    dws: t.field({ type: DwsConnectorInput, description: 'Makes it a DWS connector. Give exactly one type.' }),
    oracle: t.field({
      type: OracleConnectorInput,
      description: 'Makes it an ORACLE connector. Give exactly one type.',
    }),
    jdbc: t.field({ type: JdbcConnectorInput, description: 'Makes it a JDBC connector. Give exactly one type.' }),
    furtherSettings: t.field({
      type: [ConnectorSettingInput],
      description:
        'Settings that have no field here, such as the keys of AK_SK: the API reference does not name them, but the service takes them.',
    }),
  };
}
