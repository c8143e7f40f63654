/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A filter of the connection, which runs in GDBus's thread: for a call as soon as it was read, for a reply when it is the
 * next to be written.
 */

#include "bus-gate.h"

#include "bus.h"
#include "session/error-name.h"

#define REFUSAL EA_BUS_NAME ".Error." EA_ERROR_LIMIT_EXCEEDED

/* What the filter and the main loop share */
typedef struct
{
  GMainContext *context;
  GMutex mutex;
  GHashTable *callers; /* unique name → how many of its calls wait, from 1 */
  guint n_waiting;     /* calls of all */
} Ledger;

struct _EaBusGate
{
  GDBusConnection *connection;
  guint filter;
};

/* A call that wants no reply */
typedef struct
{
  Ledger *ledger;
  char *caller;
} Silent;

static void
clear_ledger (gpointer data)
{
  Ledger *ledger = data;

  g_main_context_unref (ledger->context);
  g_mutex_clear (&ledger->mutex);
  g_hash_table_unref (ledger->callers);
}

static void
release_ledger (gpointer ledger)
{
  g_atomic_rc_box_release_full (ledger, clear_ledger);
}

/* NULL, or why @n_calls of one caller are too many */
static const char *
judge (const Ledger *ledger, guint n_calls)
{
  if (n_calls > EA_BUS_GATE_CALLER_MAX)
    return "Too many calls of yours wait for their replies";
  if (n_calls > 1 && ledger->n_waiting > EA_BUS_GATE_CALLS_MAX)
    return "Too many calls wait for their replies";
  return NULL;
}

static guint
count (const Ledger *ledger, const char *caller)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (ledger->callers, caller));
}

/* One more call of @caller waits. NULL, or why that is too much */
static const char *
enter (Ledger *ledger, const char *caller)
{
  const char *reason;
  guint n_calls;

  g_mutex_lock (&ledger->mutex);
  n_calls = count (ledger, caller) + 1;
  g_hash_table_replace (ledger->callers, g_strdup (caller), GUINT_TO_POINTER (n_calls));
  ledger->n_waiting++;
  reason = judge (ledger, n_calls);
  g_mutex_unlock (&ledger->mutex);
  return reason;
}

/* @caller may be nobody who waits: replies to calls from before. */
static void
leave (Ledger *ledger, const char *caller)
{
  guint n_calls;

  g_mutex_lock (&ledger->mutex);
  n_calls = count (ledger, caller);
  if (n_calls > 0)
    ledger->n_waiting--;
  if (n_calls > 1)
    g_hash_table_replace (ledger->callers, g_strdup (caller), GUINT_TO_POINTER (n_calls - 1));
  else
    g_hash_table_remove (ledger->callers, caller);
  g_mutex_unlock (&ledger->mutex);
}

static gboolean
on_turn (gpointer user_data)
{
  Silent *silent = user_data;

  leave (silent->ledger, silent->caller);
  return G_SOURCE_REMOVE;
}

static void
free_silent (gpointer data)
{
  Silent *silent = data;

  release_ledger (silent->ledger);
  g_free (silent->caller);
  g_free (silent);
}

/* Comes to its turn in the main loop just before the call itself, which GDBus queues the same way. */
static void
watch_turn (Ledger *ledger, const char *caller)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  Silent *silent = g_new0 (Silent, 1);

  silent->ledger = g_atomic_rc_box_acquire (ledger);
  silent->caller = g_strdup (caller);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_turn, silent, free_silent);
  g_source_attach (source, ledger->context);
}

static gsize
get_size (GDBusMessage *message)
{
  g_autofree guchar *fields = g_dbus_message_get_header_fields (message);
  GVariant *body = g_dbus_message_get_body (message);
  gsize size = body != NULL ? g_variant_get_size (body) : 0;

  for (gsize i = 0; fields[i] != 0; i++)
    size += g_variant_get_size (
        g_dbus_message_get_header (message, (GDBusMessageHeaderField) fields[i]));
  return size;
}

static void
refuse (GDBusConnection *connection, GDBusMessage *call, const char *reason)
{
  g_autoptr (GDBusMessage) reply = g_dbus_message_new_method_error_literal (call, REFUSAL, reason);

  /* The connection may be closed, and then nobody waits. */
  (void) g_dbus_connection_send_message (connection, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL,
                                         NULL);
}

/* Whether it may go on */
static gboolean
admit (Ledger *ledger, GDBusConnection *connection, GDBusMessage *call)
{
  const char *caller = g_dbus_message_get_sender (call);
  gboolean is_silent
      = (g_dbus_message_get_flags (call) & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED) != 0;
  const char *reason;

  if (caller == NULL)
    return TRUE; /* the bus itself */
  reason = enter (ledger, caller);
  if (get_size (call) > EA_BUS_GATE_SIZE_MAX)
    reason = "The call is too long";
  if (reason != NULL && is_silent)
    leave (ledger, caller);
  else if (reason != NULL)
    refuse (connection, call, reason);
  else if (is_silent)
    watch_turn (ledger, caller);
  return reason == NULL;
}

static GDBusMessage *
on_message (GDBusConnection *connection, GDBusMessage *message, gboolean is_incoming,
            gpointer user_data)
{
  Ledger *ledger = user_data;
  GDBusMessageType type = g_dbus_message_get_message_type (message);
  const char *destination = g_dbus_message_get_destination (message);

  if (is_incoming && type == G_DBUS_MESSAGE_TYPE_METHOD_CALL
      && !admit (ledger, connection, message))
    g_clear_object (&message);
  else if (!is_incoming && destination != NULL
           && (type == G_DBUS_MESSAGE_TYPE_METHOD_RETURN || type == G_DBUS_MESSAGE_TYPE_ERROR))
    leave (ledger, destination);
  return message;
}

EaBusGate *
ea_bus_gate_new (GDBusConnection *connection)
{
  EaBusGate *self = g_new0 (EaBusGate, 1);
  Ledger *ledger = g_atomic_rc_box_new0 (Ledger);

  ledger->context = g_main_context_ref_thread_default ();
  ledger->callers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_mutex_init (&ledger->mutex);
  self->connection = g_object_ref (connection);
  self->filter = g_dbus_connection_add_filter (connection, on_message, ledger, release_ledger);
  return self;
}

void
ea_bus_gate_free (EaBusGate *self)
{
  if (self == NULL)
    return;
  g_dbus_connection_remove_filter (self->connection, self->filter);
  g_object_unref (self->connection);
  g_free (self);
}
