/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "core/bytes.h"

G_BEGIN_DECLS

/*
 * EaModem: all that the agent asks of one modem. An implementation derives from it; sessions and tests see
 * only this.
 *
 * Every call is asynchronous and takes a cancellable. Errors are EA_MODEM_ERROR or G_IO_ERROR_CANCELLED.
 *
 * Signals:
 *   "sms-received"       (EaModemSms *sms)                 a message from the network or the storage
 *   "proactive-command"  (EaModemProactive *command)       only in the role host
 *   "card-changed"       (EaModemCard state)
 *   "refresh"            (EaModemRefreshStage stage, guint mode)  mode: TS 102 223 §8.6 of REFRESH;
 *                        whoever executes it, the modem's firmware included
 *   "session-ended"      ()                                the card has no more proactive commands
 *   "network-changed"    (const EaModemNetwork *network)   something in it differs from before
 *   "network-rejected"   (const EaModemRejection *rejection)
 *   "lost"               (const GError *error)             the device is gone: only close makes sense
 */

#define EA_MODEM_ERROR (ea_modem_error_quark ())
GQuark ea_modem_error_quark (void);

/**
 * EaModemError:
 * @EA_MODEM_ERROR_FAILED: the modem said no, without a cause of its own here
 * @EA_MODEM_ERROR_ACCESS_DENIED: not allowed by the modem's configuration; no use in trying again
 * @EA_MODEM_ERROR_CLIENT_IDS_EXHAUSTED: no QMI client id left until somebody releases one
 * @EA_MODEM_ERROR_UNSUPPORTED: this modem has no such service or message
 * @EA_MODEM_ERROR_BUSY: the card has no time now (93 00); try again
 * @EA_MODEM_ERROR_CARD_ABSENT: no usable card
 * @EA_MODEM_ERROR_NO_APPLICATION: the card refused to select it
 * @EA_MODEM_ERROR_TIMEOUT: no answer
 * @EA_MODEM_ERROR_GONE: the device was unplugged or the proxy ended
 * @EA_MODEM_ERROR_NO_PROXY: the device is shared through qmi-proxy, which is not running
 * @EA_MODEM_ERROR_PROTOCOL: the answer could not be read
 * @EA_MODEM_ERROR_NO_SERVICE: not registered, so nothing can be sent
 * @EA_MODEM_ERROR_NETWORK: the network refused or did not answer
 */
typedef enum
{
  EA_MODEM_ERROR_FAILED,
  EA_MODEM_ERROR_ACCESS_DENIED,
  EA_MODEM_ERROR_CLIENT_IDS_EXHAUSTED,
  EA_MODEM_ERROR_UNSUPPORTED,
  EA_MODEM_ERROR_BUSY,
  EA_MODEM_ERROR_CARD_ABSENT,
  EA_MODEM_ERROR_NO_APPLICATION,
  EA_MODEM_ERROR_TIMEOUT,
  EA_MODEM_ERROR_GONE,
  EA_MODEM_ERROR_NO_PROXY,
  EA_MODEM_ERROR_PROTOCOL,
  EA_MODEM_ERROR_NO_SERVICE,
  EA_MODEM_ERROR_NETWORK,
} EaModemError;

/* What the configuration asks for, and what was found possible. */
typedef enum
{
  EA_MODEM_ROLE_AUTO,
  EA_MODEM_ROLE_HOST,
  EA_MODEM_ROLE_OBSERVER,
} EaModemRole;

/**
 * EaModemRefusal:
 * @EA_MODEM_REFUSAL_LASTING: the role stays what it is, or it is what was asked for
 * @EA_MODEM_REFUSAL_PASSING: there was a lack of something, or the modem was not ready: it may be over soon
 * @EA_MODEM_REFUSAL_DOUBTFUL: no cause was told; some modems refuse for good in these words
 *
 * What is to be expected of a modem that has refused the role host.
 */
typedef enum
{
  EA_MODEM_REFUSAL_LASTING,
  EA_MODEM_REFUSAL_PASSING,
  EA_MODEM_REFUSAL_DOUBTFUL,
} EaModemRefusal;

typedef enum
{
  EA_MODEM_PROXY_AUTO,
  EA_MODEM_PROXY_YES,
  EA_MODEM_PROXY_NO,
} EaModemProxy;

typedef enum
{
  EA_MODEM_LOGICAL_CHANNEL = 1 << 0, /* logical channels can be opened */
  EA_MODEM_ENVELOPE = 1 << 1,        /* ENVELOPEs go through the modem's toolkit service */
  EA_MODEM_TOOLKIT = 1 << 2,         /* proactive commands come to the host */
  EA_MODEM_SMS_PP = 1 << 3,          /* class-2 messages come to the host */
  EA_MODEM_REFRESH = 1 << 4,         /* refresh is indicated */
  EA_MODEM_SEND_SMS = 1 << 5,        /* short messages can be sent */
  EA_MODEM_NETWORK = 1 << 6,         /* the network that serves is told, and its changes */
} EaModemCapabilities;

typedef enum
{
  EA_MODEM_CARD_UNKNOWN,
  EA_MODEM_CARD_ABSENT,
  EA_MODEM_CARD_INITIALIZING,
  EA_MODEM_CARD_READY,
  EA_MODEM_CARD_FAILED,
} EaModemCard;

typedef enum
{
  EA_MODEM_REFRESH_START,
  EA_MODEM_REFRESH_DONE,
  EA_MODEM_REFRESH_FAILED,
} EaModemRefreshStage;

/* Who still owes the network or the storage something for a message. */
typedef enum
{
  EA_MODEM_SMS_UNACKNOWLEDGED, /* the network waits for our word */
  EA_MODEM_SMS_ACKNOWLEDGED,   /* the modem has given its word already */
  EA_MODEM_SMS_STORED,         /* it lies in the modem's storage until it is deleted */
} EaModemSmsCustody;

/**
 * EaModemSms:
 * @custody: see above
 * @reference: transaction or index, the implementation's own
 * @storage: where a stored message lies, the implementation's own
 * @has_smsc: @message begins with the service centre's address and its length octet, as storages have it;
 *   else it is a bare TPDU
 * @smsc_number: the service centre as text, "+491770610000"; empty when unknown or in @message
 */
typedef struct
{
  EaModemSmsCustody custody;
  guint32 reference;
  guint8 storage;
  gboolean has_smsc;
  char *smsc_number;
  GBytes *message;
} EaModemSms;

EaModemSms *ea_modem_sms_copy (const EaModemSms *sms);
void ea_modem_sms_free (EaModemSms *sms);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaModemSms, ea_modem_sms_free)

/* How the network serves (TS 102 223 §8.27): not at all, for emergency calls only, as it should. */
typedef enum
{
  EA_MODEM_SERVICE_NONE,
  EA_MODEM_SERVICE_LIMITED,
  EA_MODEM_SERVICE_NORMAL,
} EaModemService;

#define EA_MODEM_PLMN_DIGITS_MAX 3 /* of each half of a PLMN identity (TS 23.003 §2.2) */

/**
 * EaModemNetwork:
 * @technology: as in TS 102 223 §8.61: 00 GSM, 03 UTRAN, 08 E-UTRAN, 0A NG-RAN
 * @mcc: three digits; empty when unknown, as @mnc is then
 * @mnc: two or three digits
 * @area_code: location area code of GSM and UTRAN (16 bits), tracking area code of E-UTRAN (16 bits) and
 *   NG-RAN (24 bits)
 * @cell: cell identity, as many bits as the technology has, at most the lower 32
 * @is_roaming: registered with another network than that of the subscription; only where @has_roaming
 *
 * The network that serves; all zeros where the modem does not tell.
 */
typedef struct
{
  EaModemService service;
  gboolean has_technology;
  guint8 technology;
  char mcc[EA_MODEM_PLMN_DIGITS_MAX + 1];
  char mnc[EA_MODEM_PLMN_DIGITS_MAX + 1];
  gboolean has_area;
  guint32 area_code;
  gboolean has_cell;
  guint32 cell;
  gboolean has_roaming;
  gboolean is_roaming;
} EaModemNetwork;

/* Bits of EaModemRejection.domain. */
#define EA_MODEM_DOMAIN_CIRCUIT (1 << 0)
#define EA_MODEM_DOMAIN_PACKET (1 << 1)

/**
 * EaModemRejection:
 * @technology, @mcc, @mnc, @area_code: as in EaModemNetwork; the area is not always told
 * @domain: which service was refused, 0 when unknown
 * @cause: of TS 24.008 §10.5.3.6 and §10.5.5.14, TS 24.301 §9.9.3.9, or TS 24.501 §9.11.3.2
 *
 * A network refused to register the modem.
 */
typedef struct
{
  guint8 technology;
  char mcc[EA_MODEM_PLMN_DIGITS_MAX + 1];
  char mnc[EA_MODEM_PLMN_DIGITS_MAX + 1];
  gboolean has_area;
  guint32 area_code;
  guint8 domain;
  guint8 cause;
} EaModemRejection;

/**
 * EaModemProactive:
 * @reference: names the command when it is answered
 * @command: D0…, borrowed for the time of the signal
 */
typedef struct
{
  guint32 reference;
  GBytes *command;
} EaModemProactive;

/**
 * EaModemSaveFunc:
 * @record: (nullable): what must survive a crash; %NULL when nothing must
 *
 * Stores @record durably before it returns. The modem changes nothing that it would have to put back
 * before this has succeeded.
 */
typedef gboolean (*EaModemSaveFunc) (GBytes *record, gpointer user_data, GError **error);

#define EA_TYPE_MODEM (ea_modem_get_type ())
G_DECLARE_DERIVABLE_TYPE (EaModem, ea_modem, EA, MODEM, GObject)

/* Each starts the GTask that ea_modem_*_finish() propagates; see those for its value. */
struct _EaModemClass
{
  GObjectClass parent_class;

  void (*open) (EaModem *self, GTask *task);
  void (*close) (EaModem *self, GTask *task);
  void (*transmit) (EaModem *self, guint channel, GBytes *apdu, GTask *task);
  void (*open_channel) (EaModem *self, GBytes *aid, GTask *task);
  void (*close_channel) (EaModem *self, guint channel, GTask *task);
  void (*send_envelope) (EaModem *self, GBytes *envelope, GTask *task);
  void (*send_terminal_response) (EaModem *self, guint32 reference, GBytes *response, GTask *task);
  void (*read_iccid) (EaModem *self, GTask *task);
  void (*read_atr) (EaModem *self, GTask *task);
  void (*send_sms) (EaModem *self, GBytes *message, GTask *task);
  void (*settle_sms) (EaModem *self, const EaModemSms *sms, gboolean is_accepted, guint8 rp_cause,
                      guint8 tp_cause, GTask *task);
  void (*keep_sms) (EaModem *self, const EaModemSms *sms, GBytes *message, GTask *task);
  void (*query_network) (EaModem *self, GTask *task);
  void (*read_timing_advance) (EaModem *self, GTask *task);
  void (*reset_card) (EaModem *self, GTask *task);
  void (*toggle_radio) (EaModem *self, GTask *task);
  void (*reset) (EaModem *self, GTask *task);
};

/* What an implementation tells about itself; NULL strings are empty. */
void ea_modem_set_identity (EaModem *self, const char *imei, const char *imeisv);
void ea_modem_set_role (EaModem *self, EaModemRole role, const char *reason);
/* Whether what the role's reason says may be over when the modem is opened anew */
void ea_modem_set_refusal (EaModem *self, EaModemRefusal refusal);
void ea_modem_set_capabilities (EaModem *self, EaModemCapabilities capabilities);
void ea_modem_add_capabilities (EaModem *self, EaModemCapabilities more);
void ea_modem_set_cat_mode (EaModem *self, const char *mode);
void ea_modem_set_card (EaModem *self, EaModemCard card);
void ea_modem_set_network (EaModem *self, const EaModemNetwork *network);
gboolean ea_modem_save (EaModem *self, GBytes *record, GError **error);

/* What others may ask; strings are never NULL. */
const char *ea_modem_get_imei (EaModem *self);
/* 14 digits of the IMEI and two of its software version (TS 23.003 §6.2.2). */
const char *ea_modem_get_imeisv (EaModem *self);
EaModemRole ea_modem_get_role (EaModem *self);
const char *ea_modem_get_role_reason (EaModem *self);
EaModemRefusal ea_modem_get_refusal (EaModem *self);
EaModemCapabilities ea_modem_get_capabilities (EaModem *self);
const char *ea_modem_get_cat_mode (EaModem *self);
EaModemCard ea_modem_get_card (EaModem *self);
const EaModemNetwork *ea_modem_get_network (EaModem *self);

/* @func keeps @user_data until the modem is gone or another function is set. */
void ea_modem_set_save_func (EaModem *self, EaModemSaveFunc func, gpointer user_data);

const char *ea_modem_role_to_string (EaModemRole role);

/* Opens the device, puts back what an earlier run left changed, probes, and takes a role. */
void ea_modem_open_async (EaModem *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data);
gboolean ea_modem_open_finish (EaModem *self, GAsyncResult *result, GError **error);

/* Puts everything back and releases every client id, as far as the device still answers. The error is of the
 * first thing that was not put back; the modem is closed all the same. */
void ea_modem_close_async (EaModem *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean ea_modem_close_finish (EaModem *self, GAsyncResult *result, GError **error);

/* @apdu has @channel coded in its class byte. Returns: (transfer full): the R-APDU. */
void ea_modem_transmit_async (EaModem *self, guint channel, GBytes *apdu, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);
GBytes *ea_modem_transmit_finish (EaModem *self, GAsyncResult *result, GError **error);

/* Selects @aid on a new logical channel. Returns: the channel, 1 to 19; 0 on failure. */
void ea_modem_open_channel_async (EaModem *self, GBytes *aid, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
guint ea_modem_open_channel_finish (EaModem *self, GAsyncResult *result, GError **error);

void ea_modem_close_channel_async (EaModem *self, guint channel, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
gboolean ea_modem_close_channel_finish (EaModem *self, GAsyncResult *result, GError **error);

/* @envelope: D1…. Returns: (transfer full): the R-APDU. EA_MODEM_ERROR_BUSY stands for 93 00. */
void ea_modem_send_envelope_async (EaModem *self, GBytes *envelope, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
GBytes *ea_modem_send_envelope_finish (EaModem *self, GAsyncResult *result, GError **error);

/* @response: 81 03…. Returns: (transfer full): the R-APDU. */
void ea_modem_send_terminal_response_async (EaModem *self, guint32 reference, GBytes *response,
                                            GCancellable *cancellable, GAsyncReadyCallback callback,
                                            gpointer user_data);
GBytes *ea_modem_send_terminal_response_finish (EaModem *self, GAsyncResult *result,
                                                GError **error);

/* Returns: (transfer full): the digits of EF_ICCID, 18 to 20. */
void ea_modem_read_iccid_async (EaModem *self, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
char *ea_modem_read_iccid_finish (EaModem *self, GAsyncResult *result, GError **error);

/* Returns: (transfer full): the answer to reset. */
void ea_modem_read_atr_async (EaModem *self, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);
GBytes *ea_modem_read_atr_finish (EaModem *self, GAsyncResult *result, GError **error);

/**
 * ea_modem_send_sms_async:
 * @message: the service centre's address with its length octet (00: the card's own), then an SMS-SUBMIT
 *
 * ea_modem_send_sms_finish:
 * @rp_cause: (out): the network's RP cause with EA_MODEM_ERROR_NETWORK, else 0 (TS 24.011 §8.2.5.4)
 *
 * TRUE only after the network has acknowledged the message.
 */
void ea_modem_send_sms_async (EaModem *self, GBytes *message, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);
gboolean ea_modem_send_sms_finish (EaModem *self, GAsyncResult *result, guint8 *rp_cause,
                                   GError **error);

/* Gives the network our word on @sms, or deletes it from the storage when it was accepted. */
void ea_modem_settle_sms_async (EaModem *self, const EaModemSms *sms, gboolean is_accepted,
                                guint8 rp_cause, guint8 tp_cause, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
gboolean ea_modem_settle_sms_finish (EaModem *self, GAsyncResult *result, GError **error);

/**
 * ea_modem_keep_sms_async:
 * @message: @sms with its service centre's address and length octet in front
 *
 * @sms is none of ours: puts it on the card, where it would lie without the agent, and acknowledges it.
 */
void ea_modem_keep_sms_async (EaModem *self, const EaModemSms *sms, GBytes *message,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean ea_modem_keep_sms_finish (EaModem *self, GAsyncResult *result, GError **error);

/**
 * ea_modem_query_network_async:
 *
 * Asks the modem which network serves now, whatever it said before; ea_modem_get_network() follows.
 *
 * ea_modem_query_network_finish:
 * @out: (out): set on success
 *
 * Errors: EA_MODEM_ERROR_UNSUPPORTED where the modem does not tell.
 */
void ea_modem_query_network_async (EaModem *self, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
gboolean ea_modem_query_network_finish (EaModem *self, GAsyncResult *result, EaModemNetwork *out,
                                        GError **error);

/**
 * ea_modem_read_timing_advance_finish:
 * @bit_periods: (out): as the serving GSM cell sees it, in bit periods of 48/13 µs; set on success
 *
 * Errors: EA_MODEM_ERROR_UNSUPPORTED where the modem does not tell, as it doesn't outside of GSM.
 */
void ea_modem_read_timing_advance_async (EaModem *self, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);
gboolean ea_modem_read_timing_advance_finish (EaModem *self, GAsyncResult *result,
                                              guint8 *bit_periods, GError **error);

/* Takes the card's power away and gives it back; "card-changed" tells what follows. */
void ea_modem_reset_card_async (EaModem *self, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
gboolean ea_modem_reset_card_finish (EaModem *self, GAsyncResult *result, GError **error);

/* Switches the radio off and on; the modem leaves its network and searches anew. Not for a modem that somebody else
 * manages, see modem/repair.h. */
void ea_modem_toggle_radio_async (EaModem *self, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
gboolean ea_modem_toggle_radio_finish (EaModem *self, GAsyncResult *result, GError **error);

/* Starts the modem anew. It leaves the bus, perhaps before it has answered: "lost" tells. */
void ea_modem_reset_async (EaModem *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean ea_modem_reset_finish (EaModem *self, GAsyncResult *result, GError **error);

G_END_DECLS
