/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From nothing to a connection with the SM-SR: a link and a handshake, until one is shaken. */

#include "session/admin-connect.h"

#include <string.h>

#include "core/sgp02-identity.h"
#include "core/sgp02.h"
#include "session/reach.h"

typedef struct
{
  const EaSessionContext *context;
  const EaSessionOrder *order;
  EaReach *reach;
  EaLink *link;
  EaPskTls *tls;
  GBytes *identity; /* that @tls has */
  EaKeyRing *keys;
  gulong keys_id; /* handler */
  gboolean has_lost_key;
} Attempt;

static void
attempt_free (gpointer data)
{
  Attempt *attempt = data;

  g_object_unref (attempt->reach);
  g_clear_signal_handler (&attempt->keys_id, attempt->keys);
  g_object_unref (attempt->keys);
  g_clear_object (&attempt->tls);
  g_clear_pointer (&attempt->identity, g_bytes_unref);
  g_clear_object (&attempt->link);
  g_free (attempt);
}

void
ea_admin_connection_clear (EaAdminConnection *connection)
{
  g_clear_object (&connection->tls);
  g_clear_object (&connection->bearer);
}

const EaKeysScp81 *
ea_admin_find_key (const EaSessionContext *context, const EaSessionOrder *order, GError **error)
{
  const EaKeys *keys = ea_key_ring_get_keys (context->keys);
  const EaKeysScp81 *key;

  if (!order->has_key)
    key = ea_keys_find_scp81 (keys, order->eid);
  else
    key = ea_keys_find_scp81_version (keys, order->eid, order->key_version, order->key_identifier);
  if (key == NULL && order->has_key)
    g_set_error (error, EA_SESSION_ERROR, EA_SESSION_ERROR_NO_KEY,
                 "The key %02X:%02X, which the SM-SR names, is not held for this eUICC",
                 order->key_version, order->key_identifier);
  else if (key == NULL)
    g_set_error_literal (error, EA_SESSION_ERROR, EA_SESSION_ERROR_NO_KEY,
                         "No key for HTTPS (scp81) is held for this eUICC");
  return key;
}

/* (transfer full): as the handshake has it */
static GBytes *
get_identity (const EaSessionOrder *order, const EaKeysScp81 *key)
{
  g_autoptr (GBytes) eid = ea_bytes_from_hex (order->eid, NULL);
  g_autoptr (GBytes) aid = ea_sgp02_build_aid (EA_SGP02_TAR_ISD_R);
  g_autoptr (GBytes) objects = NULL;
  char *text;
  const EaSgp02PskIdentity identity = {
    .type = EA_SGP02_PSK_IDENTITY_QUALIFIED,
    .eid = ea_span_from_bytes (eid),
    .aid = ea_span_from_bytes (aid),
    .key_identifier = key->key_identifier,
    .key_version = key->version,
  };

  if (key->identity.size > 0)
    return ea_span_to_bytes (key->identity);
  if (order->psk_identity != NULL)
    return g_bytes_ref (order->psk_identity);
  objects = ea_sgp02_build_psk_identity (&identity);
  text = ea_span_to_hex (ea_span_from_bytes (objects));
  return g_bytes_new_take (text, strlen (text));
}

static guint
limit_time (const Attempt *attempt, guint limit_ms)
{
  return MIN (limit_ms, attempt->order->timeout_s * 1000);
}

static void connect_next (GTask *task);

static void
forget_connection (Attempt *attempt)
{
  g_clear_signal_handler (&attempt->keys_id, attempt->keys);
  g_clear_object (&attempt->tls);
  g_clear_pointer (&attempt->identity, g_bytes_unref);
  g_clear_object (&attempt->link);
}

/* The SM-SR may have moved, and the address may be another's now; but who refuses a key is the right one. */
static gboolean
is_answer_of_server (const GError *error)
{
  return g_error_matches (error, EA_PSK_TLS_ERROR, EA_PSK_TLS_ERROR_IDENTITY_REFUSED)
         || g_error_matches (error, EA_PSK_TLS_ERROR, EA_PSK_TLS_ERROR_KEY_REFUSED)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
on_shaken (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (ea_psk_tls_handshake_finish (EA_PSK_TLS (source), result, &error))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (attempt->has_lost_key)
    g_task_return_new_error (task, EA_SESSION_ERROR, EA_SESSION_ERROR_KEYS_CHANGED,
                             "The keys were read again during the handshake");
  else if (is_answer_of_server (error))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    {
      forget_connection (attempt);
      ea_reach_note_refusal (attempt->reach, error);
      connect_next (g_steal_pointer (&task));
    }
}

/* The key that it has borrowed is gone. */
static void
on_keys_changed (EaKeyRing *keys, gpointer user_data)
{
  Attempt *attempt = user_data;

  attempt->has_lost_key = TRUE;
  ea_psk_tls_abort (attempt->tls);
}

static void
begin_tls (Attempt *attempt, const EaKeysScp81 *key)
{
  const EaConfig *config = attempt->context->config;
  const char *name = attempt->order->name;
  EaPskTlsOptions options = { 0 };

  attempt->identity = get_identity (attempt->order, key);
  options.preset = (EaPskTlsPreset) ea_config_get_choice (config, "sm-sr", name, "TlsPreset");
  options.suites = (EaPskTlsSuites) ea_config_get_choice (config, "sm-sr", name, "TlsSuites");
  options.max_fragment_length = ea_config_get_number (config, "sm-sr", name, "MaxFragmentLength");
  options.identity = ea_span_from_bytes (attempt->identity);
  options.psk = key->psk;
  attempt->tls = ea_psk_tls_new (attempt->link, &options);
  attempt->keys_id
      = g_signal_connect (attempt->keys, "changed", G_CALLBACK (on_keys_changed), attempt);
}

static void
shake_hands (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  GError *error = NULL;
  const EaKeysScp81 *key = ea_admin_find_key (attempt->context, attempt->order, &error);

  if (key == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  ea_session_set_state (g_task_get_source_object (task), EA_SESSION_HANDSHAKING);
  begin_tls (attempt, key);
  ea_psk_tls_handshake_async (attempt->tls, limit_time (attempt, EA_ADMIN_HANDSHAKE_LIMIT_MS),
                              g_task_get_cancellable (task), on_shaken, task);
}

static void
on_link (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Attempt *attempt = g_task_get_task_data (task);
  GError *error = NULL;

  attempt->link = ea_reach_next_finish (EA_REACH (source), result, &error);
  if (attempt->link != NULL)
    {
      shake_hands (task);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
connect_next (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);

  ea_reach_next_async (attempt->reach, g_task_get_cancellable (task), on_link, task);
}

void
ea_admin_connect_async (const EaSessionContext *context, const EaSessionOrder *order,
                        EaSession *session, GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (session, cancellable, callback, user_data);
  Attempt *attempt = g_new0 (Attempt, 1);
  GError *error = NULL;

  attempt->context = context;
  attempt->order = order;
  attempt->reach = ea_reach_new (context, order, session, EA_LINK_TCP);
  attempt->keys = g_object_ref (context->keys);
  g_task_set_task_data (task, attempt, attempt_free);
  if (ea_admin_find_key (context, order, &error) != NULL)
    {
      connect_next (task);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

gboolean
ea_admin_connect_finish (EaSession *session, GAsyncResult *result, EaAdminConnection *connection,
                         GError **error)
{
  Attempt *attempt = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  connection->bearer = ea_reach_steal_bearer (attempt->reach);
  connection->tls = g_steal_pointer (&attempt->tls);
  return TRUE;
}
