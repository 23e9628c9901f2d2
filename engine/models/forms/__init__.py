"""Forms: form-js schemas, rendered by pages, checked here on the server.

    form = read_form(b'{"components": [{"type": "number", "key": "amount", "validate": {"required": true}}]}')
    form.validate({"amount": "12.50"})      # {'amount': 12.5}

`schema` reads, `form` and `check` validate, one module a kind of value: `texts`, `numbers`,
`moments`, `choices`, `files`.
"""

from engine.models.forms.component import Column, Component, Option
from engine.models.forms.form import Form, FormTexts
from engine.models.forms.schema import read_form
from engine.models.forms.scope import Host, asker, seen_by

__all__ = ["Column", "Component", "Form", "FormTexts", "Host", "Option", "asker", "read_form", "seen_by"]
