import { edit, type Removal } from './removal.ts'

/** Clients: how they come, what they may show, how they are ended. */
export const CLIENTS: readonly Removal[] = [
  {
    attack: 'T-51',
    test: 'test/attacks/oauth-cimd.test.ts',
    title: 'T-51: a host that means harm',
    edits: [
      edit(
        'src/portal/clients/documents/remote-json.ts',
        "if (statusCode !== 200) return err('not_found')",
        '',
      ),
      edit(
        'src/kernel/egress/get-document.ts',
        '    maxResponseSize: maxBytes,\n',
        '    maxResponseSize: 100_000_000,\n',
      ),
    ],
  },
  {
    attack: 'T-51',
    test: 'test/attacks/oauth-ssrf.test.ts',
    title: 'T-51: a client id that leads inside',
    edits: [
      edit(
        'src/portal/clients/documents/remote-json.ts',
        'overrides.policy ?? addressPolicy({ allowCidrs: [], allowLoopback: false })',
        '(() => true)',
      ),
    ],
  },
  {
    attack: 'T-52',
    test: 'test/attacks/oauth-cimd.test.ts',
    title: 'T-52: a document that is not what it must be',
    edits: [
      edit(
        'src/portal/clients/documents/client-document.ts',
        "if (asked.client_id !== clientId) return err('client_id')",
        '',
      ),
    ],
  },
  {
    attack: 'T-52',
    test: 'test/attacks/oauth-cimd.test.ts',
    title: 'T-52: how long a document counts',
    edits: [
      edit(
        'src/portal/clients/documents/freshness.ts',
        'return Math.min(Math.max(statedMs(headers, nowMs), MIN_FRESH_MS), MAX_FRESH_MS)',
        'return Math.max(statedMs(headers, nowMs), 31_536_000_000)',
      ),
    ],
  },
  {
    attack: 'T-53',
    test: 'test/attacks/oauth-clients.test.ts',
    title: 'T-53: a flood of registrations takes no more room than its ring, and shuts nobody out',
    edits: [
      edit(
        'src/portal/clients/pending-registrations.ts',
        'const place = count % RING_PLACES',
        'const place = count',
      ),
    ],
  },
  {
    attack: 'T-54',
    test: 'test/attacks/oauth-refresh.test.ts',
    title: 'T-54: rotation',
    edits: [
      edit(
        'src/portal/token/rotate-refresh.ts',
        "if (deps.clock.nowMs() - rotation.atMs > SAME_SUCCESSOR_MS) return 'refresh_reused'",
        '',
      ),
    ],
  },
  {
    attack: 'T-55',
    test: 'test/attacks/oauth-revocation.test.ts',
    title: 'T-55: RFC 7009',
    edits: [
      edit(
        'src/portal/revoke/revoke-token.ts',
        "if (found.held.cid !== client.cid) return { what: 'nothing' }",
        '',
      ),
      edit(
        'src/portal/revoke/revoke-token.ts',
        "if (issued?.cid !== client.cid) return { what: 'nothing' }",
        "if (issued === null) return { what: 'nothing' }",
      ),
    ],
  },
  {
    attack: 'T-57',
    test: 'test/attacks/oauth-clients.test.ts',
    title: 'T-57: a client with keys proves that it holds one',
    edits: [
      edit('src/portal/token/client-auth.ts', 'return proven.ok ? ok(client) : proven', 'return ok(client)'),
    ],
  },
  {
    attack: 'T-57',
    test: 'test/attacks/oauth-token-endpoint.test.ts',
    title: 'T-57: a client authenticates exactly as it was registered',
    edits: [
      edit(
        'src/portal/token/client-auth.ts',
        "if (!acceptsMethod(client, method)) return err('client_method_wrong')",
        '',
      ),
    ],
  },
  {
    attack: 'T-57',
    test: 'test/unit/crypto/client-assertion.test.ts',
    title: 'anything else is not',
    edits: [edit('src/crypto/client-assertion.ts', "if (aud !== issuer) return err('audience_wrong')", '')],
  },
  {
    attack: 'T-58',
    test: 'test/attacks/oauth-consent.test.ts',
    title: 'is a 200 page that goes on by itself and shows the same address as a link (T-58)',
    edits: [
      edit(
        'src/portal/authorize/decision-route.ts',
        "return sendHtml(reply, 200, leavingPage({ isApproved: 'code' in answer, redirectTo, address }))",
        'return reply.redirect(address, 307)',
      ),
    ],
  },
  {
    attack: 'T-59',
    test: 'test/attacks/oauth-metadata.test.ts',
    title: 'T-59: %s changes nothing in metadata, pages or redirects',
    edits: [
      edit(
        'src/portal/metadata/route.ts',
        'app.get(path, async (_request, reply) =>',
        'app.get(path, async (request, reply) =>',
      ),
      edit(
        'src/portal/metadata/route.ts',
        '.send(body()),',
        '\n      .send(body() + String(request.headers.host) + JSON.stringify(request.headers)),',
      ),
    ],
  },
  {
    attack: 'T-61',
    test: 'test/attacks/oauth-clients.test.ts',
    title: 'T-61: secrets cannot be guessed',
    edits: [
      edit(
        'src/portal/token/client-auth.ts',
        'hashes.some((hash) => safeEqual(hash, secretHash))',
        'hashes.length > 0',
      ),
    ],
  },
  {
    attack: 'T-61',
    test: 'test/attacks/oauth-token-endpoint.test.ts',
    title: 'the failed-attempt limiter',
    edits: [
      edit(
        'src/portal/token/failed-attempts.ts',
        'if (!isGuess(attempt.reason)) return null',
        'if (isGuess(attempt.reason)) return null',
      ),
    ],
  },
  {
    attack: 'T-62',
    test: 'test/attacks/oauth-metadata.test.ts',
    title: 'T-48, T-62: security headers are on every answer, errors included',
    edits: [edit('src/kernel/security-headers.ts', "  ['referrer-policy', 'strict-origin'],\n", '')],
  },
  {
    attack: 'T-62',
    test: 'test/attacks/oauth-metadata.test.ts',
    title: 'no page has a script, an inline style or anything of another host',
    edits: [
      edit(
        'src/portal/ui/page.tsx',
        '<link rel="stylesheet" href={STYLESHEET_PATH} />',
        '<link rel="stylesheet" href="https://cdn.example/style.css" />',
      ),
    ],
  },
  {
    attack: 'T-63',
    test: 'test/attacks/oauth-metadata.test.ts',
    title: 'T-63: CORS is for programs alone',
    edits: [
      edit(
        'src/portal/app.ts',
        '  app.setNotFoundHandler(async (request, reply) =>',
        "  app.addHook('onRequest', async (_request, reply) => {\n    reply.header('access-control-allow-origin', '*')\n  })\n  app.setNotFoundHandler(async (request, reply) =>",
      ),
    ],
  },
  {
    attack: 'T-63',
    test: 'test/attacks/oauth-cors.test.ts',
    title: 'T-63: the preflight matrix',
    edits: [
      edit(
        'src/mcp/transport/cors.ts',
        'if (origin !== undefined && allowedOrigins.includes(origin))',
        'if (origin !== undefined)',
      ),
    ],
  },
]
