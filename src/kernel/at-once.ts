/**
 * Goes on with a value at once where it is there already. An `await` of it would cost a promise and a turn of the queue
 * of microtasks, at every layer that a call comes through.
 */
export const atOnce = <Value, Next>(
  value: Value | Promise<Value>,
  goOn: (value: Value) => Next | Promise<Next>,
): Next | Promise<Next> => (value instanceof Promise ? value.then(goOn) : goOn(value))
