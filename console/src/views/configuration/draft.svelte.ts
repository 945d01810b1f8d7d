// What somebody is writing into a form, beside what is saved: whether they differ, what is wrong with it, and saving it.

import { SvelteSet } from 'svelte/reactivity';
import { ApiError } from '../../api/http';
import { toast } from '../../design/toasts.svelte';

/** Names of the sections in which something is not saved. */
export const unsavedSections = new SvelteSet<string>();

export class Draft<T extends object> {
  value = $state() as T;
  /** What is wrong, by member; under '' what is of no member here. */
  problems = $state.raw<Record<string, string>>({});
  saving = $state(false);
  private saved: string;

  /** `from` reads what is saved. */
  constructor(private readonly from: () => T) {
    this.value = copy(from());
    this.saved = JSON.stringify(from());
  }

  get dirty(): boolean {
    return JSON.stringify(this.value) !== JSON.stringify(this.from());
  }

  discard = (): void => {
    this.value = copy(this.from());
    this.problems = {};
  };

  /** What is saved may have changed elsewhere: whoever wrote nothing sees it. */
  follow(): void {
    const now = JSON.stringify(this.from());
    if (now !== this.saved && JSON.stringify(this.value) === this.saved) this.discard();
    this.saved = now;
  }

  /** Save, by what `send` does. What is wrong is told at its member; `members` are those that have a place for it. */
  async save(send: (value: T) => Promise<void>, members: readonly string[]): Promise<boolean> {
    this.saving = true;
    this.problems = {};
    try {
      await send($state.snapshot(this.value) as T);
      this.discard();
      toast('Saved');
      return true;
    } catch (error) {
      this.problems = problemsOf(error, members);
      return false;
    } finally {
      this.saving = false;
    }
  }
}

function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** An error of the API by the member it is about. */
export function problemsOf(error: unknown, members: readonly string[]): Record<string, string> {
  if (!(error instanceof ApiError)) return { '': (error as Error).message };
  const field = error.field ?? '';
  const message = error.message.replace(`${field}: `, '');
  return members.includes(field) ? { [field]: sentence(message) } : { '': sentence(error.message) };
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.');
}
