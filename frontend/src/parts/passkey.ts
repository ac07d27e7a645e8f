import { csrf, one, say, take } from "./dom";

type Json = Record<string, unknown>;
type Bytes = Uint8Array<ArrayBuffer>;

/** `form[data-passkey="make"|"enter"]`: asks the browser for a passkey, puts its answer into the form and sends it. */
export function passkeys(root: ParentNode): void {
  for (const form of take<HTMLFormElement>(root, "form[data-passkey]", "passkey")) {
    form.hidden = !window.PublicKeyCredential;
    if (form.hidden) continue;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      void answer(form).then(
        () => form.submit(),
        () => complain(form),
      );
    });
  }
}

async function answer(form: HTMLFormElement): Promise<void> {
  const { header, token } = csrf();
  const headers: Record<string, string> = token ? { [header]: token } : {};
  const asked = await fetch(form.dataset.options ?? "", { method: "POST", headers });
  if (!asked.ok) throw new Error(String(asked.status));
  const { id, options } = (await asked.json()) as { id: string; options: Json };
  const credential = form.dataset.passkey === "make" ? await make(options) : await enter(options);
  field(form, "challenge").value = id;
  field(form, "credential").value = JSON.stringify(credential);
}

async function make(options: Json): Promise<Json> {
  const user = options.user as Json;
  const known = (options.excludeCredentials ?? []) as Json[];
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...user, id: bytes(user.id) },
    excludeCredentials: known.map((key) => ({ ...key, id: bytes(key.id) })),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    ...named(made),
    response: { clientDataJSON: text(response.clientDataJSON), attestationObject: text(response.attestationObject) },
  };
}

async function enter(options: Json): Promise<Json> {
  const publicKey = { ...options, challenge: bytes(options.challenge) } as unknown as PublicKeyCredentialRequestOptions;
  const shown = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const response = shown.response as AuthenticatorAssertionResponse;
  return {
    ...named(shown),
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: response.userHandle ? text(response.userHandle) : null,
    },
  };
}

function named(credential: PublicKeyCredential): Json {
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, clientExtensionResults: {} };
}

function field(form: HTMLFormElement, name: string): HTMLInputElement {
  return form.elements.namedItem(name) as HTMLInputElement;
}

function complain(form: HTMLFormElement): void {
  const place = one<HTMLElement>(form, "[data-passkey-error]");
  if (!place) return;
  place.textContent = say(form, "failed");
  place.hidden = false;
}

/** WebAuthn speaks base64url without padding. */
function bytes(value: unknown): Bytes {
  const plain = String(value).replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(plain), (letter) => letter.charCodeAt(0)) as Bytes;
}

function text(buffer: ArrayBuffer): string {
  const letters = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
