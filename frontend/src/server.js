// Asks the server of the page, as its draft.js does: whoever was signed out signs in on the spot.

export function makeAsk(editor) {
  const { base } = editor.dataset;
  let { csrf } = editor.dataset;
  let asking = null;

  const post = (path, body) => fetch(`${base}/${path}`, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRFToken': csrf },
    body: JSON.stringify(body),
  }).catch(() => null);

  async function get(path) {
    const answer = await fetch(`${base}/${path}`, { credentials: 'same-origin' }); // as the page preloads it
    if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
    return answer.json();
  }

  /** What the server says, or nothing when it says no; `whole` also gives the status of a no. */
  async function ask(path, body, whole = false) {
    let answer = await post(path, body);
    if (answer?.status === 401 && (await signIn(await answer.text()))) answer = await post(path, body);
    if (answer?.status === 400 && (await renew())) answer = await post(path, body);
    if (!answer) return null;
    const isData = answer.headers.get('Content-Type')?.startsWith('application/json');
    const said = isData ? await answer.json() : null;
    if (whole) return { status: answer.status, said };
    return answer.ok ? said : null;
  }

  /** Asked once at a time, over the page; signing in gives the page a new key. */
  async function signIn(page) {
    asking ??= import(editor.dataset.signIn).then(({ signInHere }) => signInHere(page)).then(async (isIn) => {
      asking = null;
      return isIn && renew();
    });
    return asking;
  }

  async function renew() {
    const page = await (await fetch(location.href)).text();
    const fresh = new DOMParser().parseFromString(page, 'text/html').getElementById('editor')?.dataset.csrf;
    const isNew = Boolean(fresh) && fresh !== csrf;
    csrf = fresh ?? csrf;
    return isNew;
  }

  return { get, ask };
}
