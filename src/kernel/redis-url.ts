import { err, ok, type Result } from './result.ts'

export interface RedisHost {
  readonly host: string
  readonly port: number
}

interface Login {
  readonly username: string | undefined
  readonly password: string | undefined
}

/** Where the data is, as `REDIS_URL` says it. Several hosts are several doors to one thing. */
export type RedisAddress = Login & { readonly tls: boolean } & (
    | { readonly is: 'single'; readonly hosts: readonly [RedisHost]; readonly db: number }
    | {
        readonly is: 'sentinel'
        /** The Sentinels, of which any may be asked. */
        readonly hosts: readonly RedisHost[]
        /** Under which name they watch the master. */
        readonly master: string
        /** Of the Sentinels; name and password of the address itself are the data servers'. */
        readonly sentinelLogin: Login
        readonly db: number
      }
    | { readonly is: 'cluster'; readonly hosts: readonly RedisHost[] }
  )

/**
 * Reads `redis://`, `redis+sentinel://` or `redis+cluster://`, with `rediss` for TLS:
 *
 *     rediss://user:password@host:6379/db
 *     rediss+sentinel://user:password@host:26379,host:26379/master?db=0&sentinel_username=…&sentinel_password=…
 *     rediss+cluster://user:password@host:6379,host:6379
 *
 * @returns what is wrong, in words that hold nothing of the address
 */
export function readRedisUrl(url: string): Result<RedisAddress, string> {
  const parts = ADDRESS.exec(url)
  if (parts === null) return err(FORMS)
  const [, scheme, kind, userinfo, authority = '', path = '', query = ''] = parts
  const read = authority.split(',').map((host) => readHost(host, kind === 'sentinel' ? 26_379 : 6_379))
  const hosts = read.filter((host) => host !== null)
  if (hosts.length !== read.length) return err('names a host that cannot be read: <host> or <host>:<port>')
  const login = readLogin(userinfo)
  if (login === null) return err('has a user or password that is not percent-encoded')
  const found = { hosts, path: path.slice(1), query, common: { tls: scheme === 'rediss', ...login } }
  if (kind === 'sentinel') return readSentinel(found)
  return kind === 'cluster' ? readCluster(found) : readSingle(found)
}

interface Found {
  readonly common: Login & { readonly tls: boolean }
  readonly hosts: readonly RedisHost[]
  readonly path: string
  readonly query: string
}

function readSingle({ common, hosts, path, query }: Found): Result<RedisAddress, string> {
  const [host, ...more] = hosts
  if (host === undefined || more.length > 0)
    return err('names several hosts: use redis+sentinel or redis+cluster')
  if (query !== '') return err('takes no parameters')
  const db = readDatabase(path)
  return db === null ? err(NO_DATABASE) : ok({ is: 'single', ...common, hosts: [host], db })
}

function readCluster({ common, hosts, path, query }: Found): Result<RedisAddress, string> {
  if (path !== '' || query !== '') return err('of a cluster has no database and no parameters')
  return ok({ is: 'cluster', ...common, hosts })
}

function readSentinel({ common, hosts, path: master, query }: Found): Result<RedisAddress, string> {
  if (!/^[A-Za-z0-9._-]+$/.test(master)) return err('needs the name of the master: …/mymaster')
  const parameters = new URLSearchParams(query)
  const names = [...parameters.keys()]
  if (names.some((name) => !SENTINEL_PARAMETERS.has(name)) || new Set(names).size !== names.length)
    return err(`takes the parameters ${[...SENTINEL_PARAMETERS].join(', ')} alone, each once`)
  const db = readDatabase(parameters.get('db') ?? '')
  if (db === null) return err(NO_DATABASE)
  const sentinelLogin = {
    username: parameters.get('sentinel_username') ?? undefined,
    password: parameters.get('sentinel_password') ?? undefined,
  }
  return ok({ is: 'sentinel', ...common, hosts, master, sentinelLogin, db })
}

/** A name, an IPv4 address or an IPv6 address in brackets, read as that of an `http:` URL. */
function readHost(text: string, standardPort: number): RedisHost | null {
  if (!/^[A-Za-z0-9.:_[\]-]+$/.test(text) || !URL.canParse(`http://${text}`)) return null
  const port = /:(\d+)$/.exec(text.replace(/^\[[^\]]*\]/, ''))?.[1]
  const { hostname } = new URL(`http://${text}`)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === undefined ? standardPort : Number(port) }
}

/** `user:password`, `:password` or `user`, percent-encoded. */
function readLogin(userinfo: string | undefined): Login | null {
  const [user = '', ...rest] = (userinfo ?? '').split(':')
  try {
    const [username, password] = [user, rest.join(':')].map((part) =>
      part === '' ? undefined : decodeURIComponent(part),
    )
    return { username, password }
  } catch {
    return null
  }
}

const readDatabase = (text: string): number | null => (/^\d{0,3}$/.test(text) ? Number(text) : null)

const ADDRESS = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/?#]*)@)?([^@/?#]+)(\/[^?#]*)?(?:\?([^#]*))?$/

const SENTINEL_PARAMETERS: ReadonlySet<string> = new Set(['db', 'sentinel_username', 'sentinel_password'])

const NO_DATABASE = 'has a database that is no number'
const FORMS =
  'must begin with redis://, redis+sentinel:// or redis+cluster://, or the same with rediss for TLS'
