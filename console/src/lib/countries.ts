// Names of countries and languages in the viewer's language, from the browser's own tables.

type Kind = 'region' | 'language';

// Made when the first is asked for: it takes a browser longer than all else of the first paint.
const made = new Map<Kind, Intl.DisplayNames | null>();

function namesOf(type: Kind): Intl.DisplayNames | null {
  let names = made.get(type);
  if (names === undefined) {
    try {
      names = new Intl.DisplayNames(undefined, { type });
    } catch {
      names = null;
    }
    made.set(type, names);
  }
  return names;
}

/** Germany of DE; the code itself where nobody knows it. */
export function countryName(code: string): string {
  return named('region', code);
}

/** German (Germany) of de-DE. */
export function languageName(code: string): string {
  return named('language', code);
}

function named(kind: Kind, code: string): string {
  try {
    return namesOf(kind)?.of(code) ?? code;
  } catch {
    return code;
  }
}
