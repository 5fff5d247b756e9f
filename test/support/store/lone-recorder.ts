import { openSharedRecorder, type SharedRecorderOptions } from '../../../src/kernel/peers/shared-recorder.ts'

type Needed = 'journal' | 'store' | 'clock' | 'log' | 'writesOf'

/** The recorder of a server that has no others, which therefore has one mark and one reason. */
export type LoneRecorder = Awaited<ReturnType<typeof openLoneRecorder>>

export async function openLoneRecorder(
  options: Pick<SharedRecorderOptions, Needed> & Partial<Pick<SharedRecorderOptions, 'fold'>>,
) {
  const shared = await openSharedRecorder({
    fold: () => undefined,
    ...options,
    check: () => undefined,
    ...{ copies: [], peers: [] },
  })
  return {
    record: shared.record.bind(shared),
    primed: shared.primed.bind(shared),
    readProjected: shared.readProjected.bind(shared),
    prime: shared.prime.bind(shared),
    onPrimed: shared.onPrimed.bind(shared),
    close: shared.close.bind(shared),
    unprimedReason: (): string | null => shared.unprimedReasons()[0] ?? null,
    requiredMark: (): number => shared.requiredMarks()[0]?.atLeast ?? Number.NaN,
  }
}
