export { mailTable } from './mail-table.ts';
export { newMail, type NewMail, type MailRow } from './new-mail.ts';
export { createMailRelay, type MailRelay, type MailRelayOptions } from './relay/mail-relay.ts';
export { createTransport, type Transport } from './transport/transport.ts';
export { mailEnvironment, mailFaults, toFiles } from './mail-environment.ts';
export { mailFolder } from './mail-folder.ts';
export { renderMail, type MailContent, type MailLink, type RenderedMail } from './render/render-mail.ts';
export { parseMail, linksIn, type ParsedMail } from './parse-mail.ts';
