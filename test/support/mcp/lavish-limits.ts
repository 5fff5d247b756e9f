const LAVISH = { perMinute: 1_000_000, burst: 100_000 }

/** A limits file that no load meets. */
export const LAVISH_LIMITS = {
  profile: { interactive: LAVISH },
  tool: { read: LAVISH, write: LAVISH },
  concurrent: { interactive: 10_000 },
}
