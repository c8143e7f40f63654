/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From a switch to the URI that tells of it. */

#include "session/notifier.h"

#include "core/sgp02-notification.h"
#include "core/sgp02-status.h"
#include "core/sgp02.h"

#define PREFIX "notification-"

struct _EaNotifier
{
  GObject parent_instance;

  const EaSessionContext *context;
  char *record;
  GCancellable *cancellable;
  gboolean is_asking; /* the card */
  guint n_tries;
  guint retry_id;
};

static guint ready_signal;

G_DEFINE_FINAL_TYPE (EaNotifier, ea_notifier, G_TYPE_OBJECT)

/* What is durable */
typedef struct
{
  guint16 sequence; /* of the last one */
  gboolean is_owed;
} Account;

static Account
read_account (EaNotifier *self)
{
  g_autoptr (GBytes) record = ea_store_read (self->context->store, self->record, NULL);
  Account account = { 0 };
  EaReader reader;

  if (record == NULL)
    return account;
  ea_reader_init (&reader, ea_span_from_bytes (record));
  account.sequence = ea_reader_u16be (&reader);
  account.is_owed = ea_reader_u8 (&reader) != 0;
  return account;
}

static void
write_account (EaNotifier *self, const Account *account)
{
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GBytes) record = NULL;
  g_autoptr (GError) error = NULL;

  ea_writer_init (&writer);
  ea_writer_u16be (&writer, account->sequence);
  ea_writer_u8 (&writer, account->is_owed ? 1 : 0);
  record = ea_writer_steal (&writer);
  if (!ea_store_write (self->context->store, self->record, record, &error))
    ea_log_error (self->context->log, EA_MESSAGE_STORE_FAILED,
                  "What the SM-SR is to be notified of can't be stored: %s", error->message);
}

static char *
build_uri (EaNotifier *self, EaSpan aid, guint16 sequence)
{
  const EaConfig *config = self->context->config;
  const char *host = ea_config_get (config, "sm-sr", NULL, "Host");
  g_autoptr (GBytes) eid = ea_bytes_from_hex (self->context->eid, NULL);
  const EaSgp02Notification notification = {
    .eid = ea_span_from_bytes (eid),
    .type = EA_SGP02_NOTIFICATION_CHANGE_SUCCEEDED,
    .sequence = sequence,
    .aid = aid,
  };
  g_autoptr (GBytes) object = ea_sgp02_build_notification (&notification);
  g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (object));

  return g_strdup_printf ("%s?msg=%s", ea_config_get (config, "sm-sr", host, "Uri"), hex);
}

static gboolean
on_retry (gpointer user_data)
{
  EaNotifier *self = user_data;

  self->retry_id = 0;
  ea_notifier_notify (self);
  return G_SOURCE_REMOVE;
}

static void
try_again (EaNotifier *self)
{
  if (self->retry_id == 0 && ++self->n_tries < EA_NOTIFIER_TRIES_MAX)
    self->retry_id = g_timeout_add (EA_NOTIFIER_INTERVAL_MS, on_retry, self);
}

/* The number counts before it is used: none is used twice. */
static void
notify (EaNotifier *self, EaSpan aid)
{
  Account account = read_account (self);
  g_autofree char *uri = NULL;
  gboolean is_opened = FALSE;

  account.sequence++;
  write_account (self, &account);
  uri = build_uri (self, aid, account.sequence);
  g_signal_emit (self, ready_signal, 0, uri, &is_opened);
  account.is_owed = !is_opened;
  if (is_opened)
    write_account (self, &account);
  else
    try_again (self);
}

static void
on_status (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaNotifier) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) responses = ea_card_run_finish (EA_CARD (source), result, &error);
  EaSpan aid;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  self->is_asking = FALSE;
  if (responses != NULL
      && ea_sgp02_find_enabled (ea_span_from_bytes (responses->pdata[0]), &aid, &error))
    {
      notify (self, aid);
      return;
    }
  ea_log_warning (self->context->log, EA_MESSAGE_NOT_NOTIFIED,
                  "The SM-SR is not yet notified of the switch: %s", error->message);
  try_again (self);
}

static gboolean
is_wanted (EaNotifier *self)
{
  const EaConfig *config = self->context->config;
  const char *host;

  if (config == NULL)
    return FALSE;
  host = ea_config_get (config, "sm-sr", NULL, "Host");
  return ea_config_get_choice (config, "sm-sr", host, "NotifyBy") > 0;
}

void
ea_notifier_owe (EaNotifier *self)
{
  Account account = read_account (self);

  if (!is_wanted (self))
    return;
  account.is_owed = TRUE;
  write_account (self, &account);
  self->n_tries = 0;
}

void
ea_notifier_notify (EaNotifier *self)
{
  g_autoptr (GBytes) aid = ea_sgp02_build_aid (EA_SGP02_TAR_ISD_R);
  g_autoptr (GPtrArray) commands = NULL;

  if (self->is_asking || self->context->card == NULL || !self->context->is_ready
      || !is_wanted (self) || !read_account (self).is_owed)
    return;
  commands = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (commands, ea_sgp02_build_get_status ());
  self->is_asking = TRUE;
  ea_card_run_async (self->context->card, aid, commands, self->cancellable, on_status,
                     g_object_ref (self));
}

static void
ea_notifier_dispose (GObject *object)
{
  EaNotifier *self = EA_NOTIFIER (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->retry_id, g_source_remove);
  G_OBJECT_CLASS (ea_notifier_parent_class)->dispose (object);
}

static void
ea_notifier_finalize (GObject *object)
{
  EaNotifier *self = EA_NOTIFIER (object);

  g_object_unref (self->cancellable);
  g_free (self->record);
  G_OBJECT_CLASS (ea_notifier_parent_class)->finalize (object);
}

static void
ea_notifier_class_init (EaNotifierClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ea_notifier_dispose;
  object_class->finalize = ea_notifier_finalize;
  ready_signal = g_signal_new ("ready", EA_TYPE_NOTIFIER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_BOOLEAN, 1, G_TYPE_STRING);
}

static void
ea_notifier_init (EaNotifier *self)
{
  self->cancellable = g_cancellable_new ();
}

EaNotifier *
ea_notifier_new (const EaSessionContext *context)
{
  EaNotifier *self = g_object_new (EA_TYPE_NOTIFIER, NULL);

  self->context = context;
  self->record = g_strconcat (PREFIX, context->name, NULL);
  return self;
}
