import type { Log } from '../kernel/log.ts'
import type { Audit } from './audit.ts'

/** Reads the keys again and writes whether they are in force; the old ones stay where they are not. */
export async function reloadRecorded(
  reload: () => Promise<boolean>,
  {
    audit,
    instance,
    log,
  }: { readonly audit: Pick<Audit, 'write'>; readonly instance: string; readonly log: Log },
): Promise<void> {
  const isLoaded = await reload()
  try {
    await audit.write({
      ...{ eventType: 'keys.reloaded', operation: 'reload_keys', principal: instance, authMethod: null },
      ...{ resource: 'keys', action: null, responseCode: null, sourceIP: null, correlationId: null },
      ...(isLoaded ? { outcome: 'success' } : { outcome: 'failed', reason: 'folder_unusable' }),
    })
  } catch (error) {
    log.error({ err: error }, 'audit: cannot write')
  }
}
