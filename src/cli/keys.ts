/** Where a command writes: answers for pipes, problems for people. */
export interface Out {
  line(text: string): void
  problem(text: string): void
}

/** `maximo-mcp keys init [--tls --host a,b] | status | rotate <purpose> | retire <kid> [--now]`. Returns the exit code. */
export function runKeys(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  out: Out,
): Promise<number> {
  out.problem(`not implemented: ${args.join(' ')} ${env['DATA_DIR'] ?? ''}`)
  return Promise.resolve(2)
}
