/** A reason not to start that the person at the terminal can do something about; shown without a stack. */
export class StartFault extends Error {
  override name = 'StartFault';
}
