// Writes src/api/schema.ts out of the box's OpenAPI document: a type for every schema, a row for every operation,
// and for every request body the fields a form needs. Nothing about the API is written down a second time.
import { readFileSync, writeFileSync } from 'node:fs';

const quoted = (text) => JSON.stringify(text);
const reference = (schema) => schema.$ref.split('/').pop();

export function type_of(schema) {
  if (!schema) return 'void';
  if (schema.$ref) return reference(schema);
  if (schema.const !== undefined) return quoted(schema.const);
  if (schema.enum) return schema.enum.map(quoted).join(' | ');
  const kinds = Array.isArray(schema.type) ? schema.type : [schema.type];
  return [...new Set(kinds.map((kind) => type_of_kind(kind, schema)))].join(' | ');
}

function type_of_kind(kind, schema) {
  switch (kind) {
    case 'string': return 'string';
    case 'integer':
    case 'number': return 'number';
    case 'boolean': return 'boolean';
    case 'null': return 'null';
    case 'array': {
      const inner = schema.items ? type_of(schema.items) : 'unknown';
      return inner.includes('|') ? `(${inner})[]` : `${inner}[]`;
    }
    case 'object': return object_of(schema);
    default: return 'unknown';
  }
}

function object_of(schema) {
  if (!schema.properties) {
    const inner = typeof schema.additionalProperties === 'object' ? type_of(schema.additionalProperties) : 'unknown';
    return `Record<string, ${inner}>`;
  }
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties).map(([name, one]) => `${quoted(name)}${required.has(name) ? '' : '?'}: ${type_of(one)}`);
  return `{ ${rows.join('; ')} }`;
}

function operations(document) {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, one]) => one.operationId)
      .map(([method, one]) => ({ method: method.toUpperCase(), path, one })),
  );
}

const json_of = (holder) => holder?.content?.['application/json']?.schema;

function result_of(one) {
  const good = Object.entries(one.responses).find(([code]) => code.startsWith('2'));
  return type_of(json_of(good?.[1]));
}

function given_of(one) {
  const rows = (one.parameters ?? []).map((each) => `${quoted(each.name)}${each.required ? '' : '?'}: ${type_of(each.schema)}`);
  return rows.length > 0 ? `{ ${rows.join('; ')} }` : 'Record<string, never>';
}

function form_of(schema) {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).map(([name, one]) => ({
    name,
    type: Array.isArray(one.type) ? one.type[0] : one.type,
    ...(required.has(name) && { required: true }),
    ...(one.enum && { choices: one.enum }),
    ...(one.minimum !== undefined && { least: one.minimum }),
    ...(one.maximum !== undefined && { most: one.maximum }),
    ...(one.minLength > 1 && { shortest: one.minLength }),
    ...(one.maxLength !== undefined && { longest: one.maxLength }),
  }));
}

export function schema_text(document) {
  const types = Object.entries(document.components.schemas).map(([name, schema]) => `export type ${name} = ${type_of(schema)};`);
  const list = operations(document);
  const rows = list.map(({ method, path, one }) => `  ${one.operationId}: [${quoted(method)}, ${quoted(path)}],`);
  const kinds = list.map(({ one }) => `  ${one.operationId}: { given: ${given_of(one)}; body: ${type_of(json_of(one.requestBody))}; result: ${result_of(one)} };`);
  const forms = list
    .filter(({ one }) => json_of(one.requestBody)?.properties)
    .map(({ one }) => `  ${one.operationId}: ${JSON.stringify(form_of(json_of(one.requestBody)))},`);
  return [
    '// Made by scripts/api.mjs out of openapi.json; not to be edited.',
    ...types,
    'export interface Operations {', ...kinds, '}',
    'export const operations: { [name in keyof Operations]: readonly [string, string] } = {', ...rows, '};',
    'export const forms = {', ...forms, '} as const;',
    'export type FormName = keyof typeof forms;',
    '',
  ].join('\n');
}

export function write_schema(from, to) {
  writeFileSync(to, schema_text(JSON.parse(readFileSync(from, 'utf8'))));
}
