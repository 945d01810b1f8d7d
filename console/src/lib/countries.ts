// Names of countries and languages in the viewer's language, from the browser's own tables.

const regions = namesOf('region');
const languages = namesOf('language');

function namesOf(type: 'region' | 'language'): Intl.DisplayNames | null {
  try {
    return new Intl.DisplayNames(undefined, { type });
  } catch {
    return null;
  }
}

/** Germany of DE; the code itself where nobody knows it. */
export function countryName(code: string): string {
  return named(regions, code);
}

/** German (Germany) of de-DE. */
export function languageName(code: string): string {
  return named(languages, code);
}

function named(names: Intl.DisplayNames | null, code: string): string {
  try {
    return names?.of(code) ?? code;
  } catch {
    return code;
  }
}
