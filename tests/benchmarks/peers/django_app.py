"""djangorestframework-simplejwt: the routes that are measured.

Both are views of Django REST framework; the protected one uses the package's
stateless authentication, which asks no database for the user.
"""

import os

import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "rest_framework",
    ],
    REST_FRAMEWORK={
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "UNAUTHENTICATED_USER": None,
    },
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.environ["BENCH_SECRET"],
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.permissions import IsAuthenticated  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402
from rest_framework_simplejwt.authentication import (  # noqa: E402
    JWTStatelessUserAuthentication,
)


class Open(APIView):
    authentication_classes = ()

    def get(self, request):
        return Response(1)


class Protected(APIView):
    authentication_classes = (JWTStatelessUserAuthentication,)
    permission_classes = (IsAuthenticated,)

    def get(self, request):
        return Response(1)


urlpatterns = [
    path("open", Open.as_view()),
    path("protected", Protected.as_view()),
]
app = get_wsgi_application()
