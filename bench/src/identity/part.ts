import { round } from '../report/report.ts';

/** One measurement beside its bare limit and what was promised for it. */
export interface Finding {
  /** Its name among the figures, with its unit at the end: `login.perSecond`. */
  readonly name: string;
  /** For people. */
  readonly what: string;
  readonly measured: number;
  readonly bare?: number;
  /** Of what is better when it is more, as a rate, the ratio is turned round: 1 is as good as bare. */
  readonly moreIsBetter?: boolean;
  /** What was promised, as people read it. */
  readonly target?: string;
}

const ofBare = ({ measured, bare = NaN, moreIsBetter = false }: Finding): number =>
  round(moreIsBetter ? measured / bare : bare / measured);

export function tableRow(finding: Finding): object {
  const { what, measured, bare, target = '' } = finding;
  const beside = bare === undefined ? {} : { bare: round(bare), 'of bare': ofBare(finding) };
  return { what, measured: round(measured), ...beside, target };
}

export function figuresOf(findings: readonly Finding[]): Record<string, number> {
  return Object.fromEntries(
    findings.flatMap(({ name, measured, bare }) => [
      [name, round(measured)] as const,
      ...(bare === undefined ? [] : [[`bare.${name}`, round(bare)] as const]),
    ]),
  );
}

/** `ofBare` of each that has a bare limit, by its name without the unit. */
export function ratiosOf(findings: readonly Finding[]): Record<string, number> {
  return Object.fromEntries(
    findings
      .filter(({ bare }) => bare !== undefined)
      .map((finding) => [`${finding.name.replace(/\.[^.]+$/, '')}.ofBare`, ofBare(finding)]),
  );
}
