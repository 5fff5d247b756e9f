import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { accountUsage } from '../../../src/crypto/account-usage.ts'
import * as api from '../../../src/crypto/internal-api.ts'
import {
  BYTES_32,
  findDisagreements,
  ID,
  KEY_ID,
  MACHINE_ID,
  NATURAL,
  oneOf,
  orNull,
  POSITIVE,
  text,
  WHOLE,
  YES_NO,
  type Bound,
  type Shape,
} from '../../support/crypto/bounds.ts'

const AN_ID = 'A'.repeat(22)
const KID = 'te-AAAAAAAA'
const BLOB = text(0, 2048)
const USER = text(1, 100)
const CLERK = { clerkToken: text(0, 4096), transaction: ID }
const CLERK_SAYS = { clerkToken: 'x', transaction: AN_ID }

const RISK = oneOf('low', 'medium', 'high')
const PROFILE = oneOf('interactive', 'sync', 'reporting', 'batch', 'webhook')
const ASKED: Bound = { takes: ['MXAPIPO:r', 'mobile'], refuses: ['@mobile.1', 'MXAPIPO', null] }
const FIXED: Bound = { takes: ['MXAPIPO:r', '@mobile.1'], refuses: ['mobile', 'MXAPIPO', null] }
const NETWORKS: Bound = { takes: ['10.0.0.0/8', '2001:db8::/32'], refuses: ['10.0.0.0', 'x/8', null] }
const FREE: Bound = { takes: ['', 'x'], refuses: [5, null] }

type Row = readonly [
  name: string,
  schema: z.ZodType,
  whole: Shape['whole'],
  bounds: Shape['bounds'],
  optional?: readonly string[],
  open?: readonly string[],
]

const VAULT: readonly Row[] = [
  [
    'vault open: ask',
    api.vaultOpen.ask,
    { ...CLERK_SAYS, purpose: 'add', change: AN_ID, env: AN_ID, label: 'l', blob: 'b', account: 'a' },
    {
      ...CLERK,
      purpose: oneOf('add', 'replace', 'remove', 'grants', 'change'),
      ...{ change: ID, env: ID, label: text(0, 60), blob: BLOB, account: text(0, 200) },
    },
    ['change', 'env', 'label', 'blob'],
  ],
  [
    'vault open: answer',
    api.vaultOpen.answer,
    { handle: 'h', take: 't' },
    { handle: text(0, 100), take: text(0, 100) },
  ],
  [
    'vault take: ask',
    api.vaultTake.ask,
    { take: 't', sub: 'u', sid: 's' },
    { take: text(0, 100), sub: USER, sid: USER },
  ],
  ['vault take: pending', api.vaultTake.answer, { state: 'pending' }, { state: oneOf('pending', 'gone') }],
  [
    'vault take: saved',
    api.vaultTake.answer,
    { state: 'saved', env: AN_ID, ver: 1, label: 'l', host: 'h', blob: 'b' },
    { state: oneOf('saved'), env: ID, ver: POSITIVE, label: text(0, 60), host: text(0, 255), blob: BLOB },
  ],
  [
    'vault take: removed',
    api.vaultTake.answer,
    { state: 'removed', env: AN_ID },
    { state: oneOf('removed'), env: ID },
  ],
]

const GRANTS: readonly Row[] = [
  [
    'grants: ask',
    api.grantAttest.ask,
    {
      ...{ ...CLERK_SAYS, gid: AN_ID, env: AN_ID, blob: 'b', cid: 'c', clientName: 'n', redirectHost: 'h' },
      ...{ scp: 'maximo:read', knd: 'ci', prf: 'batch', lifeS: 1, jti: AN_ID, kids: [KID, KID] },
      ...{ obj: 'mobile', rsk: 'low', net: '10.0.0.0/8', replaces: { gid: AN_ID, untilS: 1 } },
    },
    {
      ...{ ...CLERK, gid: ID, env: ID, blob: BLOB, cid: text(1, 512), clientName: text(0, 200) },
      ...{ redirectHost: text(0, 255), scp: text(0, 400), knd: oneOf('at', 'ci'), prf: PROFILE },
      ...{ lifeS: orNull(POSITIVE), jti: ID, 'kids.0': KEY_ID, 'kids.1': KEY_ID, obj: ASKED, rsk: RISK },
      ...{ net: NETWORKS, 'replaces.gid': ID, 'replaces.untilS': POSITIVE },
    },
    ['jti', 'kids', 'obj', 'rsk', 'net', 'replaces'],
  ],
  [
    'grants: answer',
    api.grantAttest.answer,
    { receipt: 'r', at: 1, max: 1, obj: '@mobile.1' },
    { receipt: text(0, 2500), at: POSITIVE, max: orNull(POSITIVE), obj: FIXED },
    ['obj'],
  ],
  ['grant status: ask', api.grantStatus.ask, { gid: AN_ID }, { gid: ID }],
  [
    'grant status: answer',
    api.grantStatus.answer,
    { state: 'live' },
    { state: oneOf('live', 'ended', 'unknown') },
  ],
  ['last use: ask', api.lastUses.ask, { sub: 'u', gids: [AN_ID] }, { sub: USER, 'gids.0': ID }],
  [
    'last use: answer',
    api.lastUses.answer,
    { uses: [{ gid: AN_ID, atMs: 1, address: 'a', client: 'c', tool: 't' }] },
    {
      ...{ 'uses.0.gid': ID, 'uses.0.atMs': POSITIVE, 'uses.0.address': text(0, 64) },
      ...{ 'uses.0.client': text(0, 120), 'uses.0.tool': text(0, 64) },
    },
  ],
]

const MACHINES: readonly Row[] = [
  [
    'machines: ask',
    api.machineAttest.ask,
    {
      ...{ ...CLERK_SAYS, gid: AN_ID, env: AN_ID, blob: 'b', scp: 'maximo:read', prf: 'batch' },
      ...{ cid: `mxm_${AN_ID}`, clientName: 'n', proof: { kind: 'secret', sha256: 'A'.repeat(43) } },
      ...{ obj: 'mobile', rsk: 'low', net: '10.0.0.0/8' },
    },
    {
      ...{ ...CLERK, gid: ID, env: ID, blob: BLOB, scp: text(0, 400), prf: PROFILE, cid: MACHINE_ID },
      ...{ clientName: text(0, 200), 'proof.kind': oneOf('secret'), 'proof.sha256': BYTES_32 },
      ...{ obj: ASKED, rsk: RISK, net: NETWORKS },
    },
    ['obj', 'rsk', 'net'],
  ],
  [
    'machines: answer',
    api.machineAttest.answer,
    { root: 'r', at: 1, obj: '@mobile.1' },
    { root: text(0, 4096), at: POSITIVE, obj: FIXED },
    ['obj'],
  ],
  [
    'derive: ask, by keys',
    api.grantDerive.ask,
    { root: 'r', scp: 'maximo:read', proof: { kind: 'keys', assertion: 'a', jwk: { kty: 'OKP' } } },
    {
      ...{ root: text(0, 4096), scp: text(1, 400), 'proof.kind': oneOf('keys') },
      ...{ 'proof.assertion': text(0, 4096), 'proof.jwk.kty': text(0, 1400) },
    },
    ['proof.jwk.kty'],
    ['proof.jwk'],
  ],
  [
    'derive: ask, by secret',
    api.grantDerive.ask,
    { root: 'r', scp: 'maximo:read', proof: { kind: 'secret', secret: 's' } },
    { root: text(0, 4096), scp: text(1, 400), 'proof.kind': oneOf('secret'), 'proof.secret': text(0, 100) },
  ],
  [
    'derive: ask, by workload',
    api.grantDerive.ask,
    { root: 'r', scp: 'maximo:read', proof: { kind: 'workload', assertion: 'a' } },
    {
      root: text(0, 4096),
      scp: text(1, 400),
      'proof.kind': oneOf('workload'),
      'proof.assertion': text(0, 6144),
    },
  ],
  [
    'derive: answer',
    api.grantDerive.answer,
    { receipt: 'r', at: 1, max: 1 },
    { receipt: text(0, 2500), at: POSITIVE, max: POSITIVE },
  ],
]

const AN_AGE = {
  ...{ env: AN_ID, ver: 1, cls: 'test', state: 'due', ageDays: 1, leftDays: 1 },
  ...{ admin: null, refusedSinceMs: null },
}
const A_SPENDING = { used: 1, atMost: 1, endsMs: 1 }
const SIGHT: readonly Row[] = [
  ['introspect: ask', api.introspection.ask, { token: 't' }, { token: text(1, 4000) }],
  [
    'introspect: inactive',
    api.introspection.answer,
    { active: false },
    { active: { takes: [false], refuses: [true, 0] } },
  ],
  [
    'introspect: active',
    api.introspection.answer,
    {
      ...{ active: true, token_type: 'Bearer', scope: 's', client_id: 'c', sub: 'u', iss: 'i', aud: 'a' },
      ...{ jti: AN_ID, iat: 1, exp: 2, kind: 'machine', grant_id: AN_ID, environment: AN_ID },
      ...{ maximo_host: 'h', attested_at_ms: 1, profile: 'batch', risk: 'low', objects: '@mobile.1' },
      ...{ networks: '10.0.0.0/8', kids: [KID, KID, KID] },
    },
    {
      ...{ active: { takes: [true], refuses: [false, 1, null] }, token_type: oneOf('Bearer'), scope: FREE },
      ...{ client_id: FREE, sub: FREE, iss: FREE, aud: FREE, jti: ID, iat: WHOLE, exp: WHOLE },
      ...{ kind: oneOf('connection', 'automation', 'machine'), grant_id: ID, environment: ID },
      ...{ maximo_host: FREE, attested_at_ms: WHOLE, profile: PROFILE, risk: RISK, objects: FIXED },
      ...{ networks: NETWORKS, 'kids.0': KEY_ID, 'kids.1': KEY_ID, 'kids.2': KEY_ID },
    },
    ['exp', 'objects', 'networks'],
  ],
  ['credential ages: ask', api.credentialAges.ask, { sub: 'u' }, { sub: USER }],
  [
    'credential ages: answer',
    api.credentialAges.answer,
    { credentials: [AN_AGE] },
    {
      ...{ 'credentials.0.env': ID, 'credentials.0.ver': POSITIVE, 'credentials.0.leftDays': WHOLE },
      ...{ 'credentials.0.cls': oneOf('production', 'test'), 'credentials.0.admin': orNull(YES_NO) },
      ...{ 'credentials.0.state': oneOf('fresh', 'due', 'overdue'), 'credentials.0.ageDays': NATURAL },
      'credentials.0.refusedSinceMs': orNull(POSITIVE),
    },
  ],
  ['changes: ask', api.changesWaiting.ask, { sub: 'u' }, { sub: USER }],
  [
    'changes: answer',
    api.changesWaiting.answer,
    { changes: [{ id: AN_ID, risk: 'low', madeMs: 1, isOwn: true }] },
    { 'changes.0.id': ID, 'changes.0.risk': RISK, 'changes.0.madeMs': POSITIVE, 'changes.0.isOwn': YES_NO },
  ],
  ['usage: ask', accountUsage.ask, { sub: 'u' }, { sub: USER }],
  [
    'usage: answer',
    accountUsage.answer,
    { state: 'known', plan: 'p', cap: 'p', day: A_SPENDING, month: A_SPENDING },
    {
      ...{ state: oneOf('known'), plan: text(0, 100), cap: orNull(text(0, 100)) },
      ...{ 'day.used': orNull(NATURAL), 'day.atMost': orNull(NATURAL), 'day.endsMs': POSITIVE },
      ...{ 'month.used': orNull(NATURAL), 'month.atMost': orNull(NATURAL), 'month.endsMs': POSITIVE },
    },
  ],
  ['usage: no plan', accountUsage.answer, { state: 'no_plan' }, { state: oneOf('no_plan') }],
  ['heads: ask', api.headExchange.ask, { head: 'h' }, { head: text(0, 2048) }],
  ['heads: answer', api.headExchange.answer, { head: 'h' }, { head: text(0, 2048) }],
]

const RECORDED = { state: oneOf('recorded') }
const target = (kind: string, members: Shape['whole'], bounds: Shape['bounds']): Row => [
  `revocation of a ${kind}`,
  api.revocationTarget,
  { kind, ...members },
  { kind: oneOf(kind), ...bounds },
]
const ENDS: readonly Row[] = [
  ['plan: ask', api.planRecord.ask, CLERK_SAYS, CLERK],
  ['plan: answer', api.planRecord.answer, { state: 'recorded' }, RECORDED],
  [
    'cap: ask',
    api.planCap.ask,
    { sub: 'u', pla: 'p', fea: 'f' },
    { sub: USER, pla: text(0, 100), fea: text(0, 300) },
  ],
  ['cap: answer', api.planCap.answer, { state: 'recorded' }, RECORDED],
  target('token', { rid: AN_ID, until: 1 }, { rid: ID, until: orNull(POSITIVE) }),
  target('grant', { gid: AN_ID }, { gid: ID }),
  target('user', { sub: 'u' }, { sub: USER }),
  target('client', { cid: 'c' }, { cid: text(1, 512) }),
  target('env', { env: AN_ID }, { env: ID }),
  target('key', { kid: 'k' }, { kid: text(1, 40) }),
  target('before', { beforeMs: 1 }, { beforeMs: POSITIVE }),
  target('window', { fromMs: 1, toMs: 1 }, { fromMs: POSITIVE, toMs: POSITIVE }),
  [
    'revocations: ask',
    api.revocationAsk.ask,
    { target: { kind: 'grant', gid: AN_ID }, reason: 'r', by: 'b' },
    { 'target.kind': oneOf('grant'), 'target.gid': ID, reason: text(0, 60), by: text(0, 100) },
  ],
  [
    'revocations: answer',
    api.revocationAsk.answer,
    { state: 'recorded', servers: { have: 1, of: 2 } },
    { state: oneOf('recorded', 'enforced'), 'servers.have': POSITIVE, 'servers.of': POSITIVE },
    ['servers'],
  ],
]

const TIP = { n: 1, hash: 'h' }
const COPIES: readonly Row[] = [
  [
    'journals: ask',
    api.journalCopy.ask,
    { writer: 'mcp-1', after: TIP, lines: ['x'] },
    { writer: text(0, 64), 'after.n': NATURAL, 'after.hash': text(1, 100), 'lines.0': text(0, 400_000) },
  ],
  [
    'journals: answer',
    api.journalCopy.answer,
    { state: 'kept', tip: TIP },
    { state: oneOf('kept', 'elsewhere', 'forked', 'unreadable'), 'tip.n': NATURAL, 'tip.hash': text(1, 100) },
  ],
  [
    'journals, fetched: ask',
    api.journalFetch.ask,
    { writer: 'mcp-1', after: TIP },
    { writer: text(0, 64), 'after.n': NATURAL, 'after.hash': text(1, 100) },
  ],
  [
    'journals, fetched: answer',
    api.journalFetch.answer,
    { state: 'lines', lines: ['x'], more: true },
    { state: oneOf('lines', 'forked'), 'lines.0': text(0, 400_000), more: YES_NO },
  ],
]

describe('what the internal listener is asked and answers has these members and bounds, and no others', () => {
  const rows = [...VAULT, ...GRANTS, ...MACHINES, ...SIGHT, ...ENDS, ...COPIES]
  test.each(rows.map(([name, ...row]) => ({ name, row })))('$name', ({ row }) => {
    const [schema, whole, bounds, optional = [], open = []] = row
    expect(findDisagreements({ schema, whole, bounds, optional, open })).toEqual([])
  })

  test('lists have an end', () => {
    const gids = (count: number) => api.lastUses.ask.safeParse({ sub: 'u', gids: Array(count).fill(AN_ID) })
    expect([0, 1, 100, 101].map((count) => gids(count).success)).toEqual([false, true, true, false])
    const ages = (count: number) =>
      api.credentialAges.answer.safeParse({ credentials: Array(count).fill(AN_AGE) })
    expect([0, 100, 101].map((count) => ages(count).success)).toEqual([true, true, false])
    const lines = (count: number) =>
      api.journalFetch.answer.safeParse({ state: 'lines', lines: Array(count).fill('x'), more: false })
    expect([0, 256, 257].map((count) => lines(count).success)).toEqual([true, true, false])
    const change = { id: AN_ID, risk: 'low', madeMs: 1, isOwn: true }
    const changes = (count: number) =>
      api.changesWaiting.answer.safeParse({ changes: Array(count).fill(change) })
    expect([0, 100, 101].map((count) => changes(count).success)).toEqual([true, true, false])
  })

  test('each path is asked one thing', () => {
    const calls = Object.values(api).flatMap((one) => ('path' in one ? [one.path] : []))
    expect(calls.map((path) => path.slice('/internal/'.length)).sort()).toEqual([
      ...['changes', 'credentials', 'grants', 'grants/derive', 'grants/last-use', 'grants/status', 'heads'],
      ...[
        'introspect',
        'journals',
        'journals/fetch',
        'machines',
        'plan',
        'plan/cap',
        'revocations',
        'vault/open',
        'vault/take',
      ],
    ])
  })
})
