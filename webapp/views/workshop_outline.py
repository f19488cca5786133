"""The process of a draft as a list of its steps, changed without the picture."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp import workshop_merge_page as merges
from webapp import workshop_parts_page as pages
from webapp.pages import posted_number, tell
from webapp.views.workshop_parts import ask, draft_of, keep, mine, page, parts
from workflows.canonical import canonical_text
from workflows.errors import Invalid
from workflows.language import N_, on
from workflows.operations.workshop import Change
from workflows.organisation.roles import ROLES
from workflows.processes import outline as steps
from workflows.processes import outline_edits

__all__ = ["parts"]  # registered from here, with these pages in it


@parts.get("/outline")
def outline(process_id: int) -> ResponseReturnValue:
    process, revision, package = draft_of(process_id)
    year = on(clock.now()).year + 1
    told = pages.outline(package, request.args.get("step", ""), year)
    chosen = told["chosen"]
    began = canonical_text(merges.step_said(chosen)) if chosen else ""
    more = {"roles": ROLES, "began": merges.packed(began.encode())}
    return page("outline", process, revision, package, outline=told, **more)


@parts.post("/outline")
def change_outline(process_id: int) -> ResponseReturnValue:
    """Change one step, or where it stands; the picture is laid out anew when that is needed."""
    process, revision, package = draft_of(process_id)
    said = request.form.to_dict()
    if "notBy" in said and "mine" not in said:
        said["notBy"] = " ".join(filter(None, request.form.getlist("notBy")))
    deed, seen = said.get("deed", ""), revision
    if deed == "save" and "began" in said:
        kept = mine()
        typed = dict(merges.said_of(kept)) if kept else said
        step, picks = steps.step(package.source, typed.get("step", "")), merges.picked(request.form)
        if step is None:
            raise Invalid("outline_gone", element=typed.get("step", ""))
        began = merges.unpacked(said["began"])
        said, asked = merges.merged_step(step, typed, began, picks)
        if any(one.id not in picks for one in asked):
            at = url_for("parts.outline", process_id=process_id, step=step.element)
            both = (began, canonical_text(typed).encode())
            return ask(process, step.sv or step.element, asked, both, at)
    elif not deed.startswith(("add", "choice")):
        seen = posted_number("seen")  # moved or taken away as it was seen, or not at all
    done = outline_edits.change(package.source, said, deed)
    keep(process, Change(source=done.source), seen=seen)
    tell(N_("The draft is saved. The picture is drawn anew."))
    at = url_for("parts.outline", process_id=process_id, step=done.step)
    return redirect(f"{at}#{done.step}" if done.step else at)
