/** Marks a request as made by hand, and meant to be wrong where it is: the rules of the wire are for the product's own. */
export const PROBE = { 'x-simulator-probe': '1' }
