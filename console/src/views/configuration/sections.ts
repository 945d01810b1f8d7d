// The sections of the configuration: their names in the address, and what each is for.

export interface SectionInfo {
  name: string;
  title: string;
  purpose: string;
  group: string;
  /** Only admins can see what is in it. */
  admins?: boolean;
}

export const SECTIONS = [
  {
    name: 'general',
    title: 'General',
    purpose: 'What is watched, of which pages, and how much of it.',
    group: 'Monitor',
  },
  { name: 'snippet', title: 'Snippet', purpose: 'What your pages load, made of these settings.', group: 'Monitor' },
  { name: 'access', title: 'Access', purpose: 'Who may send events to this monitor.', group: 'Monitor' },
  { name: 'tags', title: 'Tags', purpose: 'Labels for your own tools: teams, stages, cost centres.', group: 'Monitor' },
  { name: 'pages', title: 'Page rules', purpose: 'Which addresses are one page.', group: 'Data' },
  {
    name: 'privacy',
    title: 'Privacy',
    purpose: 'What is taken out of texts before anything is kept for answers.',
    group: 'Data',
  },
  { name: 'retention', title: 'Retention', purpose: 'How long events and session replays are kept.', group: 'Data' },
  {
    name: 'metrics',
    title: 'Metric definitions',
    purpose: 'Extended and custom metrics, as CloudWatch RUM defines them.',
    group: 'Data',
  },
  {
    name: 'keys',
    title: 'Access keys',
    purpose: 'For programs: the AWS API, the command line, senders that sign.',
    group: 'Server',
    admins: true,
  },
  { name: 'users', title: 'Users', purpose: 'Who can sign in to this console.', group: 'Server', admins: true },
  {
    name: 'danger',
    title: 'Forget and delete',
    purpose: 'A person’s data, or the monitor itself.',
    group: 'Danger',
    admins: true,
  },
] as const satisfies readonly SectionInfo[];

export function sectionNamed(name: string): SectionInfo {
  return SECTIONS.find((section) => section.name === name) ?? SECTIONS[0];
}
