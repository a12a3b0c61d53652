"""Forms: their shape is a dataclass checked by quart-schema; what goes wrong shows the same form again, as it was filled."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from pydantic.dataclasses import dataclass
from quart import Response, request
from quart_schema import DataSource, RequestSchemaValidationError, validate_request

from sampark import db
from sampark.text.language import N_
from sampark.text.problems import Invalid, Problem, Unavailable
from sampark.web import errors

_NOT_STORED = N_(
    "This could not be stored just now, so nothing was changed. What you typed is still here: wait a moment and send it again."
)

Again = Callable[..., Awaitable[Response]]
View = Callable[..., Awaitable[Any]]

__all__ = ["Again", "dataclass", "form"]


def form(shape: type, again: Again | None = None) -> Callable[[View], View]:
    """Give the view `data=` of this shape. A `Problem`, there or in the view, is answered by `again(form, problem, status)`:
    the page with the form as it was filled. Without `again`, the error's own page answers."""

    def decorate(view: View) -> View:
        checked = validate_request(shape, source=DataSource.FORM)(view)

        @wraps(view)
        async def answer(*values: Any, **named: Any) -> Any:
            try:
                try:
                    return await checked(*values, **named)
                except RequestSchemaValidationError:
                    raise Invalid(
                        N_("The form did not arrive as it was made. Load the page again and send it once more.")
                    ) from None
            except Problem as problem:
                if again is None:
                    raise
                return await refused(again, problem, named)
            except Exception as fault:
                if again is None or not db.is_away(fault):
                    raise
                # A full disk can still be read: the page comes back with what was typed. Where even that fails, so does this.
                errors.note_away(fault)
                return await refused(again, Unavailable(_NOT_STORED), named)

        async def refused(again: Again, problem: Problem, named: dict[str, Any]) -> Response:
            form, status = (await request.form).to_dict(), errors.status_of(problem)
            return errors.with_retry_after(await again(form=form, problem=problem, status=status, **named), problem)

        return answer

    return decorate
