import { edit, type Removal } from './removal.ts'

const AUTHORIZE = 'test/attacks/oauth-authorize.test.ts'
const CODE = 'test/attacks/oauth-code.test.ts'
const CONSENT = 'test/attacks/oauth-consent.test.ts'
const READ = 'src/portal/authorize/read-authorization.ts'
const EXCHANGE = 'src/portal/token/exchange-code.ts'

/** The authorization server. */
export const OAUTH: readonly Removal[] = [
  {
    attack: 'T-40',
    test: AUTHORIZE,
    title: 'T-40, T-41: a redirect URI that is not the registered one',
    edits: [edit(READ, 'if (!isRegistered || redirectUri.length > 1024)', 'if (redirectUri.length > 1024)')],
  },
  {
    attack: 'T-41',
    test: 'test/unit/portal/redirect-uri.test.ts',
    title: 'a request may differ from the registration in the port of a loopback host alone',
    edits: [
      edit('src/portal/clients/redirect-uri.ts', 'return left[1] === right[1] && left[3]', 'return left[3]'),
    ],
  },
  {
    attack: 'T-42',
    test: AUTHORIZE,
    title: 'T-42: nobody is sent anywhere',
    edits: [
      edit(
        'src/portal/authorize/authorize-route.ts',
        "if (why.to === 'page') return sendHtml",
        "if (why.to === 'page') return reply.redirect(String((request.query as Record<string, unknown>)['redirect_uri'] ?? 'http://localhost:33418/callback'), 302)\n  if (why.to === 'page') return sendHtml",
      ),
    ],
  },
  {
    attack: 'T-43',
    test: CODE,
    title: 'with %s is refused, and not used up by it',
    edits: [edit(EXCHANGE, 'if (mismatch !== null) return err(mismatch)', '')],
  },
  {
    attack: 'T-43',
    test: CODE,
    title: 'a thousand times at once has one winner, and what it won is ended',
    edits: [edit(EXCHANGE, '  if (isFirst)\n', '  if (Boolean(isFirst) || true)\n')],
  },
  {
    attack: 'T-43',
    test: CODE,
    title: 'a code lives for 300 seconds, to the second',
    edits: [
      edit(
        'src/crypto/code.ts',
        "return payload.value.exp > nowSeconds(clock) ? payload : err('expired')",
        'return payload',
      ),
    ],
  },
  {
    attack: 'T-44',
    test: CODE,
    title: 'T-44: a code that is used again',
    edits: [edit(EXCHANGE, '  await endWhatItIssued(code, deps)\n', '')],
  },
  {
    attack: 'T-45',
    test: AUTHORIZE,
    title: 'T-45, T-46: what is wrong otherwise is told to the client, with state and issuer',
    edits: [
      edit(READ, "    [fields.find('code_challenge_method') === 'S256', METHOD],\n", ''),
      edit(READ, "    [isChallenge(fields.find('code_challenge') ?? ''), CHALLENGE],\n", ''),
    ],
  },
  {
    attack: 'T-46',
    test: CONSENT,
    title: 'of a no carries access_denied, state and issuer, and no code',
    edits: [edit('src/portal/authorize/decision-route.ts', '    iss: config.portalUrl,\n', '')],
  },
  {
    attack: 'T-47',
    test: CONSENT,
    title: 'T-47: a decision counts only as our own form, in its browser, in its session, once',
    edits: [
      edit(
        'src/portal/authorize/decision-route.ts',
        "if (!isFormTokenValid(fields.value.find('form'), asked, deps.keys)) {",
        "if (fields.value.find('form') === asked.purpose) {",
      ),
    ],
  },
  {
    attack: 'T-47',
    test: 'test/browser/attacks.test.ts',
    title: 'does not consent; the same form on our own page does',
    // Built, so it has to pass the compiler.
    edits: [
      edit(
        'src/portal/authorize/decision-route.ts',
        'if (!isFromHere(request, deps.config)) {',
        "if (!isFromHere(request, deps.config) && request.id === '') {",
      ),
      edit(
        'src/portal/authorize/decision-route.ts',
        "if (!isFormTokenValid(fields.value.find('form'), asked, deps.keys)) {",
        "if (!isFormTokenValid(fields.value.find('form'), asked, deps.keys) && request.id === '') {",
      ),
    ],
  },
  {
    attack: 'T-48',
    test: 'test/attacks/oauth-metadata.test.ts',
    title: 'T-48, T-62: security headers are on every answer, errors included',
    edits: [edit('src/kernel/security-headers.ts', "  ['x-frame-options', 'DENY'],\n", '')],
  },
  {
    attack: 'T-48',
    test: 'test/unit/kernel/http.test.ts',
    title: '%s: the headers are those of any other answer',
    edits: [
      edit(
        'src/kernel/raw-answers.ts',
        'const HEADERS = securityHeaders()',
        'const HEADERS = securityHeaders().slice(0, 3)',
      ),
    ],
  },
  {
    attack: 'T-49',
    test: CONSENT,
    title: 'T-49: what a client says of itself is shown as what it is',
    edits: [edit('src/portal/clients/client-name.ts', "    .replace(/[\\p{C}\\uFE00-\\uFE0F]/gu, '')\n", '')],
  },
  {
    attack: 'T-50',
    test: CONSENT,
    title: 'T-50: consent is asked for every time',
    edits: [
      edit(
        'src/portal/authorize/consent-route.ts',
        'return show(request, reply, { ...deps, id, open, session })',
        'const known = ((globalThis as { known?: Set<string> }).known ??= new Set())\n    if (known.has(open.cid)) return reply.redirect(open.redirectUri)\n    known.add(open.cid)\n    return show(request, reply, { ...deps, id, open, session })',
      ),
    ],
  },
  {
    attack: 'T-56',
    test: 'test/attacks/oauth-token-endpoint.test.ts',
    title: 'T-56: only a plain form counts, and nothing else is a fault of ours',
    edits: [
      edit('src/portal/fields.ts', "    if (Array.isArray(value)) return err('parameter_repeated')\n", ''),
      edit(
        'src/portal/fields.ts',
        "    if (typeof value !== 'string' || CONTROL.test(value) || CONTROL.test(name))\n      return err('parameter_malformed')\n",
        '',
      ),
    ],
  },
  {
    attack: 'T-56',
    test: AUTHORIZE,
    title: 'for %s given twice (T-56)',
    edits: [
      edit(
        'src/portal/fields.ts',
        "    if (Array.isArray(value)) return err('parameter_repeated')\n",
        '    if (Array.isArray(value)) {\n      fields.set(name, String(value[0]))\n      continue\n    }\n',
      ),
    ],
  },
]
