// What stands beside the diagram: the fields of whatever is selected. The fields themselves, with
// their words, come with the page; here they are filled, shown where they apply, and written back.
//
//   <section data-on="bpmn:UserTask" data-event="bpmn:TimerEventDefinition" data-many>
//   <input data-fact="ours:due" data-expression data-deadline>   <select data-options="roles">
//   <fieldset data-fact="ours:per" data-words>   <div data-fact="dues" data-rows>

import { is } from 'bpmn-js/lib/util/ModelUtil';
import { lanesAround, makeFacts } from './facts.js';
import { watchExpressions } from './expressions.js';

const PAUSE = 350; // ms after the last key until what is typed is in the diagram

export function makePanel(form, modeler, catalogue, ask) {
  const facts = makeFacts(modeler);
  const selection = modeler.get('selection');
  const timers = new Map();
  let site = null;

  for (const select of form.querySelectorAll('select[data-options]')) {
    offer(select, catalogue[select.dataset.options] ?? []);
  }
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('input', ({ target }) => later(target));
  form.addEventListener('change', ({ target }) => later(target, 0));
  form.addEventListener('click', ({ target }) => changeRows(target.closest('button')));
  modeler.on('selection.changed', show);
  modeler.on('elements.changed', ({ elements }) => {
    const about = elements.some(({ businessObject }) => businessObject === site?.element.businessObject);
    if (about || !site) show();
  });
  modeler.on('import.done', show);
  watchExpressions(form, catalogue.names ?? [], ask);
  return { show, flush };

  /** Show the fields of what is selected; of the process when nothing is. */
  function show() {
    const before = site;
    flush();
    site = siteOf(selection.get());
    if (!site.about) {
      site = null; // nothing is drawn yet
      return;
    }
    const definition = site.about.eventDefinitions?.[0]?.$type;
    for (const part of form.querySelectorAll('[data-on]')) {
      const fits = part.dataset.on.split(' ').some((type) => is(site.about, type));
      const event = !part.dataset.event || part.dataset.event === definition
        || (part.dataset.event === 'bpmn:MessageEventDefinition' && is(site.about, 'bpmn:ReceiveTask'));
      const many = !('many' in part.dataset) || is(site.about.loopCharacteristics, 'bpmn:MultiInstanceLoopCharacteristics');
      part.hidden = !fits || !event || !many;
    }
    form.querySelector('[data-heading]').textContent = site.about.name || form.dataset.unnamed;
    for (const field of form.querySelectorAll('[data-fact]')) {
      if (!field.closest('[data-on][hidden]')) fill(field, before?.about !== site.about);
    }
    linkForm();
  }

  /** The way from a step to its form, and to the registers the answers go to. */
  function linkForm() {
    const holder = form.querySelector('[data-form-link]');
    const name = is(site.about, 'bpmn:UserTask') ? facts.ours.read(site, 'form') : '';
    holder.hidden = !name;
    const link = holder.querySelector('a');
    link.href = link.dataset.href + name;
  }

  function siteOf(selected) {
    const element = selected.length === 1 ? (selected[0].labelTarget ?? selected[0]) : modeler.get('canvas').getRootElement();
    if (is(element, 'bpmn:Collaboration')) {
      const pool = element.children.find((one) => one.businessObject.processRef);
      return { element: pool ?? element, about: pool?.businessObject.processRef ?? element.businessObject };
    }
    const about = element.businessObject;
    return { element, about: is(about, 'bpmn:Participant') ? (about.processRef ?? about) : about };
  }

  function fill(field, isNew) {
    const [fact, key] = field.dataset.fact.split(':');
    const value = facts[fact].read(site, key);
    if ('words' in field.dataset) fillWords(field, key, value);
    else if ('rows' in field.dataset) {
      fillRows(field, value, isNew);
      field.dispatchEvent(new CustomEvent('shown'));
    }
    else if (field.type === 'checkbox') field.checked = value === true || value === (field.dataset.value ?? 'true');
    else {
      if (field.dataset.options === 'lanes') offer(field, lanesAround(site.element).map(laneWords), true);
      if (field.tagName === 'SELECT' && value && ![...field.options].some((one) => one.value === value)) {
        field.add(new Option(value, value));
      }
      if (isNew || field !== document.activeElement) field.value = value;
      field.dispatchEvent(new CustomEvent('shown'));
    }
  }

  function fillWords(field, key, value) {
    const words = value.split(' ').filter(Boolean);
    const options = field.dataset.words === 'steps' ? steps() : (catalogue[field.dataset.words] ?? []).map(pair);
    if (options.length || !field.querySelector('input')) {
      const known = options.map(([name]) => name);
      const all = [...options, ...words.filter((word) => !known.includes(word)).map((word) => [word, word])];
      const sign = JSON.stringify(all);
      if (field.dataset.sign !== sign) {
        field.dataset.sign = sign;
        field.querySelector('[data-choices]').replaceChildren(...all.map(([name, label]) => choice(field, name, label)));
      }
    }
    for (const box of field.querySelectorAll('input')) box.checked = words.includes(box.value);
    const chosen = field.closest('details')?.querySelector('[data-chosen]');
    if (chosen) chosen.textContent = [...field.querySelectorAll('input:checked')].map((box) => box.parentNode.textContent.trim()).join(', ');
  }

  function steps() {
    const own = (one) => is(one, 'bpmn:UserTask') && one !== site.element && !one.labelTarget;
    return modeler.get('elementRegistry').filter(own).map((one) => [one.id, one.businessObject.name ?? one.id]);
  }

  function choice(field, value, label) {
    const holder = document.createElement('label');
    const box = Object.assign(document.createElement('input'), { type: 'checkbox', value });
    holder.className = 'choice';
    holder.append(box, ` ${label}`);
    return holder;
  }

  function fillRows(field, rows, isNew) {
    const list = field.querySelector('[data-list]');
    const wanted = field.dataset.fact === 'params' ? withAsked(rows) : rows;
    const typing = list.contains(document.activeElement);
    if (typing && !isNew && list.children.length === wanted.length) return;
    list.replaceChildren(...wanted.map((row) => rowOf(field, row)));
  }

  /** The parameters an action takes come first, those that are not given yet with nothing. */
  function withAsked(rows) {
    const kind = (catalogue.actions ?? []).find(({ name }) => name === facts.action.read(site));
    const given = new Map(rows);
    const asked = (kind?.parameters ?? []).map((one) => [one.name, given.get(one.name) ?? '', one]);
    return [...asked, ...rows.filter(([name]) => !asked.some(([one]) => one === name))];
  }

  function rowOf(field, [first, second, kind]) {
    const row = field.querySelector('template').content.firstElementChild.cloneNode(true);
    const [one, other] = row.querySelectorAll('input');
    one.value = first;
    other.value = second;
    if (kind) {
      one.readOnly = true;
      row.querySelector('[data-remove]').hidden = true;
      other.required = Boolean(kind.required);
      const hint = row.querySelector('[data-kind]');
      if (hint) hint.textContent = kind.kind.split(' or ').map((word) => field.dataset[word] ?? word).join(', ');
    }
    return row;
  }

  function changeRows(button) {
    const field = button?.closest('[data-rows]');
    if (!field) return;
    if ('add' in button.dataset) {
      const row = rowOf(field, ['', '']);
      field.querySelector('[data-list]').append(row);
      row.querySelector('input').focus();
    } else if ('remove' in button.dataset) {
      const next = button.closest('[data-row]').nextElementSibling;
      button.closest('[data-row]').remove();
      (next?.querySelector('input') ?? field.querySelector('[data-add]')).focus();
      write(field);
    }
  }

  function later(target, pause = PAUSE) {
    const field = target.closest('[data-fact]');
    if (!field || !site || (field.tagName === 'FIELDSET' && target.tagName !== 'INPUT')) return;
    clearTimeout(timers.get(field));
    timers.set(field, setTimeout(() => flush(field), pause));
  }

  /** Write what has been typed and is not in the diagram yet. */
  function flush(only) {
    for (const [field, timer] of [...timers]) {
      if (only && field !== only) continue;
      clearTimeout(timer);
      timers.delete(field);
      write(field);
    }
  }

  function write(field) {
    const [fact, key] = field.dataset.fact.split(':');
    const value = valueOf(field);
    if (JSON.stringify(facts[fact].read(site, key)) === JSON.stringify(value)) return;
    facts[fact].write(site, value, key);
    linkForm();
    field.dispatchEvent(new CustomEvent('shown'));
  }

  function valueOf(field) {
    if ('words' in field.dataset) {
      return [...field.querySelectorAll('input:checked')].map((box) => box.value).join(' ');
    }
    if ('rows' in field.dataset) {
      const rows = [...field.querySelectorAll('[data-row]')].map((row) => [...row.querySelectorAll('input')].map((one) => one.value.trim()));
      return rows.filter(([first, second]) => second && (first || field.dataset.fact === 'dues'));
    }
    if (field.type !== 'checkbox') return field.value.trim();
    if (field.dataset.fact === 'default') return field.checked;
    return field.checked ? (field.dataset.value ?? 'true') : '';
  }
}

/** Put the choices in a select after the one that says nothing. */
function offer(select, options, isAnew = false) {
  if (isAnew) while (select.options.length > (select.dataset.kept ?? 1)) select.remove(select.options.length - 1);
  for (const one of options) select.add(new Option(pair(one)[1], pair(one)[0]));
}

/** A choice of the catalogue, or one made here, as [value, words]. */
function pair(one) {
  if (typeof one === 'string') return [one, one];
  if (Array.isArray(one)) return one;
  return [one.name, one.said ?? one.name];
}

function laneWords({ id, businessObject }) {
  return [id, businessObject.name ?? id];
}
