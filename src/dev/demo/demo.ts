import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStack, type Stack } from '../processes/stack.ts'
import { DemoFailed, Narrator } from './narrator.ts'
import { connectStep, type Connected } from './connect-step.ts'
import { auditStep, forgeryStep, revocationStep, rotationStep } from './security-steps.ts'
import { listStep, queryStep } from './tool-steps.ts'

/** Walks the whole path without a browser, portal and MCP server as two processes. Returns the exit code. */
export async function runDemo(print: (line: string) => void): Promise<number> {
  const narrator = new Narrator(print)
  const dataDir = await mkdtemp(join(tmpdir(), 'maximo-mcp-demo-'))
  let stack: Stack | null = null
  try {
    narrator.step('Start: keys, stand-in for Clerk, Maximo simulator, MCP server and portal as two processes')
    stack = await startStack({ dataDir })
    narrator.saw(`portal ${stack.portalUrl} (process ${stack.services.portal.pid})`)
    narrator.saw(`MCP server ${stack.mcpUrl}/mcp (process ${stack.services.mcp.pid})`)
    await walk(stack, narrator)
    await stack.close()
    await auditStep(dataDir, narrator)
    print('\nThe whole path held.')
    return 0
  } catch (error) {
    print(
      `\n${error instanceof DemoFailed ? error.message : String(error instanceof Error ? error.stack : error)}`,
    )
    if (stack !== null) await stack.close()
    return 1
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function walk(stack: Stack, narrator: Narrator): Promise<void> {
  const connected: Connected = await connectStep(stack, narrator)
  await listStep(connected, narrator)
  await queryStep(stack, connected, narrator)
  await forgeryStep(stack, narrator)
  await rotationStep(stack, connected, narrator)
  await revocationStep(stack, connected, narrator)
}
