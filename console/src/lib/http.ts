// Statuses of HTTP in words, and what kind of failure one is. Pure.

const TEXTS: Record<number, string> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  418: "I'm a teapot",
  422: 'Unprocessable Content',
  425: 'Too Early',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  451: 'Unavailable For Legal Reasons',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

export type StatusKind = 'ok' | '4xx' | '5xx' | 'network';

/** "404 Not Found"; without a status there was no answer. */
export function statusText(status: number | null): string {
  return status === null ? 'No answer' : `${status} ${TEXTS[status] ?? ''}`.trim();
}

export function statusKind(status: number | null): StatusKind {
  if (status === null) return 'network';
  return status >= 500 ? '5xx' : status >= 400 ? '4xx' : 'ok';
}

/** Tokens of design/tokens.css, the same wherever kinds stand beside each other. */
export const STATUS_COLOURS: Record<StatusKind, string> = {
  ok: 'good',
  '4xx': 'fair',
  '5xx': 'poor',
  network: 'series-3',
};
