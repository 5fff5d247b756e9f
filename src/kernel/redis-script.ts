import { createHash } from 'node:crypto'
import { type Cluster, Command, type Redis } from 'ioredis'
import { oncePer } from './once-per.ts'

/**
 * Calls a Lua script. KEYS are those of `lasting`, then `keys`.
 *
 * @param lasting keys that are the same at many calls, as one array that is the same object each time
 */
export type ScriptCall = (
  keys: readonly string[],
  args: readonly (string | number)[],
  lasting?: readonly string[],
) => Promise<unknown>

/** A script that is called by its hash, and sent whole to a server that does not know it. */
export function scriptOf(client: Redis | Cluster, lua: string): ScriptCall {
  const byHash = beginningOf('evalsha', createHash('sha1').update(lua).digest('hex'))
  const whole = beginningOf('eval', lua)
  const send = (beginning: Beginning, called: Called): Promise<unknown> => {
    const command = new ScriptCommand(beginning, called)
    client.sendCommand(command)
    return command.promise
  }
  return (keys, args, lasting = NO_KEYS) => {
    const called = { keys, args, lasting }
    return send(byHash, called).catch((error: unknown) => {
      if (!isUnknownScript(error)) throw error
      // It was not run.
      return send(whole, called)
    })
  }
}

interface Called {
  readonly lasting: readonly string[]
  readonly keys: readonly string[]
  readonly args: readonly (string | number)[]
}

interface Beginning {
  readonly name: 'eval' | 'evalsha'
  readonly script: string
  /** Both, as they go over the wire. */
  readonly text: string
}

const beginningOf = (name: Beginning['name'], script: string): Beginning => ({
  name,
  script,
  text: bulk(name) + bulk(script),
})

/**
 * Writes itself: ioredis goes over the words of a command several times, which for the two dozen of an admission takes
 * longer than all else that it does for them.
 */
class ScriptCommand extends Command {
  readonly #text: string

  constructor({ name, script, text }: Beginning, { lasting, keys, args }: Called) {
    super(name, [], { replyEncoding: 'utf8' })
    const count = lasting.length + keys.length
    // By these a cluster finds the slot.
    this.args = [script, count, ...lasting, ...keys, ...args]
    this.#text = `*${this.args.length + 1}\r\n${text}${bulk(count)}${lastingText(lasting)}${bulks(keys)}${bulks(args)}`
  }

  override toWritable(): string {
    return this.#text
  }
}

/** A bulk string of RESP, its length in bytes. */
function bulk(word: string | number): string {
  const text = String(word)
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`
}

function bulks(words: readonly (string | number)[]): string {
  let text = ''
  for (const word of words) text += bulk(word)
  return text
}

const lastingText = oncePer(bulks)

const isUnknownScript = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('NOSCRIPT')

const NO_KEYS: readonly string[] = []
