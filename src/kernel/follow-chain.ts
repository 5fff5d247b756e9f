import { BrokenChain } from './broken-chain.ts'
import { type ChainTip, checkLine, checkSkip, readSkip } from './chain-link.ts'
import type { ChainedFileOptions } from './chained-file.ts'

/** Goes one line on. @throws BrokenChain when the bytes are not the line after `tip` */
export function follow(
  tip: ChainTip,
  bytes: Buffer,
  options: Pick<ChainedFileOptions, 'path' | 'onLine' | 'mayBeCompacted'>,
): ChainTip {
  const skip = options.mayBeCompacted === true ? readSkip(bytes) : null
  const checked = skip === null ? checkLine(tip, bytes) : checkSkip(tip, skip)
  if ('wrong' in checked) throw new BrokenChain(options.path, tip.n + 1, checked.wrong)
  const { hash } = checked
  const n = skip?.n ?? tip.n + 1
  options.onLine?.(skip ?? { n, text: bytes.toString('utf8'), hash })
  return { n, hash }
}
