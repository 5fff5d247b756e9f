import { loadPortalKeys, type PortalKeys } from '../crypto/keys/key-ring.ts'
import type { Log } from '../kernel/log.ts'

/** The keys as last loaded: whoever holds this sees a rotation without being told. */
export class CurrentKeys implements PortalKeys {
  readonly #folder: string
  readonly #log: Log
  #keys: PortalKeys

  private constructor(folder: string, log: Log, keys: PortalKeys) {
    this.#folder = folder
    this.#log = log
    this.#keys = keys
    this.#tell()
  }

  /** @throws KeyFault: the process must not start */
  static async load(folder: string, log: Log): Promise<CurrentKeys> {
    return new CurrentKeys(folder, log, await loadPortalKeys(folder))
  }

  /** Reads the folder again. A folder that does not hold up changes nothing: the old keys stay, and it is `false`. */
  async reload(): Promise<boolean> {
    try {
      this.#keys = await loadPortalKeys(this.#folder)
      this.#tell()
      return true
    } catch (error) {
      this.#log.error({ err: error, event: 'keys.not_reloaded' })
      return false
    }
  }

  #tell(): void {
    const keys = this.infos.map(({ kid, purpose, state }) => `${purpose} ${kid} ${state}`)
    this.#log.info({ event: 'keys.loaded', keys })
  }

  get tokenEncryption(): PortalKeys['tokenEncryption'] {
    return this.#keys.tokenEncryption
  }
  get tokenSigning(): PortalKeys['tokenSigning'] {
    return this.#keys.tokenSigning
  }
  get internalSigning(): PortalKeys['internalSigning'] {
    return this.#keys.internalSigning
  }
  get code(): PortalKeys['code'] {
    return this.#keys.code
  }
  get preTag(): PortalKeys['preTag'] {
    return this.#keys.preTag
  }
  get local(): PortalKeys['local'] {
    return this.#keys.local
  }
  get auditHead(): PortalKeys['auditHead'] {
    return this.#keys.auditHead
  }
  get publicJwks(): PortalKeys['publicJwks'] {
    return this.#keys.publicJwks
  }
  get peer(): PortalKeys['peer'] {
    return this.#keys.peer
  }
  get infos(): PortalKeys['infos'] {
    return this.#keys.infos
  }
}
