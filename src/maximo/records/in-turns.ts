/** Asks a few at a time: one question of ours must not take all of an environment's places. The answers keep their order. */
export const inTurns = async <T, Answer>(
  items: readonly T[],
  ask: (item: T) => Promise<Answer>,
): Promise<readonly Answer[]> => {
  const answers: Answer[] = []
  for (let at = 0; at < items.length; at += AT_ONCE)
    answers.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(ask))))
  return answers
}

export const AT_ONCE = 4
