// Passkeys in the browser: it makes and uses them; we carry questions and answers. Loaded when somebody presses the button.

import { api, ask, idempotencyKey, type Schemas } from "@/api/client";

type Offer = Schemas["PasskeyOfferOut"];
type Answer = Schemas["PasskeyAnswerIn"];

/** The device gave no passkey: its owner closed the window, it has none for us, or the browser knows none. */
export class PasskeyFailed extends Error {
  override name = "PasskeyFailed";
}

const able = (): boolean => "PublicKeyCredential" in window && "parseRequestOptionsFromJSON" in PublicKeyCredential;

function answerOf(offer: Offer, credential: Credential | null): Answer {
  if (!(credential instanceof PublicKeyCredential)) throw new PasskeyFailed("none");
  return { challenge_id: offer.challenge_id, credential: credential.toJSON() as Answer["credential"] };
}

async function asked(work: () => Promise<Credential | null>, offer: Offer): Promise<Answer> {
  if (!able()) throw new PasskeyFailed("unable");
  try {
    return answerOf(offer, await work());
  } catch (cause) {
    throw cause instanceof PasskeyFailed ? cause : new PasskeyFailed(String(cause));
  }
}

const answered = (offer: Offer): Promise<Answer> => asked(() => navigator.credentials.get({
  publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(offer.options as unknown as PublicKeyCredentialRequestOptionsJSON),
}), offer);

export async function register(offer: Offer, name: string): Promise<Schemas["NewPasskeyOut"]> {
  const made = await asked(() => navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(offer.options as unknown as PublicKeyCredentialCreationOptionsJSON),
  }), offer);
  return await ask(api.POST("/v1/mfa/passkeys/confirm", { body: { ...made, name } }));
}

export async function login(): Promise<Schemas["LoginOut"]> {
  const offer = await ask(api.POST("/v1/sessions/passkey-offers"));
  const body = await answered(offer);
  return await ask(api.POST("/v1/sessions/passkey", { body, params: { header: { "Idempotency-Key": idempotencyKey() } } }));
}

export async function stepUp(): Promise<void> {
  const offer = await ask(api.POST("/v1/step-up/passkey"));
  await ask(api.POST("/v1/step-up", { body: { passkey: await answered(offer) } }));
}
