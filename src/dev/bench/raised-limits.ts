const FAST = { perMinute: 10_000_000, burst: 1_000_000 }

/** What replaces the product's limits: the bench is one person with one token. Content of a `LIMITS_FILE`. */
export const RAISED_LIMITS = {
  profile: { interactive: FAST },
  tool: { read: FAST },
  concurrent: { interactive: 1000 },
} as const
