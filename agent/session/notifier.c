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
};

static guint ready_signal;

G_DEFINE_FINAL_TYPE (EaNotifier, ea_notifier, G_TYPE_OBJECT)

static guint16
read_sequence (EaNotifier *self)
{
  g_autoptr (GBytes) record = ea_store_read (self->context->store, self->record, NULL);
  EaReader reader;

  if (record == NULL)
    return 0;
  ea_reader_init (&reader, ea_span_from_bytes (record));
  return ea_reader_u16be (&reader);
}

/* A number that no notification had before */
static guint16
take_sequence (EaNotifier *self)
{
  guint16 sequence = (guint16) (read_sequence (self) + 1);
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GBytes) record = NULL;
  g_autoptr (GError) error = NULL;

  ea_writer_init (&writer);
  ea_writer_u16be (&writer, sequence);
  record = ea_writer_steal (&writer);
  if (!ea_store_write (self->context->store, self->record, record, &error))
    ea_log_error (self->context->log, EA_MESSAGE_STORE_FAILED,
                  "The number of a notification can't be stored: %s", error->message);
  return sequence;
}

static char *
build_uri (EaNotifier *self, EaSpan aid)
{
  const EaConfig *config = self->context->config;
  const char *host = ea_config_get (config, "sm-sr", NULL, "Host");
  g_autoptr (GBytes) eid = ea_bytes_from_hex (self->context->eid, NULL);
  const EaSgp02Notification notification = {
    .eid = ea_span_from_bytes (eid),
    .type = EA_SGP02_NOTIFICATION_CHANGE_SUCCEEDED,
    .sequence = take_sequence (self),
    .aid = aid,
  };
  g_autoptr (GBytes) object = ea_sgp02_build_notification (&notification);
  g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (object));

  return g_strdup_printf ("%s?msg=%s", ea_config_get (config, "sm-sr", host, "Uri"), hex);
}

static void
on_status (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaNotifier) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) responses = ea_card_run_finish (EA_CARD (source), result, &error);
  g_autofree char *uri = NULL;
  EaSpan aid;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (responses == NULL
      || !ea_sgp02_find_enabled (ea_span_from_bytes (responses->pdata[0]), &aid, &error))
    {
      ea_log_warning (self->context->log, NULL, "The SM-SR is not notified of the switch: %s",
                      error->message);
      return;
    }
  uri = build_uri (self, aid);
  g_signal_emit (self, ready_signal, 0, uri);
}

static gboolean
is_wanted (EaNotifier *self)
{
  const EaConfig *config = self->context->config;
  const char *host;

  if (config == NULL || self->context->card == NULL || !self->context->is_ready)
    return FALSE;
  host = ea_config_get (config, "sm-sr", NULL, "Host");
  return ea_config_get_choice (config, "sm-sr", host, "NotifyBy") > 0;
}

void
ea_notifier_notify (EaNotifier *self)
{
  g_autoptr (GBytes) aid = ea_sgp02_build_aid (EA_SGP02_TAR_ISD_R);
  g_autoptr (GPtrArray) commands = NULL;

  if (!is_wanted (self))
    return;
  commands = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (commands, ea_sgp02_build_get_status ());
  ea_card_run_async (self->context->card, aid, commands, self->cancellable, on_status,
                     g_object_ref (self));
}

static void
ea_notifier_dispose (GObject *object)
{
  g_cancellable_cancel (EA_NOTIFIER (object)->cancellable);
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
                               G_TYPE_NONE, 1, G_TYPE_STRING);
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
