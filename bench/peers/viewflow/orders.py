"""Run as many orders as each line of input says, on SQLite; answer with the CPU seconds it took.

A Django project in one file: the order as a flow, each task taken and completed in a transaction
of its own, as its views do.
"""

import sys
import types
from time import process_time

import django
from django.conf import settings
from django.core.management import call_command

settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": sys.argv[1],
            "OPTIONS": {
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
                "transaction_mode": "IMMEDIATE",
            },
        }
    },
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "viewflow.workflow",
        "ordering",
    ],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()

from django.contrib.auth.models import User  # noqa: E402 (Django must be set up first)
from django.db import transaction  # noqa: E402
from ordering.flows import OrderFlow  # noqa: E402
from viewflow.workflow.models import Task  # noqa: E402

ANSWERS = {"amount": 200, "who": "Astrid", "what": "laptop", "urgent": True, "note": "by Friday"}


def order(user):
    process = OrderFlow.begin.run()
    done = 0
    while waiting := list(open_tasks(process)):
        for task_id in waiting:
            complete(task_id, user)
            done += 1
    assert done == 4, done


def open_tasks(process):
    kinds = ("HUMAN",)
    return Task.objects.filter(
        process_id=process.pk, finished__isnull=True, flow_task_type__in=kinds
    ).values_list("pk", flat=True)


@transaction.atomic
def complete(task_id, user):
    task = Task.objects.select_for_update().get(pk=task_id)
    with task.activation() as activation:
        activation.assign(user)
        activation.start(types.SimpleNamespace(user=user))
        activation.process.data = ANSWERS
        activation.process.save()
        activation.execute()


call_command("migrate", verbosity=0)
somebody = User.objects.create_superuser("somebody")
for line in sys.stdin:
    began = process_time()
    for _ in range(int(line)):
        order(somebody)
    print(process_time() - began, flush=True)
