type Header = readonly [name: string, value: string]

/**
 * The headers that every answer of ours carries (oauth.md §1.8 as changed by the design: `strict-origin`, because
 * `no-referrer` makes Chromium send `Origin: null`). Made once per listener: they are the same for each answer.
 *
 * @param csp sources of `Content-Security-Policy`, by directive; `default-src 'none'` and the frame rules are always there
 */
export function securityHeaders(csp: Readonly<Record<string, readonly string[]>> = {}): readonly Header[] {
  const directives = Object.entries({ ...CSP, ...csp })
  return [
    ['content-security-policy', directives.map(([name, sources]) => [name, ...sources].join(' ')).join(';')],
    ...FIXED,
  ]
}

const CSP: Readonly<Record<string, readonly string[]>> = {
  'default-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
}

const HSTS_SECONDS = 63_072_000

const NO_FEATURES = [
  'accelerometer',
  'browsing-topics',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'microphone',
  'midi',
  'payment',
  'usb',
]

const FIXED: readonly Header[] = [
  ['cross-origin-opener-policy', 'same-origin'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['origin-agent-cluster', '?1'],
  ['permissions-policy', NO_FEATURES.map((feature) => `${feature}=()`).join(', ')],
  ['referrer-policy', 'strict-origin'],
  ['strict-transport-security', `max-age=${HSTS_SECONDS}; includeSubDomains`],
  ['x-content-type-options', 'nosniff'],
  ['x-dns-prefetch-control', 'off'],
  ['x-frame-options', 'DENY'],
  ['x-permitted-cross-domain-policies', 'none'],
]
