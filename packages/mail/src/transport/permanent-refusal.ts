/** The receiver refuses this mail, and will refuse it again. */
export class PermanentRefusal extends Error {
  override name = 'PermanentRefusal';
}
