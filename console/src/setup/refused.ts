// Why the door refuses what a page sends, for whoever sets the page up. Pure.

interface Refused {
  words: string;
  /** The part of the configuration that changes it. */
  tab?: 'general' | 'access';
}

const REFUSED: Record<string, Refused> = {
  'foreign origin': {
    words: 'The page that sent is not at one of the domains. A page that is opened as a file is at none: serve it.',
    tab: 'general',
  },
  'access denied': { words: 'The page sent unsigned, or signed by somebody who may not send.', tab: 'access' },
  throttled: { words: 'More came than the quota allows. The pages try again by themselves.' },
  unavailable: { words: 'The server could not write: its log says why. The pages try again by themselves.' },
};

/** What a reason of the ledger means here. */
export function whyRefused(reason: string): Refused {
  return REFUSED[reason] ?? { words: 'What came is not what the web client sends. Ingest health says more.' };
}
