import type { Metrics } from '@lyceum/service';

export interface MailMetrics {
  sent(template: string): void;
  failed(template: string): void;
  postponed(): void;
  waiting(count: number): void;
}

export function createMailMetrics(metrics: Metrics | undefined): MailMetrics {
  if (metrics === undefined) {
    const nothing = () => undefined;
    return { sent: nothing, failed: nothing, postponed: nothing, waiting: nothing };
  }
  const ended = metrics.counter({
    name: 'lyceum_mails_total',
    help: 'Mails that were sent, or never will be',
    labelNames: ['template', 'state'],
  });
  const postponed = metrics.counter({
    name: 'lyceum_mail_postponements_total',
    help: 'Attempts to send a mail that failed and will be repeated',
  });
  const waiting = metrics.gauge({ name: 'lyceum_mails_waiting', help: 'Mails that are not sent yet' });
  return {
    sent: (template) => {
      ended.inc({ template, state: 'sent' });
    },
    failed: (template) => {
      ended.inc({ template, state: 'failed' });
    },
    postponed: () => {
      postponed.inc();
    },
    waiting: (count) => {
      waiting.set(count);
    },
  };
}
