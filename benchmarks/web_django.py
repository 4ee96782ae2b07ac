"""Serve Django's own admin site and Wagtail's, in one language, for benchmarks/web.py.

The pages, labels and translations are the packages' own; this file only turns the sites on over a
database in a temporary folder, with a few users, and signs everybody in except on login pages.

    python -m benchmarks.web_django PORT LANGUAGE
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

PEOPLE = ("ada", "grace", "linus", "margaret", "alan", "barbara", "dennis", "edsger")
GROUPS = ("Editors", "Reviewers", "Auditors")
APPS = (
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
)
MIDDLEWARE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    f"{__name__}.signed_in",
)
CONTEXT = (
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
)


def signed_in(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Middleware: everybody is the superuser, except on a login page."""

    def respond(request: Any) -> Any:
        from django.contrib.auth import get_user_model

        if "login" not in request.path:
            request.user = get_user_model().objects.get(username="ada")
        return get_response(request)

    return respond


def configure(folder: Path, language: str) -> None:
    import django
    from django.conf import settings

    template = {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": list(CONTEXT)},
    }
    settings.configure(
        DEBUG=True,
        SECRET_KEY="benchmark pages only",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=list(APPS),
        MIDDLEWARE=list(MIDDLEWARE),
        TEMPLATES=[template],
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "site.db")}
        },
        LANGUAGE_CODE=language,
        LANGUAGES=[("en", "English"), ("zh-hans", "简体中文")],
        STATIC_URL="/static/",
        MEDIA_ROOT=str(folder / "media"),
        WAGTAIL_SITE_NAME="Example",
        WAGTAILADMIN_BASE_URL="http://127.0.0.1",
        WAGTAIL_ENABLE_UPDATE_CHECK=False,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        TIME_ZONE="UTC",
        USE_TZ=True,
    )
    django.setup()


def populate() -> None:
    from django.contrib.auth.models import Group, User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    for name in GROUPS:
        Group.objects.get_or_create(name=name)
    for name in PEOPLE:
        make = User.objects.create_superuser if name == "ada" else User.objects.create_user
        make(name, f"{name}@example.com", "not a secret", first_name=name.title())


def __getattr__(name: str) -> Any:
    """`urlpatterns`, made when Django first asks for them."""
    if name != "urlpatterns":
        raise AttributeError(name)
    from django.contrib import admin
    from django.urls import include, path
    from wagtail.admin import urls as wagtail_urls
    from wagtail.documents import urls as document_urls

    return [
        path("admin/", admin.site.urls),
        path("cms/", include(wagtail_urls)),
        path("documents/", include(document_urls)),
    ]


def main() -> None:
    port, language = sys.argv[1:]
    sys.modules["benchmarks.web_django"] = sys.modules[__name__]
    with tempfile.TemporaryDirectory() as folder:
        configure(Path(folder), language)
        populate()
        from django.core.management import call_command

        call_command("runserver", f"127.0.0.1:{port}", "--noreload", "--skip-checks")


if __name__ == "__main__":
    main()
