// What every panel's menu has: its SQL, its data, files of it, a link to it, and how to ask the same from elsewhere.

import { toCsv, type Answer } from '../api/answer';
import { addressOf, type ApiError, type Call, download } from '../api/http';
import type { MenuItem } from '../design/Menu.svelte';
import { copyText, toast } from '../design/toasts.svelte';
import type { Change } from '../state/place.svelte';
import { alertOf, jobOf, scrapedBy } from './prometheus';

interface Of {
  id: string;
  title: string;
  table: Answer | undefined;
  /** What was asked; undefined where nothing was yet. */
  call?: Call | undefined;
  hrefTo: (change: Change) => string;
  go: (change: Change) => void;
}

export function menuOf({ id, title, table, call, hrefTo, go }: Of): MenuItem[] {
  const link: MenuItem = {
    label: 'Copy link',
    icon: 'link',
    run: () => void copyText(location.origin + hrefTo({ open: table === undefined ? '' : `${id}.data` }), 'Link'),
  };
  const curl: MenuItem[] =
    call === undefined
      ? []
      : [{ label: 'Copy as curl', icon: 'copy', run: () => void copyText(curlOf(call), 'Command') }];
  if (table === undefined) return [link, ...curl];
  const name = fileName(title);
  return [
    { label: 'Show data', icon: 'table', run: () => go({ open: `${id}.data` }) },
    ...(table.sql === '' ? [] : [{ label: 'Show SQL', icon: 'sql', run: () => go({ open: `${id}.sql` }) } as const]),
    { label: 'Download CSV', icon: 'download', run: () => save(`${name}.csv`, toCsv(table)) },
    ...(call === undefined
      ? []
      : [{ label: 'Download Parquet', icon: 'download', run: () => void saveParquet(name, call) } as const]),
    link,
    ...curl,
    ...prometheusItems(call, table),
  ];
}

/** The same for Prometheus, where it can ask it. */
function prometheusItems(call: Call | undefined, table: Answer): MenuItem[] {
  const question = scrapedBy(call);
  if (question === undefined) return [];
  const job = (): string => jobOf(question, new URL(location.origin));
  const alert = (): string => alertOf(question, table);
  return [
    { label: 'Copy as Prometheus job', icon: 'copy', run: () => void copyText(job(), 'Scrape job') },
    { label: 'Copy as PromQL alert', icon: 'copy', run: () => void copyText(alert(), 'Alert') },
  ];
}

/** A name for a file that any system takes. */
export function fileName(title: string): string {
  return (
    title
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'data'
  );
}

/** Give the browser a file to keep. */
export function save(name: string, content: string | Blob, type = 'text/csv'): void {
  const blob = typeof content === 'string' ? new Blob([content], { type: `${type};charset=utf-8` }) : content;
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the file once it began to keep it.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Ask once more, for a file of Parquet that the server makes. */
export async function saveParquet(name: string, call: Call): Promise<void> {
  try {
    save(`${name}.parquet`, await download(call));
  } catch (error) {
    toast((error as ApiError).message, { bad: true });
  }
}

/** The call as a command for a shell. Who runs it puts an access key in. */
export function curlOf(call: Call): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const parts = ['curl', '--user', '"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"', quoted(addressOf(call))];
  if (call.body !== undefined) {
    parts.push('--header', quoted('content-type: application/json'), '--data', quoted(JSON.stringify(call.body)));
  }
  return parts.join(' ');
}
