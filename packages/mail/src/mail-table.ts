/**
 * The table of mails, for a migration of the database of a service that sends some. Copy the text: a migration once
 * applied never changes.
 *
 * A mail is a row, written in the transaction of the change that it tells of. `next_attempt_at` is when it may be tried:
 * of one that is being sent, when whoever sends it must have died. What it says is deleted once it was sent, or never
 * will be: there are links in it that open accounts.
 */
export const mailTable = `
CREATE TABLE "mail" (
    "id" TEXT NOT NULL,
    "recipient" TEXT NOT NULL,
    "template" TEXT NOT NULL,
    "locale" TEXT NOT NULL,
    "subject" TEXT,
    "text" TEXT,
    "html" TEXT,
    "state" TEXT NOT NULL DEFAULT 'WAITING' CHECK ("state" IN ('WAITING', 'SENDING', 'SENT', 'FAILED')),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deliver_until" TIMESTAMPTZ(3) NOT NULL,
    "sent_at" TIMESTAMPTZ(3),
    "last_error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "mail_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "mail_due" ON "mail"("next_attempt_at") WHERE "state" IN ('WAITING', 'SENDING');
CREATE INDEX "mail_recipient_template_created_at_idx" ON "mail"("recipient", "template", "created_at");

CREATE FUNCTION notify_mail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('mail', '');
    RETURN NULL;
END
$$;

CREATE TRIGGER "mail_notify" AFTER INSERT ON "mail" FOR EACH STATEMENT EXECUTE FUNCTION notify_mail();
`;
