import { describe, expect, test } from 'vitest'
import { isSafeRedis } from '../../../src/kernel/env-fields.ts'
import { readRedisUrl } from '../../../src/kernel/redis-url.ts'

const nobody = { username: undefined, password: undefined }

describe('the address of Redis', () => {
  test.each([
    [
      'redis://localhost',
      { is: 'single', tls: false, hosts: [{ host: 'localhost', port: 6379 }], db: 0, ...nobody },
    ],
    [
      'rediss://mcp:p%40ss%2Fword@redis.example.com:6380/3',
      {
        ...{ is: 'single', tls: true, hosts: [{ host: 'redis.example.com', port: 6380 }], db: 3 },
        ...{ username: 'mcp', password: 'p@ss/word' },
      },
    ],
    [
      'redis://:only@[::1]:7000/',
      {
        ...{ is: 'single', tls: false, hosts: [{ host: '::1', port: 7000 }], db: 0 },
        ...{ username: undefined, password: 'only' },
      },
    ],
    [
      'rediss+sentinel://mcp:pw@s1,s2:26380/my-master?db=2&sentinel_username=watch&sentinel_password=a%26b',
      {
        ...{ is: 'sentinel', tls: true, master: 'my-master', db: 2, username: 'mcp', password: 'pw' },
        hosts: [
          { host: 's1', port: 26_379 },
          { host: 's2', port: 26_380 },
        ],
        sentinelLogin: { username: 'watch', password: 'a&b' },
      },
    ],
    [
      'redis+cluster://user@10.0.0.1:7001,10.0.0.2',
      {
        ...{ is: 'cluster', tls: false, username: 'user', password: undefined },
        hosts: [
          { host: '10.0.0.1', port: 7001 },
          { host: '10.0.0.2', port: 6379 },
        ],
      },
    ],
  ])('%s', (url, expected) => {
    expect(readRedisUrl(url)).toEqual({ ok: true, value: expected })
  })

  test.each([
    ['http://canary', /must begin with redis:/],
    ['redis+other://canary', /must begin with redis:/],
    ['redis://', /must begin with redis:/],
    ['redis://canary#x', /must begin with redis:/],
    ['redis://a,b', /several hosts/],
    ['redis://canary host', /host that cannot be read/],
    ['redis://canary:99999', /host that cannot be read/],
    ['redis+cluster://a,,b', /host that cannot be read/],
    ['redis://u:%zzcanary@host', /percent-encoded/],
    ['redis://host/canary', /database that is no number/],
    ['redis://host?canary=1', /takes no parameters/],
    ['redis+cluster://host/1', /no database/],
    ['redis+cluster://host?db=1', /no database/],
    ['redis+sentinel://host', /name of the master/],
    ['redis+sentinel://host/a/b', /name of the master/],
    ['redis+sentinel://host/m?canary=1', /takes the parameters db, sentinel_username, sentinel_password/],
    ['redis+sentinel://host/m?db=1&db=2', /each once/],
    ['redis+sentinel://host/m?db=x', /database that is no number/],
  ])('%s is refused with the reason, and nothing of it', (url, reason) => {
    const read = readRedisUrl(url)
    expect(read.ok ? 'read' : read.error).toMatch(reason)
    expect(JSON.stringify(read)).not.toContain('canary')
  })

  test.each([
    ['redis://127.0.0.1', true],
    ['rediss://redis.example.com', true],
    ['redis://redis.example.com', false],
    ['rediss+sentinel://s1.example.com/m', true],
    // They name further servers, which may be anywhere.
    ['redis+sentinel://127.0.0.1/m', false],
    ['redis+cluster://localhost', false],
    ['rediss+cluster://localhost', true],
  ])('in production %s is safe: %s', (url, isSafe) => {
    expect(isSafeRedis(url)).toBe(isSafe)
  })
})
