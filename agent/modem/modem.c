/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The abstract modem: what is known of it, its signals, and the calls that an implementation answers. Each
 * call makes the GTask here, so that finishing is the same for every implementation.
 */

#include "modem/modem.h"

#include <string.h>

typedef struct
{
  char *imei;
  char *imeisv;
  EaModemRole role;
  char *role_reason;
  EaModemRefusal refusal;
  EaModemCapabilities capabilities;
  char *cat_mode;
  EaModemCard card;
  EaModemNetwork network;
  EaModemSaveFunc save;
  gpointer save_data;
} EaModemPrivate;

enum
{
  SIGNAL_SMS_RECEIVED,
  SIGNAL_PROACTIVE_COMMAND,
  SIGNAL_CARD_CHANGED,
  SIGNAL_REFRESH,
  SIGNAL_SESSION_ENDED,
  SIGNAL_NETWORK_CHANGED,
  SIGNAL_NETWORK_REJECTED,
  SIGNAL_LOST,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* clang-format off */
G_DEFINE_QUARK (ea-modem-error-quark, ea_modem_error)
/* clang-format on */
G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (EaModem, ea_modem, G_TYPE_OBJECT)

EaModemSms *
ea_modem_sms_copy (const EaModemSms *sms)
{
  EaModemSms *copy = g_new (EaModemSms, 1);

  *copy = *sms;
  copy->smsc_number = g_strdup (sms->smsc_number);
  copy->message = g_bytes_ref (sms->message);
  return copy;
}

void
ea_modem_sms_free (EaModemSms *sms)
{
  if (sms == NULL)
    return;

  g_clear_pointer (&sms->smsc_number, g_free);
  g_clear_pointer (&sms->message, g_bytes_unref);
  g_free (sms);
}

static void
ea_modem_finalize (GObject *object)
{
  EaModemPrivate *priv = ea_modem_get_instance_private (EA_MODEM (object));

  g_free (priv->imei);
  g_free (priv->imeisv);
  g_free (priv->role_reason);
  g_free (priv->cat_mode);
  G_OBJECT_CLASS (ea_modem_parent_class)->finalize (object);
}

static guint
add_signal (const char *name, guint n_params, GType first, GType second)
{
  return g_signal_new (name, EA_TYPE_MODEM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                       n_params, first, second);
}

static void
ea_modem_class_init (EaModemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ea_modem_finalize;

  signals[SIGNAL_SMS_RECEIVED] = add_signal ("sms-received", 1, G_TYPE_POINTER, G_TYPE_NONE);
  signals[SIGNAL_PROACTIVE_COMMAND]
      = add_signal ("proactive-command", 1, G_TYPE_POINTER, G_TYPE_NONE);
  signals[SIGNAL_CARD_CHANGED] = add_signal ("card-changed", 1, G_TYPE_INT, G_TYPE_NONE);
  signals[SIGNAL_REFRESH] = add_signal ("refresh", 2, G_TYPE_INT, G_TYPE_UINT);
  signals[SIGNAL_SESSION_ENDED] = add_signal ("session-ended", 0, G_TYPE_NONE, G_TYPE_NONE);
  signals[SIGNAL_NETWORK_CHANGED] = add_signal ("network-changed", 1, G_TYPE_POINTER, G_TYPE_NONE);
  signals[SIGNAL_NETWORK_REJECTED]
      = add_signal ("network-rejected", 1, G_TYPE_POINTER, G_TYPE_NONE);
  signals[SIGNAL_LOST] = add_signal ("lost", 1, G_TYPE_ERROR, G_TYPE_NONE);
}

static void
ea_modem_init (EaModem *self)
{
}

void
ea_modem_set_identity (EaModem *self, const char *imei, const char *imeisv)
{
  EaModemPrivate *priv = ea_modem_get_instance_private (self);

  g_free (priv->imei);
  priv->imei = g_strdup (imei);
  g_free (priv->imeisv);
  priv->imeisv = g_strdup (imeisv);
}

void
ea_modem_set_role (EaModem *self, EaModemRole role, const char *reason)
{
  EaModemPrivate *priv = ea_modem_get_instance_private (self);

  priv->role = role;
  g_free (priv->role_reason);
  priv->role_reason = g_strdup (reason);
}

void
ea_modem_set_refusal (EaModem *self, EaModemRefusal refusal)
{
  EaModemPrivate *priv = ea_modem_get_instance_private (self);

  priv->refusal = refusal;
}

void
ea_modem_add_capabilities (EaModem *self, EaModemCapabilities more)
{
  ea_modem_set_capabilities (self, ea_modem_get_capabilities (self) | more);
}

void
ea_modem_set_capabilities (EaModem *self, EaModemCapabilities capabilities)
{
  EaModemPrivate *priv = ea_modem_get_instance_private (self);

  priv->capabilities = capabilities;
}

void
ea_modem_set_cat_mode (EaModem *self, const char *mode)
{
  EaModemPrivate *priv = ea_modem_get_instance_private (self);

  g_free (priv->cat_mode);
  priv->cat_mode = g_strdup (mode);
}

void
ea_modem_set_card (EaModem *self, EaModemCard card)
{
  EaModemPrivate *priv = ea_modem_get_instance_private (self);

  if (priv->card == card)
    return;

  priv->card = card;
  g_signal_emit (self, signals[SIGNAL_CARD_CHANGED], 0, card);
}

static gboolean
is_same_network (const EaModemNetwork *a, const EaModemNetwork *b)
{
  return a->service == b->service && a->has_technology == b->has_technology
         && a->technology == b->technology && strcmp (a->mcc, b->mcc) == 0
         && strcmp (a->mnc, b->mnc) == 0 && a->has_area == b->has_area
         && a->area_code == b->area_code && a->has_cell == b->has_cell && a->cell == b->cell
         && a->has_roaming == b->has_roaming && a->is_roaming == b->is_roaming;
}

void
ea_modem_set_network (EaModem *self, const EaModemNetwork *network)
{
  EaModemPrivate *priv = ea_modem_get_instance_private (self);

  if (is_same_network (&priv->network, network))
    return;

  priv->network = *network;
  g_signal_emit (self, signals[SIGNAL_NETWORK_CHANGED], 0, &priv->network);
}

gboolean
ea_modem_save (EaModem *self, GBytes *record, GError **error)
{
  EaModemPrivate *priv = ea_modem_get_instance_private (self);

  return priv->save == NULL || priv->save (record, priv->save_data, error);
}

static const char *
or_empty (const char *string)
{
  return string != NULL ? string : "";
}

const char *
ea_modem_get_imei (EaModem *self)
{
  EaModemPrivate *priv = ea_modem_get_instance_private (self);

  return or_empty (priv->imei);
}

const char *
ea_modem_get_imeisv (EaModem *self)
{
  EaModemPrivate *priv = ea_modem_get_instance_private (self);

  return or_empty (priv->imeisv);
}

EaModemRole
ea_modem_get_role (EaModem *self)
{
  EaModemPrivate *priv = ea_modem_get_instance_private (self);

  return priv->role;
}

const char *
ea_modem_get_role_reason (EaModem *self)
{
  EaModemPrivate *priv = ea_modem_get_instance_private (self);

  return or_empty (priv->role_reason);
}

EaModemRefusal
ea_modem_get_refusal (EaModem *self)
{
  EaModemPrivate *priv = ea_modem_get_instance_private (self);

  return priv->refusal;
}

EaModemCapabilities
ea_modem_get_capabilities (EaModem *self)
{
  EaModemPrivate *priv = ea_modem_get_instance_private (self);

  return priv->capabilities;
}

const char *
ea_modem_get_cat_mode (EaModem *self)
{
  EaModemPrivate *priv = ea_modem_get_instance_private (self);

  return or_empty (priv->cat_mode);
}

EaModemCard
ea_modem_get_card (EaModem *self)
{
  EaModemPrivate *priv = ea_modem_get_instance_private (self);

  return priv->card;
}

const EaModemNetwork *
ea_modem_get_network (EaModem *self)
{
  EaModemPrivate *priv = ea_modem_get_instance_private (self);

  return &priv->network;
}

void
ea_modem_set_save_func (EaModem *self, EaModemSaveFunc func, gpointer user_data)
{
  EaModemPrivate *priv = ea_modem_get_instance_private (self);

  priv->save = func;
  priv->save_data = user_data;
}

const char *
ea_modem_role_to_string (EaModemRole role)
{
  switch (role)
    {
    case EA_MODEM_ROLE_AUTO:
      return "auto";
    case EA_MODEM_ROLE_HOST:
      return "host";
    case EA_MODEM_ROLE_OBSERVER:
      return "observer";
    }
  return "auto";
}

void
ea_modem_open_async (EaModem *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                     gpointer user_data)
{
  EA_MODEM_GET_CLASS (self)->open (self, g_task_new (self, cancellable, callback, user_data));
}

gboolean
ea_modem_open_finish (EaModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ea_modem_close_async (EaModem *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                      gpointer user_data)
{
  EA_MODEM_GET_CLASS (self)->close (self, g_task_new (self, cancellable, callback, user_data));
}

gboolean
ea_modem_close_finish (EaModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ea_modem_transmit_async (EaModem *self, guint channel, GBytes *apdu, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  EA_MODEM_GET_CLASS (self)->transmit (self, channel, apdu,
                                       g_task_new (self, cancellable, callback, user_data));
}

GBytes *
ea_modem_transmit_finish (EaModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ea_modem_open_channel_async (EaModem *self, GBytes *aid, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  EA_MODEM_GET_CLASS (self)->open_channel (self, aid,
                                           g_task_new (self, cancellable, callback, user_data));
}

guint
ea_modem_open_channel_finish (EaModem *self, GAsyncResult *result, GError **error)
{
  gssize channel = g_task_propagate_int (G_TASK (result), error);

  return channel > 0 ? (guint) channel : 0;
}

void
ea_modem_close_channel_async (EaModem *self, guint channel, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  EA_MODEM_GET_CLASS (self)->close_channel (self, channel,
                                            g_task_new (self, cancellable, callback, user_data));
}

gboolean
ea_modem_close_channel_finish (EaModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ea_modem_send_envelope_async (EaModem *self, GBytes *envelope, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  EA_MODEM_GET_CLASS (self)->send_envelope (self, envelope,
                                            g_task_new (self, cancellable, callback, user_data));
}

GBytes *
ea_modem_send_envelope_finish (EaModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ea_modem_send_terminal_response_async (EaModem *self, guint32 reference, GBytes *response,
                                       GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  EA_MODEM_GET_CLASS (self)->send_terminal_response (
      self, reference, response, g_task_new (self, cancellable, callback, user_data));
}

GBytes *
ea_modem_send_terminal_response_finish (EaModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ea_modem_read_iccid_async (EaModem *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  EA_MODEM_GET_CLASS (self)->read_iccid (self, g_task_new (self, cancellable, callback, user_data));
}

char *
ea_modem_read_iccid_finish (EaModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ea_modem_read_atr_async (EaModem *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  EA_MODEM_GET_CLASS (self)->read_atr (self, g_task_new (self, cancellable, callback, user_data));
}

GBytes *
ea_modem_read_atr_finish (EaModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ea_modem_send_sms_async (EaModem *self, GBytes *message, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  EA_MODEM_GET_CLASS (self)->send_sms (self, message,
                                       g_task_new (self, cancellable, callback, user_data));
}

gboolean
ea_modem_send_sms_finish (EaModem *self, GAsyncResult *result, guint8 *rp_cause, GError **error)
{
  /* An implementation leaves the cause in the task's data; none is 0. */
  *rp_cause = (guint8) GPOINTER_TO_UINT (g_task_get_task_data (G_TASK (result)));
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ea_modem_settle_sms_async (EaModem *self, const EaModemSms *sms, gboolean is_accepted,
                           guint8 rp_cause, guint8 tp_cause, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  EA_MODEM_GET_CLASS (self)->settle_sms (self, sms, is_accepted, rp_cause, tp_cause,
                                         g_task_new (self, cancellable, callback, user_data));
}

gboolean
ea_modem_settle_sms_finish (EaModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ea_modem_keep_sms_async (EaModem *self, const EaModemSms *sms, GBytes *message,
                         GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  EA_MODEM_GET_CLASS (self)->keep_sms (self, sms, message,
                                       g_task_new (self, cancellable, callback, user_data));
}

gboolean
ea_modem_keep_sms_finish (EaModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ea_modem_query_network_async (EaModem *self, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  EA_MODEM_GET_CLASS (self)->query_network (self,
                                            g_task_new (self, cancellable, callback, user_data));
}

gboolean
ea_modem_query_network_finish (EaModem *self, GAsyncResult *result, EaModemNetwork *out,
                               GError **error)
{
  /* An implementation sets the network before it ends the task. */
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;

  *out = *ea_modem_get_network (self);
  return TRUE;
}

void
ea_modem_read_timing_advance_async (EaModem *self, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
  EA_MODEM_GET_CLASS (self)->read_timing_advance (
      self, g_task_new (self, cancellable, callback, user_data));
}

gboolean
ea_modem_read_timing_advance_finish (EaModem *self, GAsyncResult *result, guint8 *bit_periods,
                                     GError **error)
{
  gssize value = g_task_propagate_int (G_TASK (result), error);

  if (value < 0)
    return FALSE;

  *bit_periods = (guint8) value;
  return TRUE;
}

void
ea_modem_reset_card_async (EaModem *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  EA_MODEM_GET_CLASS (self)->reset_card (self, g_task_new (self, cancellable, callback, user_data));
}

gboolean
ea_modem_reset_card_finish (EaModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ea_modem_toggle_radio_async (EaModem *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data)
{
  EA_MODEM_GET_CLASS (self)->toggle_radio (self,
                                           g_task_new (self, cancellable, callback, user_data));
}

gboolean
ea_modem_toggle_radio_finish (EaModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ea_modem_reset_async (EaModem *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                      gpointer user_data)
{
  EA_MODEM_GET_CLASS (self)->reset (self, g_task_new (self, cancellable, callback, user_data));
}

gboolean
ea_modem_reset_finish (EaModem *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
