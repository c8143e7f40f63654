/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Opening, losing, opening again and closing of one modem. */

#include "session/attachment.h"

#include "core/cat-profile.h"

#define RECORD_PREFIX "modem-"

typedef enum
{
  STATE_DROPPED, /* no modem */
  STATE_OPENING,
  STATE_OPEN,
  STATE_CLOSING, /* also of a modem that was opened half */
} State;

struct _EaAttachment
{
  GObject parent_instance;

  EaStore *store;
  char *record_name;
  const EaLogContext *context;
  EaQmiModemOptions options;
  char *proxy_path; /* of them */
  gboolean is_started;
  gboolean is_closing;
  State state;
  GTask *close_task; /* waits until the modem is closed and dropped */

  EaModem *modem;
  GCancellable *cancellable;
  guint retry_id;
  guint retry_ms;
};

enum
{
  SIGNAL_MADE,
  SIGNAL_OPENED,
  SIGNAL_FAILED,
  SIGNAL_DROPPED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EaAttachment, ea_attachment, G_TYPE_OBJECT)

static void open_modem (EaAttachment *self);

static void
drop_modem (EaAttachment *self)
{
  g_clear_handle_id (&self->retry_id, g_source_remove);
  if (self->modem == NULL)
    return;

  g_cancellable_cancel (self->cancellable);
  g_signal_emit (self, signals[SIGNAL_DROPPED], 0);
  g_signal_handlers_disconnect_by_data (self->modem, self);
  ea_modem_set_save_func (self->modem, NULL, NULL);
  g_clear_object (&self->modem);
  g_clear_object (&self->cancellable);
  self->state = STATE_DROPPED;
  if (self->close_task != NULL)
    g_task_return_boolean (self->close_task, TRUE);
  g_clear_object (&self->close_task);
}

static gboolean
on_retry (gpointer user_data)
{
  EaAttachment *self = user_data;

  self->retry_id = 0;
  open_modem (self);
  return G_SOURCE_REMOVE;
}

/* Pauses grow, so that a modem without free client ids is not pestered. */
static void
retry_later (EaAttachment *self)
{
  if (!self->is_started || self->is_closing || self->retry_id != 0)
    return;

  self->retry_id = g_timeout_add (self->retry_ms, on_retry, self);
  self->retry_ms = MIN (self->retry_ms * 2, EA_ATTACHMENT_RETRY_LAST_MS);
}

static void
on_lost (EaModem *modem, const GError *error, gpointer user_data)
{
  EaAttachment *self = EA_ATTACHMENT (user_data);
  g_autoptr (GError) reason = g_error_copy (error);

  drop_modem (self);
  g_signal_emit (self, signals[SIGNAL_FAILED], 0, reason);
  retry_later (self);
}

static gboolean
save_record (GBytes *record, gpointer user_data, GError **error)
{
  EaAttachment *self = user_data;
  g_autoptr (GError) local_error = NULL;

  if (ea_store_keep (self->store, self->record_name, record, &local_error))
    return TRUE;

  ea_log_error (self->context, EA_MESSAGE_STORE_FAILED,
                "What was changed in the modem can't be recorded: %s", local_error->message);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static GBytes *
load_record (EaAttachment *self)
{
  g_autoptr (GError) error = NULL;
  GBytes *record = ea_store_read (self->store, self->record_name, &error);

  if (record == NULL && !g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_NOT_FOUND))
    ea_log_error (self->context, EA_MESSAGE_STORE_FAILED,
                  "What an earlier run changed in the modem is not put back: %s", error->message);
  return record;
}

static void
on_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaAttachment) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!ea_modem_close_finish (EA_MODEM (source), result, &error))
    ea_log_warning (self->context, EA_MESSAGE_NOT_PUT_BACK, "The modem was not closed well: %s",
                    error->message);
  if (EA_MODEM (source) != self->modem)
    return; /* dropped meanwhile */
  drop_modem (self);
  retry_later (self);
}

/* Also of a modem that was opened half, so that it keeps no client ids of ours. */
static void
close_modem (EaAttachment *self)
{
  self->state = STATE_CLOSING;
  ea_modem_close_async (self->modem, NULL, on_closed, g_object_ref (self));
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaAttachment) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_open = ea_modem_open_finish (EA_MODEM (source), result, &error);

  if (EA_MODEM (source) != self->modem)
    return; /* dropped meanwhile */
  if (is_open && !self->is_closing)
    {
      self->state = STATE_OPEN;
      g_signal_emit (self, signals[SIGNAL_OPENED], 0);
      return;
    }
  if (!self->is_closing)
    g_signal_emit (self, signals[SIGNAL_FAILED], 0, error);
  close_modem (self);
}

static void
open_modem (EaAttachment *self)
{
  g_autoptr (GBytes) record = load_record (self);
  g_autoptr (GBytes) terminal_profile = ea_cat_build_agent_profile ();
  g_autoptr (GBytes) needed_profile = ea_cat_build_bip_profile ();
  EaQmiModemOptions options = self->options;

  options.terminal_profile = terminal_profile;
  options.needed_profile = needed_profile;
  self->cancellable = g_cancellable_new ();
  self->modem = ea_qmi_modem_new (&options, record);
  ea_modem_set_save_func (self->modem, save_record, self);
  g_signal_connect_object (self->modem, "lost", G_CALLBACK (on_lost), self, 0);
  g_signal_emit (self, signals[SIGNAL_MADE], 0, self->modem);
  self->state = STATE_OPENING;
  ea_modem_open_async (self->modem, self->cancellable, on_opened, g_object_ref (self));
}

void
ea_attachment_start (EaAttachment *self, const EaQmiModemOptions *options)
{
  g_return_if_fail (!self->is_started);

  self->is_started = TRUE;
  self->options = *options;
  g_free (self->proxy_path);
  self->proxy_path = g_strdup (options->proxy_path);
  self->options.proxy_path = self->proxy_path;
  self->retry_ms = EA_ATTACHMENT_RETRY_FIRST_MS;
  open_modem (self);
}

void
ea_attachment_stop (EaAttachment *self)
{
  self->is_started = FALSE;
  drop_modem (self);
}

void
ea_attachment_settle (EaAttachment *self)
{
  self->retry_ms = EA_ATTACHMENT_RETRY_FIRST_MS;
}

void
ea_attachment_renew (EaAttachment *self)
{
  if (!self->is_started || self->is_closing)
    return;
  self->retry_ms = EA_ATTACHMENT_RETRY_FIRST_MS;
  if (self->state == STATE_OPEN)
    close_modem (self);
  else if (self->retry_id != 0)
    {
      g_clear_handle_id (&self->retry_id, g_source_remove);
      open_modem (self);
    }
}

void
ea_attachment_set_messaging_shared (EaAttachment *self, gboolean is_shared)
{
  self->options.is_messaging_shared = is_shared;
  if (self->modem != NULL)
    ea_qmi_modem_set_messaging_shared (EA_QMI_MODEM (self->modem), is_shared);
}

void
ea_attachment_set_managed (EaAttachment *self, gboolean is_managed)
{
  self->options.is_managed = is_managed;
  if (self->modem != NULL)
    ea_qmi_modem_set_managed (EA_QMI_MODEM (self->modem), is_managed);
}

void
ea_attachment_close_async (EaAttachment *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  self->is_closing = TRUE;
  g_clear_handle_id (&self->retry_id, g_source_remove);
  if (self->modem == NULL)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  self->close_task = task;
  g_cancellable_cancel (self->cancellable);
  if (self->state == STATE_OPEN)
    close_modem (self);
}

void
ea_attachment_close_finish (EaAttachment *self, GAsyncResult *result)
{
  (void) g_task_propagate_boolean (G_TASK (result), NULL); /* what went wrong is in the log */
}

EaModem *
ea_attachment_get_modem (EaAttachment *self)
{
  return self->modem;
}

static void
ea_attachment_dispose (GObject *object)
{
  ea_attachment_stop (EA_ATTACHMENT (object));
  G_OBJECT_CLASS (ea_attachment_parent_class)->dispose (object);
}

static void
ea_attachment_finalize (GObject *object)
{
  EaAttachment *self = EA_ATTACHMENT (object);

  g_free (self->record_name);
  g_free (self->proxy_path);
  G_OBJECT_CLASS (ea_attachment_parent_class)->finalize (object);
}

static guint
add_signal (const char *name, guint n_params, GType type)
{
  return g_signal_new (name, EA_TYPE_ATTACHMENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, n_params, type);
}

static void
ea_attachment_class_init (EaAttachmentClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_attachment_dispose;
  G_OBJECT_CLASS (klass)->finalize = ea_attachment_finalize;

  signals[SIGNAL_MADE] = add_signal ("made", 1, EA_TYPE_MODEM);
  signals[SIGNAL_OPENED] = add_signal ("opened", 0, G_TYPE_NONE);
  signals[SIGNAL_FAILED] = add_signal ("failed", 1, G_TYPE_ERROR);
  signals[SIGNAL_DROPPED] = add_signal ("dropped", 0, G_TYPE_NONE);
}

static void
ea_attachment_init (EaAttachment *self)
{
}

EaAttachment *
ea_attachment_new (EaStore *store, const char *name, const EaLogContext *context)
{
  EaAttachment *self = g_object_new (EA_TYPE_ATTACHMENT, NULL);

  self->store = store;
  self->record_name = g_strconcat (RECORD_PREFIX, name, NULL);
  self->context = context;
  return self;
}
