// Short messages at the edge of the screen, each for a few seconds.

export interface Toast {
  id: number;
  text: string;
  bad: boolean;
}

const SHOWN_MS = 4000;
let list = $state.raw<Toast[]>([]);
let made = 0;

export const toasts = {
  get list(): Toast[] {
    return list;
  },
};

/** Say it. `bad` where something went wrong. */
export function toast(text: string, { bad = false } = {}): void {
  const id = ++made;
  list = [...list, { id, text, bad }];
  setTimeout(() => (list = list.filter((each) => each.id !== id)), SHOWN_MS);
}

/** Put a text on the clipboard, and say so. */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(`${what} copied`);
  } catch {
    toast(`This browser does not let the page copy. ${what} is not on the clipboard.`, { bad: true });
  }
}
