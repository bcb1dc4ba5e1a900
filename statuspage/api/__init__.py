"""What may programs ask of us, and operators by them? Everything under /api/v1.

A noun is a file. Each route names its scope, its models and nothing that is decided
elsewhere: actions decide, and every error becomes a problem in ``problems``.
"""

from statuspage.api.bearer import require_read
from statuspage.api.routes import include

__all__ = ["include", "require_read"]
