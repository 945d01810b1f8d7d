// What every panel's menu has: its SQL, its data, a file of it, a link to it.

import { toCsv, type Answer } from '../api/answer';
import type { MenuItem } from '../design/Menu.svelte';
import { copyText } from '../design/toasts.svelte';
import type { Change } from '../state/place.svelte';

interface Of {
  id: string;
  title: string;
  table: Answer | undefined;
  hrefTo: (change: Change) => string;
  go: (change: Change) => void;
}

export function menuOf({ id, title, table, hrefTo, go }: Of): MenuItem[] {
  const link: MenuItem = {
    label: 'Copy link',
    icon: 'link',
    run: () => void copyText(location.origin + hrefTo({ open: table === undefined ? '' : `${id}.data` }), 'Link'),
  };
  if (table === undefined) return [link];
  return [
    { label: 'Show data', icon: 'table', run: () => go({ open: `${id}.data` }) },
    ...(table.sql === '' ? [] : [{ label: 'Show SQL', icon: 'sql', run: () => go({ open: `${id}.sql` }) } as const]),
    { label: 'Download CSV', icon: 'download', run: () => save(`${fileName(title)}.csv`, toCsv(table)) },
    link,
  ];
}

function fileName(title: string): string {
  return (
    title
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'data'
  );
}

/** Give the browser a file to keep. */
export function save(name: string, text: string, type = 'text/csv'): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the file once it began to keep it.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
