// As much of JSON Schema as the page's schema uses; a word that is not known here is an error.

const TYPES = {
  array: Array.isArray,
  boolean: (value) => typeof value === 'boolean',
  integer: Number.isInteger,
  null: (value) => value === null,
  number: (value) => typeof value === 'number',
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  string: (value) => typeof value === 'string',
};

const SILENT = new Set(['$schema', '$defs', 'title', 'description', 'format', 'default']);

const RULES = {
  $ref: (ref, value, root, at) => check(root.$defs[ref.replace('#/$defs/', '')], value, root, at),
  type: (types, value, root, at) => ([types].flat().some((type) => TYPES[type](value)) ? [] : [`${at} is not ${types}`]),
  const: (only, value, root, at) => (value === only ? [] : [`${at} is not ${only}`]),
  enum: (all, value, root, at) => (all.includes(value) ? [] : [`${at} is none of ${all}`]),
  minimum: (least, value, root, at) => (typeof value !== 'number' || value >= least ? [] : [`${at} is below ${least}`]),
  maximum: (most, value, root, at) => (typeof value !== 'number' || value <= most ? [] : [`${at} is above ${most}`]),
  anyOf: (all, value, root, at) => (all.some((one) => check(one, value, root, at).length === 0) ? [] : [`${at} fits none`]),
  oneOf: (all, value, root, at) => (all.filter((one) => check(one, value, root, at).length === 0).length === 1 ? [] : [`${at} fits not exactly one`]),
  allOf: (all, value, root, at) => all.flatMap((one) => check(one, value, root, at)),
  required: (names, value, root, at) => names.filter((name) => TYPES.object(value) && !(name in value)).map((name) => `${at} has no ${name}`),
  items: (each, value, root, at) => (Array.isArray(value) ? value.flatMap((item, place) => check(each, item, root, `${at}[${place}]`)) : []),
  properties: (all, value, root, at) => (TYPES.object(value)
    ? Object.entries(all).flatMap(([name, one]) => (name in value ? check(one, value[name], root, `${at}.${name}`) : [])) : []),
  additionalProperties: (allowed, value, root, at, own) => (allowed === false && TYPES.object(value)
    ? Object.keys(value).filter((name) => !(name in (own.properties ?? {}))).map((name) => `${at} has ${name}`) : []),
};

/** What is wrong with `value`, by its place; nothing for what fits. */
export function check(schema, value, root = schema, at = 'it') {
  if (schema === true) return [];
  return Object.entries(schema).flatMap(([word, rule]) => {
    if (SILENT.has(word)) return [];
    if (!RULES[word]) throw new Error(`The schema says ${word}, which this checker does not know.`);
    return RULES[word](rule, value, root, at, schema);
  });
}
