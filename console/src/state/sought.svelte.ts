// A list that is sought in: among what is at hand, and where that is cut off, among all there is.

import type { Answer } from '../api/answer';
import { ask, type Asked } from './ask.svelte';
import type { Asking } from './questions';

interface Questions {
  /** The list as it is without words. */
  whole: () => Asking<Answer> | null;
  /** What of it has the words. */
  having: (words: string) => Asking<Answer> | null;
  /** Whether the whole is longer than what came of it. */
  isCutOff: (whole: Answer) => boolean;
}

/** Make it while a component is set up. */
export class Sought {
  /** As it is typed. */
  typed = $state('');
  readonly words = $derived(this.typed.trim());
  readonly whole: Asked<Answer>;
  private readonly found: Asked<Answer>;
  private readonly questions: Questions;

  constructor(questions: Questions) {
    this.questions = questions;
    this.whole = ask(questions.whole);
    this.found = ask(() => (this.elsewhere ? questions.having(this.words) : null));
  }

  /** Whether there is more than what is at hand. */
  get cutOff(): boolean {
    return this.whole.answer !== undefined && this.questions.isCutOff(this.whole.answer);
  }

  /** What is drawn. */
  get asked(): Asked<Answer> {
    return this.elsewhere ? this.found : this.whole;
  }

  /** Whether the words are sought by the server. */
  get elsewhere(): boolean {
    return this.words !== '' && this.cutOff;
  }
}
