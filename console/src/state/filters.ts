// Filters as the API takes them, and as they stand in the address: `country.is.DE,FR`. Pure.

export type Operator =
  'is' | 'is_not' | 'contains' | 'not_contains' | 'matches' | 'gt' | 'lt' | 'is_null' | 'is_not_null';

export interface Filter {
  dimension: string;
  op: Operator;
  values: string[];
}

/** Operators in the order the dialog offers them, with their words. */
export const OPERATORS: Record<Operator, string> = {
  is: 'is',
  is_not: 'is not',
  contains: 'contains',
  not_contains: 'does not contain',
  matches: 'matches',
  gt: 'is above',
  lt: 'is below',
  is_null: 'is not set',
  is_not_null: 'is set',
};

const OPPOSITE: Partial<Record<Operator, Operator>> = {
  is: 'is_not',
  is_not: 'is',
  contains: 'not_contains',
  not_contains: 'contains',
  is_null: 'is_not_null',
  is_not_null: 'is_null',
};

export function takesNoValue(op: Operator): boolean {
  return op === 'is_null' || op === 'is_not_null';
}

/** The text of a filter in the address. Values are parted by commas; a comma in a value stands behind a backslash. */
export function formatFilter(filter: Filter): string {
  const values = filter.values.map((value) => value.replaceAll('\\', '\\\\').replaceAll(',', '\\,'));
  return [filter.dimension, filter.op, ...(takesNoValue(filter.op) ? [] : [values.join(',')])].join('.');
}

/** The filter of a text in the address; null where it is none. */
export function parseFilter(text: string): Filter | null {
  const found = /^([^.]+)\.([a-z_]+)(?:\.([^]*))?$/.exec(text);
  if (found === null) return null;
  const [, dimension = '', op = '', joined] = found;
  if (!Object.hasOwn(OPERATORS, op)) return null;
  const filter = { dimension, op: op as Operator, values: joined === undefined ? [] : splitValues(joined) };
  return takesNoValue(filter.op) === (filter.values.length === 0) ? filter : null;
}

function splitValues(joined: string): string[] {
  const values: string[] = [];
  let value = '';
  for (let at = 0; at < joined.length; at++) {
    const sign = joined.charAt(at);
    if (sign === ',') {
      values.push(value);
      value = '';
    } else {
      value += sign === '\\' && at + 1 < joined.length ? joined.charAt(++at) : sign;
    }
  }
  return [...values, value];
}

/** The filter that a click on a value means; with alt, the one that leaves it out. */
export function filterOn(dimension: string, value: string | number | boolean | null, exclude = false): Filter {
  if (value === null) return { dimension, op: exclude ? 'is_not_null' : 'is_null', values: [] };
  return { dimension, op: exclude ? 'is_not' : 'is', values: [String(value)] };
}

/** With another filter: values of one dimension and operator come together, and its opposite goes. Same twice is once. */
export function addFilter(filters: readonly Filter[], added: Filter): Filter[] {
  const result: Filter[] = [];
  let joined = false;
  for (const filter of filters) {
    if (filter.dimension !== added.dimension) {
      result.push(filter);
    } else if (filter.op === added.op) {
      // Two values that must both hold for `is` would find nothing, so they are alternatives; and `is_not` is a list anyway.
      result.push({ ...filter, values: [...new Set([...filter.values, ...added.values])] });
      joined = true;
    } else if (filter.op === OPPOSITE[added.op]) {
      const values = filter.values.filter((value) => !added.values.includes(value));
      if (values.length > 0) result.push({ ...filter, values });
    } else {
      result.push(filter);
    }
  }
  return joined ? result : [...result, added];
}

export function sameFilter(one: Filter, other: Filter): boolean {
  return formatFilter(one) === formatFilter(other);
}
