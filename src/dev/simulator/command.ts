export interface CommandOutput {
  readonly write: (line: string) => void
}

/**
 * `maximo-mcp simulate [--port n] [--host h] [--data dir]`: prints `apikey <account> <key>` per account, then a line
 * starting `ready`, and serves until the returned handle is closed.
 */
export function runSimulate(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  out: CommandOutput,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  out.write(`not built yet ${args.length} ${Object.keys(env).length}`)
  return Promise.reject(new Error('not built yet'))
}
