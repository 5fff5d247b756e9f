/** Where something stands in a list. */
export interface Link<T> {
  readonly item: T
}

interface Place<T> extends Link<T> {
  before: Place<T> | null
  after: Place<T> | null
}

/**
 * What comes and goes with every call, in the order in which it came. A `Map` or a `Set` that is used so wears out one
 * table after the other, and V8 lets each point at the next for the sake of iterators. Once a full collection has moved one
 * of them out of the young generation, that dead table keeps all later ones, and all calls that ever stood in them, until
 * the next full collection: each is copied twice and moved out as well. Here what has left points at nothing.
 */
export class LinkedList<T> {
  #first: Place<T> | null = null
  #last: Place<T> | null = null
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Behind all others. */
  add(item: T): Link<T> {
    const place: Place<T> = { item, before: this.#last, after: null }
    if (this.#last === null) this.#first = place
    else this.#last.after = place
    this.#last = place
    this.#size += 1
    return place
  }

  /** @returns whether it still stood in this list, which is the only one that its link may be given to */
  remove(link: Link<T>): boolean {
    const place = link as Place<T>
    if (place.before === null && this.#first !== place) return false
    if (place.before === null) this.#first = place.after
    else place.before.after = place.after
    if (place.after === null) this.#last = place.before
    else place.after.before = place.before
    place.before = place.after = null
    this.#size -= 1
    return true
  }

  /** The one that is looked at may be removed meanwhile; no other. */
  *[Symbol.iterator](): Generator<Link<T>> {
    let place = this.#first
    while (place !== null) {
      const { after } = place
      yield place
      place = after
    }
  }
}
