// The names of custom attributes that the listed events had: what can be made a facet.

const NAMES_MAX = 50;
let names = $state.raw<string[]>([]);

export function attributesSeen(): string[] {
  return names;
}

export function seeAttributes(events: readonly { attributes?: Record<string, unknown> | null }[]): void {
  const found = new Set(names);
  for (const { attributes } of events) for (const name of Object.keys(attributes ?? {})) found.add(name);
  if (found.size > names.length) names = [...found].sort().slice(0, NAMES_MAX);
}
