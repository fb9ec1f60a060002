/** Why single sign-on did not log anybody in, as the return address is told by `#error=`. */
export type SignOnFault =
  /** The provider said no: the person cancelled, or may not. */
  | 'provider_refused'
  /** It cannot be reached. */
  | 'provider_unavailable'
  /** What it said is not valid, or not for this login. */
  | 'sign_on_failed'
  /** It has not verified the address. */
  | 'email_unverified'
  /** The address is in none of the provider's domains. */
  | 'domain_not_allowed'
  /** Somebody has the address here: who it is logs in and adds the provider (`signOnLinkBegin`). */
  | 'link_needed'
  /** The organisation's plan has room for no more people. */
  | 'plan_limit'
  /** The person was taken out of the organisation, or is kept out of it. */
  | 'membership_ended';

/** An expected failure of single sign-on. */
export class SignOnError extends Error {
  override name = 'SignOnError';
  readonly fault: SignOnFault;

  constructor(fault: SignOnFault, cause?: unknown) {
    super(fault, { cause });
    this.fault = fault;
  }
}
