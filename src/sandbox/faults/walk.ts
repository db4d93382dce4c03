import type { Contract } from '../contract/contract.ts';
import type { Json, Operation, Schema } from '../contract/document.ts';
import { isObject, type Kind, type Rewriting } from './rewriting.ts';

const scalarKinds: ReadonlySet<string> = new Set(['Flag', 'Timestamp', 'Count', 'Decimal', 'JsonText']);

/** Rewrites an answer along its schema. */
export function createWalk(contract: Contract, operation: Operation, rewriting: Rewriting) {
  const concernsObject = (schema: Schema): boolean =>
    rewriting.object !== undefined &&
    schema.properties !== undefined &&
    (rewriting.properties === undefined || rewriting.properties.some((name) => name in (schema.properties ?? {})));

  const kindOf = (schema: Schema, name: string | undefined): Kind | undefined =>
    name !== undefined && scalarKinds.has(name)
      ? (name as Kind)
      : schema['x-known-values'] === undefined
        ? undefined
        : 'Enum';

  const concernsValue = (kind: Kind, schema: Schema): boolean =>
    (rewriting.kinds?.includes(kind) ?? false) &&
    (rewriting.enumValues?.some((value) => schema['x-known-values']?.includes(value)) ?? true);

  const isConcerned = (given: Schema, seen: ReadonlySet<Schema> = new Set()): boolean => {
    const { schema, name } = contract.resolve(operation, given);
    if (seen.has(schema)) return false;
    const kind = kindOf(schema, name);
    if (kind !== undefined) return concernsValue(kind, schema);
    if (concernsObject(schema)) return true;
    const deeper = new Set([...seen, schema]);
    return partsOf(schema).some((part) => isConcerned(part, deeper));
  };

  const rewrite = (given: Schema, value: Json): Json => {
    const { schema, name } = contract.resolve(operation, given);
    const kind = kindOf(schema, name);
    if (kind !== undefined) return concernsValue(kind, schema) ? (rewriting.value?.(value) ?? null) : value;
    if (value === null) return value;
    const branch = schema.anyOf?.find((part) => part.type !== 'null');
    if (branch !== undefined) return rewrite(branch, value);
    if (Array.isArray(value)) {
      const { items } = schema;
      return items === undefined ? value : value.map((item) => rewrite(items, item));
    }
    if (!isObject(value)) return value;
    const { additionalProperties } = schema;
    const result = Object.fromEntries(
      Object.entries(value).map(([property, held]) => {
        const part =
          schema.properties?.[property] ??
          (typeof additionalProperties === 'object' ? additionalProperties : undefined);
        return [property, part === undefined ? held : rewrite(part, held)];
      }),
    );
    return concernsObject(schema) ? (rewriting.object?.(result) ?? result) : result;
  };

  return { isConcerned, rewrite };
}

function partsOf(schema: Schema): readonly Schema[] {
  return [
    ...Object.values(schema.properties ?? {}),
    ...(schema.anyOf ?? []),
    ...(schema.items === undefined ? [] : [schema.items]),
    ...(typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : []),
  ];
}
