// What was typed as a list: one a line, or one a field. Empty ones are none.

export function filled(texts: string[]): string[] {
  return texts.map((text) => text.trim()).filter((text) => text !== '');
}

export function linesOf(text: string): string[] {
  return filled(text.split('\n'));
}
