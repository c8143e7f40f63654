/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* EID and answer to reset of one card. */

#include "session/identity.h"

#include <string.h>

#include "core/sgp02.h"

struct _EaIdentity
{
  GObject parent_instance;

  EaModem *modem;
  EaCard *card;
  EaActivity *activity;
  const EaLogContext *context;

  GCancellable *cancellable;
  gboolean is_fresh; /* the EID was read since the card came */
  GError *failure;   /* the last one of this card; NULL: there was none */
  guint pause_s;     /* before the next try */
  guint retry_id;
};

enum
{
  SIGNAL_EID_READ,
  SIGNAL_ATR_READ,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EaIdentity, ea_identity, G_TYPE_OBJECT)

static gboolean
on_retry (gpointer user_data)
{
  EaIdentity *self = user_data;

  self->retry_id = 0;
  (void) ea_identity_read (self); /* the signal tells */
  return G_SOURCE_REMOVE;
}

/* Pauses grow, so that a card that is no eUICC is not pestered. Even what was refused may be given when whoever had it,
 * or a modem that has just started, lets go. */
static void
retry_later (EaIdentity *self)
{
  if (self->retry_id != 0)
    return;
  self->retry_id = g_timeout_add_seconds (self->pause_s, on_retry, self);
  self->pause_s = MIN (self->pause_s * 2, EA_IDENTITY_RETRY_LAST_S);
}

static gboolean
is_known (EaIdentity *self, const GError *error)
{
  return self->failure != NULL
         && g_error_matches (error, self->failure->domain, self->failure->code)
         && strcmp (error->message, self->failure->message) == 0;
}

/* What everybody knows does not hide other errors; time-outs count. */
static void
tell_failure (EaIdentity *self, const GError *error)
{
  if (!is_known (self, error))
    ea_activity_fail_on_card (self->activity, error);
  else if (g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_TIMEOUT))
    ea_activity_count (self->activity, EA_COUNTER_TIMEOUTS_CARD);
  if (self->failure == NULL)
    ea_log_warning (self->context, EA_MESSAGE_MODEM_FAILED, "The EID can't be read: %s",
                    error->message);
  else
    ea_log_info (self->context, "The EID can't be read yet: %s", error->message);
  g_clear_error (&self->failure);
  self->failure = g_error_copy (error);
}

static void
on_eid (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaIdentity) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) responses = ea_card_run_finish (EA_CARD (source), result, &error);
  g_autofree char *eid = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (responses != NULL)
    eid = ea_sgp02_parse_eid (ea_span_from_bytes (g_ptr_array_index (responses, 0)), &error);
  self->is_fresh = eid != NULL;
  if (eid == NULL)
    {
      tell_failure (self, error);
      retry_later (self);
    }
  g_signal_emit (self, signals[SIGNAL_EID_READ], 0, eid, error);
}

static void
on_atr (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaIdentity) self = user_data;
  g_autoptr (GBytes) atr = ea_modem_read_atr_finish (EA_MODEM (source), result, NULL);

  if (atr != NULL)
    g_signal_emit (self, signals[SIGNAL_ATR_READ], 0, atr);
}

gboolean
ea_identity_read (EaIdentity *self)
{
  g_autoptr (GBytes) aid = ea_sgp02_get_ecasd_aid ();
  g_autoptr (GPtrArray) commands = NULL;

  if (self->is_fresh)
    return FALSE;

  commands = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (commands, ea_sgp02_build_get_eid ());
  g_clear_handle_id (&self->retry_id, g_source_remove);
  ea_card_run_async (self->card, aid, commands, self->cancellable, on_eid, g_object_ref (self));
  ea_modem_read_atr_async (self->modem, self->cancellable, on_atr, g_object_ref (self));
  return TRUE;
}

void
ea_identity_stop (EaIdentity *self)
{
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_clear_handle_id (&self->retry_id, g_source_remove);
}

void
ea_identity_forget (EaIdentity *self)
{
  ea_identity_stop (self);
  self->is_fresh = FALSE;
  self->pause_s = EA_IDENTITY_RETRY_FIRST_S;
  g_clear_error (&self->failure);
}

static void
on_card_changed (EaModem *modem, EaModemCard card, gpointer user_data)
{
  if (card != EA_MODEM_CARD_READY)
    ea_identity_stop (user_data);
}

static void
ea_identity_dispose (GObject *object)
{
  EaIdentity *self = EA_IDENTITY (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->retry_id, g_source_remove);
  g_clear_object (&self->cancellable);
  g_clear_error (&self->failure);
  if (self->modem != NULL)
    g_signal_handlers_disconnect_by_data (self->modem, self);
  g_clear_object (&self->modem);
  g_clear_object (&self->card);
  g_clear_object (&self->activity);
  G_OBJECT_CLASS (ea_identity_parent_class)->dispose (object);
}

static void
ea_identity_class_init (EaIdentityClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_identity_dispose;
  signals[SIGNAL_EID_READ] = g_signal_new ("eid-read", EA_TYPE_IDENTITY, G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_ERROR);
  signals[SIGNAL_ATR_READ] = g_signal_new ("atr-read", EA_TYPE_IDENTITY, G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BYTES);
}

static void
ea_identity_init (EaIdentity *self)
{
  self->cancellable = g_cancellable_new ();
  self->pause_s = EA_IDENTITY_RETRY_FIRST_S;
}

EaIdentity *
ea_identity_new (EaModem *modem, EaCard *card, EaActivity *activity, const EaLogContext *context)
{
  EaIdentity *self = g_object_new (EA_TYPE_IDENTITY, NULL);

  self->modem = g_object_ref (modem);
  self->card = g_object_ref (card);
  self->activity = g_object_ref (activity);
  self->context = context;
  g_signal_connect_object (modem, "card-changed", G_CALLBACK (on_card_changed), self, 0);
  return self;
}
