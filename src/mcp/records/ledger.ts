import { KeptDetections } from '../../audit/detection/kept-detections.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Range } from '../../kernel/store/contract.ts'
import { Changes } from './changes.ts'
import { Credentials, type Owned, type SavedCredential } from './credentials.ts'
import type { McpRecord, RecordData } from './entries.ts'
import { recordKeys } from './keys.ts'
import { markKeyOf } from './projection.ts'

export type Grant = RecordData<'grant.attested'>
export type GrantUse = RecordData<'grant.used'>

/** By what a grant can be ended together with others. */
interface Over {
  readonly sub: string
  readonly cid: string
  readonly env: string
}

/**
 * What the journals say, held in memory: one fold over every record. Those of several servers may come in any order that
 * keeps each server's own: the outcome is the same, and what ends something wins. It decides nothing about a call (the store does);
 * it answers what the store need not know: the owner's grants, the credentials, the plans, who owns an environment.
 */
export class Ledger {
  readonly #clock: Clock
  readonly #grants = new Map<string, Grant>()
  readonly #grantsOfUser = new Map<string, Set<string>>()
  readonly #grantsOfMachine = new Map<string, Set<string>>()
  readonly #endedGrants = new Set<string>()
  readonly #endedTokens = new Set<string>()
  /** Ends that came earlier than the grant's own, in seconds. */
  readonly #limits = new Map<string, number>()
  readonly #marks = new Map<string, number>()
  #highestKeyMark = 0
  readonly #windows: Range[] = []
  #latestAttested = 0
  readonly #allowed = new Map<string, RecordData<'allow.added'>>()
  readonly #uses = new Map<string, GrantUse>()
  readonly #plans = new Map<string, RecordData<'plan.recorded'>>()
  readonly #caps = new Map<string, RecordData<'plan.capped'>>()
  /** Of every environment that the servers made. */
  readonly credentials: Credentials
  /** Changes of Maximo that the servers began. */
  readonly changes: Changes
  /** What the servers noticed, by the owners whom it concerns. */
  readonly detections: KeptDetections

  constructor(clock: Clock) {
    this.#clock = clock
    this.changes = new Changes(clock)
    this.credentials = new Credentials(clock)
    this.detections = new KeptDetections(clock)
  }

  /** @param isOurs whether this server wrote it, and not another one */
  apply(record: McpRecord, isOurs = true): void {
    switch (record.type) {
      case 'grant.attested':
        this.#addGrant(record.data)
        return
      case 'allow.added':
        if (!this.#endedTokens.has(record.data.jti)) this.#allowed.set(record.data.jti, record.data)
        return
      case 'grant.limited':
        this.#limitGrant(record.data)
        return
      case 'grant.used':
        keepLatest(this.#uses, record.data.gid, record.data, ({ atMs }) => atMs)
        return
      case 'revocation.made':
        this.#revoke(record.data)
        return
      case 'plan.recorded':
        keepLatest(this.#plans, record.data.sub, record.data, ({ iatS }) => iatS)
        return
      case 'plan.capped':
        keepLatest(this.#caps, record.data.sub, record.data, ({ atS }) => atS)
        return
      case 'credential.saved':
        this.credentials.save(record.data, record.writtenMs)
        return
      case 'credential.confirmed':
      case 'credential.reverted':
        this.credentials.settle(record.data)
        return
      case 'environment.removed':
        this.#removeEnvironment(record.data)
        return
      case 'change.begun':
        this.changes.begin(record.data, record.writtenMs, isOurs)
        return
      case 'change.step':
        this.changes.step(record.data)
        return
      case 'change.ended':
        this.changes.end(record.data)
        return
      case 'detection.raised':
        this.detections.raise(record.data)
        return
      case 'detection.settled':
        this.detections.settle(record.data, record.writtenMs)
    }
  }

  findGrant(grantId: string): Grant | null {
    return this.#grants.get(grantId) ?? null
  }

  /** The one token of an automation grant; null when it was ended by its id, or is not known. */
  findAllowed(grantId: string): string | null {
    return [...this.#allowed.values()].find(({ gid }) => gid === grantId)?.jti ?? null
  }

  /** The last use of an automation grant that was written down; null before the first. */
  lastUse(grantId: string): GrantUse | null {
    return this.#uses.get(grantId) ?? null
  }

  /** Grants of a user that have not run out by themselves, newest first. */
  grantsOf(subject: string): readonly Grant[] {
    return [...(this.#grantsOfUser.get(subject) ?? [])]
      .map((grantId) => this.#grants.get(grantId))
      .filter((grant): grant is Grant => grant !== undefined && !this.#hasRunOut(grant))
      .sort((left, right) => right.at - left.at)
  }

  /** Whether a grant ran out, or was ended alone or with its user, client, environment or time of attestation. */
  isEnded(grant: Grant): boolean {
    if (this.#endedGrants.has(grant.gid) || this.#hasRunOut(grant)) return true
    if (this.#windows.some(([from, to]) => grant.at >= from && grant.at <= to)) return true
    return grant.at <= this.#markOver(grant)
  }

  /**
   * The time at which a new grant is attested: now, but past everything that was ended over it, so that whoever ended
   * all his connections a moment ago can make a new one. Marks of keys count whichever key they name, for the attesting
   * server does not choose the keys of the token.
   */
  attestTime(over: Over): number {
    const at = Math.max(this.#clock.nowMs(), Math.max(this.floorOver(over), this.#highestKeyMark) + 1)
    this.#latestAttested = Math.max(this.#latestAttested, at)
    return at
  }

  /**
   * The watermark of a revocation made now. It lies 5 s ahead, for grants that are attested in this moment by a server
   * whose clock is a little ahead; and never below a grant that exists, which an earlier watermark may have pushed
   * further ahead than that.
   */
  nextMark(): number {
    return Math.max(this.#clock.nowMs() + MARK_AHEAD_MS, this.#latestAttested)
  }

  /**
   * Up to when grants of this user, client and environment may have been ended: a grant that is made now lies beyond. It
   * grows with every revocation of several that could mean such a grant; 0 without one.
   */
  floorOver(over: Over): number {
    return Math.max(this.#markOver(over), ...this.#windows.map(([, to]) => to))
  }

  newestCredential(owner: Owned): SavedCredential | null {
    return this.credentials.newest(owner)
  }

  /** Owner of an environment that this server made, removed ones included; null when it does not know it. */
  ownerOf(environment: string): string | null {
    return this.credentials.ownerOf(environment)
  }

  /** Who registered a machine client; null when nobody did. */
  ownerOfClient(clientId: string): string | null {
    return this.#everyGrantOf(clientId)[0]?.sub ?? null
  }

  /** Root receipts of a machine client that have not ended. */
  machineGrants(clientId: string): readonly Grant[] {
    return this.#everyGrantOf(clientId).filter((grant) => !this.isEnded(grant))
  }

  isRemoved(environment: string): boolean {
    return this.credentials.isRemoved(environment)
  }

  findPlan(subject: string): RecordData<'plan.recorded'> | null {
    return this.#plans.get(subject) ?? null
  }

  /** What the user may have at most; null without a cap, or once Clerk signed a plan after it. */
  findCap(subject: string): RecordData<'plan.capped'> | null {
    const cap = this.#caps.get(subject)
    const signedS = this.#plans.get(subject)?.iatS ?? 0
    return cap === undefined || signedS > cap.atS ? null : cap
  }

  /** Keys that a live automation token may be made with. `keys retire` must leave them. */
  kidsInUse(): ReadonlySet<string> {
    const live = [...this.#allowed.values()].filter(({ gid }) => {
      const grant = this.#grants.get(gid)
      return grant !== undefined && !this.isEnded(grant)
    })
    return new Set(live.flatMap(({ kids, gid }) => [...kids, this.#grants.get(gid)?.kid ?? '']))
  }

  #markOver(over: Over): number {
    const keys = [
      recordKeys.userMark(over.sub),
      recordKeys.clientMark(over.cid),
      recordKeys.environmentMark(over.env),
      recordKeys.timeMark,
    ]
    return Math.max(...keys.map((key) => this.#marks.get(key) ?? 0))
  }

  #everyGrantOf(machine: string): readonly Grant[] {
    return [...(this.#grantsOfMachine.get(machine) ?? [])].flatMap((gid) => this.#grants.get(gid) ?? [])
  }

  #hasRunOut(grant: Grant): boolean {
    return grant.maxS !== null && grant.maxS * 1000 <= this.#clock.nowMs()
  }

  #addGrant(grant: Grant): void {
    this.#grants.set(grant.gid, limited(grant, this.#limits.get(grant.gid)))
    if (grant.machine !== undefined) {
      const ofMachine = this.#grantsOfMachine.get(grant.cid) ?? new Set<string>()
      this.#grantsOfMachine.set(grant.cid, ofMachine.add(grant.gid))
    }
    this.#latestAttested = Math.max(this.#latestAttested, grant.at)
    const ofUser = this.#grantsOfUser.get(grant.sub) ?? new Set<string>()
    this.#grantsOfUser.set(grant.sub, ofUser.add(grant.gid))
  }

  #limitGrant({ gid, untilS }: RecordData<'grant.limited'>): void {
    this.#limits.set(gid, Math.min(this.#limits.get(gid) ?? untilS, untilS))
    const grant = this.#grants.get(gid)
    if (grant !== undefined) this.#grants.set(gid, limited(grant, untilS))
  }

  #revoke({ target, markMs }: RecordData<'revocation.made'>): void {
    switch (target.kind) {
      case 'token':
        this.#endedTokens.add(target.rid)
        this.#allowed.delete(target.rid)
        return
      case 'grant':
        this.#endedGrants.add(target.gid)
        return
      case 'key':
        this.#highestKeyMark = Math.max(this.#highestKeyMark, markMs)
        return
      case 'window':
        this.#windows.push([target.fromMs, target.toMs])
        return
      case 'user':
      case 'client':
      case 'env':
      case 'before':
        this.#raise(markKeyOf(target), markMs)
    }
  }

  #raise(key: string, markMs: number): void {
    this.#marks.set(key, Math.max(this.#marks.get(key) ?? 0, markMs))
  }

  #removeEnvironment({ sub, env, markMs }: RecordData<'environment.removed'>): void {
    this.credentials.remove({ sub, env })
    this.#raise(recordKeys.environmentMark(env), markMs)
  }
}

const limited = (grant: Grant, untilS: number | undefined): Grant =>
  untilS === undefined ? grant : { ...grant, maxS: Math.min(grant.maxS ?? untilS, untilS) }

function keepLatest<T>(kept: Map<string, T>, key: string, value: T, timeOf: (value: T) => number): void {
  const known = kept.get(key)
  if (known === undefined || timeOf(known) <= timeOf(value)) kept.set(key, value)
}

const MARK_AHEAD_MS = 5_000
