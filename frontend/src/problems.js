// What is wrong with the diagram, as the server found it: listed in words, marked in the picture.

export function showProblems(editor, modeler) {
  const box = editor.querySelector('[data-problems]');
  const list = box.querySelector('[data-list]');
  const row = box.querySelector('template').content.firstElementChild;
  const [canvas, registry, selection] = ['canvas', 'elementRegistry', 'selection'].map((name) => modeler.get(name));
  let marked = [];
  let shown = '';

  list.addEventListener('click', ({ target }) => {
    const button = target.closest('[data-element]');
    if (button) find(button.dataset.element);
  });
  modeler.on('import.done', () => (marked = []));
  return { show };

  function show(problems) {
    for (const [id, name] of marked) if (registry.get(id)) canvas.removeMarker(id, name);
    marked = [];
    for (const { element, severity } of problems) {
      for (const one of element && registry.get(element) ? [element] : []) {
        canvas.addMarker(one, `has-${severity}`);
        marked.push([one, `has-${severity}`]);
      }
    }
    const sign = JSON.stringify(problems);
    if (sign === shown) return; // nothing new to hear
    shown = sign;
    list.replaceChildren(...problems.map(rowOf));
    const errors = problems.filter(({ severity }) => severity === 'error').length;
    box.querySelector('[data-count]').textContent = problems.length
      ? box.dataset.found.replace('{errors}', errors).replace('{warnings}', problems.length - errors)
      : box.dataset.none;
    box.dataset.shown = errors ? 'errors' : problems.length ? 'warnings' : 'none';
  }

  function rowOf({ severity, element, name, line, file, text, mend }) {
    const one = row.cloneNode(true);
    const drawn = registry.get(element);
    const button = one.querySelector('button');
    one.className = `is-${severity}`;
    one.querySelector('[data-severity]').textContent = box.dataset[severity];
    button.textContent = name || drawn?.businessObject.name || element || file || '';
    if (drawn) button.dataset.element = element;
    else button.replaceWith(button.textContent);
    one.querySelector('[data-text]').textContent = text;
    one.querySelector('[data-mend]').textContent = mend ?? '';
    one.querySelector('[data-line]').textContent = line ? box.dataset.line.replace('{line}', file ? `${file}:${line}` : line) : '';
    return one;
  }

  function find(id) {
    const element = registry.get(id);
    const root = canvas.findRoot(element);
    if (root && root !== canvas.getRootElement()) canvas.setRootElement(root);
    if (!element.isImplicit && element.parent) {
      selection.select(element);
      canvas.scrollToElement(element, { top: 100, right: 100, bottom: 100, left: 100 });
    } else selection.select(null);
    canvas.focus();
  }
}
