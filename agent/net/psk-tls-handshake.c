/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The handshake, with a limit of time and the right to change one's mind. */

#include "net/psk-tls-private.h"

#define WARNINGS_MAX 8 /* GnuTLS takes 16, and then has an internal error */

/* Bytes of the stack that GnuTLS may use for the key */
#define STACK_WIPED 0x8000

GTask *
ea_psk_tls_stop_handshake (EaPskTls *self)
{
  ea_psk_tls_clear_source (&self->timer);
  ea_psk_tls_clear_source (&self->cancelled);
  self->options.identity = EA_SPAN_EMPTY;
  self->options.psk = EA_SPAN_EMPTY;
  return g_steal_pointer (&self->handshake_task);
}

static gboolean
on_timed_out (gpointer user_data)
{
  EaPskTls *self = EA_PSK_TLS (user_data);

  ea_link_abort (self->link);
  ea_psk_tls_end (self, g_error_new_literal (EA_PSK_TLS_ERROR, EA_PSK_TLS_ERROR_TIMED_OUT,
                                             "The server did not finish the handshake in time"));
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  EaPskTls *self = EA_PSK_TLS (user_data);
  GError *error = NULL;

  (void) g_cancellable_set_error_if_cancelled (cancellable, &error); /* it is */
  ea_link_abort (self->link);
  ea_psk_tls_end (self, error);
  return G_SOURCE_REMOVE;
}

static void
watch (EaPskTls *self, guint timeout_ms, GCancellable *cancellable)
{
  self->timer = g_timeout_source_new (timeout_ms);
  ea_psk_tls_attach_source (self, self->timer, on_timed_out);
  if (cancellable == NULL)
    return;
  self->cancelled = g_cancellable_source_new (cancellable);
  ea_psk_tls_attach_source (self, self->cancelled, G_SOURCE_FUNC (on_cancelled));
}

static gboolean
begin (EaPskTls *self, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (!ea_link_is_open (self->link))
    {
      g_set_error_literal (error, EA_LINK_ERROR, EA_LINK_ERROR_CLOSED, "The link is not open");
      return FALSE;
    }
  return ea_psk_tls_start_engine (self, error);
}

void
ea_psk_tls_handshake_async (EaPskTls *self, guint timeout_ms, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (self->state == EA_PSK_TLS_STATE_NEW);
  g_return_if_fail (timeout_ms > 0);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_check_cancellable (task, FALSE); /* a session that was opened is one */
  self->context = g_main_context_ref_thread_default ();
  if (!begin (self, cancellable, &error))
    {
      ea_psk_tls_abort (self);
      g_task_return_error (task, error);
      return;
    }

  self->state = EA_PSK_TLS_STATE_HANDSHAKING;
  self->handshake_task = g_steal_pointer (&task);
  watch (self, timeout_ms, cancellable);
  ea_psk_tls_schedule_pump (self);
}

gboolean
ea_psk_tls_handshake_finish (EaPskTls *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static G_NO_INLINE void
wipe_stack (void)
{
  guint8 below[STACK_WIPED];

  gnutls_memset (below, 0, sizeof below);
}

/* HMAC works on the key where GnuTLS does not overwrite it. Returns: as gnutls_handshake() */
static G_NO_INLINE int
shake_hands (EaPskTls *self)
{
  int result;

  do
    result = gnutls_handshake (self->engine);
  while (result == GNUTLS_E_WARNING_ALERT_RECEIVED && ++self->n_warnings <= WARNINGS_MAX);
  wipe_stack ();
  return result;
}

void
ea_psk_tls_continue_handshake (EaPskTls *self)
{
  g_autoptr (GTask) task = NULL;
  int result = shake_hands (self);

  (void) ea_psk_tls_flush (self, NULL); /* what the link has against it comes as its "ended" */
  if (result == GNUTLS_E_AGAIN)
    return;
  if (result != GNUTLS_E_SUCCESS)
    {
      ea_psk_tls_fail (self, result);
      return;
    }

  self->state = EA_PSK_TLS_STATE_OPEN;
  self->n_idle = 0;
  ea_psk_tls_take_agreement (self);
  task = ea_psk_tls_stop_handshake (self);
  g_task_return_boolean (task, TRUE);
}

static gboolean
on_given_up (gpointer user_data)
{
  g_task_return_new_error (G_TASK (user_data), G_IO_ERROR, G_IO_ERROR_CANCELLED,
                           "The session was closed during the handshake");
  return G_SOURCE_REMOVE;
}

void
ea_psk_tls_cancel_handshake (EaPskTls *self)
{
  g_autoptr (GTask) task = ea_psk_tls_stop_handshake (self);
  g_autoptr (GSource) source = g_idle_source_new ();

  g_task_attach_source (task, source, on_given_up);
}
