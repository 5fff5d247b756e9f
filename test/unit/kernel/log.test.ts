import { describe, expect, test } from 'vitest'
import { createHttp } from '../../../src/kernel/http.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import { captureLog } from '../../support/log.ts'

describe('the log', () => {
  test('writes one JSON line per event, with the service’s name', () => {
    const { log, events } = captureLog()
    log.info({ event: 'token.issued', sub: 'user_1' })
    expect(events()).toEqual([
      expect.objectContaining({ name: 'test', event: 'token.issued', sub: 'user_1' }),
    ])
  })

  test('shows no secret, whether wrapped, or by its name, at either depth', () => {
    const { log, text, events } = captureLog()
    log.info({ kept: new Secret('canary'), authorization: 'canary', token: 'canary', 'set-cookie': 'canary' })
    log.info({
      form: { code: 'canary', code_verifier: 'canary', refresh_token: 'canary', password: 'canary' },
    })
    log.info({ raw: { headers: { authorization: 'canary' } } })
    expect(text()).not.toContain('canary')
    expect(events()[0]).toMatchObject({ kept: '[secret]', authorization: '[secret]' })
    expect(events()[2]).toMatchObject({ raw: { headers: '[secret]' } })
  })

  test('shows a request without its query', () => {
    const { log, text, events } = captureLog()
    log.info({
      req: { id: 'r1', method: 'GET', url: '/oauth/authorize?state=canary#canary', headers: { a: 'canary' } },
    })
    expect(events()[0]).toMatchObject({ req: { id: 'r1', method: 'GET', path: '/oauth/authorize' } })
    expect(text()).not.toContain('canary')
  })

  test('shows an error with its kind and causes, not with what a library hung on it', () => {
    const { log, text, events } = captureLog()
    const cause = Object.assign(new Error('connection lost'), {
      code: 'ECONNRESET',
      command: { args: ['canary'] },
    })
    log.error({ err: new Error('it failed', { cause }) })
    expect(events()[0]).toMatchObject({
      err: { message: 'it failed', cause: { message: 'connection lost', kind: 'ECONNRESET' } },
    })
    log.error({ err: 'canary' })
    expect(text()).not.toContain('canary')
  })

  test('an error that is its own cause ends', () => {
    const { log, events } = captureLog()
    const error = new Error('round')
    error.cause = error
    log.error({ err: error })
    expect(events()).toHaveLength(1)
  })

  test('a listener that logs through it shows no query and no header', async () => {
    const { log, text, events } = captureLog()
    const app = await createHttp({ log, csp: {}, trustedProxies: [] })
    app.setErrorHandler((err, req, reply) => {
      req.log.error({ err, req })
      return reply.code(500).send({})
    })
    app.get('/broken', () => Promise.reject(new Error('a bug')))
    await app.inject({ url: '/broken?code=canary', headers: { authorization: 'Bearer canary' } })
    await app.close()
    expect(events()).toContainEqual(
      expect.objectContaining({ err: expect.objectContaining({ message: 'a bug' }) }),
    )
    expect(text()).not.toContain('canary')
  })

  test('what a request logs carries its id, at every level and in a child of its logger', async () => {
    const { log, events } = captureLog()
    log.level = 'trace'
    const app = await createHttp({ log, csp: {}, trustedProxies: [] })
    app.get('/telling', async ({ log: own }) => {
      own.trace('one')
      own.debug({ detail: 1 }, 'two')
      own.info('three')
      own.warn('four')
      own.error('five')
      own.fatal('six')
      own.silent('seven')
      own.child({ part: 'p' }).info('eight')
      const before = own.level
      own.level = 'error'
      own.info('nine')
      return Promise.resolve({ before })
    })
    app.get('/quiet', async ({ log: own }) => Promise.resolve({ level: own.level }))
    const { headers, body } = await app.inject({ url: '/telling' })
    expect(body).toBe('{"before":"trace"}')
    // What one request asks of its logger is its own affair.
    expect((await app.inject({ url: '/quiet' })).body).toBe('{"level":"trace"}')
    await app.close()
    const told = ['one', 'two', 'three', 'four', 'five', 'six', 'eight']
    expect(events().map(({ msg }) => msg)).toEqual(told)
    expect(events().map(({ level }) => level)).toEqual([10, 20, 30, 40, 50, 60, 30])
    expect(new Set(events().map(({ reqId }) => reqId))).toEqual(new Set([headers['x-correlation-id']]))
    expect(events()[1]).toMatchObject({ detail: 1, name: 'test' })
    expect(events()[6]).toMatchObject({ part: 'p' })
  })
})
