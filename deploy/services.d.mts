export declare const services: Record<
  'identity' | 'catalog' | 'learning' | 'assessment' | 'records' | 'gateway' | 'lrs-receive' | 'lrs-ingest',
  { readonly main: string; readonly port: number }
>;
