/** True where the browser can keep passkeys: over https, and on this machine. */
export const hasPasskeys = () => typeof PublicKeyCredential !== "undefined";

/** Has the browser make a passkey; the answer is the credential's JSON. */
export async function create(options: unknown): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON);
  return json(await asked(navigator.credentials.create({ publicKey })));
}

/** Has the browser use a passkey that it has for this server. */
export async function get(options: unknown): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON);
  return json(await asked(navigator.credentials.get({ publicKey })));
}

async function asked(answer: Promise<Credential | null>): Promise<Credential> {
  const none = "No passkey was used: the browser's window was closed, or took too long. Try again.";
  try {
    const credential = await answer;
    if (credential) return credential;
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    const known = error.name === "InvalidStateError" ? "This device has a passkey for your account already." : none;
    throw new Error(known, { cause: error });
  }
  throw new Error(none);
}

const json = (credential: Credential): unknown => (credential as PublicKeyCredential).toJSON();
