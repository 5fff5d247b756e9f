import { parseArgs, type ParseArgsConfig } from 'node:util'

/** Options and operands of a command line; `null` for an option that it does not know, or one without its value. */
export function readOptions<Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> | null {
  try {
    return parseArgs(config)
  } catch {
    // The usage says which options there are.
    return null
  }
}
