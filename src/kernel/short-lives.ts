import { setFlagsFromString } from 'node:v8'

/**
 * Keeps what a request makes in the young generation of V8's heap. While a server starts, that generation is small and
 * most of what is in it belongs to requests under way; V8 takes such objects for long-lived, and from then on allocates
 * their like in the old generation. There they are garbage at once, keep younger garbage alive, and wait for a full
 * collection: a sixth of all that was allocated, and an eighth of the processor. Our requests leave nothing behind, so the
 * guess is wrong whenever it is made. Called once by each server as it starts; the flag is one of V8's own.
 */
export function expectShortLives(): void {
  setFlagsFromString('--no-allocation-site-pretenuring')
}
