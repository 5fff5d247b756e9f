import { startService } from '../../../src/dev/processes/service-process.ts'
import type { Served } from './mcp-world.ts'

/** An MCP server as a process of its own, by the same command as in production; `onEnd` hears its exit code. */
export async function servedProcess(
  env: Record<string, string>,
  onEnd: (exitCode: number | null) => void = () => undefined,
): Promise<Served> {
  const process = await startService('mcp', env)
  return {
    url: `http://127.0.0.1:${env['MCP_PORT'] ?? ''}`,
    internalUrl: `http://127.0.0.1:${env['MCP_INTERNAL_PORT'] ?? ''}`,
    ...{ reloadKeys: () => Promise.resolve(), reloadPolicy: () => Promise.resolve() },
    close: async () => onEnd(await process.stop()),
  }
}
