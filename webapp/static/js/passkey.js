// Asks the device for a passkey and sends its answer as an ordinary form.
// The forms are hidden until we know that the browser can.

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) offer(form);
  for (const section of document.querySelectorAll("[data-passkey-section]")) section.hidden = false;
}

function offer(form) {
  const status = form.querySelector("[data-passkey-status]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    status.textContent = "";
    try {
      form.elements.credential.value = JSON.stringify(await asked(form));
      form.submit();
    } catch {
      status.textContent = status.dataset.failed;
    }
  });
}

async function asked(form) {
  const options = JSON.parse(form.dataset.options);
  options.challenge = bytes(options.challenge);
  for (const each of options.excludeCredentials ?? []) each.id = bytes(each.id);
  for (const each of options.allowCredentials ?? []) each.id = bytes(each.id);
  if (form.dataset.passkey === "show") {
    return told(await navigator.credentials.get({ publicKey: options }));
  }
  options.user.id = bytes(options.user.id);
  return told(await navigator.credentials.create({ publicKey: options }));
}

function told(credential) {
  const { response } = credential;
  const answer = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) answer[name] = text(response[name]);
  }
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response: answer };
}

function bytes(base64url) {
  const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
