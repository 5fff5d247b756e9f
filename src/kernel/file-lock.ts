import { link, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

/** Another live process has the file. */
export class FileInUse extends Error {
  override readonly name = 'FileInUse'
}

const heldHere = new Set<string>()

/**
 * Takes a file for this process alone by a `<file>.lock` beside it. The lock of a dead process is taken over: it names
 * process id and start time. Processes that cannot see each other (two containers on one volume) are not kept apart.
 *
 * @returns the way to release it
 * @throws FileInUse
 */
export async function lockFile(file: string): Promise<() => Promise<void>> {
  const lock = `${resolve(file)}.lock`
  if (heldHere.has(lock)) throw new FileInUse(`${file} is already open in this process`)
  heldHere.add(lock)
  try {
    await claim(lock, file)
  } catch (error) {
    heldHere.delete(lock)
    throw error
  }
  return async () => {
    heldHere.delete(lock)
    await rm(lock, { force: true })
  }
}

async function claim(lock: string, file: string): Promise<void> {
  // Linked into place, so that nobody ever reads a lock without its content.
  const scratch = await mkdtemp(join(dirname(lock), '.lock-'))
  try {
    const mine = join(scratch, 'lock')
    await writeFile(mine, `${process.pid} ${await startOf(process.pid)}`, { mode: 0o600 })
    if (await linked(mine, lock)) return
    const owner = await readOwner(lock)
    if (owner !== null) throw new FileInUse(`${file} is in use by process ${owner}`)
    await rm(lock, { force: true })
    if (!(await linked(mine, lock))) throw new FileInUse(`${file} is in use`)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Process id of the lock's owner, or `null` when that process is gone. */
async function readOwner(lock: string): Promise<number | null> {
  const [pid = '', start = ''] = (await readOrEmpty(lock)).split(' ')
  const owner = Number(pid)
  if (!Number.isInteger(owner) || owner <= 0 || !isAlive(owner)) return null
  return (await startOf(owner)) === start ? owner : null
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** Start time of a process (field 22 of `/proc/<pid>/stat`); empty where there is no such file. */
async function startOf(pid: number): Promise<string> {
  const stat = await readOrEmpty(`/proc/${pid}/stat`)
  // The second field is the command in brackets and may itself hold spaces and brackets.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return ''
    throw error
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
