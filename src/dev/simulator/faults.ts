/** Trouble on demand. What a rule does to a request that it matches. */
export type Fault =
  | { readonly kind: 'latency'; readonly ms: number }
  /** A router's error page. */
  | { readonly kind: 'html-error'; readonly status: 500 | 502 | 503 | 504 }
  /** `200 text/html`: what an expired session looks like behind app-server security. */
  | { readonly kind: 'login-page' }
  /** A redirect to a sign-in page on another host. */
  | { readonly kind: 'redirect'; readonly location: string }
  /** A well-formed HTTP answer whose JSON stops half way. */
  | { readonly kind: 'truncated-json' }
  /**
   * The socket is destroyed before the request is carried out (`before-answer`), when it was and before any byte of the
   * answer (`after-work`), or after half of the body. `afterMs`: how long the request lies about before.
   */
  | {
      readonly kind: 'reset'
      readonly when: 'before-answer' | 'after-work' | 'mid-body'
      readonly afterMs?: number
    }
  /** Nothing is ever answered. */
  | { readonly kind: 'silence' }
  | { readonly kind: 'too-many-requests'; readonly retryAfter: string | null }
  /** 503 of a router, with whatever Retry-After it is told. */
  | { readonly kind: 'unavailable'; readonly retryAfter: string | null }
  /** Any refusal of Maximo's own. */
  | { readonly kind: 'bmx-error'; readonly status: number; readonly code: string; readonly text: string }
  /** BMXAA0578E for everything. */
  | { readonly kind: 'admin-mode' }
  /** A member of this many bytes is added to the answer. */
  | { readonly kind: 'huge-body'; readonly bytes: number }
  | { readonly kind: 'content-type'; readonly value: string }
  /** Bytes that are not UTF-8 inside a string. */
  | { readonly kind: 'bad-utf8' }
  /** `nextPage` points at this origin. */
  | { readonly kind: 'foreign-next-page'; readonly origin: string }
  /** `nextPage` of every page is the page itself. */
  | { readonly kind: 'next-page-loop' }
  /** `totalCount` is this much off. */
  | { readonly kind: 'wrong-total'; readonly by: number }
  /** `200` whose body is an Error object. */
  | { readonly kind: 'error-in-200' }

export interface FaultRule {
  readonly fault: Fault
  /** How many requests it hits; absent: until cleared. */
  readonly times?: number
  /** Only each n-th of the requests it would hit. */
  readonly every?: number
  /** Only requests whose path and query contain this text. */
  readonly when?: string
}

/** The knobs. Rules are tried in the order they were added; the first that matches applies, alone. */
export interface Faults {
  add(rule: FaultRule): void
  clear(): void
  /** Takes the fault for this request, if any, and uses up one of its `times`. */
  take(target: string): Fault | null
}

export function createFaults(): Faults {
  let rules: { rule: FaultRule; left: number; met: number }[] = []
  return {
    add: (rule) => void rules.push({ rule, left: rule.times ?? Infinity, met: 0 }),
    clear: () => void (rules = []),
    take: (target) => {
      const hit = rules.find((one) => one.left > 0 && meets(one, target))
      if (hit === undefined) return null
      hit.left -= 1
      return hit.rule.fault
    },
  }
}

/** Counts the request when it is one the rule is about. */
function meets(one: { readonly rule: FaultRule; met: number }, target: string): boolean {
  const { when, every } = one.rule
  if (when !== undefined && !target.includes(when)) return false
  one.met += 1
  return every === undefined || one.met % every === 0
}
