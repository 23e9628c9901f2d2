"""Forms of steps, rendered on the server from their form-js schema.

    form = StepForm(visit, schema, context=variables)
    form.view(form.defaults(variables))        # → what templates/forms/fields.html draws
    values = form.read(posted)                 # what was typed, by key, nothing lost
    variables = form.submitted(values)         # → variables for CompleteTask and StartInstance

`posting` turns posted fields into values, `fields` turns components and values into what is drawn.
"""

from api.pages.forms.posting import posted_form
from api.pages.forms.step_form import StepForm

__all__ = ["StepForm", "posted_form"]
