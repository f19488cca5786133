// Play a case through the diagram by hand: what waits is marked in the picture and listed with
// buttons, so that it can be played by keyboard and heard. The list says what it cannot tell.

import { is } from 'bpmn-js/lib/util/ModelUtil';
import { makeRun } from './tokens.js';

export function makePlay(editor, modeler) {
  const box = editor.querySelector('[data-play]');
  const form = editor.querySelector('[data-panel]');
  const [list, told] = [box.querySelector('[data-list]'), box.querySelector('[data-told]')];
  const [canvas, registry] = [modeler.get('canvas'), modeler.get('elementRegistry')];
  let run = null;
  let marked = [];

  box.addEventListener('click', ({ target }) => {
    const button = target.closest('button');
    if (!button) return;
    if (button.dataset.go === 'stop') stop();
    else if (button.dataset.go) {
      run[button.dataset.go]();
      show(button);
    } else {
      run.take(button.deed());
      show(button);
    }
  });
  for (const name of ['commandStack.changed', 'import.done']) modeler.on(name, () => run && stop());
  return { toggle: () => (run ? stop() : begin()) };

  function begin() {
    const root = canvas.getRootElements().map(({ businessObject }) => businessObject)
      .map((one) => (is(one, 'bpmn:Collaboration') ? one.participants.find((each) => each.processRef)?.processRef : one))
      .find((one) => is(one, 'bpmn:Process'));
    if (!root) return;
    run = makeRun(root);
    [box.hidden, form.hidden] = [false, true];
    show();
    box.querySelector('h2').focus();
  }

  function stop() {
    unmark();
    run = null;
    [box.hidden, form.hidden] = [true, false];
    canvas.focus();
  }

  function show(pressed) {
    const waiting = run.waiting();
    unmark();
    for (const { id } of registry.filter(({ id }) => run.isPassed(id))) mark(id, 'was-passed');
    for (const { element } of waiting) if (!element.triggeredByEvent) mark(element.id, 'has-token');
    list.replaceChildren(...waiting.map(rowOf));
    box.querySelector('[data-go=back]').disabled = !run.canGoBack();
    const names = waiting.filter(({ element }) => !element.triggeredByEvent).map(({ element }) => nameOf(element));
    told.textContent = run.isEndless() ? box.dataset.endless : names.length ? box.dataset.waits.replace('{names}', names.join(', ')) : box.dataset.over;
    const drawn = registry.get(waiting[0]?.element.id);
    if (drawn && canvas.findRoot(drawn) === canvas.getRootElement()) canvas.scrollToElement(drawn, 100);
    if (pressed && !pressed.isConnected) (list.querySelector('button') ?? box.querySelector('[data-go=restart]')).focus();
  }

  function rowOf({ element, deeds }) {
    const one = document.createElement('li');
    one.append(Object.assign(document.createElement('b'), { textContent: nameOf(element) }));
    const buttons = Object.assign(document.createElement('div'), { className: 'cluster' });
    buttons.append(...deeds.flatMap((deed) => (deed.kind === 'some' ? severalOf(deed) : [buttonOf(deed, () => deed)])));
    one.append(buttons);
    return one;
  }

  function buttonOf(deed, gives) {
    return Object.assign(document.createElement('button'), { type: 'button', className: 'btn btn--small', textContent: wordsOf(deed), deed: gives });
  }

  /** Of several ways any that are ticked are taken, at least one. */
  function severalOf(deed) {
    const boxes = deed.ways.map(() => Object.assign(document.createElement('input'), { type: 'checkbox', checked: true }));
    const button = buttonOf(deed, () => ({ ...deed, ways: deed.ways.filter((_, place) => boxes[place].checked) }));
    const choices = boxes.map((box, place) => {
      const label = Object.assign(document.createElement('label'), { className: 'choice' });
      label.append(box, ` ${wordsOf({ kind: 'way', on: deed.ways[place] })}`);
      box.addEventListener('change', () => (button.disabled = !boxes.some(({ checked }) => checked)));
      return label;
    });
    return [...choices, button];
  }

  function wordsOf({ kind, on }) {
    if (kind === 'done' || kind === 'some') return box.dataset[kind];
    if (kind === 'way') return on.name || (on.sourceRef.default === on ? box.dataset.otherwise : on.conditionExpression?.body) || nameOf(on.targetRef);
    return box.dataset.happens.replace('{name}', nameOf(on.targetRef ?? on));
  }

  function nameOf(one) {
    const kind = ['gateway', 'event'].find((each) => one.$type.toLowerCase().endsWith(each)) ?? 'step';
    return one.name || box.dataset[kind === 'gateway' && one.outgoing?.length > 1 ? 'parts' : kind] || one.id;
  }

  function mark(id, name) {
    if (!registry.get(id)) return;
    canvas.addMarker(id, name);
    marked.push([id, name]);
  }

  function unmark() {
    for (const [id, name] of marked) if (registry.get(id)) canvas.removeMarker(id, name);
    marked = [];
  }
}
