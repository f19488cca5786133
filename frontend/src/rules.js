// What may be drawn: the palette, the pad beside an element and the menus offer only what the
// engine runs. Whatever else a diagram from another tool holds is shown, and told as a problem.

const NEVER = /compensat|ad-?hoc|data-(store|object)|collapsed-pool|parallel-event-based|participant-multiplicity|toggle-is-marker/;
const PALETTE = {
  'create.task': ['bpmn:UserTask', 'activity', 'bpmn-icon-user-task', 'User task'],
  'create.service-task': ['bpmn:ServiceTask', 'activity', 'bpmn-icon-service-task', 'Service task'],
  'create.rule-task': ['bpmn:BusinessRuleTask', 'activity', 'bpmn-icon-business-rule', 'Business rule task'],
  'create.call': ['bpmn:CallActivity', 'activity', 'bpmn-icon-call-activity', 'Call activity'],
  'create.timer': ['bpmn:IntermediateCatchEvent', 'event', 'bpmn-icon-intermediate-event-catch-timer',
    'Timer intermediate catch event', { eventDefinitionType: 'bpmn:TimerEventDefinition' }],
  'create.message': ['bpmn:IntermediateCatchEvent', 'event', 'bpmn-icon-intermediate-event-catch-message',
    'Message intermediate catch event', { eventDefinitionType: 'bpmn:MessageEventDefinition' }],
  'create.parallel-gateway': ['bpmn:ParallelGateway', 'gateway', 'bpmn-icon-gateway-parallel', 'Parallel gateway'],
};

class Drawable {
  constructor(palette, contextPad, popupMenu, create, elementFactory, autoPlace, translate) {
    Object.assign(this, { create, elementFactory, autoPlace, translate });
    // After everybody else's: what they offer is taken away or replaced.
    palette.registerProvider(400, this);
    contextPad.registerProvider(400, this);
    for (const menu of ['bpmn-create', 'bpmn-append', 'bpmn-replace']) {
      popupMenu.registerProvider(menu, 400, this);
    }
  }

  getPaletteEntries() {
    const mine = Object.fromEntries(Object.entries(PALETTE).map(([id, [type, group, className, title, more]]) => {
      const start = (event) => this.create.start(event, this.elementFactory.createShape({ type, ...more }));
      return [id, { group, className, title: this.translate(title), action: { dragstart: start, click: start } }];
    }));
    return (entries) => {
      const kept = without(entries, (id) => !NEVER.test(id) && id !== 'create.intermediate-event');
      return { ...kept, ...mine };
    };
  }

  getContextPadEntries(element) {
    return (entries) => {
      const kept = without(entries, (id) => !NEVER.test(id) && id !== 'append.intermediate-event');
      if (!kept['append.append-task']) return kept;
      const place = (_, source) =>
        this.autoPlace.append(source, this.elementFactory.createShape({ type: 'bpmn:UserTask' }));
      const drag = (event, source) =>
        this.create.start(event, this.elementFactory.createShape({ type: 'bpmn:UserTask' }), { source });
      kept['append.append-task'] = {
        group: 'model',
        className: 'bpmn-icon-user-task',
        title: this.translate('Append task'),
        action: { click: place, dragstart: drag },
      };
      return kept;
    };
  }

  getPopupMenuEntries() {
    return (entries) => without(entries, (id) => !NEVER.test(id));
  }

  getPopupMenuHeaderEntries() {
    return (entries) => without(entries, (id) => !NEVER.test(id));
  }
}
Drawable.$inject = ['palette', 'contextPad', 'popupMenu', 'create', 'elementFactory', 'autoPlace', 'translate'];

function without(entries, keeps) {
  return Object.fromEntries(Object.entries(entries).filter(([id]) => keeps(id)));
}

export default { __init__: ['drawable'], drawable: ['type', Drawable] };
