// Help with what is written in our small languages: names are suggested while one types an
// expression, a condition can be tried, and a deadline says at once which day it gives.

const WORD = /[\p{L}_][\p{L}\d_.]*$/u;
const PAUSE = 400;

export function watchExpressions(form, known, ask) {
  const list = form.querySelector('[data-suggestions]');
  let at = -1;
  let input = null;

  form.addEventListener('input', ({ target }) => {
    if (target.matches('[data-expression]')) suggest(target);
  });
  form.addEventListener('keydown', (event) => {
    if (!input || list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) move(step);
    else if (event.key === 'Enter' && at >= 0) take(list.children[at].dataset.name);
    else if (event.key === 'Escape') hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  form.addEventListener('focusout', () => setTimeout(() => list.contains(document.activeElement) || hide(), 150));
  list.addEventListener('mousedown', (event) => {
    event.preventDefault();
    const chosen = event.target.closest('[data-name]');
    if (chosen) take(chosen.dataset.name);
  });

  function suggest(field) {
    const word = field.value.slice(0, field.selectionStart).match(WORD)?.[0] ?? '';
    const fits = word ? known.filter(({ name }) => name.startsWith(word) && name !== word).slice(0, 8) : [];
    if (!fits.length) {
      hide();
      return;
    }
    input = field;
    at = -1;
    list.replaceChildren(...fits.map(({ name, said }, place) => {
      const one = document.createElement('li');
      Object.assign(one, { id: `suggestion-${place}`, textContent: said && said !== name ? `${name} – ${said}` : name });
      one.dataset.name = name;
      one.setAttribute('role', 'option');
      one.setAttribute('aria-selected', 'false');
      return one;
    }));
    field.after(list);
    list.hidden = false;
    field.setAttribute('aria-expanded', 'true');
  }

  function move(step) {
    at = (at + step + list.children.length) % list.children.length;
    [...list.children].forEach((one, place) => one.setAttribute('aria-selected', String(place === at)));
    input.setAttribute('aria-activedescendant', list.children[at].id);
  }

  function take(name) {
    const [before, after] = [input.value.slice(0, input.selectionStart), input.value.slice(input.selectionStart)];
    const start = before.replace(WORD, '') + name;
    input.value = start + after;
    input.setSelectionRange(start.length, start.length);
    input.dispatchEvent(new Event('input', { bubbles: true }));
    hide();
  }

  function hide() {
    list.hidden = true;
    input?.removeAttribute('aria-activedescendant');
    input?.setAttribute('aria-expanded', 'false');
    input = null;
  }

  for (const field of form.querySelectorAll('[data-expression]')) {
    Object.entries({ role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': list.id, autocomplete: 'off', spellcheck: 'false' })
      .forEach(([name, value]) => field.setAttribute(name, value));
  }
  for (const field of form.querySelectorAll('[data-deadline]')) preview(field, form, ask);
  for (const box of form.querySelectorAll('[data-try]')) tryOut(box, form, known, ask);
}

/** The rules in a field, or those in its rows. */
function rulesOf(field) {
  if (!('rows' in field.dataset)) return field.value.split(';');
  return [...field.querySelectorAll('[data-row]')].map((row) => row.querySelectorAll('input')[1].value);
}

/** Say which day a deadline rule gives, in the year and the unit chosen beside it. */
function preview(field, form, ask) {
  const told = form.querySelector(`[data-day="${field.id}"]`);
  let timer = 0;
  let asked = 0;
  const look = () => {
    clearTimeout(timer);
    timer = setTimeout(say, PAUSE);
  };
  for (const name of ['input', 'shown']) field.addEventListener(name, look);
  for (const name of ['year', 'unit']) form.elements[name]?.addEventListener('change', look);

  async function say() {
    const rules = rulesOf(field).map((rule) => rule.trim()).filter(Boolean);
    const mine = ++asked;
    const [year, unit] = [form.elements.year?.value, form.elements.unit?.value];
    const said = await Promise.all(rules.map((rule) => ask('deadline', { rule, year: Number(year), unit: Number(unit) || null })));
    if (mine !== asked) return;
    told.textContent = said.filter(Boolean)
      .map(({ said: day, because, problem }) => problem ?? `${day} – ${because}`).join('\n');
    told.classList.toggle('is-late', said.some((one) => one?.problem));
  }
}

/** A condition is tried with values for the names that stand in it. */
function tryOut(box, form, known, ask) {
  const field = form.querySelector(`#${box.dataset.try}`);
  const values = box.querySelector('[data-values]');
  const told = box.querySelector('[data-told]');
  const standing = () => new Set(field.value.replace(/'[^']*'|"[^"]*"/g, '').match(/[\p{L}_][\p{L}\d_.]*(?!\s*\()/gu) ?? []);
  const renew = () => {
    const names = known.map(({ name }) => name).filter((name) => standing().has(name));
    const before = Object.fromEntries([...values.querySelectorAll('input')].map((one) => [one.name, one.value]));
    values.replaceChildren(...names.map((name) => {
      const label = document.createElement('label');
      const input = Object.assign(document.createElement('input'), { name, className: 'input', value: before[name] ?? '' });
      label.append(name, input);
      return label;
    }));
    told.textContent = '';
  };
  for (const name of ['input', 'shown']) field.addEventListener(name, renew);
  box.querySelector('button').addEventListener('click', async () => {
    const names = Object.fromEntries([...values.querySelectorAll('input')].map((one) => [one.name, plain(one.value)]));
    const said = await ask('condition', { expression: field.value, names });
    if (!said) return;
    told.textContent = said.problem ?? box.dataset.gives.replace('{value}', said.words ?? JSON.stringify(said.value));
    told.classList.toggle('is-late', Boolean(said.problem));
  });
}

/** What was typed as a value: a number, true or a list when it reads as one, else the text. */
function plain(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
