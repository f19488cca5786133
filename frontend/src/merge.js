// Two people have changed the same draft: what only one has touched is taken as it is, what both
// have touched is laid side by side, element by element. Works on the XML, where every element has
// its own id; what is inside another element is an element of its own.

const BPMN = 'http://www.omg.org/spec/BPMN/20100524/MODEL';
const HOLDERS = /^(definitions|process|subProcess|transaction|adHocSubProcess|laneSet|collaboration|BPMNDiagram|BPMNPlane)$/;
const REFERENCES = /^(incoming|outgoing|flowNodeRef)$/; // remade from the flows and the lanes

/** The three put together; asks in `dialog` where both have changed the same element. */
export async function merge(dialog, { base, mine, theirs, by }) {
  const [before, ours, others] = [base, mine, theirs].map(index);
  const ids = new Set([...ours.keys(), ...others.keys(), ...before.keys()]);
  const taken = new Map(); // id -> 'mine' where ours stands
  const both = [];
  for (const id of ids) {
    const [was, here, there] = [before, ours, others].map((all) => all.get(id)?.said ?? '');
    if (here === there || here === was) continue;
    if (there === was) taken.set(id, 'mine');
    else both.push(id);
  }
  if (both.length) {
    for (const [id, choice] of await choose(dialog, both, ours, others, by)) taken.set(id, choice);
  }
  return put(others, ours, [...taken].filter(([, choice]) => choice === 'mine').map(([id]) => id));
}

/** The elements of a diagram by id, each with all it says itself, as text. */
function index(xml) {
  const document = new DOMParser().parseFromString(xml, 'application/xml');
  const found = new Map();
  for (const element of document.querySelectorAll('[id]')) {
    if (isInside(element)) continue;
    found.set(element.id, { element, said: said(element) });
  }
  return Object.assign(found, { document });
}

/** Whether it is a part of another element rather than one of its own: a timer of an event. */
function isInside(element) {
  const parent = element.parentNode;
  return parent.nodeType === 1 && !HOLDERS.test(parent.localName);
}

function said(element) {
  const parts = [...element.attributes].map(({ name, value }) => `${name}=${value}`).sort();
  for (const child of element.children) {
    if (REFERENCES.test(child.localName) || (child.id && !isInside(child))) continue;
    parts.push(`${child.localName}(${said(child)})`);
  }
  if (!element.children.length && element.textContent.trim()) parts.push(element.textContent.trim());
  return parts.join('\n');
}

function choose(dialog, ids, ours, others, by) {
  const list = dialog.querySelector('[data-list]');
  const row = dialog.querySelector('template').content.firstElementChild;
  dialog.querySelector('[data-by]').textContent = by ?? '';
  list.replaceChildren(...ids.map((id) => {
    const one = row.cloneNode(true);
    const shown = ours.get(id)?.element ?? others.get(id).element;
    const drawn = shown.getAttribute('bpmnElement');
    const named = drawn ? (ours.get(drawn) ?? others.get(drawn))?.element : shown;
    const what = named?.getAttribute('name') || named?.id || id;
    one.querySelector('[data-name]').textContent = drawn ? `${what} ${one.dataset.place}` : what;
    const both = [ours, others].map((all) => told(all.get(id)?.element));
    for (const [place, side] of ['mine', 'theirs'].entries()) {
      const differs = both[place].filter((line) => !both[1 - place].includes(line)).join('\n');
      const gone = (place ? others : ours).has(id) ? '–' : one.dataset.gone;
      one.querySelector(`[data-text=${side}]`).textContent = drawn ? '' : differs || gone;
      const radio = one.querySelector(`input[value=${side}]`);
      radio.name = `merge-${id}`;
      radio.checked = side === 'mine';
    }
    return one;
  }));
  dialog.addEventListener('cancel', (event) => event.preventDefault(), { once: true });
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener('close', () => {
      done(ids.map((id) => [id, list.querySelector(`[name="${CSS.escape(`merge-${id}`)}"]:checked`).value]));
    }, { once: true });
  });
}

/** What an element says, line by line, without what only the machine reads. */
function told(element) {
  if (!element) return [];
  const own = [...element.attributes].filter(({ name }) => !/^(id|xmlns|sourceRef|targetRef)/.test(name));
  const lines = own.map(({ name, value }) => `${name.replace('arshjul:', '')}: ${value}`);
  for (const child of element.children) {
    if (REFERENCES.test(child.localName) || (child.id && !isInside(child))) continue;
    const texts = child.children.length ? [...child.children] : [child];
    lines.push(...texts.map((one) => one.textContent.trim().replace(/\s+/g, ' ')).filter(Boolean));
  }
  return lines;
}

/** Their diagram with the elements `ids` as they are in ours. */
function put(others, ours, ids) {
  const { document } = others;
  for (const id of ids) {
    const [here, there] = [ours.get(id)?.element, others.get(id)?.element];
    if (here && there) replace(there, document.importNode(here, true));
    else if (there) there.remove();
    else if (!others.get(here.parentNode.id) && !HOLDERS.test(here.parentNode.localName)) continue;
    else {
      const parent = document.getElementById(here.parentNode.id) ?? find(document, here.parentNode.id) ?? document.documentElement;
      const added = document.importNode(here, true);
      for (const inner of [...added.querySelectorAll('[id]')]) if (find(document, inner.id)) inner.remove();
      if (!find(document, id)) parent.append(added);
    }
  }
  repair(document);
  return new XMLSerializer().serializeToString(document);
}

const find = (document, id) => document.querySelector(`[id="${CSS.escape(id)}"]`);

/** Ours in the place of theirs, but with the elements that lie in theirs. */
function replace(there, here) {
  for (const child of [...here.children]) if (child.id && HOLDERS.test(here.localName)) child.remove();
  for (const child of [...there.children]) if (child.id && HOLDERS.test(there.localName)) here.append(child);
  there.replaceWith(here);
}

/** Take away what leads nowhere, and write anew what follows from the flows. */
function repair(document) {
  const all = new Set([...document.querySelectorAll('[id]')].map(({ id }) => id));
  for (const flow of [...document.getElementsByTagNameNS(BPMN, 'sequenceFlow')]) {
    if (!all.has(flow.getAttribute('sourceRef')) || !all.has(flow.getAttribute('targetRef'))) {
      all.delete(flow.id);
      flow.remove();
    }
  }
  for (const drawn of [...document.querySelectorAll('[bpmnElement]')]) {
    if (!all.has(drawn.getAttribute('bpmnElement')) && drawn.localName !== 'BPMNPlane') drawn.remove();
  }
  for (const name of ['incoming', 'outgoing']) {
    for (const one of [...document.getElementsByTagNameNS(BPMN, name)]) one.remove();
  }
  for (const flow of document.getElementsByTagNameNS(BPMN, 'sequenceFlow')) {
    for (const [name, end] of [['outgoing', 'sourceRef'], ['incoming', 'targetRef']]) {
      const reference = document.createElementNS(BPMN, `bpmn:${name}`);
      reference.textContent = flow.id;
      find(document, flow.getAttribute(end)).append(reference);
    }
  }
  for (const reference of [...document.getElementsByTagNameNS(BPMN, 'flowNodeRef')]) {
    if (!all.has(reference.textContent.trim())) reference.remove();
  }
}
