import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { Redis } from 'ioredis'

/*
 * Loaded before a server (`NODE_OPTIONS=--import`): ends it, as the kernel would, at a chosen write to its journal.
 *
 * KILL_SWITCH names a file: `before <type>` ends the process when it is about to write an entry of this type, `after
 * <type>` once that entry is on the device; without the file nothing happens. CLOCK_AHEAD_MS puts its clock ahead, and what
 * Redis says of its own along with it.
 */
const { KILL_SWITCH = '', CLOCK_AHEAD_MS = '0' } = process.env

const setting = () => {
  try {
    return fs.readFileSync(KILL_SWITCH, 'utf8').split(' ')
  } catch {
    return [null, null]
  }
}

const die = () => process.kill(process.pid, 'SIGKILL')

const write = fs.write
fs.write = (fd, bytes, from, length, position, done) => {
  const [when, type] = setting()
  const isIt = type !== null && bytes.includes(`"e":"${type}"`)
  if (isIt && when === 'before') die()
  write(fd, bytes, from, length, position, (error, written) => {
    if (isIt) die()
    done(error, written)
  })
}
syncBuiltinESMExports()

const ahead = Number(CLOCK_AHEAD_MS)
const now = Date.now
Date.now = () => now() + ahead

const info = Redis.prototype.info
Redis.prototype.info = async function (...args) {
  const text = await info.apply(this, args)
  return text.replace(
    /^server_time_usec:(\d+)/m,
    (_, micros) => `server_time_usec:${Number(micros) + ahead * 1000}`,
  )
}
const time = Redis.prototype.time
Redis.prototype.time = async function (...args) {
  const [seconds, micros] = await time.apply(this, args)
  return [String(Number(seconds) + ahead / 1000), micros]
}
