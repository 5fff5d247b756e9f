import { loadMcpKeys, type McpKeys } from '../crypto/keys/key-ring.ts'
import type { Log } from '../kernel/log.ts'

/** The keys as last loaded. */
export interface CurrentKeys {
  readonly get: () => McpKeys
  /** Reads the folder again. A folder that does not hold up changes nothing: the old keys stay, and it is `false`. */
  reload(): Promise<boolean>
}

/** @throws KeyFault: the process must not start */
export async function loadCurrentKeys(
  folder: string,
  { log, onChange }: { readonly log: Log; readonly onChange: () => void },
): Promise<CurrentKeys> {
  let keys = await loadMcpKeys(folder)
  logKeys(keys, log)
  return {
    get: () => keys,
    reload: async () => {
      try {
        keys = await loadMcpKeys(folder)
        onChange()
        logKeys(keys, log)
        return true
      } catch (error) {
        log.error({ err: error, event: 'keys.not_reloaded' })
        return false
      }
    },
  }
}

const logKeys = (keys: McpKeys, log: Log): void =>
  log.info({
    event: 'keys.loaded',
    keys: keys.infos.map(({ kid, purpose, state }) => `${purpose} ${kid} ${state}`),
  })
