"""The console's URL map."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute, Route, WebSocketRoute

from overture.conversations.attachments import MAX_SIZE
from overture.endpoints.console import (
    articles,
    audit,
    behind,
    connectors,
    developers,
    email,
    home,
    inbox,
    page,
    previews,
    procedures,
    reports,
    session,
    settings,
    simulations,
    stream,
    triggers,
)
from overture.endpoints.console.calls import ConsoleCall, Endpoint, console, open_door
from overture.endpoints.errors import UnknownRoute
from overture.workspaces.pages_seen import TEST_PAGE
from overture.workspaces.permissions import Action

API = "/console/api"


def console_routes() -> Sequence[BaseRoute]:
    return [
        *_session_routes(),
        *_procedure_routes(),
        *_trigger_routes(),
        *_preview_routes(),
        *_inbox_routes(),
        *_article_routes(),
        *_connector_routes(),
        *_developer_routes(),
        *_settings_routes(),
        *_email_routes(),
        get("/home", console(home.show, "settings.read")),
        post("/sample-procedure", console(home.add_sample, "procedures.draft")),
        *_report_routes(),
        WebSocketRoute(f"{API}/stream", stream.socket),
        Route(f"{API}/{{rest:path}}", open_door(_unknown), methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
        Route("/console/assets/{name}", page.asset, methods=["GET"]),
        Route(TEST_PAGE, home.test_page, methods=["GET"]),
        Route("/console", page.to_page, methods=["GET"]),
        Route("/console/{rest:path}", page.page, methods=["GET"]),
    ]


def _session_routes() -> Sequence[BaseRoute]:
    return [
        get("/session", open_door(session.show)),
        post("/session", open_door(session.start)),
        delete("/session", console(session.stop, None)),
        post("/first-owner", open_door(session.make_first_owner)),
        post("/invitation/look", open_door(session.look_at_invitation)),
        post("/invitation", open_door(session.accept_invitation)),
        get("/account", console(session.account, None)),
        post("/account/password", console(session.change_password, None)),
        post("/account/sign-out-everywhere", console(session.sign_out_everywhere, None)),
        post("/account/two-step", console(session.offer_two_step, None)),
        post("/account/two-step/confirm", console(session.confirm_two_step, None)),
        post("/account/two-step/off", console(session.drop_two_step, None)),
    ]


def _procedure_routes() -> Sequence[BaseRoute]:
    one = "/procedures/{id}"
    return [
        get("/procedures", console(procedures.listed, "procedures.read")),
        post("/procedures", console(procedures.create, "procedures.draft")),
        post("/procedures/drafted", console(procedures.drafted, "procedures.draft")),
        get("/procedures/templates", console(procedures.ready_ones, "procedures.read")),
        post("/procedures/templates/{template}", console(procedures.use_ready_one, "procedures.draft")),
        post("/procedures/text", console(procedures.as_text, "procedures.read")),
        get(one, console(procedures.show, "procedures.read")),
        put(f"{one}/draft", console(procedures.save, "procedures.draft")),
        post(f"{one}/discard", console(procedures.discard, "procedures.draft")),
        post(f"{one}/publish", console(procedures.put_live, "procedures.publish")),
        post(f"{one}/pause", console(procedures.pause, "procedures.publish")),
        post(f"{one}/plan", console(procedures.plan, "procedures.publish")),
        delete(f"{one}/plan", console(procedures.cancel_plan, "procedures.publish")),
        get(f"{one}/history", console(procedures.history, "procedures.read")),
        get(f"{one}/diff", console(procedures.compare, "procedures.read")),
        post(f"{one}/restore", console(procedures.restore, "procedures.draft")),
    ]


def _trigger_routes() -> Sequence[BaseRoute]:
    one = "/procedures/{id}"
    return [
        post("/triggers/fits", console(triggers.fits, "procedures.read")),
        get("/triggers/contacts", console(triggers.suggested, "procedures.draft")),
        post("/triggers/picks", console(triggers.begin_pick, "procedures.draft")),
        get("/triggers/picks/{id}", console(triggers.show_pick, "procedures.draft")),
        get("/triggers/picks/{id}/diagnosis", console(triggers.diagnose, "procedures.draft")),
        get(f"{one}/triggers", console(triggers.live, "procedures.read")),
        post(f"{one}/triggers/{{key}}/pause", console(triggers.pause, "procedures.publish")),
        post(f"{one}/triggers/{{key}}/resume", console(triggers.resume, "procedures.publish")),
        post(f"{one}/first-message", console(triggers.first_message, "procedures.draft")),
        post(f"{one}/test-call", console(triggers.test_call, "procedures.publish")),
        post(f"{one}/advice", console(triggers.advice, "procedures.draft")),
    ]


def _preview_routes() -> Sequence[BaseRoute]:
    one = "/previews/{id}"
    draft: Action = "procedures.draft"
    return [
        post("/procedures/{id}/previews", console(previews.begin, draft)),
        get(one, console(previews.show, draft)),
        delete(one, console(previews.end, draft)),
        post(f"{one}/say", console(previews.say, draft)),
        post(f"{one}/forward", console(previews.forward, draft)),
        post(f"{one}/teammate", console(previews.answer_as_teammate, draft)),
        post(f"{one}/restart", console(previews.restart, draft)),
        post(f"{one}/simulation", console(previews.as_simulation, draft)),
        get(f"{one}/receipts/{{receipt}}", console(previews.why, draft)),
        get("/procedures/{id}/simulations", console(simulations.listed, "procedures.read")),
        post("/procedures/{id}/simulations", console(simulations.add, draft)),
        post("/procedures/{id}/simulations/run", console(simulations.play, draft)),
        delete("/procedures/{id}/simulations/{simulation}", console(simulations.remove, draft)),
    ]


def _inbox_routes() -> Sequence[BaseRoute]:
    one = "/conversations/{id}"
    return [
        get("/inbox/overview", console(inbox.overview, "inbox.read")),
        get("/inbox", console(inbox.listed, "inbox.read")),
        get(one, console(inbox.show, "inbox.read")),
        post(f"{one}/reply", console(inbox.write, "inbox.write")),
        post(f"{one}/files", console(inbox.take_file, "inbox.write", takes_bytes=MAX_SIZE)),
        post(f"{one}/assign", console(inbox.assign, "inbox.write")),
        post(f"{one}/close", console(inbox.close, "inbox.write")),
        post(f"{one}/reopen", console(inbox.reopen, "inbox.write")),
        post(f"{one}/snooze", console(inbox.snooze, "inbox.write")),
        post(f"{one}/tags", console(inbox.tag, "inbox.write")),
        post(f"{one}/look", console(inbox.look, "inbox.write")),
        post(f"{one}/requests/{{request_id}}", console(inbox.answer_request, "inbox.write")),
        post("/macros", console(inbox.save_macro, "inbox.write")),
        delete("/macros/{id}", console(inbox.remove_macro, "inbox.write")),
        get("/receipts/{id}", console(inbox.receipt, "inbox.read")),
        post("/receipts/{id}/correction", console(inbox.correct, "inbox.write")),
    ]


def _article_routes() -> Sequence[BaseRoute]:
    one = "/articles/{id}"
    upload = console(articles.upload, "articles.write", takes_bytes=articles.MOST_UPLOADED)
    return [
        get("/articles", console(articles.listed, "articles.read")),
        post("/articles", console(articles.create, "articles.write")),
        post("/articles/preview", console(articles.preview, "articles.read")),
        post("/articles/try", console(articles.try_question, "articles.read")),
        get("/articles/questions", console(articles.questions, "articles.read")),
        post("/articles/collections", console(articles.rename_collection, "articles.write")),
        post("/articles/import", upload),
        post("/articles/import-site", console(articles.from_site, "articles.write")),
        get("/articles/imports", console(articles.list_imports, "articles.read")),
        get("/articles/imports/{id}", console(articles.show_import, "articles.read")),
        get(one, console(articles.show, "articles.read")),
        put(one, console(articles.save, "articles.write")),
        delete(one, console(articles.remove, "articles.write")),
        post(f"{one}/take-over", console(articles.take_over, "articles.write")),
        post(f"{one}/collection", console(articles.move, "articles.write")),
    ]


def _connector_routes() -> Sequence[BaseRoute]:
    one = "/connectors/{key}"
    change: Action = "connectors.write"
    return [
        get("/connectors", console(connectors.listed, change)),
        post("/connectors", console(connectors.create, change)),
        post("/connectors/check", console(connectors.check, change)),
        post(
            "/connectors/openapi",
            console(connectors.import_openapi, change, takes_bytes=connectors.MOST_OPENAPI),
        ),
        get("/connector-calls", console(connectors.calls, change)),
        get("/secrets", console(connectors.list_secrets, change)),
        put("/secrets/{name}", console(connectors.put_secret, change)),
        delete("/secrets/{name}", console(connectors.remove_secret, change)),
        get(one, console(connectors.show, change)),
        put(one, console(connectors.save, change)),
        delete(one, console(connectors.remove, change)),
        post(f"{one}/try", console(connectors.try_out, change)),
    ]


def _developer_routes() -> Sequence[BaseRoute]:
    hub = "/developers"
    own: Action = "developers.write"
    return [
        get(hub, console(developers.show, own)),
        post(f"{hub}/apps", console(developers.create_app, own)),
        patch(f"{hub}/apps/{{id}}", console(developers.rename_app, own)),
        post(f"{hub}/apps/{{id}}/tokens", console(developers.create_token, own)),
        delete(f"{hub}/tokens/{{id}}", console(developers.revoke_token, own)),
        post(f"{hub}/tokens/{{id}}/restore", console(developers.restore_token, own)),
        post(f"{hub}/identity-secrets", console(developers.create_secret, own)),
        delete(f"{hub}/identity-secrets/{{id}}", console(developers.remove_secret, own)),
        get(f"{hub}/webhooks", console(developers.list_webhooks, own)),
        post(f"{hub}/webhooks", console(developers.add_webhook, own)),
        delete(f"{hub}/webhooks/{{id}}", console(developers.remove_webhook, own)),
        get(f"{hub}/webhooks/{{id}}/deliveries", console(developers.deliveries, own)),
        post(f"{hub}/deliveries/{{id}}/redeliver", console(developers.redeliver, own)),
        get(f"{hub}/requests", console(developers.requests, own)),
    ]


def _settings_routes() -> Sequence[BaseRoute]:
    return [
        get("/settings", console(settings.show, "settings.read")),
        patch("/settings", console(settings.change, "settings.write")),
        get("/settings/colour", console(settings.colour, "settings.read")),
        get("/sites", console(settings.all_sites, "settings.read")),
        post("/sites", console(settings.add_site, "settings.write")),
        post("/sites/remove", console(settings.remove_site, "settings.write")),
        post("/settings/model/test", console(settings.try_model, "settings.write")),
        get("/people", console(settings.all_people, "settings.read")),
        post("/people", console(settings.add_person, "people.write")),
        patch("/people/{id}", console(settings.change_role, "people.write")),
        delete("/people/{id}", console(settings.remove_person, "people.write")),
        post("/people/{id}/invitation", console(settings.invite_again, "people.write")),
        get("/teams", console(settings.all_teams, "settings.read")),
        post("/teams", console(settings.add_team, "people.write")),
        patch("/teams/{id}", console(settings.rename_team, "people.write")),
        get("/audit", console(audit.listed, "audit.read")),
        get("/audit/choices", console(audit.choices, "audit.read")),
    ]


def _email_routes() -> Sequence[BaseRoute]:
    own: Action = "settings.write"
    return [
        get("/email", console(email.show, "settings.read")),
        patch("/email", console(email.change, own)),
        delete("/email", console(email.forget, own)),
        post("/email/inbound-secret", console(email.make_secret, own)),
        post("/email/dkim", console(email.make_key, own)),
        get("/email/dns", console(email.look_up, "settings.read")),
        post("/email/test", console(email.send, own)),
        post("/email/mailbox/test", console(email.look_into_mailbox, own)),
        post("/email/receive-test", console(email.try_mail, own, takes_bytes=email.MOST)),
        get("/email/unsent", console(email.unsent, "settings.read")),
        post("/email/unsent/retry", console(email.send_all_again, own)),
        post("/email/unsent/{id}/retry", console(email.send_again, own)),
        post("/email/allow", console(email.allow, own)),
    ]


def _report_routes() -> Sequence[BaseRoute]:
    return [
        get("/reports/overview", console(reports.overview, "reports.read")),
        get("/reports/choices", console(reports.choices, "reports.read")),
        get("/reports/triggers", console(reports.of_triggers, "reports.read")),
        get("/reports/procedures", console(reports.of_procedures, "reports.read")),
        get("/reports/procedures/{id}", console(reports.funnel, "reports.read")),
        get("/reports/conversations", console(behind.conversations_behind, "reports.read")),
        get("/reports/not-fired", console(behind.not_fired_behind, "reports.read")),
        get("/reports/{name}.csv", console(reports.as_csv, "reports.read")),
    ]


def get(path: str, endpoint: Endpoint) -> Route:
    return Route(API + path, endpoint, methods=["GET"])


def post(path: str, endpoint: Endpoint) -> Route:
    return Route(API + path, endpoint, methods=["POST"])


def put(path: str, endpoint: Endpoint) -> Route:
    return Route(API + path, endpoint, methods=["PUT"])


def patch(path: str, endpoint: Endpoint) -> Route:
    return Route(API + path, endpoint, methods=["PATCH"])


def delete(path: str, endpoint: Endpoint) -> Route:
    return Route(API + path, endpoint, methods=["DELETE"])


async def _unknown(call: ConsoleCall) -> None:
    raise UnknownRoute
