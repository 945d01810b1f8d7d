// How OpenRUM itself is, as GET /api/v1/health answers.

export interface Health {
  status: 'ready' | 'degraded';
  durable: boolean;
  pending_events: number;
  problems: string[];
  /** Null where no canary is sent; its times before the first round that went well. */
  canary: {
    every_ms: number;
    acknowledged_ms: number | null;
    round_trip_ms: number | null;
    last_success: number | null;
    failures: number;
  } | null;
  keeping: {
    journal_bytes: number;
    store_bytes: number;
    /** 0 is no bound. */
    bytes_max: number;
    rows_days: number;
    journal_days: number;
    replay_days: number;
    days: number;
    first_day: number | null;
    days_to_renew: number;
    set_aside: string[];
  };
}
