// CloudWatch RUM's own extended metrics, and the patterns that their definitions must have. Pure.

const RUM = 'com.amazon.rum.';

interface Extended {
  event: string;
  value?: string;
  details?: Record<string, unknown>;
}

export const EXTENDED: Record<string, Extended> = {
  PageViewCount: { event: 'page_view_event' },
  SessionCount: { event: 'session_start_event' },
  JsErrorCount: { event: 'js_error_event' },
  HttpErrorCount: { event: 'http_event' },
  Http4xxCount: { event: 'http_event', details: { response: { status: [{ numeric: ['>=', 400, '<', 500] }] } } },
  Http5xxCount: { event: 'http_event', details: { response: { status: [{ numeric: ['>=', 500, '<=', 599] }] } } },
  PerformanceNavigationDuration: { event: 'performance_navigation_event', value: 'event_details.duration' },
  PerformanceResourceDuration: { event: 'performance_resource_event', value: 'event_details.duration' },
  NavigationSatisfiedTransaction: {
    event: 'performance_navigation_event',
    details: { duration: [{ numeric: ['<', 2000] }] },
  },
  NavigationToleratedTransaction: {
    event: 'performance_navigation_event',
    details: { duration: [{ numeric: ['>=', 2000, '<', 8000] }] },
  },
  NavigationFrustratedTransaction: {
    event: 'performance_navigation_event',
    details: { duration: [{ numeric: ['>=', 8000] }] },
  },
  WebVitalsLargestContentfulPaint: { event: 'largest_contentful_paint_event', value: 'event_details.value' },
  WebVitalsInteractionToNextPaint: { event: 'interaction_to_next_paint_event', value: 'event_details.value' },
  WebVitalsFirstInputDelay: { event: 'first_input_delay_event', value: 'event_details.value' },
  WebVitalsCumulativeLayoutShift: { event: 'cumulative_layout_shift_event', value: 'event_details.value' },
};

export const DIMENSIONS: { key: string; name: string; label: string }[] = [
  { key: 'metadata.pageId', name: 'PageId', label: 'Page' },
  { key: 'metadata.browserName', name: 'BrowserName', label: 'Browser' },
  { key: 'metadata.deviceType', name: 'DeviceType', label: 'Device' },
  { key: 'metadata.osName', name: 'OSName', label: 'Operating system' },
  { key: 'metadata.countryCode', name: 'CountryCode', label: 'Country' },
];

/** What an extended metric by some dimensions is as a definition. */
export function extendedDefinition(
  name: string,
  keys: readonly string[],
): { value_key: string | null; dimensions: Record<string, string>; pattern: string } {
  const metric = EXTENDED[name] ?? { event: '' };
  const chosen = DIMENSIONS.filter(({ key }) => keys.includes(key));
  const metadata = Object.fromEntries(chosen.map(({ key }) => [key.replace('metadata.', ''), [{ exists: true }]]));
  const pattern = {
    event_type: [RUM + metric.event],
    ...(metric.details !== undefined && { event_details: metric.details }),
    ...(chosen.length > 0 && { metadata }),
  };
  return {
    value_key: metric.value ?? null,
    dimensions: Object.fromEntries(chosen.map(({ key, name: called }) => [key, called])),
    pattern: JSON.stringify(pattern),
  };
}
