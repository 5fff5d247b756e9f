/**
 * A write left us and no answer came back that says what became of it (reliability M12). It may have been carried out:
 * nothing here sends it again.
 */
export class AnswerLost extends Error {
  override readonly name = 'AnswerLost'

  /** @param cause a MaximoFault, or why the caller gave up */
  constructor(cause: Error) {
    super('It is not known whether Maximo carried the change out.', { cause })
  }
}
