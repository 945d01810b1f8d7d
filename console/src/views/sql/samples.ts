// Queries to begin with, each a question that people ask. They are of one monitor and of the last week. Pure.

export interface Sample {
  title: string;
  purpose: string;
  sql: string;
}

/** The samples, for a monitor by its id. */
export function samplesOf(monitor: string): Sample[] {
  const id = monitor.replaceAll("'", "''");
  const mine = (week = 'time'): string => `WHERE monitor = '${id}'\n  AND ${week} >= now() - INTERVAL 7 DAY`;
  return [
    {
      title: 'Page views by hour and device',
      purpose: 'How the week went',
      sql: `SELECT date_trunc('hour', time) AS hour, device, count(*) AS page_views
FROM page_views
${mine()}
GROUP BY ALL
ORDER BY hour, device`,
    },
    {
      title: 'Slowest pages by LCP',
      purpose: 'p75 with its samples',
      sql: `SELECT page_group, count(*) AS samples, round(quantile_cont(value, 0.75)) AS lcp_p75
FROM web_vitals
${mine()}
  AND vital = 'LCP' AND bot IS NULL
GROUP BY page_group
HAVING count(*) >= 20
ORDER BY lcp_p75 DESC
LIMIT 20`,
    },
    {
      title: 'Which elements make interactions slow',
      purpose: 'INP by target, with its parts',
      sql: `SELECT target, count(*) AS samples, round(quantile_cont(value, 0.75)) AS inp_p75,
       round(avg(input_delay)) AS input_delay, round(avg(processing_duration)) AS processing,
       round(avg(presentation_delay)) AS presentation
FROM web_vitals
${mine()}
  AND vital = 'INP'
GROUP BY target
ORDER BY inp_p75 DESC
LIMIT 20`,
    },
    {
      title: 'Errors by release',
      purpose: 'What a release brought',
      sql: `SELECT error_title, error, release, count(*) AS times, count(DISTINCT session) AS sessions
FROM errors
${mine()}
GROUP BY ALL
ORDER BY sessions DESC, error, release
LIMIT 50`,
    },
    {
      title: 'Failing requests by host',
      purpose: 'Where answers are 4xx, 5xx, or none',
      sql: `SELECT url_host, http_status, count(*) AS requests,
       count(*) FILTER (http_status >= 400 OR http_status IS NULL) AS failed
FROM requests
${mine()}
GROUP BY ALL
ORDER BY failed DESC, requests DESC
LIMIT 50`,
    },
    {
      title: 'Sessions that met trouble',
      purpose: 'Each leads to what happened in it',
      sql: `SELECT session, began, entry_page, exit_page, page_views, js_errors, http_errors, browser, device, country
FROM sessions
${mine('began')}
  AND js_errors + http_errors > 0
ORDER BY js_errors + http_errors DESC, began DESC
LIMIT 100`,
    },
    {
      title: 'From page to page',
      purpose: 'Where people go next, and where they leave',
      sql: `SELECT page_group, count(*) AS views, count(*) FILTER (is_entry) AS entries, count(*) FILTER (is_exit) AS exits,
       round(100.0 * count(*) FILTER (is_exit) / count(*), 1) AS exit_percent,
       round(median(time_to_next_view) / 1000, 1) AS median_seconds
FROM page_views
${mine()}
GROUP BY page_group
ORDER BY views DESC
LIMIT 30`,
    },
    {
      title: 'Events by type',
      purpose: 'What is sent, and how much of it',
      sql: `SELECT type, count(*) AS events, sum(payload_size) AS bytes, min(time) AS first, max(time) AS last
FROM events
${mine()}
GROUP BY type
ORDER BY events DESC`,
    },
    {
      title: 'Newest errors',
      purpose: 'Each with its session',
      sql: `SELECT time, error_title, error_message, page, session, error, browser, release
FROM errors
${mine()}
ORDER BY time DESC
LIMIT 100`,
    },
  ];
}
