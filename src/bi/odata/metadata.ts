import { tables } from '../model/tables.ts';
import { tableNames, type ColumnType, type Table } from '../model/types.ts';

export const namespace = 'tics';

/** Types of OData. Without facets: MaxLength and Precision made clients fail that could do without. */
export const edmTypes: Readonly<Record<ColumnType, string>> = {
  text: 'Edm.String',
  integer: 'Edm.Int64',
  number: 'Edm.Double',
  boolean: 'Edm.Boolean',
  instant: 'Edm.DateTimeOffset',
  date: 'Edm.Date',
};

function attribute(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The one term of a vocabulary that every client knows: an unknown one makes some refuse the whole document. */
function description({ en, zh }: Table['description']): string {
  return `<Annotation Term="Org.OData.Core.V1.Description" String="${attribute(`${en} ${zh}`)}"/>`;
}

function entityType(table: Table): string {
  const properties = Object.entries(table.columns).map(
    ([name, column]) =>
      `<Property Name="${name}" Type="${edmTypes[column.type]}" Nullable="${String(column.nullable)}">${description(column.description)}</Property>`,
  );
  return `<EntityType Name="${table.name}"><Key><PropertyRef Name="${table.key}"/></Key>${properties.join('')}${description(table.description)}</EntityType>`;
}

/** `$metadata` as CSDL XML: flat tables, without navigation. */
export function metadataXml(): string {
  const types = tableNames.map((name) => entityType(tables[name]));
  const sets = tableNames.map((name) => `<EntitySet Name="${name}" EntityType="${namespace}.${name}"/>`);
  return `<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices><Schema Namespace="${namespace}" xmlns="http://docs.oasis-open.org/odata/ns/edm">${types.join('\n')}
<EntityContainer Name="container">${sets.join('')}</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>
`;
}
