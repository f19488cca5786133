"""The order as a flow."""

from django.views.generic import View
from viewflow import this
from viewflow.workflow import flow
from viewflow.workflow.models import Process


class OrderFlow(flow.Flow):
    process_class = Process
    begin = flow.StartHandle(this.note).Next(this.enter)
    enter = flow.View(View.as_view()).Next(this.is_big)
    is_big = flow.If(this.asks_much).Then(this.approve).Else(this.end)
    approve = flow.View(View.as_view()).Next(this.fork)
    fork = flow.Split().Next(this.it).Next(this.fac)
    it = flow.View(View.as_view()).Next(this.join)
    fac = flow.View(View.as_view()).Next(this.join)
    join = flow.Join().Next(this.end)
    end = flow.End()

    def note(self, activation):
        return activation.process

    def asks_much(self, activation):
        return activation.process.data["amount"] > 100
