// Where a case could stand in a diagram, and where it could go from there. Nothing is worked out:
// whoever plays says what is done, what happens and which way is taken.

import { is } from 'bpmn-js/lib/util/ModelUtil';

const MOST = 2000; // moves between two places where it waits: more is a ring without a rest

const isA = (one, ...types) => types.some((type) => is(one, `bpmn:${type}`));
const definition = (one) => one.eventDefinitions?.[0]?.$type.slice('bpmn:'.length).replace('EventDefinition', '');
const within = (scope, ...types) => (scope.flowElements ?? []).filter((one) => isA(one, ...types));
const byId = (scope, id) => within(scope, 'FlowElement').map((one) => (one.id === id ? one : isA(one, 'SubProcess') ? byId(one, id) : null)).find(Boolean);
const onEdge = (host) => within(host.$parent, 'BoundaryEvent').filter((one) => one.attachedToRef === host);
const isEventPart = (one) => isA(one, 'SubProcess') && one.triggeredByEvent;
const startsOf = (scope) => within(scope, 'StartEvent');

/** Play a process from its start. A token stands `at` an element, came by a flow, lies in a scope. */
export function makeRun(process) {
  let tokens = [];
  let passed = new Set();
  let past = [];
  let moves = 0;
  restart();
  return { waiting, take, back, restart, isPassed: (id) => passed.has(id), canGoBack: () => past.length > 0, isEndless: () => moves > MOST };

  function restart() {
    [tokens, passed, past, moves] = [[], new Set(), [], 0];
    enter(process);
  }

  function back() {
    ({ tokens, passed } = past.pop());
    moves = 0;
  }

  /** The places where it waits, each with what may be done there. */
  function waiting() {
    const places = [...new Set(tokens.map(({ at }) => at))].map((id) => byId(process, id)).map((one) => ({ element: one, deeds: deedsAt(one) }));
    const scopes = [process, ...tokens.map(({ at }) => byId(process, at)).filter((one) => isA(one, 'SubProcess'))];
    for (const scope of tokens.length ? new Set(scopes) : []) {
      for (const part of within(scope, 'SubProcess').filter(isEventPart)) {
        places.push({ element: part, deeds: startsOf(part).map((one) => ({ kind: 'happens', on: one })) });
      }
    }
    return places.filter(({ deeds }) => deeds.length);
  }

  function deedsAt(one) {
    const ways = (one.outgoing ?? []).map((flow) => ({ kind: 'way', on: flow }));
    if (isA(one, 'EventBasedGateway')) return ways.map(({ on }) => ({ kind: 'happens', on }));
    if (isA(one, 'InclusiveGateway') && ways.length > 1) return isMet(one) ? [{ kind: 'some', on: one, ways: one.outgoing }] : [];
    if (isA(one, 'ExclusiveGateway', 'ComplexGateway') && ways.length > 1) return ways;
    if (isA(one, 'Gateway')) return [];
    const events = onEdge(one).map((event) => ({ kind: 'happens', on: event }));
    if (isA(one, 'SubProcess') && startsOf(one).length) return events;
    return [{ kind: isA(one, 'Activity') ? 'done' : 'happens', on: one }, ...events];
  }

  /** Let a deed be done, and whatever follows by itself. */
  function take({ kind, on, ways }) {
    past.push({ tokens: tokens.map((each) => ({ ...each })), passed: new Set(passed) });
    moves = 0;
    if (is(on, 'bpmn:SequenceFlow')) {
      remove(on.sourceRef);
      follow(on);
      if (kind === 'happens') leave(on.targetRef); // of several events, this one has come
    } else if (kind === 'some') {
      remove(on, true);
      ways.forEach(follow);
    } else if (isA(on, 'BoundaryEvent')) {
      passed.add(on.id);
      if (on.cancelActivity !== false) end(on.attachedToRef);
      (on.outgoing ?? []).forEach(follow);
    } else if (isA(on, 'StartEvent')) {
      const part = on.$parent;
      if (on.isInterrupting !== false) clear(part.$parent);
      tokens.push({ at: part.id, scope: part.$parent.id });
      passed.add(part.id);
      leave(on, part);
    } else leave(on);
    settle();
  }

  /** A token comes along a flow: it goes on by itself or waits. */
  function follow(flow) {
    passed.add(flow.id);
    arrive(flow.targetRef, flow.id);
  }

  function arrive(one, by = null) {
    if (++moves > MOST) return;
    passed.add(one.id);
    tokens.push({ at: one.id, scope: one.$parent.id, by });
    if (isA(one, 'ParallelGateway')) {
      const here = new Set(tokens.filter(({ at }) => at === one.id).map((each) => each.by));
      if (here.size < (one.incoming ?? []).length) return;
      for (const each of here) tokens.splice(tokens.findIndex((token) => token.at === one.id && token.by === each), 1);
      (one.outgoing ?? []).forEach(follow);
    } else if (isA(one, 'InclusiveGateway', 'EventBasedGateway')) return;
    else if (isA(one, 'Gateway')) {
      if ((one.outgoing ?? []).length < 2) leave(one);
    } else if (isA(one, 'SubProcess') && startsOf(one).length) enter(one);
    else if (isA(one, 'EndEvent')) finish(one);
    else if (isA(one, 'IntermediateThrowEvent')) {
      const name = definition(one) === 'Link' && one.eventDefinitions[0].name;
      const other = name && within(one.$parent, 'IntermediateCatchEvent').find((each) => definition(each) === 'Link' && each.eventDefinitions[0].name === name);
      remove(one);
      if (other) leave(other);
      else (one.outgoing ?? []).forEach(follow);
    }
  }

  function enter(scope) {
    const starts = startsOf(scope);
    const first = starts.find((one) => !definition(one)) ?? starts[0];
    if (first) leave(first, scope);
  }

  function leave(one, scope = one.$parent) {
    remove(one);
    passed.add(one.id);
    (one.outgoing ?? []).forEach(follow);
    if (!one.outgoing?.length) close(scope);
  }

  function finish(one) {
    const kind = definition(one);
    const scope = one.$parent;
    remove(one);
    if (kind === 'Terminate') clear(scope);
    if ((kind === 'Error' || kind === 'Escalation' || kind === 'Cancel') && isA(scope, 'SubProcess')) {
      const caught = onEdge(scope).find((event) => definition(event) === kind);
      if (caught) {
        passed.add(caught.id);
        if (kind !== 'Escalation' || caught.cancelActivity !== false) end(scope);
        (caught.outgoing ?? []).forEach(follow);
        return;
      }
    }
    close(scope);
  }

  /** A part of the process where nothing stands any more is done. */
  function close(scope) {
    if (!isA(scope, 'SubProcess') || tokens.some((token) => token.scope === scope.id)) return;
    if (isEventPart(scope)) {
      remove(scope);
      close(scope.$parent);
    } else if (tokens.some(({ at }) => at === scope.id)) leave(scope);
  }

  /** Where several may come in, one goes on when no other can get there any more. */
  function settle() {
    const met = tokens.map(({ at }) => byId(process, at)).find((one) => isA(one, 'InclusiveGateway') && (one.outgoing ?? []).length < 2 && isMet(one));
    if (!met || ++moves > MOST) return;
    remove(met, true);
    (met.outgoing ?? []).forEach(follow);
    if (!met.outgoing?.length) close(met.$parent);
    settle();
  }

  function isMet(one) {
    return !tokens.some(({ at, scope }) => at !== one.id && scope === one.$parent.id && reaches(byId(process, at), one));
  }

  function remove(one, all = false) {
    const left = tokens.filter(({ at }) => at === one.id).slice(0, all ? undefined : 1);
    tokens = tokens.filter((token) => !left.includes(token));
  }

  function clear(scope) {
    for (const { at } of tokens.filter((token) => token.scope === scope.id)) clear(byId(process, at));
    tokens = tokens.filter((token) => token.scope !== scope.id);
  }

  function end(one) {
    clear(one);
    remove(one);
  }
}

function reaches(from, to) {
  const seen = new Set();
  const pending = [from];
  for (let one = pending.pop(); one; one = pending.pop()) {
    if (one === to) return true;
    if (seen.has(one)) continue;
    seen.add(one);
    pending.push(...(one.outgoing ?? []).map((flow) => flow.targetRef), ...onEdge(one));
  }
  return false;
}
