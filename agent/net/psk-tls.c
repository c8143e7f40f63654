/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A session stands between its owner and a link as a filter: GnuTLS takes what the link has read and gives records
 * for its queue, and never waits. The link's own sources drive it; one more brings what waited for room.
 */

#include "net/psk-tls.h"

#include "net/psk-tls-private.h"

#define ALERT_TIMEOUT_MS 2000 /* for the last alert to reach the server */

static guint signals[EA_PSK_TLS_N_SIGNALS];

G_DEFINE_FINAL_TYPE (EaPskTls, ea_psk_tls, G_TYPE_OBJECT)

void
ea_psk_tls_emit (EaPskTls *self, EaPskTlsSignal signal, gconstpointer parameter)
{
  g_signal_emit (self, signals[signal], 0, parameter);
}

void
ea_psk_tls_clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

void
ea_psk_tls_attach_source (EaPskTls *self, GSource *source, GSourceFunc func)
{
  g_source_set_callback (source, func, self, NULL);
  g_source_attach (source, self->context);
}

/* The end */

void
ea_psk_tls_tear_down (EaPskTls *self)
{
  self->state = EA_PSK_TLS_STATE_CLOSED;
  ea_psk_tls_stop_engine (self);
  ea_psk_tls_clear_input (self);
  g_clear_error (&self->send_error);
  g_signal_handlers_disconnect_by_data (self->link, self);
}

void
ea_psk_tls_end (EaPskTls *session, GError *error)
{
  g_autoptr (EaPskTls) self = g_object_ref (session);
  g_autoptr (GTask) task = ea_psk_tls_stop_handshake (self);
  gboolean was_closing = self->state == EA_PSK_TLS_STATE_CLOSING;

  ea_psk_tls_tear_down (self);
  if (task != NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  ea_psk_tls_emit (self, EA_PSK_TLS_SIGNAL_ENDED, error);
  g_clear_error (&error);
  if (was_closing)
    g_object_unref (self);
}

void
ea_psk_tls_break (EaPskTls *self, GError *error)
{
  ea_link_close (self->link, ALERT_TIMEOUT_MS); /* goes on by itself */
  ea_psk_tls_end (self, error);
}

void
ea_psk_tls_fail (EaPskTls *self, int result)
{
  GError *error = ea_psk_tls_new_error (self, result);

  if (result != GNUTLS_E_FATAL_ALERT_RECEIVED && ea_psk_tls_may_send_alert (self))
    (void) gnutls_alert_send_appropriate (self->engine, result); /* there may be none */
  (void) ea_psk_tls_flush (self, NULL);                          /* it has failed anyway */
  ea_psk_tls_break (self, error);
}

void
ea_psk_tls_abort (EaPskTls *self)
{
  gboolean was_closing = self->state == EA_PSK_TLS_STATE_CLOSING;

  if (self->state == EA_PSK_TLS_STATE_CLOSED)
    return;
  if (self->handshake_task != NULL)
    ea_psk_tls_cancel_handshake (self);
  ea_psk_tls_tear_down (self);
  ea_link_abort (self->link);
  if (was_closing)
    g_object_unref (self);
}

void
ea_psk_tls_close (EaPskTls *self, guint timeout_ms)
{
  g_return_if_fail (timeout_ms > 0);

  if (self->state == EA_PSK_TLS_STATE_CLOSING)
    return;
  if (self->state != EA_PSK_TLS_STATE_OPEN || !ea_link_is_open (self->link))
    {
      ea_psk_tls_abort (self);
      return;
    }
  g_object_ref (self); /* until ea_psk_tls_end() or ea_psk_tls_abort() */
  self->state = EA_PSK_TLS_STATE_CLOSING;
  (void) gnutls_bye (self->engine, GNUTLS_SHUT_WR); /* there is room for it */
  (void) ea_psk_tls_flush (self, NULL);             /* a link that broke ends */
  ea_psk_tls_stop_engine (self);
  ea_psk_tls_clear_input (self);
  ea_link_close (self->link, timeout_ms);
}

/* The link */

static void
on_link_received (EaPskTls *self, GBytes *bytes)
{
  ea_psk_tls_take_input (self, bytes);
}

static void
on_link_writable (EaPskTls *self)
{
  if (ea_psk_tls_get_send_room (self) > 0)
    ea_psk_tls_emit (self, EA_PSK_TLS_SIGNAL_WRITABLE, NULL);
}

/* The link is read only when all that came before was given. */
static void
on_link_peer_closed (EaPskTls *self)
{
  gboolean in_handshake = self->state == EA_PSK_TLS_STATE_HANDSHAKING;

  if (!in_handshake && (self->state != EA_PSK_TLS_STATE_OPEN || self->has_peer_closed))
    return;
  ea_psk_tls_break (
      self, g_error_new (EA_PSK_TLS_ERROR, EA_PSK_TLS_ERROR_TRUNCATED,
                         in_handshake ? "The server ended the connection during the handshake"
                                      : "The server ended the connection without close_notify"));
}

static void
on_link_ended (EaPskTls *self, const GError *error)
{
  /* A server that has closed may be gone before it has our close_notify. */
  gboolean is_done = self->state == EA_PSK_TLS_STATE_CLOSING && self->has_peer_closed;

  if (self->state == EA_PSK_TLS_STATE_NEW)
    return;
  ea_psk_tls_end (self, error != NULL && !is_done ? g_error_copy (error) : NULL);
}

/* What the owner may ask */

gboolean
ea_psk_tls_is_open (EaPskTls *self)
{
  return self->state == EA_PSK_TLS_STATE_OPEN;
}

char *
ea_psk_tls_describe (EaPskTls *self)
{
  return g_strdup (self->description);
}

guint64
ea_psk_tls_get_bytes_sent (EaPskTls *self)
{
  return ea_link_get_bytes_sent (self->link);
}

guint64
ea_psk_tls_get_bytes_received (EaPskTls *self)
{
  return ea_link_get_bytes_received (self->link);
}

static void
ea_psk_tls_dispose (GObject *object)
{
  ea_psk_tls_abort (EA_PSK_TLS (object));
  G_OBJECT_CLASS (ea_psk_tls_parent_class)->dispose (object);
}

static void
ea_psk_tls_finalize (GObject *object)
{
  EaPskTls *self = EA_PSK_TLS (object);

  g_object_unref (self->link);
  g_byte_array_unref (self->output);
  g_free (self->description);
  g_clear_pointer (&self->context, g_main_context_unref);
  G_OBJECT_CLASS (ea_psk_tls_parent_class)->finalize (object);
}

static guint
add_signal (const char *name, GType parameter)
{
  return g_signal_new (name, EA_TYPE_PSK_TLS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                       parameter != G_TYPE_NONE ? 1 : 0, parameter);
}

static void
ea_psk_tls_class_init (EaPskTlsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_psk_tls_dispose;
  G_OBJECT_CLASS (klass)->finalize = ea_psk_tls_finalize;

  signals[EA_PSK_TLS_SIGNAL_RECEIVED] = add_signal ("received", G_TYPE_BYTES);
  signals[EA_PSK_TLS_SIGNAL_WRITABLE] = add_signal ("writable", G_TYPE_NONE);
  signals[EA_PSK_TLS_SIGNAL_PEER_CLOSED] = add_signal ("peer-closed", G_TYPE_NONE);
  signals[EA_PSK_TLS_SIGNAL_ENDED] = add_signal ("ended", G_TYPE_ERROR);
}

static void
ea_psk_tls_init (EaPskTls *self)
{
  self->output = g_byte_array_new ();
}

EaPskTls *
ea_psk_tls_new (EaLink *link, const EaPskTlsOptions *options)
{
  EaPskTls *self;

  g_return_val_if_fail (
      options->identity.size > 0 && options->identity.size <= EA_PSK_TLS_IDENTITY_MAX, NULL);
  g_return_val_if_fail (options->psk.size > 0, NULL);

  self = g_object_new (EA_TYPE_PSK_TLS, NULL);
  self->link = g_object_ref (link);
  self->options = *options;
  g_signal_connect_swapped (link, "received", G_CALLBACK (on_link_received), self);
  g_signal_connect_swapped (link, "writable", G_CALLBACK (on_link_writable), self);
  g_signal_connect_swapped (link, "peer-closed", G_CALLBACK (on_link_peer_closed), self);
  g_signal_connect_swapped (link, "ended", G_CALLBACK (on_link_ended), self);
  return self;
}
