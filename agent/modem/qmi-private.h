/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the parts of EaQmiModem share: one file per QMI service. Not for others. */

#include <libqmi-glib.h>

#include "modem/qmi-modem.h"
#include "modem/qmi-raw.h"
#include "modem/qmi-record.h"
#include "modem/qmi-tlv.h"

/* A Send APDU whose response comes in indications. */
typedef struct
{
  GTask *task;
  guint32 token;
  guint16 total;
  GSource *timeout;
} EaQmiLongApdu;

/* The refresh that is under way, or was last. */
typedef struct
{
  gint64 began_us;
  guint32 completed_sessions; /* by us or by others, a bit for each type */
  QmiUimSessionType session;  /* that others should complete within the grace */
  guint grace_id;
} EaQmiRefresh;

struct _EaQmiModem
{
  EaModem parent_instance;

  char *path;
  EaModemProxy proxy;
  char *proxy_path;
  EaModemRole wanted_role;
  guint8 slot;
  gboolean is_managed;
  gboolean is_messaging_shared;
  gboolean is_closing; /* nothing begins any more that would have to be put back */

  QmiDevice *device;
  QmiClientDms *dms;
  QmiClientNas *nas; /* NULL: the modem has none */
  QmiClientUim *uim;
  QmiClientWms *wms;
  QmiService cat_service;
  guint8 cat_cid; /* 0: none */
  guint16 cat_transaction;

  GBytes *terminal_profile;          /* what the card should get; NULL: the modem's own */
  GBytes *needed_profile;            /* bits without which the modem's own won't do */
  EaQmiConfiguration *configuration; /* the toolkit's, as found; NULL: not told */
  const char *profile_remark;        /* for the role's reason; NULL: nothing to say */

  EaQmiRefresh refresh;
  EaQmiRecord record; /* what is to be put back, an earlier run's included */
  EaQmiAssembly assembly;
  EaQmiLongApdu long_apdu;
  EaQmiClientId releasing; /* the client id that is being given back */
  guint n_left_clients;    /* in the record, while those of an earlier run are given back */
  guint8 presumed_channel; /* that is being opened; 0: none */
  GArray *unclosed;        /* of guint8: channels that are to be closed later */
  guint unclosed_id;       /* until that is tried again */
  guint unclosed_pause_s;
  guint next_left_channel; /* in the record, while those of an earlier run are closed */
  char *toolkit_refusal;   /* why the role can't be host; NULL: it can */
  EaModemRefusal refusal;
  EaModemRefusal wms_refusal; /* of the client */
};

/* @reason: (transfer full): why the role can't be host; @refusal: whether that may be over */
void ea_qmi_modem_refuse_host (EaQmiModem *self, char *reason, EaModemRefusal refusal);

/* Stores the record; its failure is told to the one who set the EaModemSaveFunc. */
gboolean ea_qmi_modem_save_record (EaQmiModem *self, GError **error);

/* Takes a client id out of the record, and stores that, before it is released: an id that leaks is better
 * than one that is taken from its next owner. */
void ea_qmi_modem_forget_client (EaQmiModem *self, guint8 service, guint8 cid);

/* CAT and CAT2. */
void ea_qmi_cat_start_async (EaQmiModem *self, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
gboolean ea_qmi_cat_start_finish (EaQmiModem *self, GAsyncResult *result, GError **error);
void ea_qmi_cat_stop_async (EaQmiModem *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean ea_qmi_cat_stop_finish (EaQmiModem *self, GAsyncResult *result, GError **error);
void ea_qmi_cat_send_envelope (EaModem *modem, GBytes *envelope, GTask *task);
void ea_qmi_cat_send_terminal_response (EaModem *modem, guint32 reference, GBytes *response,
                                        GTask *task);
void ea_qmi_cat_take_indication (EaQmiModem *self, QmiMessage *message);
/* (transfer full): a request of the toolkit's client, with its own transaction numbers */
QmiMessage *ea_qmi_cat_new_request (EaQmiModem *self, guint16 message_id);

/* The toolkit's configuration. Starting ends with success also where the modem does not let it be changed,
 * see profile_remark. */
void ea_qmi_configuration_take (EaQmiModem *self, QmiMessage *response);
void ea_qmi_configuration_start_async (EaQmiModem *self, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data);
gboolean ea_qmi_configuration_start_finish (EaQmiModem *self, GAsyncResult *result, GError **error);
void ea_qmi_configuration_stop_async (EaQmiModem *self, GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean ea_qmi_configuration_stop_finish (EaQmiModem *self, GAsyncResult *result, GError **error);

/* NAS. */
void ea_qmi_nas_start_async (EaQmiModem *self, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
gboolean ea_qmi_nas_start_finish (EaQmiModem *self, GAsyncResult *result, GError **error);
/* Does not wait for the answer: the client id is released after it, and all registrations with it. */
void ea_qmi_nas_stop (EaQmiModem *self);
void ea_qmi_nas_take_indication (EaQmiModem *self, QmiMessage *message);
void ea_qmi_nas_query_network (EaModem *modem, GTask *task);
void ea_qmi_nas_read_timing_advance (EaModem *modem, GTask *task);

/* UIM. */
void ea_qmi_uim_start_async (EaQmiModem *self, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
gboolean ea_qmi_uim_start_finish (EaQmiModem *self, GAsyncResult *result, GError **error);
/* (transfer full): a raw UIM request with the client's own transaction numbers */
QmiMessage *ea_qmi_uim_new_request (EaQmiModem *self, guint16 message_id);
/* @request: (transfer full) */
void ea_qmi_uim_request (EaQmiModem *self, QmiMessage *request, GAsyncReadyCallback callback,
                         GTask *task);
/* Ends @task (transfer full) with an error and returns FALSE when there is no UIM client. */
gboolean ea_qmi_uim_check (EaQmiModem *self, GTask *task);
void ea_qmi_uim_take_indication (EaQmiModem *self, QmiMessage *message);
/* A card that starts anew has none. */
void ea_qmi_uim_forget_channels (EaQmiModem *self);
void ea_qmi_uim_read_iccid (EaModem *modem, GTask *task);
void ea_qmi_uim_read_atr (EaModem *modem, GTask *task);

/* Registers for what the modem tells of refreshes. */
void ea_qmi_refresh_start_async (EaQmiModem *self, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);
gboolean ea_qmi_refresh_start_finish (EaQmiModem *self, GAsyncResult *result, GError **error);
/* Nothing more is owed to one that is under way. */
void ea_qmi_refresh_stop (EaQmiModem *self);

void ea_qmi_power_reset_card (EaModem *modem, GTask *task);
void ea_qmi_power_toggle_radio (EaModem *modem, GTask *task);
void ea_qmi_power_reset (EaModem *modem, GTask *task);
/* A radio that was left off is switched on again: one that an earlier run has left, and at the end. What does not work stays
 * in the record. */
void ea_qmi_power_start_async (EaQmiModem *self, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
gboolean ea_qmi_power_start_finish (EaQmiModem *self, GAsyncResult *result, GError **error);
void ea_qmi_power_stop_async (EaQmiModem *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean ea_qmi_power_stop_finish (EaQmiModem *self, GAsyncResult *result, GError **error);

/* The APDU messages of UIM. */
void ea_qmi_apdu_transmit (EaModem *modem, guint channel, GBytes *apdu, GTask *task);
void ea_qmi_apdu_open_channel (EaModem *modem, GBytes *aid, GTask *task);
void ea_qmi_apdu_close_channel (EaModem *modem, guint channel, GTask *task);
/* No channel is closed any more that could not be before: the card starts anew, or the record tells of them. */
void ea_qmi_apdu_stop_closing (EaQmiModem *self);
void ea_qmi_apdu_take_indication (EaQmiModem *self, QmiMessage *message);
void ea_qmi_apdu_fail_pending (EaQmiModem *self, const GError *error);

/* WMS. */
void ea_qmi_wms_start_async (EaQmiModem *self, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
gboolean ea_qmi_wms_start_finish (EaQmiModem *self, GAsyncResult *result, GError **error);
void ea_qmi_wms_stop_async (EaQmiModem *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean ea_qmi_wms_stop_finish (EaQmiModem *self, GAsyncResult *result, GError **error);
void ea_qmi_wms_send (EaModem *modem, GBytes *message, GTask *task);
void ea_qmi_wms_settle (EaModem *modem, const EaModemSms *sms, gboolean is_accepted,
                        guint8 rp_cause, guint8 tp_cause, GTask *task);
void ea_qmi_wms_keep (EaModem *modem, const EaModemSms *sms, GBytes *message, GTask *task);
