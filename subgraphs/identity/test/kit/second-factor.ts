import { Secret, TOTP } from 'otpauth';
import type { GraphQLClient } from '@lyceum/testing';
import type { Tokens } from './identity.ts';

// What a person does with an authenticator app, as a client of the graph.

export interface Refusal {
  readonly field: string[] | null;
  readonly code: string;
}

/** What an authenticator app shows, `steps` half minutes from now. */
export const codeOf = (secret: string, steps = 0): string =>
  TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: Date.now() + steps * 30_000 });

/** Six digits that no app shows now. */
export function wrongCode(secret: string): string {
  const right = [-2, -1, 0, 1, 2].map((steps) => codeOf(secret, steps));
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !right.includes(code))!;
}

export async function beginTotp(client: GraphQLClient, currentPassword: string) {
  const { data } = await client<{
    totpEnrolBegin: { enrolment: { uri: string; secret: string } | null; userErrors: Refusal[] };
  }>(
    `mutation ($input: TotpEnrolBeginInput!) {
      totpEnrolBegin(input: $input) { enrolment { uri secret } userErrors { field code } }
    }`,
    { input: { currentPassword } },
  );
  return data.totpEnrolBegin;
}

export async function confirmTotp(client: GraphQLClient, code: string) {
  const { data } = await client<{
    totpEnrolConfirm: { recoveryCodes: string[] | null; userErrors: Refusal[] };
  }>(
    `mutation ($input: TotpEnrolConfirmInput!) {
      totpEnrolConfirm(input: $input) { recoveryCodes userErrors { field code } }
    }`,
    { input: { code } },
  );
  return data.totpEnrolConfirm;
}

/** Sets an authenticator app up. The code of the next half minute is good for a login after it. */
export async function setUpTotp(client: GraphQLClient, password: string) {
  const { enrolment } = await beginTotp(client, password);
  const { recoveryCodes } = await confirmTotp(client, codeOf(enrolment!.secret));
  return { secret: enrolment!.secret, recoveryCodes: recoveryCodes! };
}

export interface Challenge {
  readonly token: string;
  readonly kind: string;
  readonly methods: string[];
  readonly expiresAt: string;
  readonly passkeyOptions: { challenge: string; allowCredentials: { id: string }[] } | null;
}

/** What a password gives. */
export async function begin(visitor: GraphQLClient, input: { email: string; password: string }) {
  const { data } = await visitor<{
    sessionCreate: { tokens: Tokens | null; challenge: Challenge | null; userErrors: Refusal[] };
  }>(
    `mutation ($input: SessionCreateInput!) {
      sessionCreate(input: $input) {
        tokens { accessToken refreshToken expiresAt }
        challenge { token kind methods expiresAt passkeyOptions }
        userErrors { field code }
      }
    }`,
    { input },
  );
  return data.sessionCreate;
}

export interface Answered {
  readonly tokens: Tokens | null;
  readonly recoveryCodes: string[] | null;
  readonly userErrors: Refusal[];
}

export async function answer(
  visitor: GraphQLClient,
  challenge: string,
  proof: { totp?: string; recoveryCode?: string; passkey?: unknown },
): Promise<Answered> {
  const { data } = await visitor<{ sessionChallengeAnswer: Answered }>(
    `mutation ($input: SessionChallengeAnswerInput!) {
      sessionChallengeAnswer(input: $input) {
        tokens { accessToken refreshToken expiresAt } recoveryCodes userErrors { field code }
      }
    }`,
    { input: { challenge, ...proof } },
  );
  return data.sessionChallengeAnswer;
}

export const refused = (field: string, code = 'CREDENTIALS_REFUSED') => [{ field: ['input', field], code }];
