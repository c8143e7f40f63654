/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The sessions that the agent holds itself for an eUICC: who asks for them, and who hears of them. */

#include "core/apdu.h"
#include "core/error.h"
#include "session/euicc-private.h"

/* What "auto" has become, and why */
static void
remember_choice (EaEuicc *self, EaSession *session, const char *reason)
{
  g_autofree char *transport = NULL;
  g_autoptr (GError) error = NULL;
  EaHistoryEntry entry
      = { .event = EA_HISTORY_TRANSPORT_CHOSEN, .eid = self->eid, .detail = reason };

  g_object_get (session, "transport", &transport, NULL);
  entry.transport = transport;
  if (!ea_history_add (self->history, &entry, &error))
    ea_log_error (&self->context, EA_MESSAGE_STORE_FAILED,
                  "The choice of a transport can't be stored: %s", error->message);
}

EaSession *
ea_euicc_open_session (EaEuicc *self, const char *transport, GVariant *options, GError **error)
{
  const char *reason;
  EaSession *session = ea_sessions_open (self->sessions, transport, options, &reason, error);

  if (session != NULL && reason != NULL)
    remember_choice (self, session, reason);
  return session;
}

/* Without a store nothing is opened, and the trigger waits, too. */
static int
on_session_triggered (EaEndpoint *endpoint, const EaPushTrigger *trigger, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);
  g_autoptr (GError) error = NULL;

  if (ea_sessions_take_trigger (self->sessions, trigger, &error))
    return EA_ENDPOINT_TAKEN;
  ea_log_warning (&self->context, EA_MESSAGE_SESSION_FAILED, "No session comes of a trigger: %s",
                  error->message);
  ea_activity_fail (self->activity, error);
  return error->domain == EA_STORE_ERROR ? EA_ENDPOINT_LATER : EA_ENDPOINT_REFUSED;
}

/* What may work another time, what never will as it stands, and what the agent has not (TS 102 226 §9.1) */
static guint
get_push_status (const GError *error)
{
  if (error->domain == EA_STORE_ERROR
      || g_error_matches (error, EA_SESSION_ERROR, EA_SESSION_ERROR_FULL)
      || g_error_matches (error, EA_SESSION_ERROR, EA_SESSION_ERROR_CARD_ABSENT))
    return EA_APDU_SW_CONDITIONS_NOT_SATISFIED;
  if (error->domain == EA_CORE_ERROR
      || g_error_matches (error, EA_SESSION_ERROR, EA_SESSION_ERROR_INVALID))
    return EA_APDU_SW_WRONG_DATA;
  return EA_APDU_SW_FUNCTION_NOT_SUPPORTED;
}

static guint
on_push (EaEndpoint *endpoint, const EaPush *push, gpointer user_data)
{
  EaEuicc *self = EA_EUICC (user_data);
  g_autoptr (GError) error = NULL;

  if (ea_sessions_take_push (self->sessions, push, &error))
    return EA_APDU_SW_OK;
  ea_log_warning (&self->context, EA_MESSAGE_SESSION_FAILED, "No session comes of a push: %s",
                  error->message);
  ea_activity_fail (self->activity, error);
  return get_push_status (error);
}

static void
watch_triggers (EaEuicc *self)
{
  g_signal_connect_object (ea_ota_get_endpoint (self->ota), "push", G_CALLBACK (on_push), self, 0);
  g_signal_connect_object (ea_ota_get_endpoint (self->ota), "session-triggered",
                           G_CALLBACK (on_session_triggered), self, 0);
}

static gboolean
take_message (EaSpan tpdu, gpointer user_data)
{
  return ea_sealed_take_message (EA_SEALED (user_data), tpdu);
}

/* What the card sends in answer to a sealed packet does not go to the network. */
static void
make_sealed (EaEuicc *self)
{
  self->sealed = ea_sealed_new (self->modem, self->card, &self->context);
  ea_toolkit_set_message_taker (self->toolkit, take_message, self->sealed);
}

void
ea_euicc_attach_sessions (EaEuicc *self)
{
  EaSessionsModem modem = {
    .modem = self->modem,
    .card = self->card,
    .bearers = self->bearers,
    .endpoint = ea_ota_get_endpoint (self->ota),
  };

  watch_triggers (self);
  make_sealed (self);
  modem.sealed = self->sealed;
  ea_sessions_attach (self->sessions, &modem, self->path);
}

static void
on_added (EaSessions *sessions, EaSession *session, gpointer user_data)
{
  ea_euicc_emit (EA_EUICC (user_data), EA_EUICC_SIGNAL_SESSION_ADDED, session);
}

static void
on_removed (EaSessions *sessions, EaSession *session, gpointer user_data)
{
  ea_euicc_emit (EA_EUICC (user_data), EA_EUICC_SIGNAL_SESSION_REMOVED, session);
}

void
ea_euicc_make_sessions (EaEuicc *self)
{
  g_autoptr (EaResolver) resolver = ea_resolver_new ();
  const EaSessionsOptions options = {
    .store = self->store,
    .name = self->name,
    .keys = self->keys,
    .resolver = resolver,
    .inhibitor = self->inhibitor,
    .activity = self->activity,
    .log = &self->context,
  };

  self->sessions = ea_sessions_new (&options);
  g_signal_connect_object (self->sessions, "added", G_CALLBACK (on_added), self, 0);
  g_signal_connect_object (self->sessions, "removed", G_CALLBACK (on_removed), self, 0);
}
