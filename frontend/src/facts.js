// What can be said of an element, and where in the diagram it is written. Every change goes over
// the modeler's own stack of commands, so that it can be undone and is drawn at once.

import { is } from 'bpmn-js/lib/util/ModelUtil';

const TIMES = ['timeDate', 'timeDuration', 'timeCycle'];
const NAMED = {
  message: ['bpmn:Message', 'messageRef', 'name'],
  signal: ['bpmn:Signal', 'signalRef', 'name'],
  error: ['bpmn:Error', 'errorRef', 'errorCode'],
  escalation: ['bpmn:Escalation', 'escalationRef', 'escalationCode'],
};

/** The facts by name, each `read(site, key)` and `write(site, value, key)`. */
export function makeFacts(modeler) {
  const modeling = modeler.get('modeling');
  const factory = modeler.get('bpmnFactory');
  const registry = modeler.get('elementRegistry');

  const change = ({ element }, owner, properties) =>
    modeling.updateModdleProperties(element, owner, properties);

  function made(type, parent, properties) {
    const one = factory.create(type, properties);
    one.$parent = parent;
    return one;
  }

  const expression = (owner, body) => body && made('bpmn:FormalExpression', owner, { body });

  /** Put other elements of ours inside `owner` in the place of those that `leaves` tells. */
  function putInside(site, owner, leaves, added) {
    const kept = (owner.extensionElements?.values ?? []).filter((one) => !leaves(one));
    const holder = made('bpmn:ExtensionElements', owner, { values: [...kept, ...added] });
    for (const one of added) one.$parent = holder;
    change(site, owner, { extensionElements: holder.values.length ? holder : undefined });
  }

  const text = (type, matches, about) => ({
    read: ({ about: owner }) => inside(owner, type).find(matches)?.body ?? '',
    write: (site, value) => putInside(
      site, site.about, (one) => one.$type === type && matches(one),
      value ? [factory.create(type, { ...about, body: value })] : [],
    ),
  });

  const event = ({ about }) => (is(about, 'bpmn:Event') ? about.eventDefinitions?.[0] : null) ?? about;

  const named = (kind) => {
    const [type, reference, key] = NAMED[kind];
    return {
      read: (site) => event(site)[reference]?.[key] ?? '',
      write(site, value) {
        const definitions = modeler.getDefinitions();
        const there = definitions.rootElements.find((one) => one.$type === type && one[key] === value);
        const one = there ?? made(type, definitions, { name: value, ...(key === 'name' ? {} : { [key]: value }) });
        if (value && !there) change(site, definitions, { rootElements: [...definitions.rootElements, one] });
        change(site, event(site), { [reference]: value ? one : undefined });
      },
    };
  };

  const formal = (name, owner = ({ about }) => about) => ({
    read: (site) => owner(site)?.[name]?.body ?? '',
    write: (site, value) => change(site, owner(site), { [name]: expression(owner(site), value) || undefined }),
  });

  const plain = (name, owner = ({ about }) => about) => ({
    read: (site) => owner(site)?.get(name) ?? '',
    write: (site, value) => change(site, owner(site), { [name]: value || undefined }),
  });

  const many = ({ about }) => about.loopCharacteristics;
  const action = ({ about }) => inside(about, 'arshjul:Action')[0];

  /** Names and values in a row: what an action is given, or what goes along. */
  const params = {
    read: (site) => {
      const given = action(site)?.params ?? inside(site.about, 'arshjul:Param');
      return given.map(({ name, body }) => [name, body ?? '']);
    },
    write(site, rows) {
      const row = ([name, body]) => factory.create('arshjul:Param', { name, body });
      const asked = action(site);
      if (!asked) {
        putInside(site, site.about, (one) => one.$type === 'arshjul:Param', rows.map(row));
        return;
      }
      const one = factory.create('arshjul:Action', { name: asked.name, params: rows.map(row) });
      for (const param of one.params) param.$parent = one;
      putInside(site, site.about, (each) => each.$type === 'arshjul:Action', [one]);
    },
  };

  return {
    params,
    name: {
      read: ({ about }) => about.name ?? '',
      write(site, value) {
        modeling.updateProperties(site.element, { name: value || undefined });
        if (site.about !== site.element.businessObject) change(site, site.about, { name: value });
      },
    },
    english: text('arshjul:Name', (one) => one.lang === 'en', { lang: 'en' }),
    guidance: {
      read: ({ about }) => about.documentation?.[0]?.text ?? '',
      write: (site, value) => change(site, site.about, {
        documentation: value ? [made('bpmn:Documentation', site.about, { text: value })] : [],
      }),
    },
    'guidance-english': text(
      'arshjul:Text', (one) => one.for === 'documentation' && one.lang === 'en',
      { for: 'documentation', lang: 'en' },
    ),
    ours: {
      read: ({ about }, key) => about.get(`arshjul:${key}`) ?? '',
      write: (site, value, key) => change(site, site.about, { [`arshjul:${key}`]: value || undefined }),
    },
    dues: {
      read: ({ about }) => inside(about, 'arshjul:Due').map(({ body, when }) => [when ?? '', body ?? '']),
      write: (site, rows) => putInside(
        site, site.about, (one) => one.$type === 'arshjul:Due',
        rows.map(([when, body]) => factory.create('arshjul:Due', { when: when || undefined, body })),
      ),
    },
    lane: {
      read: ({ element }) => laneOf(element)?.id ?? '',
      write({ element }, id) {
        const [from, to] = [laneOf(element), registry.get(id)];
        if (!to || from === to) return;
        const dy = to.y + to.height / 2 - (element.y + element.height / 2);
        modeling.moveElements([element], { x: 0, y: Math.round(dy) });
      },
    },
    condition: formal('conditionExpression'),
    default: {
      read: ({ about }) => about.sourceRef?.default === about,
      write: (site, value) => modeling.updateProperties(
        registry.get(site.about.sourceRef.id), { default: value ? site.about : undefined },
      ),
    },
    'timer-kind': {
      read: (site) => TIMES.find((time) => event(site)[time]) ?? 'timeDate',
      write(site, value) {
        const body = TIMES.map((time) => event(site)[time]?.body).find(Boolean) ?? '';
        const set = (time) => (time === value ? made('bpmn:FormalExpression', event(site), { body }) : undefined);
        change(site, event(site), Object.fromEntries(TIMES.map((time) => [time, set(time)])));
      },
    },
    timer: {
      read: (site) => TIMES.map((time) => event(site)[time]?.body).find(Boolean) ?? '',
      write(site, value) {
        const time = TIMES.find((each) => event(site)[each]) ?? 'timeDate';
        change(site, event(site), { [time]: expression(event(site), value) || undefined });
      },
    },
    missed: {
      read: (site) => event(site).get('arshjul:missed') ?? '',
      write: (site, value) => change(site, event(site), { 'arshjul:missed': value || undefined }),
    },
    message: named('message'),
    signal: named('signal'),
    error: named('error'),
    escalation: named('escalation'),
    correlation: {
      read: (site) => inside(event(site).messageRef, 'arshjul:Correlation')[0]?.body ?? '',
      write(site, value) {
        const message = event(site).messageRef;
        if (message) putInside(
          site, message, (one) => one.$type === 'arshjul:Correlation',
          value ? [factory.create('arshjul:Correlation', { body: value })] : [],
        );
      },
    },
    expires: {
      read: (site) => event(site).messageRef?.get('arshjul:expires') ?? '',
      write(site, value) {
        const message = event(site).messageRef;
        if (message) change(site, message, { 'arshjul:expires': value || undefined });
      },
    },
    'event-condition': formal('condition', event),
    script: plain('script'),
    called: plain('calledElement'),
    count: formal('loopCardinality', many),
    until: formal('completionCondition', many),
    over: plain('loopDataInputRef', many),
    gathers: plain('loopDataOutputRef', many),
    item: {
      read: (site) => many(site)?.inputDataItem?.name ?? many(site)?.inputDataItem?.id ?? '',
      write: (site, name) => change(site, many(site), {
        inputDataItem: name ? made('bpmn:DataInput', many(site), { name }) : undefined,
      }),
    },
    action: {
      read: (site) => action(site)?.name ?? '',
      write(site, value) {
        const one = value ? [factory.create('arshjul:Action', { name: value, params: [] })] : [];
        putInside(site, site.about, (each) => each.$type === 'arshjul:Action', one);
      },
    },
  };
}

/** Our own elements of one type inside an element. */
export function inside(owner, type) {
  return (owner?.extensionElements?.values ?? []).filter((one) => one.$type === type);
}

/** The innermost lane an element stands in. */
export function laneOf(element) {
  let found = null;
  for (let holder = element.parent; holder; holder = holder.parent) {
    for (const lane of lanesIn(holder)) {
      const middle = element.y + element.height / 2;
      if (middle >= lane.y && middle < lane.y + lane.height) found = lane;
    }
    if (found || is(holder, 'bpmn:Participant')) break;
  }
  return found;
}

/** The lanes of the part of the process an element stands in. */
export function lanesAround(element) {
  for (let holder = element.parent; holder; holder = holder.parent) {
    const found = lanesIn(holder);
    if (found.length) return found;
  }
  return [];
}

function lanesIn(holder) {
  return (holder.children ?? []).flatMap((one) =>
    is(one, 'bpmn:Lane') ? (lanesIn(one).length ? lanesIn(one) : [one]) : [],
  );
}
