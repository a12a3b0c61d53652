"""Forms: their shape is a dataclass checked by quart-schema; what goes wrong shows the same form again, as it was filled."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from pydantic.dataclasses import dataclass
from quart import Response, request
from quart_schema import DataSource, RequestSchemaValidationError, validate_request

from sampark.text.language import N_
from sampark.text.problems import Invalid, Problem
from sampark.web import errors

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
                response = await again(
                    form=(await request.form).to_dict(), problem=problem, status=errors.status_of(problem), **named
                )
                return errors.with_retry_after(response, problem)

        return answer

    return decorate
